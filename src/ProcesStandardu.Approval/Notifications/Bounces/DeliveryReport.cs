using System.Text;
using System.Text.RegularExpressions;

namespace ProcesStandardu.Approval.Notifications.Bounces;

/// <summary>What a mail server reported about one of our mails, RFC 3464.</summary>
/// <param name="MessageId">Of the mail it is about, with angle brackets; null when the report does not say.</param>
/// <param name="Recipient">Who it was for, as the report names him; null when it does not.</param>
/// <param name="Action">In lower case: <c>failed</c>, <c>delayed</c>, <c>delivered</c>, <c>relayed</c> or <c>expanded</c>.</param>
/// <param name="Status">For example <c>5.1.1</c>; empty when the report has none.</param>
/// <param name="Words">The other server's words; empty when it gave none.</param>
public sealed record DeliveryReport(string? MessageId, string? Recipient, string Action, string Status, string Words)
{
    /// <summary>True when the mail will not arrive: the server has given up, for whatever reason.</summary>
    public bool IsFailure => Action == "failed";

    /// <summary>The report in one line, for people.</summary>
    public override string ToString() =>
        string.Join(' ', new[] { Status, Recipient is null ? "" : $"<{Recipient}>", Words }.Where(part => part.Length > 0));
}

/// <summary>Reads reports from whatever lies in the mailbox of returns. It comes from strangers: nothing in it is trusted to be whole.</summary>
public static partial class DeliveryReports
{
    // A report is short; its copy of the mail may be long and is not needed beyond its headers.
    private const int Most = 512 * 1024;
    private const int Deepest = 8;

    /// <summary>The reports in one message; empty when it is none, such as an answer or a note of absence.</summary>
    public static IReadOnlyList<DeliveryReport> Read(ReadOnlySpan<byte> message)
    {
        // Headers and reports are ASCII; other bytes must not stop the reading.
        var text = Encoding.Latin1.GetString(message[..Math.Min(message.Length, Most)]).Replace("\r\n", "\n", StringComparison.Ordinal);
        var parts = new List<(string Type, string Body)>();
        Collect(text, parts, 0);
        var statuses = parts.Where(part => part.Type == "message/delivery-status").Select(part => part.Body).ToList();
        if (statuses.Count == 0)
        {
            return [];
        }

        var copy = parts.FirstOrDefault(part => part.Type is "message/rfc822" or "text/rfc822-headers" or "message/global-headers").Body;
        var messageId = copy is null ? null : MessageIdIn(Headers(copy.TrimStart('\n')).Fields);
        return [.. statuses.SelectMany(status => OfRecipients(status, messageId))];
    }

    private static IEnumerable<DeliveryReport> OfRecipients(string status, string? messageId)
    {
        // Fields about the message first, then a block for each recipient, parted by empty lines.
        foreach (var block in status.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = Headers(block.Trim('\n') + "\n\n").Fields;
            if (Value(fields, "Action") is { Length: > 0 } action)
            {
                yield return new DeliveryReport(
                    messageId,
                    AfterType(Value(fields, "Original-Recipient") is { Length: > 0 } first ? first : Value(fields, "Final-Recipient")),
                    action.Trim().ToLowerInvariant(),
                    StatusCode().Match(Value(fields, "Status")) is { Success: true } code ? code.Value : "",
                    MailText.OneLine(AfterType(Value(fields, "Diagnostic-Code")) ?? ""));
            }
        }
    }

    private static void Collect(string part, List<(string Type, string Body)> parts, int depth)
    {
        var (fields, body) = Headers(part);
        var type = Value(fields, "Content-Type");
        var media = type.Split(';')[0].Trim().ToLowerInvariant();
        parts.Add((media, body));
        if (depth < Deepest && media.StartsWith("multipart/", StringComparison.Ordinal) && Boundary().Match(type) is { Success: true } match)
        {
            var delimiter = "\n--" + (match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value);
            foreach (var piece in ("\n" + body).Split(delimiter).Skip(1).TakeWhile(piece => !piece.StartsWith("--", StringComparison.Ordinal)))
            {
                Collect(piece[(piece.IndexOf('\n', StringComparison.Ordinal) + 1)..], parts, depth + 1);
            }
        }
    }

    private static (List<KeyValuePair<string, string>> Fields, string Body) Headers(string part)
    {
        var end = part.StartsWith('\n') ? 0 : part.IndexOf("\n\n", StringComparison.Ordinal) is >= 0 and var found ? found + 1 : part.Length;
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var line in Fold().Replace(part[..end], " ").Split('\n'))
        {
            if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                fields.Add(new(line[..colon].Trim(), line[(colon + 1)..].Trim()));
            }
        }

        return (fields, end < part.Length ? part[(end + 1)..] : "");
    }

    private static string? MessageIdIn(List<KeyValuePair<string, string>> fields) =>
        Id().Match(Value(fields, "Message-ID")) is { Success: true } id ? id.Value : null;

    private static string Value(List<KeyValuePair<string, string>> fields, string name) =>
        fields.FirstOrDefault(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";

    /// <summary>„rfc822; anna@example.org” without its type; null when nothing is there.</summary>
    private static string? AfterType(string value) =>
        value.Length == 0 ? null : value[(value.IndexOf(';', StringComparison.Ordinal) + 1)..].Trim();

    [GeneratedRegex(@"boundary\s*=\s*(?:""([^""]{1,200})""|([^\s;""]{1,200}))", RegexOptions.IgnoreCase)]
    private static partial Regex Boundary();

    [GeneratedRegex(@"<[^<>\s]{1,250}>")]
    private static partial Regex Id();

    [GeneratedRegex(@"[245]\.\d{1,3}\.\d{1,3}")]
    private static partial Regex StatusCode();

    [GeneratedRegex(@"\n[ \t]+")]
    private static partial Regex Fold();
}
