using System.Numerics;
using System.Text.RegularExpressions;
using static ProcesStandardu.Approval.Documents.PdfObjects;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// Reads the words of a PDF and puts its lines together to paragraphs again: a line goes on in the next one when the next one's
/// first word would not have fitted any more. Scans have no words.
/// </summary>
internal static partial class PdfText
{
    // Longer files are pictures; their words would be few.
    private const long LongestFile = 64L * 1024 * 1024;
    private const int MostPages = 5_000;
    private const int DeepestForm = 8;

    // A hostile file may nest small things until they are many; an honest one stays far below each of these.
    private const int MostNodes = 20_000;
    private const int MostForms = 5_000;
    private const int MostRuns = 1_000_000;
    private const int LongestLine = 20_000;
    private const int LongestParagraph = 100_000;

    /// <summary>A run of signs as it was set.</summary>
    private sealed record Run(int Page, float X, float Y, float End, float Size, string Text);

    private sealed record Line(int Page, float X, float Y, float End, float Size, string Text, float FirstWord);

    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static IReadOnlyList<DocumentParagraph> Read(Stream file)
    {
        if (file.Length > LongestFile)
        {
            throw new InvalidDataException("The file is too long to be read for its words.");
        }

        var bytes = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(bytes);
        var objects = new PdfObjects(bytes);
        var runs = new List<Run>();
        var number = 0;
        var shared = new Shared();
        foreach (var page in Pages(objects))
        {
            new PageReader(objects, runs, ++number, shared).Read(page);
        }

        return Paragraphs(Lines(runs));
    }

    /// <summary>What the pages of one file share: fonts that were read, and how many forms were gone through.</summary>
    private sealed class Shared
    {
        public Dictionary<object, PdfFont> Fonts { get; } = new(ReferenceEqualityComparer.Instance);

        public int Forms { get; set; }
    }

    private static List<Dictionary<string, object?>> Pages(PdfObjects objects)
    {
        var nodes = 0;
        var pages = new List<Dictionary<string, object?>>();
        var catalog = objects.Dictionaries.LastOrDefault(dictionary => objects.Is(dictionary, "Type", "Catalog"));
        Walk(objects.Dictionary(catalog?.GetValueOrDefault("Pages")), null, 0);
        return pages;

        void Walk(Dictionary<string, object?>? node, object? resources, int depth)
        {
            if (node is null || depth > 64 || pages.Count >= MostPages || ++nodes > MostNodes)
            {
                return;
            }

            resources = node.GetValueOrDefault("Resources") ?? resources;
            if (objects.Get(node, "Kids") is List<object?> kids)
            {
                foreach (var kid in kids)
                {
                    Walk(objects.Dictionary(kid), resources, depth + 1);
                }
            }
            else
            {
                pages.Add(new(node, StringComparer.Ordinal) { ["Resources"] = resources });
            }
        }
    }

    private static List<Line> Lines(List<Run> runs)
    {
        var lines = new List<Line>();
        for (var i = 0; i < runs.Count;)
        {
            var first = runs[i];
            var (text, end, size, firstWord) = (first.Text, first.End, first.Size, FirstWord(first));
            for (i++; i < runs.Count && runs[i] is var next && next.Page == first.Page && Math.Abs(next.Y - first.Y) < 0.4f * Math.Max(size, next.Size)
                && next.X > end - (0.6f * size) && text.Length < LongestLine; i++)
            {
                // Wide gaps part the cells of a table's row, narrow ones words.
                var gap = next.X - end;
                var joint = gap > 1.2f * size && !text.EndsWith(' ') && !next.Text.StartsWith(' ') ? " | "
                    : gap > 0.18f * size && !text.EndsWith(' ') && !next.Text.StartsWith(' ') ? " " : "";
                if (!text.Contains(' ', StringComparison.Ordinal) && joint.Length == 0)
                {
                    firstWord += FirstWord(next);
                }

                text += joint + next.Text;
                (end, size) = (next.End, Math.Max(size, next.Size));
            }

            if (TextExtraction.Plain(text) is { Length: > 0 } plain)
            {
                lines.Add(new Line(first.Page, first.X, first.Y, end, size, plain, firstWord));
            }
        }

        return WithoutPageNumbers(lines);
    }

    private static float FirstWord(Run run)
    {
        var trimmed = run.Text.TrimStart();
        var length = trimmed.IndexOf(' ', StringComparison.Ordinal);
        return (run.End - run.X) * (length < 0 ? trimmed.Length : length) / Math.Max(1, run.Text.Length);
    }

    /// <summary>The first and the last line of a page may be its number.</summary>
    private static List<Line> WithoutPageNumbers(List<Line> lines) =>
        [.. lines.Where((line, i) => !PageNumber().IsMatch(line.Text)
            || !(i == 0 || i == lines.Count - 1 || lines[i - 1].Page != line.Page || lines[i + 1].Page != line.Page))];

