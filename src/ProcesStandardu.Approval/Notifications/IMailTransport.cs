namespace ProcesStandardu.Approval.Notifications;

/// <summary>A way out for finished mails. It sends the bytes as they are and says how it ended.</summary>
public interface IMailTransport
{
    /// <summary>
    /// True when sending the same mail again cannot make a second one; then a lost sending is simply tried again.
    /// </summary>
    bool RepeatsAreHarmless { get; }

    /// <summary>True when the other side minds how many mails come at once, see <see cref="MailPace"/>.</summary>
    bool MindsPace { get; }

    /// <summary>Sends one mail to one recipient.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before anything could have left.</exception>
    Task<SendOutcome> SendAsync(MailSubmission mail, CancellationToken cancellation);
}

/// <summary>One mail on its way to one recipient.</summary>
/// <param name="From">The envelope's sender, where bounces go.</param>
/// <param name="Recipient">The envelope's only recipient.</param>
/// <param name="MessageId">With angle brackets.</param>
/// <param name="Bytes">The whole mail, CRLF line ends, ending with one.</param>
/// <param name="MayHandOver">
/// Asked right before the step that cannot be undone; false means that another sender has taken the mail over.
/// </param>
public sealed record MailSubmission(
    EmailAddress From,
    EmailAddress Recipient,
    string MessageId,
    ReadOnlyMemory<byte> Bytes,
    Func<CancellationToken, Task<bool>> MayHandOver);

/// <summary>How a sending ended.</summary>
public abstract record SendOutcome
{
    private SendOutcome()
    {
    }

    /// <summary>The other side said that it has the mail.</summary>
    public sealed record Accepted : SendOutcome;

    /// <summary>The mail did not go; a later try may succeed.</summary>
    /// <param name="ConcernsAllMail">True when the next mail would fare the same: no connection, no sign-in.</param>
    public sealed record TemporaryFailure(string Reason, bool ConcernsAllMail = false) : SendOutcome;

    /// <summary>The other side will never take this mail for this recipient.</summary>
    public sealed record PermanentFailure(string Reason) : SendOutcome;

    /// <summary>The mail was handed over and no answer came: it may have arrived or not.</summary>
    public sealed record Ambiguous(string Reason) : SendOutcome;

    /// <summary>Another sender has taken the mail over; nothing was sent.</summary>
    public sealed record GivenUp : SendOutcome;
}

/// <summary>Places in the course of a mail where tests let the process end.</summary>
public static class MailFailpoints
{
    public const string Claimed = "outbox.claimed";
    public const string AfterMail = "smtp.after-mail";
    public const string AfterDot = "smtp.after-dot";
    public const string After250 = "smtp.after-250";
    public const string AfterRename = "pickup.after-rename";
    public const string BeforeMark = "outbox.before-mark";

    public static IReadOnlyList<string> Smtp { get; } = [Claimed, AfterMail, AfterDot, After250, BeforeMark];

    public static IReadOnlyList<string> Pickup { get; } = [Claimed, AfterRename, BeforeMark];
}
