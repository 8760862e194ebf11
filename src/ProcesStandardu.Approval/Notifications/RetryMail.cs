using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The mail is on its way, was sent, or is out of date: there is nothing to retry.</summary>
public sealed record MailIsNotRetryable : Refusal;

/// <summary>The recipient's address is no address.</summary>
public sealed record RecipientAddressIsUnusable : Refusal;

/// <summary>The recipient is no longer active.</summary>
public sealed record RecipientHasLeft : Refusal;

/// <summary>
/// The secretary or an administrator has a mail tried again: one that waits goes at once, one that died or stayed
/// uncertain is queued anew. If the person's address has changed since, a new mail to the new address takes its place.
/// </summary>
public sealed class RetryMail(UnitOfWork work, Rights rights, Outbox outbox, AuditTrail audit, TimeProvider time)
{
    /// <param name="PersonId">Who acts.</param>
    /// <param name="FormKey">Made when the form was shown: pressing twice is once.</param>
    public sealed record Command(Guid PersonId, Guid MailId, string? FormKey = null);

    /// <returns>The id of the mail that will go: the same one, or the new one that replaces it.</returns>
    public Task<Result<Guid>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Guid>(
        command.PersonId,
        command.FormKey,
        new { command.MailId },
        async db =>
        {
            if (!(await rights.OfAsync(command.PersonId, cancellation)).KeepsOutbox
                || !await RowLock.LockAsync(work, "select 1 from outbox_message where id = $1 for update", command.MailId, cancellation))
            {
                return new NotFoundOrNotYours();
            }

            var message = await db.OutboxMessages.SingleAsync(m => m.Id == command.MailId, cancellation);
            if (!Accepts(message))
            {
                return new MailIsNotRetryable();
            }

            var person = await db.People.AsNoTracking().SingleAsync(p => p.Id == message.RecipientPersonId, cancellation);
            if (!person.IsActive)
            {
                return new RecipientHasLeft();
            }

            if (!EmailAddress.TryParse(person.Email, out var address))
            {
                return new RecipientAddressIsUnusable();
            }

            var actor = new Actor(command.PersonId);
            var now = time.GetUtcNow();
            if (address.Value != message.RecipientAddress)
            {
                var replacement = outbox.Readdress(
                    message, new MailRecipient(person.Id, person.DisplayName, person.Email, person.Language), now);
                await outbox.InsertAsync([replacement], cancellation);
                message.State = MailState.Suppressed;
                message.NextAttemptAt = null;
                message.LastError = MailReasons.AddressHasChanged;
                audit.Record(Subjects.Mail(message.Id), "mail_readdressed", actor, new { Replacement = replacement.Id });
                return replacement.Id;
            }

            // A person decided to risk a second copy: one more uncertain end is allowed, without another by itself.
            message.AmbiguousEnds = Math.Min(message.AmbiguousEnds, 1);
            message.State = message.Attempts == 0 ? MailState.Pending : MailState.Retry;
            message.NextAttemptAt = now;
            audit.Record(Subjects.Mail(message.Id), "mail_retried", actor);
            return message.Id;
        },
        cancellation);

    /// <summary>True for a mail that waits after a failure, died or stayed uncertain.</summary>
    internal static bool Accepts(OutboxMessage message) =>
        message.State is MailState.Retry or MailState.Ambiguous or MailState.Dead;
}
