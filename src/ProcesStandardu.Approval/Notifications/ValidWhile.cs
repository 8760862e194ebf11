using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>What must still be true when a mail leaves. It is stored with the mail and asked in the claim's own transaction.</summary>
/// <param name="Condition">The stored name of the question.</param>
/// <param name="Key">The thing it is asked about.</param>
/// <param name="DueOn">The date the mail speaks of; null when it speaks of none.</param>
public sealed record ValidWhile(string Condition, string Key, DateOnly? DueOn = null)
{
    private const string BallotOpen = "ballot_is_open";
    private const string BallotAwaits = "ballot_awaits_vote";
    private const string DeliverableAwaited = "deliverable_is_awaited";
    private const string DeadlineRunning = "deadline_runs";
    private const string DeadlineOverdue = "deadline_is_overdue";

    /// <summary>While the ballot is open.</summary>
    public static ValidWhile BallotIsOpen(Guid ballotId) => new(BallotOpen, ballotId.ToString("D"));

    /// <summary>While the ballot is open and the recipient, an elector, has no position in it.</summary>
    public static ValidWhile BallotAwaitsVote(Guid ballotId) => new(BallotAwaits, ballotId.ToString("D"));

    /// <summary>While no revision of the deliverable came in after the mail was queued.</summary>
    public static ValidWhile DeliverableIsAwaited(string deliverableKey) => new(DeliverableAwaited, deliverableKey);

    /// <summary>While the deadline is neither met nor cancelled nor passed, and still on this date.</summary>
    public static ValidWhile DeadlineRuns(string deadlineKey, DateOnly dueOn) => new(DeadlineRunning, deadlineKey, dueOn);

    /// <summary>While the deadline of this date has passed and nothing has come in.</summary>
    public static ValidWhile DeadlineIsOverdue(string deadlineKey, DateOnly dueOn) => new(DeadlineOverdue, deadlineKey, dueOn);

    internal string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    internal static ValidWhile FromJson(string json) =>
        JsonSerializer.Deserialize<ValidWhile>(json, JsonSerializerOptions.Web)!;

    /// <summary>Asks the database of the transaction that runs.</summary>
    /// <param name="queuedAt">When the mail was queued.</param>
    /// <returns>Null while the mail is true; otherwise the stored name of the reason why it is stale.</returns>
    /// <exception cref="NotSupportedException">A newer build wrote a question that this one cannot ask.</exception>
    internal async Task<string?> StaleReasonAsync(
        ProcesDbContext db, Guid recipientId, DateTimeOffset queuedAt, DateTimeOffset now, CancellationToken cancellation)
    {
        switch (Condition)
        {
            case BallotOpen:
            case BallotAwaits:
                var id = Guid.Parse(Key, CultureInfo.InvariantCulture);
                var ballot = await db.Ballots.AsNoTracking().Where(b => b.Id == id)
                    .Select(b => new { b.State, b.DueAt }).SingleOrDefaultAsync(cancellation);
                if (ballot is null || ballot.State != BallotState.Open || now >= ballot.DueAt)
                {
                    return MailReasons.BallotIsClosed;
                }

                return Condition == BallotAwaits && await HasVotedAsync(db, id, recipientId, cancellation)
                    ? MailReasons.RecipientHasVoted
                    : null;

            case DeliverableAwaited:
                return await db.Deliverables.AnyAsync(d => d.Key == Key && d.Status != DeliverableStatus.Adopted, cancellation)
                    && !await db.Revisions.AnyAsync(r => r.DeliverableKey == Key && r.SubmittedAt > queuedAt, cancellation)
                    ? null
                    : MailReasons.DeliverableCameIn;

            case DeadlineRunning:
                return await db.Deadlines.AnyAsync(
                    d => d.Key == Key && d.State == DeadlineState.Pending && d.DueOn == DueOn && d.DueAt > now, cancellation)
                    ? null
                    : MailReasons.DeadlineDoesNotRun;

            case DeadlineOverdue:
                return await db.Deadlines.AnyAsync(
                    d => d.Key == Key && d.State == DeadlineState.Passed && d.MetAt == null && d.DueOn == DueOn, cancellation)
                    ? null
                    : MailReasons.DeadlineIsNotOverdue;

            default:
                throw new NotSupportedException($"The mail's condition {Condition} is unknown to this build.");
        }
    }

    /// <summary>True when the recipient's vote is in, or that of the member for whom he stands in.</summary>
    private static async Task<bool> HasVotedAsync(ProcesDbContext db, Guid ballotId, Guid recipientId, CancellationToken cancellation)
    {
        var own = await db.Set<Elector>().AsNoTracking()
            .Where(e => e.BallotId == ballotId && (e.PersonId == recipientId || e.AlternateId == recipientId)).ToListAsync(cancellation);
        var ids = own.Where(e => e.PersonId == recipientId || own.TrueForAll(other => other.PersonId != recipientId))
            .Select(e => e.PersonId).ToList();
        return own.Exists(e => ids.Contains(e.PersonId) && e.VotedSecretly)
            || await db.Set<BallotPosition>()
                .AnyAsync(p => p.BallotId == ballotId && ids.Contains(p.ElectorId) && p.SupersededById == null, cancellation);
    }
}
