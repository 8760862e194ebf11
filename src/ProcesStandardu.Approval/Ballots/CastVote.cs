using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// A member says what he thinks, or his alternate or the secretary for him. Position, history, workflow step and mails are one
/// transaction.
/// </summary>
public sealed class CastVote(BallotActs acts, AuditTrail audit, Outbox outbox, BallotClosing closing)
{
    /// <param name="Position">One of <see cref="PositionKind"/>; anything else is refused.</param>
    /// <param name="ContentHash">SHA-256 of the file that the page showed, as hexadecimal digits.</param>
    /// <param name="FormKey">Made when the form was shown; the same key again gives the same receipt.</param>
    /// <param name="ForPersonId">The member whose vote it is; null for one's own, or that of the only member one stands in for.</param>
    /// <param name="Ground">How the secretary knows it; null for others.</param>
    /// <param name="Objection">The text of a blocking objection; null when the position does not block.</param>
    /// <param name="TakesBack">True when the member votes himself although the alternate has.</param>
    /// <param name="IsSecret">True when the form said that the ballot is secret; it must say what is so.</param>
    /// <param name="Upholds">True when the form upheld the position on the earlier revision.</param>
    public sealed record Command(
        Guid BallotId, Guid PersonId, string? Position, string? Reason, string? ContentHash, string? FormKey,
        Guid? ForPersonId = null, string? Ground = null, string? Objection = null, bool TakesBack = false, bool IsSecret = false,
        bool Upholds = false);

    /// <summary>What the member is told and may keep.</summary>
    /// <param name="PositionId">The number of the receipt; in a secret ballot it leads to no position.</param>
    /// <param name="Position">Null in a secret ballot.</param>
    /// <param name="Outcome">The ballot's outcome when this position closed it; null while it goes on.</param>
    public sealed record Receipt(
        Guid PositionId, Guid BallotId, string BallotNumber, string? Position, string Revision, string ContentHash,
        DateTimeOffset CastAt, string? Outcome);

    /// <returns>
    /// The receipt, or <see cref="TooManyActAtOnce"/>, <see cref="NotFoundOrNotYours"/>, <see cref="FormWasAlreadyUsed"/>, <see cref="OutcomeIsUnknown"/>, or one of
    /// the refusals of <see cref="Ballot.Cast"/> and <see cref="Ballot.CastSecretly"/>.
    /// </returns>
    public Task<Result<Receipt>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync(
        command.BallotId,
        command.PersonId,
        command.FormKey,

        // What is remembered of a form must not say how somebody voted secretly, not even by a hash of three guesses.
        command.IsSecret
            ? (object)new { command.BallotId, command.ContentHash }
            : new
            {
                command.BallotId, command.Position, command.Reason, command.ContentHash, command.ForPersonId, command.Ground,
                command.Objection, command.TakesBack,
            },
        scene => CastAsync(scene, command, cancellation),
        cancellation);

