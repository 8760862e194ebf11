using System.Buffers;
using System.Globalization;
using System.Text;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>Makes text that people typed harmless before it enters a mail.</summary>
public static class MailText
{
    /// <summary>The longest subject: more is cut off in the lists of common mail programs.</summary>
    public const int SubjectLength = 60;

    // Whatever is or may begin something that Clean changes; text without any is clean as it is.
    private static readonly SearchValues<char> Marks = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Select(code => (char)code).Where(c => c != '\n'),
        '\u061C', '\u200E', '\u200F', '\u2028', '\u2029',
        .. Enumerable.Range(0x202A, 5).Concat(Enumerable.Range(0x2066, 4)).Select(code => (char)code),
    ]);

    /// <summary>One line: line ends and control characters become spaces, runs of spaces one, marks that turn the writing's direction vanish.</summary>
    public static string OneLine(string text) =>
        Clean(text) is var clean && !clean.Contains('\n') && !clean.Contains("  ", StringComparison.Ordinal)
            ? clean
            : string.Join(' ', clean.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The same for text of several lines, which keeps its line ends (as LF).</summary>
    public static string Clean(string text)
    {
        if (!text.AsSpan().ContainsAny(Marks))
        {
            return text.Trim();
        }

        var result = new StringBuilder(text.Length);
        foreach (var rune in text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').EnumerateRunes())
        {
            if (IsDirectionMark(rune.Value))
            {
                continue;
            }

            var isLineEnd = rune.Value is '\n' or 0x85 or 0x2028 or 0x2029;
            result.Append(isLineEnd ? "\n" : Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return result.ToString().Trim();
    }

    /// <summary>A subject of at most <see cref="SubjectLength"/> characters, cut with an ellipsis, never inside a letter.</summary>
    public static string Subject(string text)
    {
        var line = OneLine(text);
        if (line.Length <= SubjectLength)
        {
            return line;
        }

        var end = 0;
        foreach (var start in StringInfo.ParseCombiningCharacters(line))
        {
            if (start > SubjectLength - 1)
            {
                break;
            }

            end = start;
        }

        return line[..end].TrimEnd() + "…";
    }

    private static bool IsDirectionMark(int value) =>
        value is 0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
