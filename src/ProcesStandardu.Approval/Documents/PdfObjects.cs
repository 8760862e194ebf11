using System.Buffers.Text;
using System.IO.Compression;
using System.Text;

namespace ProcesStandardu.Approval.Documents;

/// <summary>A reference to an object, „12 0 R”.</summary>
internal sealed record PdfReference(int Number);

/// <summary>A name, without its slash.</summary>
internal sealed record PdfName(string Value);

/// <summary>An operator of a page's content, or a word of the file's frame.</summary>
internal sealed record PdfWord(string Value);

/// <summary>An object with bytes; still packed as its dictionary says.</summary>
internal sealed record PdfStream(Dictionary<string, object?> Dictionary, ReadOnlyMemory<byte> Packed);

/// <summary>
/// The objects of a checked PDF. They are found by reading the file from front to back instead of by its table, so that a
/// file whose table is wrong reads as well; what stands later takes the place of what stands earlier, as in saved changes.
/// </summary>
internal sealed class PdfObjects
{
    private const int MostObjects = 500_000;
    private const int DeepestValue = 64;

    private readonly Dictionary<int, object?> _objects = [];
    private long _unpackedLeft = 96L * 1024 * 1024;

    /// <exception cref="InvalidDataException">It has too many objects, or unpacks to too much.</exception>
    public PdfObjects(byte[] file)
    {
        for (var at = 0; Next(file, at) is var (number, start) && start >= 0; at = start)
        {
            if (_objects.Count > MostObjects)
            {
                throw new InvalidDataException("There are too many objects.");
            }

            var lexer = new PdfLexer(file, start);
            var value = lexer.Value(0);
            start = lexer.Position;
            if (value is Dictionary<string, object?> dictionary && lexer.IsAtStream() is var content and >= 0)
            {
                var end = EndOf(file, content, dictionary);
                value = new PdfStream(dictionary, file.AsMemory(content, end - content));
                start = end;
            }

            _objects[number] = value;
        }

        foreach (var stream in _objects.Values.OfType<PdfStream>().Where(stream => Is(stream.Dictionary, "Type", "ObjStm")).ToList())
        {
            Unfold(stream);
        }
    }

    /// <summary>The dictionaries of all objects, to look for one by its type.</summary>
    public IEnumerable<Dictionary<string, object?>> Dictionaries => _objects.Values.OfType<Dictionary<string, object?>>();

    /// <summary>The value itself, whether it is given or referred to; null when there is none.</summary>
    public object? Resolve(object? value)
    {
        for (var i = 0; value is PdfReference reference && i < 32; i++)
        {
            value = _objects.GetValueOrDefault(reference.Number);
        }

        return value is PdfReference ? null : value;
    }

    public object? Get(Dictionary<string, object?>? dictionary, string key) =>
        dictionary is null ? null : Resolve(dictionary.GetValueOrDefault(key));

    public Dictionary<string, object?>? Dictionary(object? value) => Resolve(value) switch
    {
        Dictionary<string, object?> dictionary => dictionary,
        PdfStream stream => stream.Dictionary,
        _ => null,
    };

    public bool Is(Dictionary<string, object?> dictionary, string key, string name) => Get(dictionary, key) is PdfName found && found.Value == name;

    /// <summary>The stream's bytes; empty when they are packed otherwise than by Flate, as pictures are.</summary>
    public byte[] Unpack(PdfStream stream)
    {
        var filter = Get(stream.Dictionary, "Filter");
        var names = (filter as List<object?> ?? [filter]).Select(Resolve).OfType<PdfName>().Select(name => name.Value).ToList();
        if (names.Count == 0)
        {
            return stream.Packed.ToArray();
        }

        if (names is not ["FlateDecode" or "Fl"])
        {
            return [];
        }

        using var packed = new MemoryStream(stream.Packed.ToArray(), writable: false);
        using var inflated = new ZLibStream(packed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = inflated.Read(buffer)) > 0)
        {
            _unpackedLeft -= read;
            if (_unpackedLeft < 0)
            {
                throw new TooMuchUnpackedException();
            }

            plain.Write(buffer, 0, read);
        }

