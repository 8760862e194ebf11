using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>One outgoing mail as it was or will be sent, for those who keep the outbox.</summary>
public sealed class ShowMail(UnitOfWork work, Rights rights)
{
    /// <param name="PersonId">Who looks.</param>
    public sealed record Query(Guid PersonId, Guid MailId);

    /// <param name="Headers">In the mail's order, decoded.</param>
    /// <param name="Text">The plain text.</param>
    /// <param name="Html">A whole HTML document with a style sheet; show it in a sandboxed frame only.</param>
    /// <param name="LastError">A stored reason (see <see cref="MailReasons"/>) or the transport's words.</param>
    /// <param name="MayRetry">True when <see cref="RetryMail"/> would accept it.</param>
    /// <param name="IsUndelivered">True while it is the secretary's task that the mail did not arrive.</param>
    /// <param name="MayReturn">True when it may have come back and nothing says so yet.</param>
    public sealed record View(
        Guid Id, string Recipient, string Address, string Kind, string Cause, string Subject, string State, int Attempts,
        int AmbiguousEnds, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset? NextAttemptAt, DateTimeOffset? SentAt,
        IReadOnlyList<KeyValuePair<string, string>> Headers, string Text, string Html, bool MayRetry,
        DateTimeOffset? BouncedAt, string? BounceReport, DateTimeOffset? SettledAt, bool IsUndelivered, bool MayReturn);

    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async db =>
        {
            if (!(await rights.OfAsync(query.PersonId, cancellation)).KeepsOutbox)
            {
                return new NotFoundOrNotYours();
            }

            var message = await db.OutboxMessages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == query.MailId, cancellation);
            if (message is null)
            {
                return new NotFoundOrNotYours();
            }

            var recipient = await db.People.Where(p => p.Id == message.RecipientPersonId).Select(p => p.DisplayName)
                .SingleAsync(cancellation);
            var mail = MimeReader.Read(message.Bytes);
            return new View(
                message.Id, recipient, message.RecipientAddress, message.Kind, message.Cause, message.Subject, message.State,
                message.Attempts, message.AmbiguousEnds, message.LastError, message.CreatedAt, message.NextAttemptAt,
                message.SentAt, mail.Headers, mail.Text, mail.Html, RetryMail.Accepts(message),
                message.BouncedAt, message.BounceReport, message.SettledAt, message.IsUndelivered,
                Bounces.MailReturns.Accepts(message) && message.BouncedAt is null);
        },
        cancellation);
}
