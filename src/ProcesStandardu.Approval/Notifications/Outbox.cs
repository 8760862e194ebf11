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
    UnitOfWork work, TimeProvider time, IOptions<MailOptions> mailOptions, IOptions<SiteOptions> siteOptions, KnownRecipients known)
{
    private static readonly IReadOnlyList<RowColumn<OutboxMessage>> Columns =
    [
        RowColumn.Of<OutboxMessage, Guid>("id", NpgsqlDbType.Uuid, mail => mail.Id),
        RowColumn.Of<OutboxMessage, string>("mail_key", NpgsqlDbType.Text, mail => mail.MailKey),
        RowColumn.Of<OutboxMessage, Guid>("recipient_person_id", NpgsqlDbType.Uuid, mail => mail.RecipientPersonId),
        RowColumn.Of<OutboxMessage, string>("recipient_address", NpgsqlDbType.Text, mail => mail.RecipientAddress),
        RowColumn.Of<OutboxMessage, string>("kind", NpgsqlDbType.Text, mail => mail.Kind),
        RowColumn.Of<OutboxMessage, string>("cause", NpgsqlDbType.Text, mail => mail.Cause),
        RowColumn.Of<OutboxMessage, string>("subject", NpgsqlDbType.Text, mail => mail.Subject),
        RowColumn.OrNull<OutboxMessage, string>("valid_while", NpgsqlDbType.Jsonb, mail => mail.ValidWhile),
        RowColumn.Of<OutboxMessage, string>("message_id", NpgsqlDbType.Text, mail => mail.MessageId),
        RowColumn.Of<OutboxMessage, byte[]>("bytes", NpgsqlDbType.Bytea, mail => PackedMail.Pack(mail.Bytes)),
        RowColumn.Of<OutboxMessage, string>("state", NpgsqlDbType.Text, mail => mail.State),
        RowColumn.OrNull<OutboxMessage, string>("last_error", NpgsqlDbType.Text, mail => mail.LastError),
        RowColumn.OrNull<OutboxMessage, DateTime?>("next_attempt_at", NpgsqlDbType.TimestampTz, mail => mail.NextAttemptAt?.UtcDateTime),
        RowColumn.Of<OutboxMessage, DateTime>("created_at", NpgsqlDbType.TimestampTz, mail => mail.CreatedAt.UtcDateTime),
    ];

    private static readonly RowSet<OutboxMessage> Rows = new("outbox_message", Columns, "on conflict do nothing");

    // The same mail is queued once. That it is queued already hardly ever turns out: then the insertion fails, and the careful run asks.
    private static readonly RowSet<OutboxMessage> New = new("outbox_message", Columns);

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
        var people = await known.ReadAsync(work, recipientIds, cancellation);
        return await AddAllAsync([(outbound, people, time.GetUtcNow())], cancellation);
    }

    /// <summary>
    /// The same for whoever need not know how many: the mails travel with whatever is asked or committed next. Recipients
    /// that this node knows are taken on trust, which the database checks with the commit.
    /// </summary>
    /// <exception cref="InvalidOperationException">No unit of work runs.</exception>
    public async Task QueueAsync(OutboundMail outbound, IReadOnlyCollection<Guid> recipientIds, CancellationToken cancellation)
    {
        if (MailKinds.Choosable.Contains(outbound.Kind))
        {
            // Whether it is a mail at all is asked of the database, and then the answer may be waited for as well.
            await AddAsync(outbound, recipientIds, cancellation);
            return;
        }

        var (people, areTrusted) = await known.TrustAsync(work, recipientIds, cancellation);
        var now = time.GetUtcNow();
        foreach (var person in people)
        {
            work.Queue(new MailWriting(work.IsCareful ? Rows : New, Finish(outbound, person, now), areTrusted ? person : null));
        }
    }

    /// <summary>The same for one person.</summary>
    public Task QueueAsync(OutboundMail outbound, Guid recipientId, CancellationToken cancellation) =>
        QueueAsync(outbound, [recipientId], cancellation);

    /// <summary>Queues many different mails, each for its own people and as of its own instant; the rules are those for one.</summary>
    /// <returns>How many are queued now.</returns>
    internal async Task<int> AddAllAsync(
        IReadOnlyCollection<(OutboundMail Mail, IReadOnlyCollection<Guid> Recipients, DateTimeOffset At)> mails, CancellationToken cancellation)
    {
        var people = (await known.ReadAsync(work, [.. mails.SelectMany(one => one.Recipients).Distinct()], cancellation))
            .ToDictionary(person => person.Id);
        return await AddAllAsync(
            [.. mails.Select(one => (
                one.Mail, (IReadOnlyList<MailRecipient>)[.. one.Recipients.Distinct().Where(people.ContainsKey).Select(id => people[id])], one.At))],
            cancellation);
    }

    /// <summary>Finishes what comes at once, keeps what waits for a digest, and leaves out what its person does without.</summary>
    private async Task<int> AddAllAsync(
        IReadOnlyCollection<(OutboundMail Mail, IReadOnlyList<MailRecipient> People, DateTimeOffset At)> mails, CancellationToken cancellation)
    {
        var messages = new List<OutboxMessage>();
        var items = new List<DigestItem>();
        foreach (var kind in mails.GroupBy(one => one.Mail.Kind))
        {
            var others = MailKinds.Choosable.Contains(kind.Key)
                ? await MailChoices.OtherThanAtOnceAsync(
                    work, kind.Key, [.. kind.SelectMany(one => one.People).Select(person => person.Id).Distinct()], time.GetUtcNow(), cancellation)
                : [];
            foreach (var (mail, people, at) in kind)
            {
                var rendered = new Dictionary<string, Rendering>();
                foreach (var person in people)
                {
                    switch (others.GetValueOrDefault(person.Id))
                    {
                        case null:
                            messages.Add(Finish(mail, person, at, rendered));
                            break;
                        case MailDelivery.Digest:
                            items.Add(DigestItem.Of(
                                mail, person, MailKeyOf(mail, person.Id), Render(mail, person, rendered).Subject, at));
                            break;
                    }
                }
            }
        }

        var queued = await InsertAsync(messages, cancellation);
        return items.Count == 0 ? queued : queued + await DigestItem.InsertAsync(work, items, cancellation);
    }

    /// <summary>What one person would get, finished and not queued; for previews.</summary>
    public OutboxMessage Finish(OutboundMail outbound, MailRecipient person, DateTimeOffset now) => Finish(outbound, person, now, []);

    /// <summary>Unique for a mail of one kind about one cause to one person.</summary>
    internal static string MailKeyOf(OutboundMail outbound, Guid personId) =>
        $"{outbound.Kind}/{outbound.Cause}/{outbound.Occurrence}/{personId:D}";

    private OutboxMessage Finish(OutboundMail outbound, MailRecipient person, DateTimeOffset now, Dictionary<string, Rendering> rendered)
    {
        var rendering = Render(outbound, person, rendered);
        return Finish(
            MailKeyOf(outbound, person.Id),
            person,
            outbound.Kind,
            outbound.Cause,
            outbound.ValidWhile?.ToJson(),
            MailMessage.RootIdOf(outbound.CaseKey, EmailAddress.Parse(mail.From).Domain),
            rendering.Subject,
            rendering.Text,
            rendering.Html,
            rendering.Attachments,
            now,
            outbound.ReplyTo);
    }

    /// <summary>The parts that everybody with one language gets alike, made once.</summary>
    private Rendering Render(OutboundMail outbound, MailRecipient person, Dictionary<string, Rendering> rendered)
    {
        var texts = MailTexts.For(person.Language);
        if (!rendered.TryGetValue(texts.Language, out var rendering))
        {
            var content = outbound.ToMail(texts);
            var link = site.To(outbound.Path);
            rendered[texts.Language] = rendering = new Rendering(
                MailText.Subject(content.Subject),
                MailLayout.ToText(content, link, site.To),
                MailLayout.ToHtml(content, link, texts.Language, site.To),
                outbound.Attachments(texts));
        }

        return rendering;
    }

    private sealed record Rendering(string Subject, string Text, string Html, IReadOnlyList<MailAttachment> Attachments);

    /// <summary>True when mails leave from this address, whatever name stands beside it.</summary>
    public bool IsSender(string address) =>
        EmailAddress.TryParse(address.Trim(), out var given) && given.Equals(EmailAddress.Parse(mail.From));

    /// <summary>
    /// The same mail once more, to the address that the person has now: a new mail with its own Message-ID, because its
    /// To header is another.
    /// </summary>
    internal OutboxMessage Readdress(OutboxMessage message, MailRecipient person, DateTimeOffset now)
    {
        var read = MimeReader.Read(message.Bytes);
        return Finish(
            $"{message.MailKey}>{Guid.CreateVersion7(now):N}", person, message.Kind, message.Cause, message.ValidWhile,
            read.Header("References"), message.Subject, read.Text, read.Html, read.Attachments, now,
            EmailAddress.TryParse(read.Header("Reply-To")?.Trim('<', '>', ' '), out var replyTo) ? replyTo : null);
    }

    /// <summary>Writes finished mails, all in one statement.</summary>
    /// <returns>How many were not there before.</returns>
    internal async Task<int> InsertAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken cancellation)
    {
        if (messages.Count == 0)
        {
            return 0;
        }

        await using var batch = new NpgsqlBatch(work.Connection);
        Rows.Insert(batch, messages);
        return await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A mail waiting to be written, and its recipient where they were taken on trust.</summary>
    private sealed class MailWriting(RowSet<OutboxMessage> rows, OutboxMessage message, MailRecipient? trusted) : QueuedWrite
    {
        internal override Type Group => typeof(MailWriting);

        private OutboxMessage Message => message;

        private MailRecipient? Trusted => trusted;

        internal override void AddTo(NpgsqlBatch batch, IReadOnlyList<QueuedWrite> group)
        {
            rows.Insert(batch, [.. group.Cast<MailWriting>().Select(writing => writing.Message)]);
            var check = group.Cast<MailWriting>().Select(writing => writing.Trusted).OfType<MailRecipient>().Distinct().ToList();
            if (check.Count > 0)
            {
                batch.BatchCommands.Add(KnownRecipients.Check(check));
            }
        }
    }

    private OutboxMessage Finish(
        string mailKey, MailRecipient person, string kind, string cause, string? validWhile, string? rootId, string subject,
        string text, string html, IReadOnlyList<MailAttachment> attachments, DateTimeOffset now, EmailAddress? answersGoTo)
    {
        var from = EmailAddress.Parse(mail.From);
        var isUsable = EmailAddress.TryParse(person.Address, out var address);
        var id = Guid.CreateVersion7(now);
        var message = new MailMessage
        {
            Id = id,
            Unsubscribe = MailKinds.MayBeEnded(kind) ? site.To(SitePaths.EndMails(id)) : null,
            Domain = from.Domain,
            Date = now,
            From = new Mailbox(mail.FromName, from),
            ReplyTo = answersGoTo is not null ? new Mailbox(null, answersGoTo)
                : mail.ReplyTo is { } replyTo ? new Mailbox(null, EmailAddress.Parse(replyTo)) : null,
            To = isUsable ? new Mailbox(MailText.OneLine(person.DisplayName), address!) : null,
            Subject = subject,
            Language = MailTexts.For(person.Language).Language,
            RootId = rootId,
            Text = text,
            Html = html,
            Attachments = attachments,
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