    private async Task<Result<Receipt>> CastAsync(BallotActs.Scene scene, Command command, CancellationToken cancellation)
    {
        var (ballot, rules, now) = (scene.Ballot, scene.Rules, scene.Now);
        Failpoints.Reach(Failpoints.VoteLocked);
        if (ballot.IsSecret != command.IsSecret)
        {
            return new BallotSecrecyDiffers();
        }

        var hash = scene.ContentHash;
        var casting = await CastingAsync(scene, command, cancellation);
        var receiptId = Guid.CreateVersion7(now);
        BallotPosition? position = null;
        if (ballot.IsSecret)
        {
            if (ballot.CastSecretly(casting, hash, now).Refusal is { } refusal)
            {
                return refusal;
            }

            audit.Record(scene.Subject, "vote_cast_secretly", scene.Actor, new { revision = scene.Revision.Number.ToString() });
            await RecordAsync(scene, receiptId, hash, null, [command.PersonId], cancellation);
        }
        else
        {
            var before = ballot.StandingOf(casting.ElectorId);
            var cast = ballot.Cast(casting, hash, rules, now);
            if (cast.Refusal is { } refusal)
            {
                return refusal;
            }

            position = cast.Value;
            receiptId = position.Id;
            if (position != before)
            {
                // The entry names the position's record and not what it says: results may be hidden.
                audit.Record(
                    scene.Subject,
                    before is null ? "vote_cast" : "vote_changed",
                    new Actor(command.PersonId, casting.ElectorId == command.PersonId ? null : casting.ElectorId),
                    new { position = position.Id, revision = scene.Revision.Number.ToString(), capacity = position.Capacity });
                await RecordAsync(
                    scene, position.Id, hash, rules.ResultHiddenUntilClosed ? null : position.Kind,
                    [command.PersonId, casting.ElectorId], cancellation);
                await TellAlternateAsync(scene, before, position, cancellation);
            }
        }

        if (ballot.ReasonToClose(now) is { } reason)
        {
            await closing.CloseAsync(ballot, reason, rules, now, cancellation);
        }

        // Only what is in force is told: a result that awaits its announcement is nobody's to know yet.
        return new Receipt(
            receiptId, ballot.Id, ballot.Number, position?.Kind, scene.Revision.Number.ToString(),
            Convert.ToHexStringLower(hash), position?.CastAt ?? now,
            ballot.HasResult && ballot.AnnouncedAt is null ? null : ballot.Outcome);
    }

    private static async Task<Casting> CastingAsync(BallotActs.Scene scene, Command command, CancellationToken cancellation)
    {
        var ballot = scene.Ballot;
        var electorId = command.ForPersonId ?? command.PersonId;
        var capacity = electorId == command.PersonId ? CastingCapacity.Self
            : scene.Holds(BodyPosition.Secretary) ? CastingCapacity.Secretary
            : CastingCapacity.Alternate;
        if (command.ForPersonId is null && ballot.Electors.All(elector => elector.PersonId != command.PersonId)
            && ballot.Electors.Where(elector => elector.AlternateId == command.PersonId).Take(2).ToList() is [var only])
        {
            (electorId, capacity) = (only.PersonId, CastingCapacity.Alternate);
        }

        var stoodIn = capacity == CastingCapacity.Alternate
            && ballot.Electors.SingleOrDefault(elector => elector.PersonId == electorId) is { } elector
            && BallotElectorate.IsStoodInFor(
                elector, await BallotElectorate.AbsentAsync(scene.Db, [elector], scene.Now, cancellation), scene.Rules);
        Guid? upheld = command.Upholds && ballot.PredecessorId is { } before
            ? await scene.Db.Set<BallotPosition>()
                .Where(p => p.BallotId == before && p.ElectorId == electorId && p.SupersededById == null && p.Kind == command.Position)
                .Select(p => (Guid?)p.Id).SingleOrDefaultAsync(cancellation)
            : null;
        return new Casting(
            electorId, command.PersonId, capacity, command.Position, command.Reason, command.Objection,
            capacity == CastingCapacity.Secretary ? command.Ground : null, ReadHash(command.ContentHash), stoodIn, command.TakesBack, upheld);
    }

    private async Task RecordAsync(
        BallotActs.Scene scene, Guid receiptId, byte[] hash, string? kind, IReadOnlyCollection<Guid> to, CancellationToken cancellation)
    {
        await scene.Db.SaveChangesAsync(cancellation);
        await outbox.QueueAsync(
            new VoteRecorded(scene.Case, receiptId, scene.Now, Convert.ToHexStringLower(hash), kind), to, cancellation);
        Failpoints.Reach(Failpoints.VoteRecorded);
    }

    /// <summary>An alternate whose vote a member took back is told; nobody else whose vote is replaced needs to be.</summary>
    private async Task TellAlternateAsync(
        BallotActs.Scene scene, BallotPosition? before, BallotPosition position, CancellationToken cancellation)
    {
        if (before is { Capacity: CastingCapacity.Alternate } && position.Capacity == CastingCapacity.Self)
        {
            await outbox.AddAsync(
                new BallotNews(scene.Case, BallotNewsOf.VoteTakenBack, before.Id.ToString("N")), before.CastById, cancellation);
        }
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
