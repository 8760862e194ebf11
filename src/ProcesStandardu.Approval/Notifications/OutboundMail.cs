namespace ProcesStandardu.Approval.Notifications;

/// <summary>Who a mail goes to, as known when it is written.</summary>
/// <param name="Language"><c>pl</c> or <c>en</c>.</param>
public sealed record MailRecipient(Guid Id, string DisplayName, string Address, string Language);

/// <summary>
/// Something worth a mail, with typed facts. Given to <see cref="Outbox"/> it becomes one finished mail per recipient.
/// The same kind, cause and occurrence reaches a person once, however often it is added.
/// </summary>
public abstract record OutboundMail
{
    /// <summary>The stored name of the kind, lower_snake.</summary>
    public abstract string Kind { get; }

    /// <summary>What the mail is about, see <c>Audit.Subjects</c>.</summary>
    public abstract string Cause { get; }

    /// <summary>Tells apart mails of one kind about one cause, for example <c>T-2</c>; empty when there can be only one.</summary>
    public virtual string Occurrence => "";

    /// <summary>Asked again right before sending; null when the mail can never become stale.</summary>
    public virtual ValidWhile? ValidWhile => null;

    /// <summary>The case whose mails belong together in the recipient's mailbox.</summary>
    public virtual string CaseKey => Cause;

    /// <summary>The page that the button opens, one of <see cref="SitePaths"/>.</summary>
    public abstract string Path { get; }

    /// <summary>Where an answer goes; null where the configuration says.</summary>
    public virtual EmailAddress? ReplyTo => null;

    /// <summary>What the mail says, to whoever gets it, in the language of <paramref name="texts"/>.</summary>
    public abstract MailContent ToMail(MailTexts texts);

    /// <summary>The files that travel with it: the same every time it is asked; none unless a kind of mail says so.</summary>
    public virtual IReadOnlyList<MailAttachment> Attachments(MailTexts texts) => [];

    /// <summary>A fact of the mail: the name from the texts, the value as it is.</summary>
    protected static KeyValuePair<string, string> Fact(string name, string value) => new(name, value);
}
