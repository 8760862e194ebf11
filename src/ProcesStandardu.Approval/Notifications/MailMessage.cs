using System.Security.Cryptography;
using System.Text;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Everything that determines the bytes of one mail to one person. The same message always becomes the same bytes, so
/// that a second try of an uncertain sending is the same mail.
/// </summary>
public sealed record MailMessage
{
    /// <summary>The id of the outbox row: the Message-ID and the boundaries are made of it.</summary>
    public required Guid Id { get; init; }

    /// <summary>The configured domain on the right of the Message-ID.</summary>
    public required string Domain { get; init; }

    /// <summary>The instant of the Date header, written with Warsaw's offset.</summary>
    public required DateTimeOffset Date { get; init; }

    public required Mailbox From { get; init; }

    /// <summary>Where an answer goes; null when it goes to <see cref="From"/>.</summary>
    public Mailbox? ReplyTo { get; init; }

    /// <summary>The recipient; null when the person's address cannot be used, and then the mail cannot be sent either.</summary>
    public Mailbox? To { get; init; }

    /// <summary>One line without control characters.</summary>
    public required string Subject { get; init; }

    /// <summary>The language of the texts, <c>pl</c> or <c>en</c>.</summary>
    public required string Language { get; init; }

    /// <summary>
    /// The id that all mails of one case refer to, see <see cref="RootIdOf"/>; null stands alone.
    /// </summary>
    public string? RootId { get; init; }

    /// <summary>The whole mail as plain text; line ends of any kind.</summary>
    public required string Text { get; init; }

    /// <summary>The whole mail as an HTML document.</summary>
    public required string Html { get; init; }

    public IReadOnlyList<MailAttachment> Attachments { get; init; } = [];

    /// <summary>The page where the recipient ends mails of this kind, RFC 8058; null for duties, which nobody can end.</summary>
    public Uri? Unsubscribe { get; init; }

    /// <summary>The Message-ID with its angle brackets.</summary>
    public string MessageId => MessageIdOf(Id, Domain);

    /// <summary>The Message-ID that the outbox row with this id has.</summary>
    public static string MessageIdOf(Guid id, string domain) => $"<{id:N}@{domain}>";

    /// <summary>
    /// The id under which mail programs gather a case's mails. No mail has it: what has a common root belongs together,
    /// and so no mail of the case must come first.
    /// </summary>
    /// <param name="caseKey">For example <c>deliverable:osl-wnioski-1</c>.</param>
    public static string RootIdOf(string caseKey, string domain)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(caseKey));
        return $"<case.{Convert.ToHexStringLower(hash.AsSpan(0, 16))}@{domain}>";
    }
}

/// <summary>A file that travels with a mail. The media type may carry parameters, such as <c>text/calendar; method=PUBLISH</c>.</summary>
public sealed record MailAttachment(string FileName, string MediaType, ReadOnlyMemory<byte> Content);
