using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Notifications.Bounces;

/// <summary>What was typed is no e-mail address.</summary>
public sealed record AddressIsNoAddress : Refusal
{
    public override string? Field => "Address";
}

/// <summary>Nothing says how it was seen to.</summary>
public sealed record WordsAreMissing : Refusal
{
    public override string? Field => "Words";
}

/// <summary>The mail arrived as far as anybody knows, or was seen to before.</summary>
public sealed record MailIsNotUndelivered : Refusal;

/// <summary>The mail has not left, or its return is known already.</summary>
public sealed record MailHasNotComeBack : Refusal;

/// <summary>
/// The secretary's task when a mail did not arrive: correct the address and send it again, say that it reached the person in
/// another way, or enter that a mail came back.
/// </summary>
public sealed class SeeToUndelivered(
    UnitOfWork work, Rights rights, Outbox outbox, MailReturns returns, AuditTrail audit, TimeProvider time)
{
    /// <param name="PersonId">Who acts.</param>
    /// <param name="Address">The person's address from now on.</param>
    public sealed record Correction(Guid PersonId, Guid MailId, string? Address, string? FormKey = null);

    /// <param name="Words">How it reached the person, or what came back; required.</param>
    public sealed record Note(Guid PersonId, Guid MailId, string? Words, string? FormKey = null);

    /// <summary>
    /// Gives the recipient another address and sends there whatever did not arrive; each as a mail of its own that takes the place of
    /// the first. What is no longer true by then does not leave.
    /// </summary>
    /// <returns>How many mails go out again, or a refusal of this file.</returns>
    public Task<Result<int>> CorrectAsync(Correction command, CancellationToken cancellation) => work.OnceAsync<int>(
        command.PersonId,
        command.FormKey,
        new { command.MailId, command.Address },
        async db =>
        {
            if (await FindAsync(command.PersonId, command.MailId, cancellation) is not { } message)
            {
                return new NotFoundOrNotYours();
            }

            if (!message.IsUndelivered)
            {
                return new MailIsNotUndelivered();
            }

            if (!EmailAddress.TryParse(command.Address?.Trim(), out var address))
            {
                return new AddressIsNoAddress();
            }

            await RowLock.LockAsync(work, "select 1 from person where id = $1 for no key update", message.RecipientPersonId, cancellation);
            var person = await db.People.SingleAsync(p => p.Id == message.RecipientPersonId, cancellation);
            if (!person.IsActive)
            {
                return new RecipientHasLeft();
            }

            person.Email = address.Value;
            var now = time.GetUtcNow();
            var actor = new Actor(command.PersonId);
            audit.Record(Subjects.Person(person.Id), "address_corrected", actor, new { mail = message.Id });
            await db.SaveChangesAsync(cancellation);
            var recipient = new MailRecipient(person.Id, person.DisplayName, person.Email, person.Language);
            var all = await db.OutboxMessages.FromSqlInterpolated(
                $"""
                select * from outbox_message where recipient_person_id = {person.Id} and settled_at is null
                  and (state = 'dead' or bounced_at is not null or (state = 'ambiguous' and next_attempt_at is null))
                order by queue_no for update
                """).ToListAsync(cancellation);
            var again = all.ConvertAll(one => outbox.Readdress(one, recipient, now));
            await outbox.InsertAsync(again, cancellation);
            foreach (var one in all)
            {
                one.Settle(command.PersonId, now);
            }

            return again.Count;
        },
        cancellation);

    /// <summary>Notes that the person has what the mail said, by another way; the task is done.</summary>
    public Task<Result<Done>> SettleAsync(Note command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId,
        command.FormKey,
        new { command.MailId, command.Words, act = "settle" },
        async db =>
        {
            if (await FindAsync(command.PersonId, command.MailId, cancellation) is null
                || !await RowLock.LockAsync(work, "select 1 from outbox_message where id = $1 for update", command.MailId, cancellation))
            {
                return new NotFoundOrNotYours();
            }

            var message = await db.OutboxMessages.SingleAsync(m => m.Id == command.MailId, cancellation);
            if (!message.IsUndelivered)
            {
                return new MailIsNotUndelivered();
            }

            if (string.IsNullOrWhiteSpace(command.Words))
            {
                return new WordsAreMissing();
            }

            message.Settle(command.PersonId, time.GetUtcNow());
            audit.Record(
                Subjects.Mail(message.Id), "mail_settled", new Actor(command.PersonId), new { words = MailText.OneLine(command.Words) });
            return default(Done);
        },
        cancellation);

    /// <summary>Enters by hand that a mail came back, where no mailbox of returns says so.</summary>
    public Task<Result<Done>> ReturnAsync(Note command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId,
        command.FormKey,
        new { command.MailId, command.Words, act = "return" },
        async _ =>
        {
            if (await FindAsync(command.PersonId, command.MailId, cancellation) is null)
            {
                return new NotFoundOrNotYours();
            }

            if (string.IsNullOrWhiteSpace(command.Words))
            {
                return new WordsAreMissing();
            }

            return await returns.NoteAsync(command.MailId, MailText.OneLine(command.Words), new Actor(command.PersonId), cancellation)
                ? default(Done)
                : new MailHasNotComeBack();
        },
        cancellation);

    private async Task<OutboxMessage?> FindAsync(Guid personId, Guid mailId, CancellationToken cancellation) =>
        (await rights.OfAsync(personId, cancellation)).KeepsOutbox
            ? await work.Db.OutboxMessages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == mailId, cancellation)
            : null;
}
