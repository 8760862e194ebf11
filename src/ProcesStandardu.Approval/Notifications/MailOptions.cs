using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>How mail leaves the building; configuration section <c>Mail</c>, checked when the application starts.</summary>
public sealed class MailOptions
{
    public const string Section = "Mail";

    /// <summary>Where mails go: into a folder of .eml files (default, for the demo) or to an SMTP server.</summary>
    public MailTransportKind Transport { get; set; } = MailTransportKind.Pickup;

    /// <summary>The folder of the pickup transport; relative to the data folder. Default <c>mail</c>.</summary>
    [Required]
    public string PickupFolder { get; set; } = "mail";

    /// <summary>The SMTP server's host name; its certificate must bear it. Needed by the SMTP transport.</summary>
    public string? Host { get; set; }

    /// <summary>The SMTP server's port, 1–65535. Default 587, submission.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>
    /// Whether STARTTLS is required (default) or not used at all. Required means: a server that does not offer it, or
    /// whose certificate does not hold, gets no mail; there is no falling back to plain text.
    /// </summary>
    public StartTlsUse StartTls { get; set; } = StartTlsUse.Required;

    /// <summary>A PEM file with the authority that signed the server's certificate; null means the system's authorities.</summary>
    public string? AuthorityFile { get; set; }

    /// <summary>The account at the SMTP server; null sends without signing in. Needs STARTTLS.</summary>
    public string? User { get; set; }

    /// <summary>The account's password, where no file holds it.</summary>
    public string? Password { get; set; }

    /// <summary>A file that holds the password, such as a mounted secret; read anew for each sign-in, its last line end dropped.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The sender's address. Its domain stands in every Message-ID, so it must not change lightly.</summary>
    [Required]
    public string From { get; set; } = "rada@processtandardu.example";

    /// <summary>The sender's name, always the same so that people come to know it.</summary>
    [Required, StringLength(60)]
    public string FromName { get; set; } = "ProcesStandardu – Rada";

    /// <summary>A mailbox that somebody reads: answers go there. Null sends answers to <see cref="From"/>.</summary>
    public string? ReplyTo { get; set; }

    /// <summary>
    /// Where mails that come back are kept, for reading only: an mbox file or a Maildir folder; absolute, or relative to the data
    /// folder. Null (default): returns are entered by hand.
    /// </summary>
    public string? ReturnsMailbox { get; set; }

    /// <summary>
    /// The envelope's sender, where returns go; <c>{id}</c> in it becomes the mail's id, so that the mailbox can tell them apart.
    /// Null (default) is <see cref="From"/>.
    /// </summary>
    public string? ReturnAddress { get; set; }

    /// <summary>The most mails this process gives its server in a minute of real time, 1–100000. Default 600.</summary>
    [Range(1, 100_000)]
    public int PerMinute { get; set; } = 600;

    /// <summary>The most mails this process sends to one recipient domain in a minute, 1–100000. Default 120.</summary>
    [Range(1, 100_000)]
    public int PerDomainPerMinute { get; set; } = 120;

    /// <summary>How many mails this process sends to one recipient domain at the same moment, 1–32. Default 2.</summary>
    [Range(1, 32)]
    public int PerDomainConcurrency { get; set; } = 2;

    /// <summary>The most mails one pass sends, 1–10000. Default 100.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 100;

    /// <summary>How many mails this process sends at the same moment, 1–32. Default 4.</summary>
    [Range(1, 32)]
    public int Concurrency { get; set; } = 4;

    /// <summary>The longest wait for a connection and for the reply to each SMTP verb, 1 s – 10 min. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The longest wait for the reply to the final dot, 1 s – 30 min. Default 10 min: giving up earlier makes doubles,
    /// because the server may already have the mail.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan DotReplyTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a mail with an uncertain end waits for its one further try, 1 s – 24 h. Default 15 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan AmbiguousPause { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a mail is tried before it is given up as dead, 1 h – 14 days. Default 5 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "14.00:00:00")]
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>
    /// How long a claimed mail stays its sender's without a sign of life, 10 s – 10 min of real time. Default 1 min; the
    /// sender renews it three times as often.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The envelope's sender of the mail with this id.</summary>
    internal EmailAddress ReturnAddressOf(Guid id) =>
        EmailAddress.Parse(ReturnAddress?.Replace("{id}", id.ToString("N"), StringComparison.Ordinal) ?? From);
}

/// <summary>The ways out.</summary>
public enum MailTransportKind
{
    /// <summary>A folder of .eml files.</summary>
    Pickup,

    /// <summary>An SMTP server.</summary>
    Smtp,
}

/// <summary>Whether the conversation with the SMTP server is encrypted.</summary>
public enum StartTlsUse
{
    Required,

    /// <summary>Plain text; only for a relay on the same machine or a test.</summary>
    None,
}

/// <summary>What the attributes of <see cref="MailOptions"/> cannot say.</summary>
internal sealed class MailOptionsRules : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        var errors = new List<string>();
        if (!EmailAddress.TryParse(options.From, out _))
        {
            errors.Add("Mail:From is not an e-mail address.");
        }

        if (options.ReplyTo is { } replyTo && !EmailAddress.TryParse(replyTo, out _))
        {
            errors.Add("Mail:ReplyTo is not an e-mail address.");
        }

        if (options.ReturnAddress is { } returns && !EmailAddress.TryParse(returns.Replace("{id}", new string('0', 32), StringComparison.Ordinal), out _))
        {
            errors.Add("Mail:ReturnAddress is not an e-mail address.");
        }

        if (options.FromName.Any(char.IsControl))
        {
            errors.Add("Mail:FromName holds a control character.");
        }

        if (options.Transport == MailTransportKind.Smtp)
        {
            if (string.IsNullOrWhiteSpace(options.Host))
            {
                errors.Add("Mail:Host is needed when Mail:Transport is Smtp.");
            }

            if (options.User is not null && options.StartTls == StartTlsUse.None)
            {
                errors.Add("Mail:User needs Mail:StartTls=Required: a password is not sent in plain text.");
            }

            if (options.User is not null && (options.Password is null) == (options.PasswordFile is null))
            {
                errors.Add("Mail:User needs either Mail:Password or Mail:PasswordFile.");
            }
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
