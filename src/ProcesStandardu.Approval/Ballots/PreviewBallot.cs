using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>What a ballot opened now would be: who could vote, what speaks against whom, who is away, until when, and what stands in its way.</summary>
public sealed class PreviewBallot(UnitOfWork work, Rights rights, TimeProvider time)
{
    public sealed record Query(string DeliverableKey, string BodyKey, Guid PersonId);

    /// <param name="IsRecused">True when the opening itself recuses the member; false when he is asked.</param>
    public sealed record Conflict(string Name, string Basis, bool IsRecused);

    /// <param name="Mode">See <see cref="AbsenceMode"/>.</param>
    public sealed record Absent(string Name, string Mode, string? Alternate);

    /// <param name="Entitled">Without those whom the opening recuses.</param>
    /// <param name="EntitledWithoutConflicts">Without everybody whom a fact speaks against; with the quorum that follows.</param>
    /// <param name="AwayWithoutVote">How many of them are away and neither vote from there nor are stood in for.</param>
    /// <param name="QuorumIsEndangered">True when without those who are away nobody could be missing.</param>
    /// <param name="Notices">How many mails the opening sends.</param>
    /// <param name="Obstacle">Why it cannot be opened; null when it can.</param>
    /// <param name="MayBeTacit">True when silence could be consent.</param>
    public sealed record View(
        string DeliverableKey, string Title, string BodyKey, string BodyName, string Revision, string? RevisionSummary, int RulesVersion,
        RuleTerms Terms, int Entitled, int Quorum, int EntitledWithoutConflicts, int QuorumWithoutConflicts,
        IReadOnlyList<Conflict> Conflicts, IReadOnlyList<Absent> Away, int AwayWithoutVote, bool QuorumIsEndangered, int Notices, DateOnly DueOn,
        Refusal? Obstacle, bool MayBeTacit);

    /// <returns>Null when the deliverable or board is unknown or the person may not open ballots.</returns>
    public Task<View?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var now = time.GetUtcNow();
            var today = Warsaw.DateOf(now);
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var deliverable = await db.Deliverables.AsNoTracking().SingleOrDefaultAsync(d => d.Key == query.DeliverableKey, cancellation);
            var body = await db.Bodies.AsNoTracking().SingleOrDefaultAsync(b => b.Key == query.BodyKey, cancellation);
            var rules = await OpenBallot.InForceAsync(db, query.BodyKey, today, cancellation);
            if (deliverable is null || body is null || rules?.Read() is not { } terms || !person.IsActive
                || !person.Positions.TryGetValue(body.Key, out var place) || !terms.MayOpen.Contains(place))
            {
                return null;
            }

            var revision = await db.Revisions.AsNoTracking()
                .Where(r => r.DeliverableKey == deliverable.Key && r.Status == RevisionStatus.Submitted)
                .OrderByDescending(r => r.Major).ThenByDescending(r => r.Minor).FirstOrDefaultAsync(cancellation);
            var roll = await BallotElectorate.DrawUpAsync(db, Guid.Empty, body.Key, deliverable, terms, now, cancellation);
            var absent = await BallotElectorate.AbsentAsync(db, roll, now, cancellation);
            var ids = roll.SelectMany(elector => new[] { elector.PersonId, elector.AlternateId ?? Guid.Empty }).ToList();
            var names = await db.People.AsNoTracking().Where(p => ids.Contains(p.Id))
                .ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellation);

            var entitled = roll.Count(elector => !elector.IsRecused);
            var without = roll.Count(elector => elector.ConflictBasis is null);
            var lost = roll.Count(elector => elector.ConflictBasis is null && absent.TryGetValue(elector.PersonId, out var mode)
                && mode != AbsenceMode.Remote && !BallotElectorate.IsStoodInFor(elector, absent, terms));
            var quorum = BallotTally.QuorumOf(entitled, terms);
            var stoodIn = roll.Count(elector => BallotElectorate.IsStoodInFor(elector, absent, terms));
            return new View(
                deliverable.Key, deliverable.Title, body.Key, body.Name, revision?.Number.ToString() ?? "", revision?.Summary, rules.Version,
                terms, entitled, quorum, without, BallotTally.QuorumOf(without, terms),
                [.. roll.Where(elector => elector.ConflictBasis is not null).Select(elector => new Conflict(
                    names[elector.PersonId], elector.ConflictBasis!, elector.IsRecused))],
                [.. roll.Where(elector => !elector.IsRecused && absent.ContainsKey(elector.PersonId)).Select(elector => new Absent(
                    names[elector.PersonId], absent[elector.PersonId],
                    BallotElectorate.IsStoodInFor(elector, absent, terms) ? names[elector.AlternateId!.Value] : null))],
                lost, lost > 0 && without - lost <= BallotTally.QuorumOf(without, terms), entitled + stoodIn,
                WorkingCalendar.AddWorkingDays(today, terms.WrittenProcedureWorkingDays),
                await ObstacleAsync(db, deliverable, revision, entitled, terms, cancellation),
                terms.TacitApprovalForEditorial && revision?.ChangeKind == ChangeKind.Editorial);
        },
        cancellation);

    private static async Task<Refusal?> ObstacleAsync(
        ProcesDbContext db, Deliverable deliverable, Revision? revision, int entitled, RuleTerms terms, CancellationToken cancellation)
    {
        if (revision is null || deliverable.Status == DeliverableStatus.Adopted)
        {
            return new NothingToVoteOn();
        }

        var running = await db.Ballots.Where(b => b.DeliverableKey == deliverable.Key && b.State != BallotState.Closed)
            .Select(b => b.Number).SingleOrDefaultAsync(cancellation);
        return running is not null || deliverable.Status == DeliverableStatus.InBallot
            ? new BallotIsOpenAlready(running ?? "")
            : OpenBallot.ElectorateRefusal(entitled, terms);
    }
}
