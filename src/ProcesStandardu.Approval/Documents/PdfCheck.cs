using System.IO.Compression;
using System.Text;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// What a PDF must have (header first, trailer last) and must not (a password, scripts, programs, attachments). The
/// names of its objects are read everywhere, also inside the compressed streams that hold objects.
/// </summary>
internal static class PdfCheck
{
    private const string Encrypt = "/Encrypt";
    private const string ObjectStream = "/ObjStm";

    // A book has some hundreds, of some hundred kilobytes each.
    private const int MostObjectStreams = 10_000;
    private const long MostUnpacked = 64L * 1024 * 1024;

    private static readonly HashSet<string> Acting = new(StringComparer.Ordinal)
        { "/JavaScript", "/Launch", "/XFA", "/RichMedia", "/SubmitForm", "/ImportData", "/GoToR" };

    private static readonly HashSet<string> Embedding = new(StringComparer.Ordinal) { "/EmbeddedFile", "/EmbeddedFiles", "/GoToE" };

    private static readonly string[] Packing =
    [
        "/Filter", "/FlateDecode", "/Fl", "/DecodeParms", "/DP", "/LZWDecode", "/ASCIIHexDecode", "/ASCII85Decode",
        "/RunLengthDecode", "/Crypt",
    ];

    /// <summary>Every name that means something to the check.</summary>
    internal static readonly string[] Names = [.. Acting, .. Embedding, .. Packing, Encrypt, ObjectStream];

    private static readonly string[] Markup = ["<html", "<script", "<!doctype", "<?php", "<svg"];

    /// <summary>Null when the file, which begins as a PDF, is one that we take.</summary>
    /// <exception cref="InvalidDataException">It does not end as a PDF, or its streams cannot be read.</exception>
    public static Refusal? Check(Stream file)
    {
        var head = Latin(file, 0, 1024);
        if (head.Length < 8 || head[5] is not ('1' or '2') || head[6] != '.' || !char.IsAsciiDigit(head[7]))
        {
            throw new InvalidDataException("The PDF header is damaged.");
        }

        // A file that is also a web page is written for a reader that guesses.
        if (Markup.Any(tag => head.Contains(tag, StringComparison.OrdinalIgnoreCase)))
        {
            return new FileActsByItself();
        }

        var tail = Latin(file, Math.Max(0, file.Length - 1024), 1024);
        var end = tail.LastIndexOf("%%EOF", StringComparison.Ordinal);
        if (end < 0 || !tail.Contains("startxref", StringComparison.Ordinal)
            || tail[(end + 5)..].Any(sign => !char.IsWhiteSpace(sign) && sign != '\0'))
        {
            throw new InvalidDataException("The PDF does not end where it should.");
        }

        file.Position = 0;
        var limit = new UnpackedLimit(MostUnpacked);
        var objectStreams = 0;
        var isObjectStream = false;
        var filters = new HashSet<string>(StringComparer.Ordinal);
        var tokens = new PdfTokens(file);
        foreach (var token in tokens.Read())
        {
            if (Judge(token) is { } refusal)
            {
                return refusal;
            }

            switch (token)
            {
                case ObjectStream:
                    isObjectStream = true;
                    break;
                case "endobj":
                    isObjectStream = false;
                    filters.Clear();
                    break;
                case "stream" when isObjectStream:
                    if (++objectStreams > MostObjectStreams)
                    {
                        throw new TooMuchUnpackedException();
                    }

                    if (CheckObjectStream(file, tokens.Position, filters, limit) is { } hidden)
                    {
                        return hidden;
                    }

                    isObjectStream = false;
                    filters.Clear();
                    break;
                case "stream":
                    filters.Clear();
                    break;
                default:
                    filters.Add(token);
                    break;
            }
        }

        return null;
    }

    private static FileRefusal? Judge(string name) =>
        name == Encrypt ? new FileIsEncrypted()
        : Acting.Contains(name) ? new FileActsByItself()
        : Embedding.Contains(name) ? new FileContainsEmbeddedFiles()
        : null;