        return plain.ToArray();
    }

    /// <summary>The number of the next object and the place after its word „obj”; a negative place at the end.</summary>
    private static (int Number, int Start) Next(byte[] file, int from)
    {
        while (true)
        {
            var found = file.AsSpan(from).IndexOf("obj"u8);
            if (found < 0)
            {
                return (0, -1);
            }

            var at = from + found;
            from = at + 3;
            var i = at - 1;
            if (Back(file, ref i, out _) && Back(file, ref i, out var number) && number is > 0 and < 10_000_000)
            {
                return (number, from);
            }
        }
    }

    private static bool Back(byte[] file, ref int i, out int number)
    {
        while (i >= 0 && PdfLexer.IsSpace(file[i]))
        {
            i--;
        }

        var end = i + 1;
        while (i >= 0 && char.IsAsciiDigit((char)file[i]))
        {
            i--;
        }

        number = 0;
        return end > i + 1 && Utf8Parser.TryParse(file.AsSpan(i + 1, end - i - 1), out number, out _);
    }

    private static int EndOf(byte[] file, int content, Dictionary<string, object?> dictionary)
    {
        // A length that is told right here is believed when „endstream” follows; one that stands elsewhere is looked for.
        if (dictionary.GetValueOrDefault("Length") is double length && length >= 0 && content + length <= file.Length)
        {
            var after = file.AsSpan(content + (int)length);
            if (after[..Math.Min(20, after.Length)].IndexOf("endstream"u8) is >= 0 and <= 2)
            {
                return content + (int)length;
            }
        }

        var end = file.AsSpan(content).IndexOf("endstream"u8);
        return end < 0 ? file.Length : content + end;
    }

    private void Unfold(PdfStream stream)
    {
        var bytes = Unpack(stream);
        if (Get(stream.Dictionary, "N") is not double count || Get(stream.Dictionary, "First") is not double first)
        {
            return;
        }

        var lexer = new PdfLexer(bytes, 0);
        for (var i = 0; i < count && lexer.Value(0) is double number && lexer.Value(0) is double offset; i++)
        {
            var at = (int)(first + offset);
            if (at >= 0 && at < bytes.Length && number is > 0 and < 10_000_000)
            {
                _objects[(int)number] = new PdfLexer(bytes, at).Value(0);
            }
        }
    }

    /// <summary>Reads values: numbers as double, names, strings as bytes, arrays as lists, dictionaries, references, words.</summary>
    internal sealed class PdfLexer(byte[] source, int start)
    {
        /// <summary>What is read when there is no more.</summary>
        public static readonly PdfWord End = new("");

        private static readonly PdfWord ArrayEnd = new("]");
        private static readonly PdfWord DictionaryEnd = new(">>");

        public int Position { get; private set; } = start;

        public static bool IsSpace(byte sign) => sign is 0 or 9 or 10 or 12 or 13 or 32;

        /// <summary>The place of the first byte after „stream”; negative when something else follows.</summary>
        public int IsAtStream()
        {
            Skip();
            if (!source.AsSpan(Position).StartsWith("stream"u8))
            {
                return -1;
            }

            var at = Position + 6;
            at += at < source.Length && source[at] == '\r' ? 1 : 0;
            return at + (at < source.Length && source[at] == '\n' ? 1 : 0);
        }

        public object? Value(int depth)
        {
            Skip();
            if (Position >= source.Length || depth > DeepestValue)
            {
                Position = source.Length;
                return End;
            }

            switch ((char)source[Position])
            {
                case '/':
                    Position++;
                    return new PdfName(NameText());
                case '(':
                    return Text();
                case '<' when Peek(1) == '<':
                    Position += 2;
                    return Dictionary(depth);
                case '<':
                    return Hex();
                case '>' when Peek(1) == '>':
                    Position += 2;
                    return DictionaryEnd;
                case '[':
                    Position++;
                    return List(depth);
                case ']':
                    Position++;
                    return ArrayEnd;
                case '{' or '}' or ')' or '>':
                    Position++;
                    return new PdfWord("?");
            }

            var word = Word();
            if (word.Length > 0 && (char.IsAsciiDigit((char)word[0]) || word[0] is (byte)'+' or (byte)'-' or (byte)'.')
                && Utf8Parser.TryParse(word[0] == '+' ? word[1..] : word, out double number, out _))
            {
                return Reference(number) ?? (object)number;
            }

            return Encoding.Latin1.GetString(word) switch { "null" => null, "true" => true, "false" => false, var other => new PdfWord(other) };
        }

        /// <summary>Passes a picture that stands in a page's content, up to its „EI”.</summary>
        public void SkipInlineImage()
        {
            while (Position < source.Length)
            {
                var found = source.AsSpan(Position).IndexOf("EI"u8);
                Position = found < 0 ? source.Length : Position + found + 2;
                if (Position >= source.Length || (IsSpace(source[Position]) && IsSpace(source[Position - 3])))
                {
                    return;
                }
            }
        }

        private PdfReference? Reference(double number)
        {
            var back = Position;
            if (number is > 0 and < 10_000_000 && number == Math.Floor(number))
            {
                Skip();
                var generation = Word();
                if (generation.Length is > 0 and < 6 && char.IsAsciiDigit((char)generation[0]))
                {
                    Skip();
                    if (Word() is [(byte)'R'])
                    {
                        return new PdfReference((int)number);
                    }
                }
            }

            Position = back;
            return null;
        }

        private List<object?> List(int depth)
        {
            var list = new List<object?>();
            while (Value(depth + 1) is var value && !ReferenceEquals(value, ArrayEnd) && !ReferenceEquals(value, End))
            {
                list.Add(value);
            }

            return list;
        }

        private Dictionary<string, object?> Dictionary(int depth)
        {
            var dictionary = new Dictionary<string, object?>(StringComparer.Ordinal);
            while (Value(depth + 1) is PdfName key)
            {
                var value = Value(depth + 1);
                if (ReferenceEquals(value, DictionaryEnd) || ReferenceEquals(value, End))
                {
                    break;
                }

                dictionary[key.Value] = value;
            }

            return dictionary;
        }

        private int Peek(int ahead) => Position + ahead < source.Length ? source[Position + ahead] : -1;

        private void Skip()
        {
            while (Position < source.Length)
            {
                if (source[Position] == '%')
                {
                    while (Position < source.Length && source[Position] is not (10 or 13))
                    {
                        Position++;
                    }
                }
                else if (IsSpace(source[Position]))
                {
                    Position++;
                }
                else
                {
                    return;
                }
            }
        }

        private ReadOnlySpan<byte> Word()
        {
            var from = Position;
            while (Position < source.Length && !IsSpace(source[Position]) && "()<>[]{}/%"u8.IndexOf(source[Position]) < 0)
            {
                Position++;
            }

            return source.AsSpan(from, Position - from);
        }

        private string NameText()
        {
            var raw = Encoding.Latin1.GetString(Word());
            return raw.Contains('#', StringComparison.Ordinal)
                ? System.Text.RegularExpressions.Regex.Replace(raw, "#([0-9A-Fa-f]{2})", hex => ((char)Convert.ToByte(hex.Groups[1].Value, 16)).ToString())
                : raw;
        }

        private byte[] Hex()
        {
            var digits = new List<byte>();
            for (Position++; Position < source.Length && source[Position] != '>'; Position++)
            {
                if (char.IsAsciiHexDigit((char)source[Position]))
                {
                    digits.Add(source[Position]);
                }
            }

            Position++;
            if (digits.Count % 2 == 1)
            {
                digits.Add((byte)'0');
            }

            return Convert.FromHexString(Encoding.ASCII.GetString([.. digits]));
        }

        private byte[] Text()
        {
            var text = new List<byte>();
            var open = 1;
            for (Position++; Position < source.Length; Position++)
            {
                var sign = source[Position];
                if (sign == '\\')
                {
                    Escape(text);
                    continue;
                }

                open += sign == '(' ? 1 : sign == ')' ? -1 : 0;
                if (open == 0)
                {
                    Position++;
                    break;
                }

                text.Add(sign);
            }

            return [.. text];
        }

        private void Escape(List<byte> text)
        {
            var sign = (char)(++Position < source.Length ? source[Position] : 0);
            if (sign is >= '0' and <= '7')
            {
                var value = sign - '0';
                for (var i = 0; i < 2 && Peek(1) is >= '0' and <= '7'; i++)
                {
                    value = (value * 8) + source[++Position] - '0';
                }

                text.Add((byte)value);
            }
            else if (sign == '\r')
            {
                Position += Peek(1) == '\n' ? 1 : 0;
            }
            else if (sign != '\n')
            {
                text.Add((byte)(sign switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'b' => '\b', 'f' => '\f', _ => sign }));
            }
        }
    }
}
