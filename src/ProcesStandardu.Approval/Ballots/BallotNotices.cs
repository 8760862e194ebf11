using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// Gives notice of a ballot: to those who vote, to alternates in place of absent members, to those members for information,
/// and to whoever is asked about a conflict of interest.
/// </summary>
public sealed class BallotNotices(Outbox outbox)
{
    /// <summary>Queues the ballot's present round of notices.</summary>
    public async Task GiveAsync(ProcesDbContext db, Ballot ballot, Revision revision, DateTimeOffset now, CancellationToken cancellation)
    {
        var about = BallotCases.Of(ballot, revision);
        var rules = (await db.RulesOfProcedure.AsNoTracking().SingleAsync(
            r => r.BodyKey == ballot.BodyKey && r.Version == ballot.RulesVersion, cancellation)).Read();
        var notice = new BallotNotice(about, ballot.NoticeRound, SilenceConsents: ballot.Procedure == BallotProcedure.Tacit);
        var absent = await BallotElectorate.AbsentAsync(db, ballot.Electors, now, cancellation);
        var entitled = ballot.Electors.Where(elector => !elector.IsRecused).OrderBy(elector => elector.Ordinal).ToList();
        var stoodInFor = ballot.IsSecret ? [] : entitled.Where(elector => BallotElectorate.IsStoodInFor(elector, absent, rules)).ToList();
        await outbox.AddAsync(notice, [.. entitled.Except(stoodInFor).Select(elector => elector.PersonId)], cancellation);
        if (stoodInFor.Count > 0)
        {
            var ids = stoodInFor.Select(elector => elector.PersonId).ToList();
            var names = await db.People.AsNoTracking().Where(person => ids.Contains(person.Id))
                .ToDictionaryAsync(person => person.Id, person => person.DisplayName, cancellation);
            await outbox.AddAsync(notice with { ForInformation = true }, ids, cancellation);
            foreach (var elector in stoodInFor)
            {
                await outbox.AddAsync(notice with { InPlaceOf = names[elector.PersonId] }, elector.AlternateId!.Value, cancellation);
            }
        }

        await outbox.AddAsync(
            new BallotNews(about, BallotNewsOf.ConflictProposed, ""),
            [.. entitled.Where(elector => elector.ConflictBasis is not null && elector.Declaration is null).Select(elector => elector.PersonId)],
            cancellation);
    }

    /// <summary>Queues the notice once more for one member, at the address that he has now.</summary>
    public async Task GiveAgainAsync(
        ProcesDbContext db, Ballot ballot, Revision revision, Elector elector, CancellationToken cancellation)
    {
        var cause = Subjects.Ballot(ballot.Id);
        var before = await db.OutboxMessages.CountAsync(
            mail => mail.Cause == cause && mail.Kind == MailKinds.BallotNotice && mail.RecipientPersonId == elector.PersonId, cancellation);
        await outbox.AddAsync(
            new BallotNotice(
                BallotCases.Of(ballot, revision), ballot.NoticeRound, SilenceConsents: ballot.Procedure == BallotProcedure.Tacit, Again: before),
            elector.PersonId, cancellation);
    }
}