    private static List<DocumentParagraph> Paragraphs(List<Line> lines)
    {
        var paragraphs = new List<DocumentParagraph>();
        if (lines.Count == 0)
        {
            return paragraphs;
        }

        // The size most letters are set in is the text's; larger ones are headings, the largest of the first level.
        var body = lines.GroupBy(line => MathF.Round(line.Size)).MaxBy(size => size.Sum(line => line.Text.Length))!.Key;
        var headings = lines.Select(line => MathF.Round(line.Size)).Where(size => size > 1.15f * body).Distinct().OrderDescending().ToList();
        var right = lines.Where(line => MathF.Round(line.Size) == body).Select(line => line.End).DefaultIfEmpty(lines.Max(line => line.End)).Max();
        var text = "";
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            text = text.Length == 0 ? line.Text : text.EndsWith('-') ? text + line.Text : $"{text} {line.Text}";
            if (i + 1 < lines.Count && text.Length < LongestParagraph && GoesOn(line, lines[i + 1], right))
            {
                continue;
            }

            var level = headings.IndexOf(MathF.Round(line.Size));
            paragraphs.Add(new DocumentParagraph("", TextExtraction.Plain(text), level < 0 ? null : level + 1));
            text = "";
        }

        return paragraphs;
    }

    private static bool GoesOn(Line line, Line next, float right) =>
        MathF.Round(line.Size) == MathF.Round(next.Size)
        && !UnitStart().IsMatch(next.Text)
        && !line.Text.Contains(" | ", StringComparison.Ordinal) && !next.Text.Contains(" | ", StringComparison.Ordinal)
        && (line.Page != next.Page || (line.Y - next.Y) is > 0 and var step && step < 2.2f * line.Size)
        && line.End + (0.25f * line.Size) + next.FirstWord > right;

    /// <summary>What begins a clause begins a paragraph, whatever the line before looks like.</summary>
    [GeneratedRegex(@"^(?:§\s*\d|Art\.\s*\d|Rozdział\s|Załącznik\s|\d{1,3}[a-z]?(?:\.\d+)*[.)]\s|[a-z]\)\s|[•–-]\s)")]
    private static partial Regex UnitStart();

    [GeneratedRegex(@"^(?:[-–]?\s*\d{1,4}\s*[-–]?|(?:Strona|str\.|s\.)\s*\d+(?:\s*(?:z|/)\s*\d+)?|\d+\s*/\s*\d+)$", RegexOptions.IgnoreCase)]
    private static partial Regex PageNumber();

    /// <summary>Goes through the operators of a page and notes what is shown where.</summary>
    private sealed class PageReader(PdfObjects objects, List<Run> runs, int page, Shared shared)
    {
        private readonly Stack<(Matrix3x2 Matrix, PdfFont? Font, float Size)> _saved = [];
        private Matrix3x2 _matrix = Matrix3x2.Identity;
        private Matrix3x2 _text = Matrix3x2.Identity;
        private Matrix3x2 _line = Matrix3x2.Identity;
        private PdfFont? _font;
        private float _size = 1;
        private float _leading;
        private float _signs;
        private float _words;
        private float _scale = 1;
        private int _marked;
        private int _artifact;

        public void Read(Dictionary<string, object?> source)
        {
            var contents = objects.Get(source, "Contents");
            var parts = (contents as List<object?> ?? [contents]).Select(objects.Resolve).OfType<PdfStream>().Select(objects.Unpack);
            using var all = new MemoryStream();
            foreach (var part in parts)
            {
                all.Write(part);
                all.WriteByte((byte)'\n');
            }

            Run(all.ToArray(), objects.Dictionary(source.GetValueOrDefault("Resources")), 0);
        }

        private void Run(byte[] content, Dictionary<string, object?>? resources, int depth)
        {
            var lexer = new PdfLexer(content, 0);
            var operands = new List<object?>();
            while (lexer.Value(0) is var value && !ReferenceEquals(value, PdfLexer.End))
            {
                if (value is not PdfWord word)
                {
                    operands.Add(value);
                    continue;
                }

                if (word.Value == "ID")
                {
                    lexer.SkipInlineImage();
                }
                else
                {
                    Do(word.Value, operands, resources, depth);
                }

                operands.Clear();
            }
        }

        private void Do(string name, List<object?> o, Dictionary<string, object?>? resources, int depth)
        {
            switch (name)
            {
                case "q":
                    _saved.Push((_matrix, _font, _size));
                    break;
                case "Q" when _saved.TryPop(out var saved):
                    (_matrix, _font, _size) = saved;
                    break;
                case "cm" when o.Count >= 6:
                    _matrix = Matrix(o) * _matrix;
                    break;
                case "BT":
                    _text = _line = Matrix3x2.Identity;
                    break;
                case "Tf" when o is [PdfName font, double size]:
                    _font = Font(font.Value, resources);
                    _size = (float)size;
                    break;
                case "TL" when o is [double leading]:
                    _leading = (float)leading;
                    break;
                case "Tc" when o is [double signs]:
                    _signs = (float)signs;
                    break;
                case "Tw" when o is [double words]:
                    _words = (float)words;
                    break;
                case "Tz" when o is [double scale]:
                    _scale = (float)scale / 100;
                    break;
                case "Tm" when o.Count >= 6:
                    _text = _line = Matrix(o);
                    break;
                case "Td" or "TD" when o is [double x, double y]:
                    _leading = name == "TD" ? (float)-y : _leading;
                    Move((float)x, (float)y);
                    break;
                case "T*":
                    Move(0, -_leading);
                    break;
                case "Tj" when o is [byte[] shown]:
                    Show([shown]);
                    break;
                case "'" when o is [byte[] next]:
                    Move(0, -_leading);
                    Show([next]);
                    break;
                case "\"" when o is [double words, double signs, byte[] spaced]:
                    (_words, _signs) = ((float)words, (float)signs);
                    Move(0, -_leading);
                    Show([spaced]);
                    break;
                case "TJ" when o is [List<object?> pieces]:
                    Show(pieces);
                    break;
                case "BMC" or "BDC":
                    _marked++;
                    _artifact = _artifact == 0 && o.FirstOrDefault() is PdfName { Value: "Artifact" } ? _marked : _artifact;
                    break;
                case "EMC" when _marked > 0:
                    _artifact = _artifact == _marked ? 0 : _artifact;
                    _marked--;
                    break;
                case "Do" when o is [PdfName form] && depth < DeepestForm:
                    if (++shared.Forms > MostForms)
                    {
                        throw new InvalidDataException("There are too many forms.");
                    }

                    if (objects.Get(objects.Dictionary(objects.Get(resources, "XObject")), form.Value) is PdfStream stream
                        && objects.Is(stream.Dictionary, "Subtype", "Form"))
                    {
                        var (matrix, text, line) = (_matrix, _text, _line);
                        if (objects.Get(stream.Dictionary, "Matrix") is List<object?> { Count: 6 } own)
                        {
                            _matrix = Matrix(own) * _matrix;
                        }

                        Run(objects.Unpack(stream), objects.Dictionary(objects.Get(stream.Dictionary, "Resources")) ?? resources, depth + 1);
                        (_matrix, _text, _line) = (matrix, text, line);
                    }

                    break;
            }
        }

        private void Move(float x, float y) => _text = _line = Matrix3x2.CreateTranslation(x, y) * _line;

        private void Show(List<object?> pieces)
        {
            if (_font is null)
            {
                return;
            }

            var start = _text * _matrix;
            var text = new System.Text.StringBuilder();
            var advance = 0f;
            foreach (var piece in pieces)
            {
                if (piece is double back)
                {
                    var gap = (float)-back / 1000 * _size * _scale;
                    advance += gap;

                    // Some programs move instead of setting a blank.
                    if (gap > 0.2f * Math.Abs(_size) && text.Length > 0 && text[^1] != ' ')
                    {
                        text.Append(' ');
                    }
                }
                else if (piece is byte[] bytes)
                {
                    foreach (var (sign, width, isBlank) in _font.Read(bytes))
                    {
                        text.Append(sign);
                        advance += ((width / 1000 * _size) + _signs + (isBlank ? _words : 0)) * _scale;
                    }
                }
            }

            _text = Matrix3x2.CreateTranslation(advance, 0) * _text;
            var end = _text * _matrix;
            if (text.Length > 0 && _artifact == 0)
            {
                var size = Math.Abs(_size) * MathF.Sqrt((start.M21 * start.M21) + (start.M22 * start.M22));
                if (runs.Count >= MostRuns)
                {
                    throw new InvalidDataException("There are too many pieces of text.");
                }

                runs.Add(new Run(page, start.M31, start.M32, end.M31, size, text.ToString()));
            }
        }

        private PdfFont? Font(string name, Dictionary<string, object?>? resources)
        {
            if (objects.Dictionary(objects.Get(objects.Dictionary(objects.Get(resources, "Font")), name)) is not { } dictionary)
            {
                return null;
            }

            if (!shared.Fonts.TryGetValue(dictionary, out var font))
            {
                shared.Fonts[dictionary] = font = new PdfFont(objects, dictionary);
            }

            return font;
        }

        private static Matrix3x2 Matrix(List<object?> o)
        {
            var n = o.TakeLast(6).Select(value => value is double number ? (float)number : 0f).ToArray();
            return new Matrix3x2(n[0], n[1], n[2], n[3], n[4], n[5]);
        }
    }
}
