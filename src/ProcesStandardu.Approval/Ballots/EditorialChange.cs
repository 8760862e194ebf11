using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>A revision that took the place of the text under ballot because the chair confirmed that it changes no meaning.</summary>
public sealed class EditorialChange
{
    public required Guid BallotId { get; init; }

    /// <summary>The text that is under ballot since then.</summary>
    public required Guid RevisionId { get; init; }

    /// <summary>The text that was before.</summary>
    public required Guid BeforeId { get; init; }

    public required Guid ConfirmedById { get; init; }

    public required DateTimeOffset ConfirmedAt { get; init; }

    /// <summary>Why the meaning is the same, in the words of whoever confirmed it.</summary>
    public required string Reason { get; init; }

    /// <summary>The last local day on which anybody on the roll may say that it is not editorial.</summary>
    public required DateOnly Until { get; init; }

    /// <summary>Who said so; null while nobody has.</summary>
    public Guid? ContestedById { get; private set; }

    public DateTimeOffset? ContestedAt { get; private set; }

    /// <summary>What changes the meaning, in his words; null while nobody contests it.</summary>
    public string? Contest { get; private set; }

    internal void BeContested(Guid byId, string words, DateTimeOffset now) => (ContestedById, ContestedAt, Contest) = (byId, now, words);
}

/// <summary>
/// The chair confirms that a newer revision is editorial: it takes the text's place, the votes stand, and everybody on the roll is told
/// and may contest it within the rules' term.
/// </summary>
public sealed class ConfirmEditorialChange(BallotActs acts, AuditTrail audit, Outbox outbox)
{
    /// <param name="Reason">Why the meaning is the same; required, everybody reads it.</param>
    public sealed record Command(Guid BallotId, Guid PersonId, string? Reason, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="ActIsNotYours"/>, <see cref="ReasonIsMissing"/>, <see cref="BallotIsClosed"/>, <see cref="NoNewerRevision"/>,
    /// <see cref="RevisionIsMaterial"/>, <see cref="SilenceIsToOneText"/>, <see cref="EditorialChangeComesTooLate"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId, command.Reason },
        async scene =>
        {
            var (db, ballot, before) = (scene.Db, scene.Ballot, scene.Revision);
            if (!scene.Holds(BodyPosition.Chair, BodyPosition.ViceChair))
            {
                return new ActIsNotYours();
            }

            if (string.IsNullOrWhiteSpace(command.Reason))
            {
                return new ReasonIsMissing();
            }

            var newer = await db.Revisions
                .Where(r => r.DeliverableKey == ballot.DeliverableKey && r.Status == RevisionStatus.Submitted
                    && (r.Major > before.Major || (r.Major == before.Major && r.Minor > before.Minor)))
                .OrderBy(r => r.Major).ThenBy(r => r.Minor).ToListAsync(cancellation);
            if (newer.Count == 0)
            {
                return new NoNewerRevision();
            }

            if (newer.Find(revision => revision.ChangeKind != ChangeKind.Editorial) is { } material)
            {
                return new RevisionIsMaterial(material.Number.ToString());
            }

            var until = WorkingCalendar.AddWorkingDays(Warsaw.DateOf(scene.Now), scene.Rules.EditorialContestWorkingDays);
            var after = newer[^1];
            if (ballot.TakeEditorial(after.Id, until, scene.Now).Refusal is { } refusal)
            {
                return refusal;
            }

            var reason = command.Reason.Trim();
            (await db.Deliverables.SingleAsync(d => d.Key == ballot.DeliverableKey, cancellation)).ExchangeBallotRevision(after.Id);
            db.EditorialChanges.Add(new EditorialChange
            {
                BallotId = ballot.Id,
                RevisionId = after.Id,
                BeforeId = before.Id,
                ConfirmedById = command.PersonId,
                ConfirmedAt = scene.Now,
                Reason = reason,
                Until = until,
            });
            audit.Record(scene.Subject, "editorial_change_confirmed", scene.Actor, new
            {
                revision = after.Number.ToString(),
                revisionId = after.Id,
                before = before.Number.ToString(),
                beforeId = before.Id,
                until,
                words = reason,
            });
            await db.SaveChangesAsync(cancellation);
            await outbox.AddAsync(
                new BallotNews(BallotCases.Of(ballot, after), BallotNewsOf.EditorialChange, after.Number.ToString(), reason),
                ToldOf(ballot), cancellation);
            return default(Done);
        },
        cancellation);

    /// <summary>Everybody who votes, and who may vote for somebody.</summary>
    internal static List<Guid> ToldOf(Ballot ballot) =>
        [.. ballot.Electors.Where(elector => !elector.IsRecused).OrderBy(elector => elector.Ordinal)
            .SelectMany(elector => new[] { elector.PersonId, elector.AlternateId ?? elector.PersonId }).Distinct()];
}

/// <summary>Somebody on the roll says „To nie jest redakcyjne”: the vote is repeated on the newest revision, whatever anybody thinks of it.</summary>
public sealed class ContestEditorialChange(BallotActs acts, AuditTrail audit, Outbox outbox, RepeatBallot repeat)
{
    /// <param name="Reason">What changes the meaning; required.</param>
    public sealed record Command(Guid BallotId, Guid PersonId, string? Reason, string? FormKey = null);

    /// <returns>
    /// The ballot that follows, or <see cref="YouAreNotAnElector"/>, <see cref="YouAreRecused"/>, <see cref="ReasonIsMissing"/>,
    /// <see cref="NoEditorialChangeToContest"/>, or a refusal of <see cref="OpenBallot"/>.
    /// </returns>
    public Task<Result<OpenBallot.Opened>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<OpenBallot.Opened>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId, command.Reason },
        async scene =>
        {
            var (db, ballot) = (scene.Db, scene.Ballot);
            var elector = ballot.Electors.SingleOrDefault(candidate => candidate.PersonId == command.PersonId);
            if (elector is null)
            {
                return new YouAreNotAnElector();
            }

            if (elector.RecusalBasis is { } basis)
            {
                return new YouAreRecused(basis);
            }

            if (!ballot.MayBeContested(scene.Now))
            {
                return new NoEditorialChangeToContest();
            }

            if (string.IsNullOrWhiteSpace(command.Reason))
            {
                return new ReasonIsMissing();
            }

            var words = command.Reason.Trim();
            var change = await db.EditorialChanges.SingleAsync(
                one => one.BallotId == ballot.Id && one.RevisionId == ballot.RevisionId, cancellation);
            change.BeContested(command.PersonId, words, scene.Now);
            audit.Record(scene.Subject, "editorial_change_contested", scene.Actor, new { revision = scene.Revision.Number.ToString(), words });
            await db.SaveChangesAsync(cancellation);
            await outbox.AddAsync(
                new BallotNews(scene.Case, BallotNewsOf.EditorialContested, scene.Revision.Number.ToString(), words),
                await scene.HoldersAsync([BodyPosition.Chair, BodyPosition.Secretary], cancellation), cancellation);
            return await repeat.OnNewestAsync(scene, words, cancellation);
        },
        cancellation);
}
