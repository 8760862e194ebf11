using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Takes mails in the transaction of the act that causes them: they leave if and only if it commits. Each is finished
/// here, to the byte, and leaves later; nothing is sent from here.
/// </summary>
public sealed class Outbox(
    UnitOfWork work, TimeProvider time, IOptions<MailOptions> mailOptions, IOptions<SiteOptions> siteOptions)
{
    private readonly MailOptions mail = mailOptions.Value;
    private readonly SiteOptions site = siteOptions.Value;

    /// <summary>Queues a mail for one person.</summary>
    /// <returns>True when it is queued now; false when it was before, or the person has left or is unknown.</returns>
    public async Task<bool> AddAsync(OutboundMail outbound, Guid recipientId, CancellationToken cancellation) =>
        await AddAsync(outbound, [recipientId], cancellation) == 1;

    /// <summary>
    /// Queues one mail for each of these people, in each one's language. A person named twice gets one; one who has left
    /// gets none; a mail that is queued already is silently left as it is.
    /// </summary>
    /// <returns>How many are queued now.</returns>
    /// <exception cref="InvalidOperationException">No unit of work runs.</exception>
    public async Task<int> AddAsync(OutboundMail outbound, IReadOnlyCollection<Guid> recipientIds, CancellationToken cancellation)
    {
        var ids = recipientIds.Distinct().ToList();
        if (ids.Count == 0)
        {
            return 0;
        }

        var people = await work.Db.People.AsNoTracking().Where(person => ids.Contains(person.Id) && person.IsActive)
            .Select(person => new MailRecipient(person.Id, person.DisplayName, person.Email, person.Language))
            .ToListAsync(cancellation);
        var now = time.GetUtcNow();
        return await InsertAsync([.. people.OrderBy(person => ids.IndexOf(person.Id)).Select(person => Finish(outbound, person, now))], cancellation);
    }

    /// <summary>What one person would get, finished and not queued; for previews.</summary>
    public OutboxMessage Finish(OutboundMail outbound, MailRecipient person, DateTimeOffset now)
    {
        var texts = MailTexts.For(person.Language);
        var content = outbound.ToMail(person, texts);
        var link = site.To(outbound.Path);
        return Finish(
            $"{outbound.Kind}/{outbound.Cause}/{outbound.Occurrence}/{person.Id:D}",
            person,
            outbound.Kind,
            outbound.Cause,
            outbound.ValidWhile?.ToJson(),
            MailMessage.RootIdOf(outbound.CaseKey, EmailAddress.Parse(mail.From).Domain),
            MailText.Subject(content.Subject),
            MailLayout.ToText(content, link),
            MailLayout.ToHtml(content, link, texts.Language),
            now);
    }

    /// <summary>
    /// The same mail once more, to the address that the person has now: a new mail with its own Message-ID, because its
    /// To header is another.
    /// </summary>
    internal OutboxMessage Readdress(OutboxMessage message, MailRecipient person, DateTimeOffset now)
    {
        var read = MimeReader.Read(message.Bytes);
        return Finish(
            $"{message.MailKey}>{Guid.CreateVersion7(now):N}", person, message.Kind, message.Cause, message.ValidWhile,
            read.Header("References"), message.Subject, read.Text, read.Html, now);
    }

    /// <summary>Writes finished mails, all in one statement.</summary>
    /// <returns>How many were not there before.</returns>
    internal async Task<int> InsertAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken cancellation)
    {
        if (messages.Count == 0)
        {
            return 0;
        }

        await using var command = new NpgsqlCommand(
            """
            insert into outbox_message (
              id, mail_key, recipient_person_id, recipient_address, kind, cause, subject, valid_while, message_id, bytes,
              state, last_error, next_attempt_at, created_at)
            select id, mail_key, person_id, address, kind, cause, subject, valid_while::jsonb, message_id, bytes,
              state, last_error, case state when 'pending' then $13::timestamptz end, $13
            from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::bytea[], $11::text[], $12::text[])
              with ordinality
              as mail (id, mail_key, person_id, address, kind, cause, subject, valid_while, message_id, bytes, state, last_error, place)
            order by place
            on conflict (mail_key) do nothing
            """,
            work.Connection);
        Add(messages.Select(m => m.Id).ToArray());
        Add(messages.Select(m => m.MailKey).ToArray());
        Add(messages.Select(m => m.RecipientPersonId).ToArray());
        Add(messages.Select(m => m.RecipientAddress).ToArray());
        Add(messages.Select(m => m.Kind).ToArray());
        Add(messages.Select(m => m.Cause).ToArray());
        Add(messages.Select(m => m.Subject).ToArray());
        AddTexts(messages.Select(m => m.ValidWhile));
        Add(messages.Select(m => m.MessageId).ToArray());
        Add(messages.Select(m => m.Bytes).ToArray());
        Add(messages.Select(m => m.State).ToArray());
        AddTexts(messages.Select(m => m.LastError));
        Add(messages[0].CreatedAt.ToUniversalTime());
        return await command.ExecuteNonQueryAsync(cancellation);

        void Add(object value) => command.Parameters.Add(new NpgsqlParameter { Value = value });

        void AddTexts(IEnumerable<string?> values) => command.Parameters.Add(new NpgsqlParameter
        {
            Value = values.ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
    }

    private OutboxMessage Finish(
        string mailKey, MailRecipient person, string kind, string cause, string? validWhile, string? rootId, string subject,
        string text, string html, DateTimeOffset now)
    {
        var from = EmailAddress.Parse(mail.From);
        var isUsable = EmailAddress.TryParse(person.Address, out var address);
        var message = new MailMessage
        {
            Id = Guid.CreateVersion7(now),
            Domain = from.Domain,
            Date = now,
            From = new Mailbox(mail.FromName, from),
            ReplyTo = mail.ReplyTo is { } replyTo ? new Mailbox(null, EmailAddress.Parse(replyTo)) : null,
            To = isUsable ? new Mailbox(MailText.OneLine(person.DisplayName), address!) : null,
            Subject = subject,
            Language = MailTexts.For(person.Language).Language,
            RootId = rootId,
            Text = text,
            Html = html,
        };

        // An address that cannot be used does not stop the act: the secretary sees the mail and can correct it.
        return new OutboxMessage
        {
            Id = message.Id,
            MailKey = mailKey,
            RecipientPersonId = person.Id,
            RecipientAddress = isUsable ? address!.Value : person.Address,
            Kind = kind,
            Cause = cause,
            Subject = subject,
            ValidWhile = validWhile,
            MessageId = message.MessageId,
            Bytes = MimeWriter.Write(message),
            State = isUsable ? MailState.Pending : MailState.Dead,
            LastError = isUsable ? null : MailReasons.AddressIsUnusable,
            NextAttemptAt = isUsable ? now : null,
            CreatedAt = now,
        };
    }
}
