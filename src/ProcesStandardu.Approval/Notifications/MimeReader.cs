using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>A stored mail taken apart again: its headers as people read them and its two texts.</summary>
/// <param name="Headers">In the order of the mail, unfolded and decoded.</param>
/// <param name="Text">The plain text with LF line ends.</param>
/// <param name="Html">The HTML document.</param>
/// <param name="Attachments">The files that travel with it.</param>
public sealed record ReadMail(
    IReadOnlyList<KeyValuePair<string, string>> Headers, string Text, string Html, IReadOnlyList<MailAttachment> Attachments)
{
    public int AttachmentCount => Attachments.Count;

    /// <summary>The first header with this name; null when the mail has none.</summary>
    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>Reads what <see cref="MimeWriter"/> wrote, for the page of sent mails; it is no reader for strangers' mail.</summary>
public static partial class MimeReader
{
    /// <exception cref="FormatException">The bytes are not a mail of ours.</exception>
    public static ReadMail Read(ReadOnlySpan<byte> bytes)
    {
        var (headers, body) = Split(Encoding.ASCII.GetString(bytes));
        string? text = null;
        string? html = null;
        var attachments = new List<MailAttachment>();
        Visit(headers, body);
        return new ReadMail(headers, text ?? "", html ?? "", attachments);

        void Visit(List<KeyValuePair<string, string>> partHeaders, string partBody)
        {
            var type = Value(partHeaders, "Content-Type");
            if (BoundaryParameter().Match(type) is { Success: true } boundary)
            {
                foreach (var part in Parts(partBody, boundary.Groups[1].Value))
                {
                    var (inner, content) = Split(part);
                    Visit(inner, content);
                }
            }
            else if (type.StartsWith("text/plain;", StringComparison.Ordinal) && text is null)
            {
                text = QuotedPrintable(partBody);
            }
            else if (type.StartsWith("text/html;", StringComparison.Ordinal) && html is null)
            {
                html = QuotedPrintable(partBody);
            }
            else
            {
                var name = FileNameParameter().Match(Value(partHeaders, "Content-Disposition"));
                attachments.Add(new MailAttachment(name.Success ? name.Groups[1].Value : "", type, Convert.FromBase64String(partBody)));
            }
        }
    }

    /// <summary>Decodes RFC 2047 encoded words; white space between two of them is dropped, as the RFC says.</summary>
    public static string DecodeWords(string value)
    {
        var joined = BetweenWords().Replace(value, "$1");
        return EncodedWord().Replace(joined, match =>
            Encoding.UTF8.GetString(Bytes(match.Groups[1].Value.Replace('_', ' '))));
    }

    private static (List<KeyValuePair<string, string>> Headers, string Body) Split(string part)
    {
        var end = part.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0)
        {
            throw new FormatException("The mail has no end of headers.");
        }

        var headers = new List<KeyValuePair<string, string>>();
        foreach (var line in part[..end].Replace("\r\n ", " ", StringComparison.Ordinal).Split("\r\n"))
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 1)
            {
                throw new FormatException("A header has no name.");
            }

            headers.Add(new(line[..colon], DecodeWords(line[(colon + 2)..])));
        }

        return (headers, part[(end + 4)..]);
    }

    private static IEnumerable<string> Parts(string body, string boundary)
    {
        var delimiter = "\r\n--" + boundary;
        var pieces = ("\r\n" + body).Split(delimiter);
        return pieces.Skip(1)
            .TakeWhile(piece => !piece.StartsWith("--", StringComparison.Ordinal))
            .Select(piece => piece[2..]);
    }

    private static string QuotedPrintable(string encoded) =>
        Encoding.UTF8.GetString(Bytes(encoded.Replace("=\r\n", "", StringComparison.Ordinal)))
            .Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');

    private static byte[] Bytes(string quoted)
    {
        var bytes = new List<byte>(quoted.Length);
        for (var place = 0; place < quoted.Length; place++)
        {
            if (quoted[place] == '=' && place + 2 < quoted.Length)
            {
                bytes.Add(byte.Parse(quoted.AsSpan(place + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                place += 2;
            }
            else
            {
                bytes.Add((byte)quoted[place]);
            }
        }

        return [.. bytes];
    }

    private static string Value(List<KeyValuePair<string, string>> headers, string name) =>
        headers.FirstOrDefault(header => header.Key == name).Value ?? "";

    [GeneratedRegex("filename=\"?([^\";]+)")]
    private static partial Regex FileNameParameter();

    [GeneratedRegex("boundary=\"([^\"]+)\"")]
    private static partial Regex BoundaryParameter();

    [GeneratedRegex(@"=\?utf-8\?Q\?([^?]*)\?=")]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"(=\?utf-8\?Q\?[^?]*\?=)\s+(?==\?utf-8\?Q\?)")]
    private static partial Regex BetweenWords();
}
