using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>A member says what he thinks. Position, history, workflow step and mails are one transaction.</summary>
public sealed class CastVote(
    UnitOfWork work, AuditTrail audit, Outbox outbox, BallotClosing closing, Rights rights, TimeProvider time)
{
    /// <param name="Position">One of <see cref="PositionKind"/>; anything else is refused.</param>
    /// <param name="ContentHash">SHA-256 of the file that the page showed, as hexadecimal digits.</param>
    /// <param name="FormKey">Made when the form was shown; the same key again gives the same receipt.</param>
    public sealed record Command(
        Guid BallotId, Guid PersonId, string? Position, string? Reason, string? ContentHash, string? FormKey);

    /// <summary>What the member is told and may keep.</summary>
    /// <param name="PositionId">The number of the receipt.</param>
    /// <param name="Outcome">The ballot's outcome when this position closed it; null while it goes on.</param>
    public sealed record Receipt(
        Guid PositionId, Guid BallotId, string BallotNumber, string Position, string Revision, string ContentHash,
        DateTimeOffset CastAt, string? Outcome);

    /// <returns>
    /// The receipt, or <see cref="NotFoundOrNotYours"/>, <see cref="YouAreNotAnElector"/>, <see cref="YouAreRecused"/>,
    /// <see cref="BallotIsClosed"/>, <see cref="PositionIsMissing"/>, <see cref="TextUnderBallotDiffers"/>,
    /// <see cref="PositionMayNotChange"/>, <see cref="FormWasAlreadyUsed"/>, <see cref="OutcomeIsUnknown"/>.
    /// </returns>
    public Task<Result<Receipt>> HandleAsync(Command command, CancellationToken cancellation)
    {
        // A position counts by the moment it arrives, not by the moment the ballot's lock is free for it.
        var arrivedAt = time.GetUtcNow();
        return work.OnceAsync<Receipt>(
            command.PersonId,
            command.FormKey,
            new { command.BallotId, command.Position, command.Reason, command.ContentHash },
            async db =>
            {
                var deliverableKey = await db.Ballots.Where(b => b.Id == command.BallotId).Select(b => b.DeliverableKey)
                    .SingleOrDefaultAsync(cancellation);
                if (deliverableKey is null || !(await rights.OfAsync(command.PersonId, cancellation)).Observes)
                {
                    return new NotFoundOrNotYours();
                }

                await work.LockDeliverableAsync(deliverableKey, cancellation);
                await work.LockBallotAsync(command.BallotId, cancellation);
                Failpoints.Reach(Failpoints.VoteLocked);

                var ballot = await db.Ballots.Include(b => b.Electors).Include(b => b.Positions)
                    .SingleAsync(b => b.Id == command.BallotId, cancellation);
                var rules = (await db.RulesOfProcedure.SingleAsync(
                    r => r.BodyKey == ballot.BodyKey && r.Version == ballot.RulesVersion, cancellation)).Read();
                var revision = await db.Revisions.SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
                var file = await db.StoredFiles.SingleAsync(f => f.Id == revision.FileId, cancellation);

                var before = ballot.StandingOf(command.PersonId);
                var cast = ballot.Cast(
                    command.PersonId, command.PersonId, command.Position, command.Reason,
                    ReadHash(command.ContentHash), file.Sha256, rules, arrivedAt);
                if (cast.Refusal is { } refusal)
                {
                    return refusal;
                }

                var position = cast.Value;
                if (position != before)
                {
                    // The entry names the position's record and not what it says: results may be hidden.
                    audit.Record(
                        Subjects.Ballot(ballot.Id),
                        before is null ? "vote_cast" : "vote_changed",
                        new Actor(command.PersonId),
                        new { position = position.Id, revision = revision.Number.ToString() });
                    await db.SaveChangesAsync(cancellation);
                    await outbox.AddAsync(
                        new VoteRecorded(
                            BallotCases.Of(ballot, revision), position.Id, position.CastAt, Convert.ToHexStringLower(file.Sha256),
                            rules.ResultHiddenUntilClosed ? null : position.Kind),
                        [command.PersonId],
                        cancellation);
                    Failpoints.Reach(Failpoints.VoteRecorded);
                }

                if (ballot.ReasonToClose(arrivedAt) is { } reason)
                {
                    await closing.CloseAsync(ballot, reason, rules, arrivedAt, cancellation);
                }

                return new Receipt(
                    position.Id, ballot.Id, ballot.Number, position.Kind, revision.Number.ToString(),
                    Convert.ToHexStringLower(file.Sha256), position.CastAt, ballot.Outcome);
            },
            cancellation);
    }

    /// <summary>Something that is no hash agrees with no file.</summary>
    private static byte[] ReadHash(string? hash)
    {
        try
        {
            return Convert.FromHexString(hash ?? "");
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
