using System.Globalization;
using System.Text;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Turns the name that a browser sent into one that can be stored, shown and put into a header.</summary>
public static class FileName
{
    /// <summary>The longest name we keep, in bytes of UTF-8: what common file systems take.</summary>
    public const int LongestInBytes = 255;

    private const string Unnamed = "dokument";

    /// <summary>
    /// The last segment of the path, without control, direction and other invisible characters, in normal form C and
    /// at most <see cref="LongestInBytes"/> bytes long; the ending survives shortening. Never empty.
    /// </summary>
    public static string Clean(string? sent)
    {
        var kept = new StringBuilder();
        foreach (var rune in LastSegment(sent ?? string.Empty).EnumerateRunes())
        {
            if (IsVisible(rune))
            {
                kept.Append(rune.ToString());
            }
        }

        var name = kept.ToString().Normalize(NormalizationForm.FormC).Trim(' ', '.', '\u00a0');
        var ending = Path.GetExtension(name);
        if (ending.Length is 1 or > 12)
        {
            ending = string.Empty;
        }

        var stem = name[..^ending.Length];
        return Shorten(stem.Length == 0 ? Unnamed : stem, LongestInBytes - Encoding.UTF8.GetByteCount(ending)) + ending;
    }

    /// <summary>The ending in lower case without its dot; empty when the name has none.</summary>
    public static string Ending(string name) => Path.GetExtension(name).TrimStart('.').ToLowerInvariant();

    private static string LastSegment(string sent)
    {
        var cut = sent.AsSpan().LastIndexOfAny('/', '\\');
        return sent[(cut + 1)..];
    }

    // Format covers the direction marks and overrides that make „fdp.exe” look like „exe.pdf”, and zero-width signs.
    private static bool IsVisible(Rune rune) =>
        rune != Rune.ReplacementChar
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
        && rune.Value is not ('"' or '<' or '>' or '|' or '?' or '*' or ':');

    private static string Shorten(string stem, int bytes)
    {
        var length = 0;
        var used = 0;
        foreach (var rune in stem.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > bytes)
            {
                break;
            }

            used += rune.Utf8SequenceLength;
            length += rune.Utf16SequenceLength;
        }

        return stem[..length].TrimEnd();
    }
}
