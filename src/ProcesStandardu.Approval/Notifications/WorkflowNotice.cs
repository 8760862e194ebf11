namespace ProcesStandardu.Approval.Notifications;

/// <summary>A mail whose words a workflow's designer wrote; they are sent as they are, whatever the recipient's language.</summary>
/// <param name="Subject">What the mail is about, see <c>Audit.Subjects</c>.</param>
/// <param name="Title">The designer's subject line.</param>
/// <param name="Text">The designer's text; a blank line begins a new paragraph.</param>
/// <param name="PagePath">The page that the button opens, one of <see cref="SitePaths"/>.</param>
/// <param name="NoticeKey">What sends it, such as the activity's execution: a repeated burst does not mail twice.</param>
public sealed record WorkflowNotice(string Subject, string Title, string Text, string PagePath, string NoticeKey) : OutboundMail
{
    public override string Kind => MailKinds.WorkflowNotice;

    public override string Cause => Subject;

    public override string Occurrence => NoticeKey;

    public override string Path => PagePath;

    /// <summary>Where the designer wants answers; null where the configuration says.</summary>
    public EmailAddress? AnswersGoTo { get; init; }

    public override EmailAddress? ReplyTo => AnswersGoTo;

    public override MailContent ToMail(MailTexts texts) => new(
        Title,
        Title,
        [.. MailText.Clean(Text).Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
        [],
        texts["ButtonCase"],
        texts["ReasonCase"]);
}
