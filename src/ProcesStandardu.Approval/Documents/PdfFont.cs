using System.Text;
using static ProcesStandardu.Approval.Documents.PdfObjects;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What a font's codes mean and how wide they are: by its own table to Unicode, or by its encoding where it has none.</summary>
internal sealed class PdfFont
{
    private const int LongestRange = 65_536;

    private static readonly Dictionary<string, string> Glyphs = new(StringComparer.Ordinal)
    {
        ["space"] = " ", ["period"] = ".", ["comma"] = ",", ["colon"] = ":", ["semicolon"] = ";", ["hyphen"] = "-", ["endash"] = "–", ["emdash"] = "—",
        ["parenleft"] = "(", ["parenright"] = ")", ["quotedblbase"] = "„", ["quotedblright"] = "”", ["quotedblleft"] = "“", ["section"] = "§",
        ["slash"] = "/", ["percent"] = "%", ["question"] = "?", ["exclam"] = "!", ["bullet"] = "•", ["fi"] = "fi", ["fl"] = "fl", ["ff"] = "ff",
        ["aogonek"] = "\u0105", ["cacute"] = "\u0107", ["eogonek"] = "\u0119", ["lslash"] = "\u0142", ["nacute"] = "\u0144", ["oacute"] = "\u00f3", ["sacute"] = "\u015b", ["zacute"] = "\u017a",
        ["zdotaccent"] = "\u017c", ["Aogonek"] = "\u0104", ["Cacute"] = "\u0106", ["Eogonek"] = "\u0118", ["Lslash"] = "\u0141", ["Nacute"] = "\u0143", ["Oacute"] = "\u00d3", ["Sacute"] = "\u015a",
        ["Zacute"] = "\u0179", ["Zdotaccent"] = "\u017b", ["zero"] = "0", ["one"] = "1", ["two"] = "2", ["three"] = "3", ["four"] = "4", ["five"] = "5", ["six"] = "6",
        ["seven"] = "7", ["eight"] = "8", ["nine"] = "9",
    };

    private readonly Dictionary<int, string> _unicode = [];
    private readonly Dictionary<int, float> _widths = [];
    private readonly bool _isWide;
    private readonly float _otherWidth = 500;

    // Ranges are told in few bytes; all of a font's together cover no more codes than this.
    private int _codesLeft = 1_000_000;

    public PdfFont(PdfObjects objects, Dictionary<string, object?> font)
    {
        _isWide = objects.Is(font, "Subtype", "Type0");
        if (objects.Get(font, "ToUnicode") is PdfStream map)
        {
            ReadMap(objects.Unpack(map));
        }

        if (_isWide)
        {
            var inner = objects.Dictionary((objects.Get(font, "DescendantFonts") as List<object?>)?.FirstOrDefault());
            _otherWidth = objects.Get(inner, "DW") is double other ? (float)other : 1000;
            ReadWideWidths(objects, objects.Get(inner, "W") as List<object?> ?? []);
            return;
        }

        var code = objects.Get(font, "FirstChar") is double first ? (int)first : 0;
        foreach (var width in objects.Get(font, "Widths") as List<object?> ?? [])
        {
            _widths[code++] = objects.Resolve(width) is double number ? (float)number : _otherWidth;
        }

        ReadDifferences(objects.Get(objects.Dictionary(objects.Get(font, "Encoding")), "Differences") as List<object?> ?? []);
    }

    /// <summary>The signs of a shown string; a width is in thousandths of the font's size.</summary>
    public IEnumerable<(string Sign, float Width, bool IsBlank)> Read(byte[] shown)
    {
        var step = _isWide ? 2 : 1;
        for (var i = 0; i + step <= shown.Length; i += step)
        {
            var code = _isWide ? (shown[i] << 8) | shown[i + 1] : shown[i];
            var sign = _unicode.TryGetValue(code, out var known) ? known : _isWide || code < 32 ? "" : ((char)code).ToString();
            yield return (sign, _widths.GetValueOrDefault(code, _otherWidth), !_isWide && code == 32);
        }
    }

    private void ReadWideWidths(PdfObjects objects, List<object?> list)
    {
        for (var i = 0; i + 1 < list.Count;)
        {
            if (objects.Resolve(list[i]) is not double first)
            {
                return;
            }

            if (objects.Resolve(list[i + 1]) is List<object?> each)
            {
                for (var k = 0; k < each.Count; k++)
                {
                    _widths[(int)first + k] = objects.Resolve(each[k]) is double width ? (float)width : _otherWidth;
                }

                i += 2;
            }
            else if (i + 2 < list.Count && objects.Resolve(list[i + 1]) is double last && objects.Resolve(list[i + 2]) is double same)
            {
                for (var code = (int)first; code <= last && code - first < LongestRange && _codesLeft-- > 0; code++)
                {
                    _widths[code] = (float)same;
                }

                i += 3;
            }
            else
            {
                return;
            }
        }
    }

    private void ReadDifferences(List<object?> differences)
    {
        var code = 0;
        foreach (var item in differences)
        {
            if (item is double number)
            {
                code = (int)number;
            }
            else if (item is PdfName name)
            {
                // The font's own table to Unicode knows better.
                _unicode.TryAdd(code, Meaning(name.Value));
                code++;
            }
        }
    }

    private static string Meaning(string glyph) =>
        Glyphs.TryGetValue(glyph, out var sign) ? sign
        : glyph.Length == 1 ? glyph
        : glyph.StartsWith("uni", StringComparison.Ordinal) && glyph.Length == 7
            && int.TryParse(glyph[3..], System.Globalization.NumberStyles.HexNumber, null, out var code) && code is < 0xD800 or > 0xDFFF
                ? char.ConvertFromUtf32(code)
                : "";

    private void ReadMap(byte[] map)
    {
        var lexer = new PdfLexer(map, 0);
        var operands = new List<object?>();
        while (lexer.Value(0) is var value && !ReferenceEquals(value, PdfLexer.End))
        {
            if (value is not PdfWord word)
            {
                operands.Add(value);
                continue;
            }

            if (word.Value == "endbfchar")
            {
                for (var i = 0; i + 1 < operands.Count; i += 2)
                {
                    if (operands[i] is byte[] code && operands[i + 1] is byte[] text)
                    {
                        _unicode[Code(code)] = Encoding.BigEndianUnicode.GetString(text);
                    }
                }
            }
            else if (word.Value == "endbfrange")
            {
                for (var i = 0; i + 2 < operands.Count; i += 3)
                {
                    AddRange(operands[i] as byte[], operands[i + 1] as byte[], operands[i + 2]);
                }
            }

            operands.Clear();
        }
    }

    private void AddRange(byte[]? from, byte[]? to, object? target)
    {
        if (from is null || to is null || Code(to) - Code(from) is < 0 or > LongestRange)
        {
            return;
        }

        for (var k = 0; k <= Code(to) - Code(from) && _codesLeft-- > 0; k++)
        {
            if (target is List<object?> each && k < each.Count && each[k] is byte[] one)
            {
                _unicode[Code(from) + k] = Encoding.BigEndianUnicode.GetString(one);
            }
            else if (target is byte[] first && first.Length >= 2)
            {
                var text = (byte[])first.Clone();
                var last = ((text[^2] << 8) | text[^1]) + k;
                (text[^2], text[^1]) = ((byte)(last >> 8), (byte)last);
                _unicode[Code(from) + k] = Encoding.BigEndianUnicode.GetString(text);
            }
        }
    }

    private static int Code(byte[] bytes) => bytes.Aggregate(0, (code, next) => (code << 8) | next);
}
