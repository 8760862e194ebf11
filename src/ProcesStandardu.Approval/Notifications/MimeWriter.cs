using System.Globalization;
using System.Text;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Writes a mail as the bytes that leave the building: RFC 5322 headers, a text and an HTML alternative, ASCII only,
/// CRLF only, no line above 76 columns. A line end or another control character in a header is refused.
/// </summary>
public static class MimeWriter
{
    // A mail with attachments must not keep its size for ever.
    private const int MostKept = 65_536;

    [ThreadStatic]
    private static StringBuilder? builder;

    [ThreadStatic]
    private static (string? Text, string? Encoded) lastText;

    [ThreadStatic]
    private static (string? Text, string? Encoded) lastHtml;

    /// <exception cref="ArgumentException">A header's text holds a control character, or a text half of a character.</exception>
    public static byte[] Write(MailMessage message)
    {
        var mail = builder ??= new StringBuilder(8192);
        mail.Clear();
        AppendMailboxes(mail, "From", message.From);
        if (message.To is { } to)
        {
            AppendMailboxes(mail, "To", to);
        }
        else
        {
            AppendHeader(mail, "To", ["undisclosed-recipients:;"]);
        }

        if (message.ReplyTo is { } replyTo)
        {
            AppendMailboxes(mail, "Reply-To", replyTo);
        }

        AppendText(mail, "Subject", message.Subject);
        AppendHeader(mail, "Date", [DateOf(message.Date)]);
        AppendHeader(mail, "Message-ID", [message.MessageId]);
        if (message.RootId is { } root)
        {
            AppendHeader(mail, "In-Reply-To", [root]);
            AppendHeader(mail, "References", [root]);
        }

        AppendHeader(mail, "Auto-Submitted", ["auto-generated"]);
        AppendHeader(mail, "X-Auto-Response-Suppress", ["All"]);
        AppendHeader(mail, "Content-Language", [message.Language]);
        if (message.Unsubscribe is { } unsubscribe)
        {
            AppendHeader(mail, "List-Unsubscribe", [$"<{unsubscribe.AbsoluteUri}>"]);
            AppendHeader(mail, "List-Unsubscribe-Post", ["List-Unsubscribe=One-Click"]);
        }

        AppendHeader(mail, "MIME-Version", ["1.0"]);
        if (message.Attachments.Count == 0)
        {
            AppendAlternatives(mail, message);
        }
        else
        {
            AppendWithAttachments(mail, message);
        }

        var bytes = new byte[mail.Length];
        var written = 0;
        foreach (var chunk in mail.GetChunks())
        {
            written += Encoding.ASCII.GetBytes(chunk.Span, bytes.AsSpan(written));
        }

        if (mail.Capacity > MostKept)
        {
            builder = null;
        }

        return bytes;
    }

    private static void AppendAlternatives(StringBuilder mail, MailMessage message)
    {
        // "=_" can stand neither in quoted-printable nor in base64: the boundary never meets the contents.
        var boundary = $"=_a{message.Id:N}";
        AppendHeader(mail, "Content-Type", ["multipart/alternative;", $"boundary=\"{boundary}\""]);
        mail.Append("\r\n");
        AppendBody(mail, boundary, "text/plain", message.Text);
        AppendBody(mail, boundary, "text/html", message.Html);
        mail.Append("--").Append(boundary).Append("--\r\n");
    }

    private static void AppendWithAttachments(StringBuilder mail, MailMessage message)
    {
        var boundary = $"=_m{message.Id:N}";
        AppendHeader(mail, "Content-Type", ["multipart/mixed;", $"boundary=\"{boundary}\""]);
        mail.Append("\r\n--").Append(boundary).Append("\r\n");
        AppendAlternatives(mail, message);
        foreach (var attachment in message.Attachments)
        {
            mail.Append("\r\n--").Append(boundary).Append("\r\n");
            RefuseControls("Content-Disposition", attachment.FileName);
            AppendHeader(mail, "Content-Type", attachment.MediaType.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            AppendHeader(mail, "Content-Transfer-Encoding", ["base64"]);
            var name = MimeEncoding.FileNameParameters(attachment.FileName);
            AppendHeader(mail, "Content-Disposition",
                ["attachment;", .. name.Select((part, place) => place < name.Count - 1 ? part + ";" : part)]);
            mail.Append("\r\n").Append(MimeEncoding.Base64(attachment.Content.Span));
        }

        mail.Append("\r\n--").Append(boundary).Append("--\r\n");
    }

    private static void AppendBody(StringBuilder mail, string boundary, string mediaType, string text)
    {
        mail.Append("--").Append(boundary).Append("\r\n");
        AppendHeader(mail, "Content-Type", [mediaType + ";", "charset=utf-8"]);
        AppendHeader(mail, "Content-Transfer-Encoding", ["quoted-printable"]);
        mail.Append("\r\n");

        // One mail to many people has one text: it is encoded once.
        var kept = mediaType == "text/plain" ? lastText : lastHtml;
        if (!ReferenceEquals(kept.Text, text))
        {
            kept = (text, MimeEncoding.QuotedPrintable(text));
            if (mediaType == "text/plain")
            {
                lastText = kept;
            }
            else
            {
                lastHtml = kept;
            }
        }

        mail.Append(kept.Encoded);
    }

    private static void AppendMailboxes(StringBuilder mail, string name, Mailbox mailbox)
    {
        var address = $"<{mailbox.Address.Value}>";
        if (mailbox.DisplayName is not { Length: > 0 } shown)
        {
            AppendHeader(mail, name, [address]);
            return;
        }

        RefuseControls(name, shown);
        var words = shown.Split(' ');
        if (words.All(word => word.Length is > 0 and < 40 && word.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
        {
            AppendHeader(mail, name, [.. words, address]);
            return;
        }

        AppendHeader(mail, name, [.. MimeEncoding.EncodedWords(shown, name.Length + 2), address]);
    }

    private static void AppendText(StringBuilder mail, string name, string text)
    {
        RefuseControls(name, text);
        var words = text.Split(' ');
        var isPlain = text.Length > 0
            && words.All(word => word.Length is > 0 and < 60)
            && text.All(char.IsAscii)
            && !text.Contains("=?", StringComparison.Ordinal);
        AppendHeader(mail, name, isPlain ? words : MimeEncoding.EncodedWords(text, name.Length + 2));
    }

    /// <summary>Appends a header whose tokens are separated by a space or, where the line would be too long, by a fold.</summary>
    private static void AppendHeader(StringBuilder mail, string name, IReadOnlyList<string> tokens)
    {
        mail.Append(name).Append(':');
        var column = name.Length + 1;
        for (var place = 0; place < tokens.Count; place++)
        {
            var token = tokens[place];
            if (token.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                throw new ArgumentException($"The {name} header holds something else than printable ASCII.", nameof(tokens));
            }

            if (place > 0 && column + 1 + token.Length > MimeEncoding.LineLength)
            {
                mail.Append("\r\n");
                column = 0;
            }

            mail.Append(' ').Append(token);
            column += 1 + token.Length;
        }

        mail.Append("\r\n");
    }

    private static void RefuseControls(string header, string text)
    {
        if (text.Any(char.IsControl))
        {
            throw new ArgumentException($"The {header} header holds a line end or another control character.", nameof(text));
        }
    }

    private static string DateOf(DateTimeOffset instant)
    {
        var local = Warsaw.Local(instant);
        var offset = local.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        return local.ToString("ddd, dd MMM yyyy HH:mm:ss ", CultureInfo.InvariantCulture) + offset;
    }
}