    /// <summary>Reads the names in a compressed stream of objects; leaves the file where it stood.</summary>
    private static FileRefusal? CheckObjectStream(Stream file, long at, HashSet<string> filters, UnpackedLimit limit)
    {
        if (filters.Count == 0)
        {
            return null; // Not compressed: its names are read with the rest of the file.
        }

        if (filters.Any(filter => filter is not ("/Filter" or "/FlateDecode")))
        {
            throw new InvalidDataException("Objects are packed in a way that office programs do not use.");
        }

        var back = file.Position;
        try
        {
            file.Position = at;
            using var inflated = new ZLibStream(file, CompressionMode.Decompress, leaveOpen: true);
            using var counted = limit.Count(inflated, Math.Max(1, file.Length - at));
            return new PdfTokens(counted).Read().Select(Judge).FirstOrDefault(refusal => refusal is not null);
        }
        finally
        {
            file.Position = back;
        }
    }

    private static string Latin(Stream file, long at, int most)
    {
        var bytes = new byte[Math.Min(most, file.Length - at)];
        file.Position = at;
        file.ReadExactly(bytes);
        return Encoding.Latin1.GetString(bytes);
    }
}

/// <summary>Cuts a PDF into what the check looks at: the names it judges, also written with #, and the words „stream” and „endobj”.</summary>
internal sealed class PdfTokens(Stream source)
{
    // Longer names are none that we look for.
    private const int Longest = 64;

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Watched =
        new HashSet<string>([.. PdfCheck.Names, "stream", "endobj"], StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly byte[] _buffer = new byte[source.CanSeek ? 64 * 1024 : 4 * 1024];
    private readonly byte[] _token = new byte[Longest];
    private long _start = source.CanSeek ? source.Position : 0;
    private int _at;
    private int _filled;

    /// <summary>Where in the source the next unread byte is; after „stream”, the first byte of the stream's content.</summary>
    public long Position => _start + _at;

    public IEnumerable<string> Read()
    {
        var length = 0;
        while (true)
        {
            var value = Next();
            if (value >= 0 && !IsSpace(value) && !IsDelimiter(value))
            {
                if (length < Longest)
                {
                    _token[length++] = (byte)value;
                }

                continue;
            }

            if (Word(length) is { } word)
            {
                // „stream” is followed by CR LF or LF; then come the bytes.
                if (word == "stream" && value == '\r' && Next() is var second && second != '\n' && second >= 0)
                {
                    _at--;
                }

                yield return word;
            }

            if (value < 0)
            {
                yield break;
            }

            length = 0;
            if (value == '/')
            {
                _token[length++] = (byte)value;
            }
        }
    }

    private int Next()
    {
        if (_at == _filled)
        {
            _start += _filled;
            _at = 0;
            _filled = source.Read(_buffer, 0, _buffer.Length);
            if (_filled == 0)
            {
                return -1;
            }
        }

        return _buffer[_at++];
    }

    private string? Word(int length)
    {
        if (length is < 3 or Longest)
        {
            return null;
        }

        Span<char> token = stackalloc char[length];
        Encoding.Latin1.GetChars(_token.AsSpan(0, length), token);
        if (token[0] == '/' && token.Contains('#'))
        {
            return Watched.TryGetValue(Unescape(token.ToString()), out var meant) ? meant : null;
        }

        // A file of nothing but names must not become as many strings.
        return Watched.TryGetValue(token, out var word) ? word : null;
    }

    private static bool IsSpace(int value) => value is 0 or 9 or 10 or 12 or 13 or 32;

    private static bool IsDelimiter(int value) =>
        value is '(' or ')' or '<' or '>' or '[' or ']' or '{' or '}' or '/' or '%';

    private static string Unescape(string token)
    {
        var plain = new StringBuilder(token.Length);
        for (var i = 0; i < token.Length; i++)
        {
            if (token[i] == '#' && i + 2 < token.Length && char.IsAsciiHexDigit(token[i + 1]) && char.IsAsciiHexDigit(token[i + 2]))
            {
                plain.Append((char)Convert.ToByte(token.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                plain.Append(token[i]);
            }
        }

        return plain.ToString();
    }
}
