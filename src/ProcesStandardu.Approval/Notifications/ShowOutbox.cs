using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The page „Poczta wychodząca”: how the mail fares and the mails themselves, newest first.</summary>
public sealed class ShowOutbox(UnitOfWork work, Rights rights, TimeProvider time)
{
    /// <summary>Rows on one page of the list.</summary>
    public const int PageSize = 50;

    /// <param name="PersonId">Who looks.</param>
    /// <param name="State">Only mails in this state; null for all. An unknown state finds none.</param>
    /// <param name="Page">From 1; what is below counts as 1.</param>
    public sealed record Query(Guid PersonId, string? State = null, int Page = 1);

    /// <param name="Counts">Mails by state, every state named.</param>
    /// <param name="Waiting">Mails still to be sent by themselves.</param>
    /// <param name="OldestWaitingFor">How long the oldest of these has waited; null when none waits.</param>
    /// <param name="LastSentAt">The last success; null before the first.</param>
    /// <param name="WaitingBecause">The transport's last words about a waiting mail; null when none failed.</param>
    public sealed record View(
        IReadOnlyDictionary<string, int> Counts,
        int Waiting,
        TimeSpan? OldestWaitingFor,
        DateTimeOffset? LastSentAt,
        string? WaitingBecause,
        IReadOnlyList<Row> Rows,
        int Page,
        bool HasMore,
        int Undelivered);

    /// <summary>A mail that did not arrive and that nobody has seen to.</summary>
    /// <param name="Why">A stored reason, the transport's words or the report of its return.</param>
    /// <param name="Since">When its return became known, or when it was written.</param>
    public sealed record UndeliveredRow(Guid Id, string Recipient, string Address, string Subject, string Why, DateTimeOffset Since);

    /// <param name="LastError">A stored reason (see <see cref="MailReasons"/>) or the transport's words; null when all is well.</param>
    /// <param name="NextAttemptAt">Null when nothing more is tried by itself.</param>
    public sealed record Row(
        Guid Id, string Recipient, string Address, string Kind, string Subject, string State, int Attempts, int AmbiguousEnds,
        string? LastError, DateTimeOffset CreatedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? SentAt, bool IsReturned);

    /// <summary>The secretary's tasks: the oldest first, up to a page's length.</summary>
    public Task<Result<IReadOnlyList<UndeliveredRow>>> UndeliveredAsync(Guid personId, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<UndeliveredRow>>(
            async db =>
            {
                if (!(await rights.OfAsync(personId, cancellation)).KeepsOutbox)
                {
                    return new NotFoundOrNotYours();
                }

                return await (
                    from message in Undelivered(db)
                    join person in db.People on message.RecipientPersonId equals person.Id
                    orderby message.QueueNo
                    select new UndeliveredRow(
                        message.Id, person.DisplayName, message.RecipientAddress, message.Subject,
                        message.BounceReport ?? message.LastError ?? "", message.BouncedAt ?? message.CreatedAt))
                    .Take(PageSize).ToListAsync(cancellation);
            },
            cancellation);

    private static IQueryable<OutboxMessage> Undelivered(ProcesDbContext db) => db.OutboxMessages.AsNoTracking().Where(message =>
        message.SettledAt == null && (message.State == MailState.Dead || message.BouncedAt != null
            || (message.State == MailState.Ambiguous && message.NextAttemptAt == null)));

    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async db =>
        {
            if (!(await rights.OfAsync(query.PersonId, cancellation)).KeepsOutbox)
            {
                return new NotFoundOrNotYours();
            }

            var counted = await db.OutboxMessages.GroupBy(m => m.State)
                .Select(group => new { State = group.Key, Count = group.Count() }).ToListAsync(cancellation);
            var waiting = db.OutboxMessages.Where(m => m.NextAttemptAt != null || m.State == MailState.Sending);
            var oldestAt = await waiting.MinAsync(m => (DateTimeOffset?)m.CreatedAt, cancellation);
            var because = await db.OutboxMessages.Where(m => m.NextAttemptAt != null && m.LastError != null)
                .OrderByDescending(m => m.QueueNo).Select(m => m.LastError).FirstOrDefaultAsync(cancellation);
            var lastSentAt = await db.OutboxMessages.MaxAsync(m => m.SentAt, cancellation);

            var page = Math.Clamp(query.Page, 1, 100_000);
            var rows = await (
                from message in db.OutboxMessages
                join person in db.People on message.RecipientPersonId equals person.Id
                where query.State == null || message.State == query.State
                orderby message.QueueNo descending
                select new Row(
                    message.Id, person.DisplayName, message.RecipientAddress, message.Kind, message.Subject, message.State,
                    message.Attempts, message.AmbiguousEnds, message.LastError, message.CreatedAt, message.NextAttemptAt,
                    message.SentAt, message.BouncedAt != null))
                .Skip((page - 1) * PageSize).Take(PageSize + 1).ToListAsync(cancellation);

            return new View(
                MailState.All.ToDictionary(state => state, state => counted.SingleOrDefault(c => c.State == state)?.Count ?? 0),
                await waiting.CountAsync(cancellation),
                oldestAt is { } oldest ? time.GetUtcNow() - oldest : null,
                lastSentAt,
                because,
                [.. rows.Take(PageSize)],
                page,
                rows.Count > PageSize,
                await Undelivered(db).CountAsync(cancellation));
        },
        cancellation);
}
