using System.Globalization;
using System.Text;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The encodings that make Unicode fit into lines of at most 76 ASCII characters (RFC 2045, 2047, 2231).</summary>
public static class MimeEncoding
{
    /// <summary>The longest line the encodings produce, without its line end.</summary>
    public const int LineLength = 76;

    private const int EncodedWordLength = 75;
    private const string EncodedWordStart = "=?utf-8?Q?";
    private const string EncodedWordEnd = "?=";

    // A lone surrogate is a bug of the caller, not something to replace silently.
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Quoted-printable with CRLF line ends; line ends of the input may be of any kind, those at its end are dropped.</summary>
    /// <remarks>A dot or "From " at the beginning of a line is encoded, so no relay that mistreats them can change the text.</remarks>
    public static string QuotedPrintable(string text)
    {
        var result = new StringBuilder(text.Length + (text.Length / 8));
        AppendQuotedPrintable(result, text);
        return result.ToString();
    }

    /// <summary>The same, written behind what is there.</summary>
    public static void AppendQuotedPrintable(StringBuilder result, string text)
    {
        CheckCharacters(text);
        var normal = NormalizeLines(text);
        foreach (var line in normal.AsSpan().Split('\n'))
        {
            AppendQuotedLine(result, normal.AsSpan(line));
            result.Append("\r\n");
        }
    }

    /// <summary>The text with LF line ends and none at its end: what the reader of a mail gets back.</summary>
    public static string NormalizeLines(string text) =>
        text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').TrimEnd('\n');

    /// <summary>Base64 in lines of 76 characters with CRLF line ends.</summary>
    public static string Base64(ReadOnlySpan<byte> bytes)
    {
        var encoded = Convert.ToBase64String(bytes);
        var result = new StringBuilder(encoded.Length + (encoded.Length / 38));
        for (var start = 0; start < encoded.Length; start += LineLength)
        {
            result.Append(encoded.AsSpan(start, Math.Min(LineLength, encoded.Length - start))).Append("\r\n");
        }

        return result.ToString();
    }

    /// <summary>Encoded words (RFC 2047) that decode to <paramref name="text"/> when read one after another.</summary>
    /// <param name="firstLineUsed">Columns of the first line that the header's name has taken.</param>
    public static IReadOnlyList<string> EncodedWords(string text, int firstLineUsed)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var room = Math.Min(EncodedWordLength, LineLength - firstLineUsed) - EncodedWordStart.Length - EncodedWordEnd.Length;
        foreach (var rune in Runes(text))
        {
            var unit = WordUnit(rune);
            if (word.Length > 0 && word.Length + unit.Length > room)
            {
                words.Add(EncodedWordStart + word + EncodedWordEnd);
                word.Clear();
                room = EncodedWordLength - EncodedWordStart.Length - EncodedWordEnd.Length;
            }

            word.Append(unit);
        }

        words.Add(EncodedWordStart + word + EncodedWordEnd);
        return words;
    }

    /// <summary>The parameters of a file name: quoted when plain, otherwise in the extended and continued form of RFC 2231.</summary>
    public static IReadOnlyList<string> FileNameParameters(string fileName)
    {
        if (fileName.Length is > 0 and <= 60 && fileName.All(c => char.IsAsciiLetterOrDigit(c) || "-_. ".Contains(c)))
        {
            return [$"filename=\"{fileName}\""];
        }

        var pieces = new List<string>();
        var piece = new StringBuilder("UTF-8''");
        foreach (var rune in Runes(fileName))
        {
            var unit = rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || "-_.".Contains((char)rune.Value))
                ? rune.ToString()
                : Escaped(rune, '%');
            if (piece.Length + unit.Length > 55)
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }

            piece.Append(unit);
        }

        pieces.Add(piece.ToString());
        return pieces.Count == 1
            ? [$"filename*={pieces[0]}"]
            : [.. pieces.Select((part, place) => string.Create(CultureInfo.InvariantCulture, $"filename*{place}*={part}"))];
    }

    private static void AppendQuotedLine(StringBuilder result, ReadOnlySpan<char> line)
    {
        var column = 0;
        var last = line.Length - 1;
        var place = 0;
        foreach (var rune in line.EnumerateRunes())
        {
            var isPlain = rune.Value is > ' ' and <= '~' and not '=' || (rune.Value is ' ' or '\t' && place != last);
            var escaped = isPlain ? null : Escaped(rune, '=');
            if (column + (escaped?.Length ?? 1) > LineLength - 1)
            {
                result.Append("=\r\n");
                column = 0;
            }

            if (column == 0 && (rune.Value == '.' || (rune.Value == 'F' && line[place..].StartsWith("From "))))
            {
                escaped = Escaped(rune, '=');
            }

            if (escaped is null)
            {
                result.Append((char)rune.Value);
            }
            else
            {
                result.Append(escaped);
            }

            column += escaped?.Length ?? 1;
            place += rune.Utf16SequenceLength;
        }
    }

    private static string WordUnit(Rune rune) => rune.Value switch
    {
        ' ' => "_",
        _ when rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || "!*+-/".Contains((char)rune.Value)) =>
            rune.ToString(),
        _ => Escaped(rune, '='),
    };

    private static string Escaped(Rune rune, char sign)
    {
        Span<byte> bytes = stackalloc byte[4];
        var length = rune.EncodeToUtf8(bytes);
        var result = new StringBuilder(length * 3);
        foreach (var value in bytes[..length])
        {
            result.Append(sign).Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }

        return result.ToString();
    }

    private static StringRuneEnumerator Runes(string text)
    {
        CheckCharacters(text);
        return text.EnumerateRunes();
    }

    // Throws where the text holds half of a character.
    private static void CheckCharacters(string text) => _ = Utf8.GetByteCount(text);
}
