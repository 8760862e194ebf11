using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ProcesStandardu.Approval.Documents;

/// <summary>A paragraph, heading or table row of a document, in reading order.</summary>
/// <param name="Label">The number that the program shows in front and the text does not hold, for example „§ 7.”; empty when none.</param>
/// <param name="Text">The words; white space is single blanks. The cells of a row are separated by „ | ”.</param>
/// <param name="HeadingLevel">1 for the highest; null for what is no heading.</param>
public sealed record DocumentParagraph(string Label, string Text, int? HeadingLevel)
{
    /// <summary>The cells of a table's row; null for what is none.</summary>
    public IReadOnlyList<string>? Cells => Text.Contains(" | ", StringComparison.Ordinal) ? Text.Split(" | ") : null;
}

/// <summary>Reads the words of a checked document: what a reader sees, with tracked deletions left out.</summary>
public static class TextExtraction
{
    // Lists of styles and numbers are short; longer ones are read as if there were none.
    private const long LongestList = 16L * 1024 * 1024;

    /// <summary>The paragraphs of a file that <see cref="FileTypeCheck"/> has let in; none for a PDF that is only pictures.</summary>
    /// <exception cref="InvalidDataException">The file is not what it was checked to be.</exception>
    public static IReadOnlyList<DocumentParagraph> Read(Stream file, FileKind kind)
    {
        try
        {
            if (kind == FileKind.Pdf)
            {
                return PdfText.Read(file);
            }

            var package = ZipPackage.Read(file, UnpackedLimit.MostEntries);
            var limit = new UnpackedLimit();
            return kind == FileKind.Docx ? DocxText.Read(package, limit) : OdtText.Read(package, limit);
        }
        catch (XmlException error)
        {
            throw new InvalidDataException("The document's XML cannot be read.", error);
        }
    }

    /// <summary>Loads a short XML part whole; null when there is none or it is too long to be what it should.</summary>
    internal static XElement? LoadList(this ZipPackage package, string part, UnpackedLimit limit)
    {
        if (package.Find(part) is not { DeclaredLength: <= LongestList })
        {
            return null;
        }

        using var reader = package.ReadXml(part, limit);
        return XDocument.Load(reader).Root;
    }

    /// <summary>One spelling for comparison: normal form C, single blanks, no soft hyphens.</summary>
    internal static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var sign in text.Normalize(NormalizationForm.FormC))
        {
            if (sign is '\u00ad' or '\u200b' or '\ufeff')
            {
                continue;
            }

            if (!char.IsWhiteSpace(sign))
            {
                plain.Append(sign);
            }
            else if (plain.Length > 0 && plain[^1] != ' ')
            {
                plain.Append(' ');
            }
        }

        return plain.ToString().TrimEnd();
    }

    /// <summary>A counter as numbered lists show it.</summary>
    /// <param name="format">The ODF sign: 1, a, A, i or I.</param>
    internal static string Numeral(int value, char format) => format switch
    {
        'a' => Letters(value).ToLowerInvariant(),
        'A' => Letters(value),
        'i' => Roman(value).ToLowerInvariant(),
        'I' => Roman(value),
        _ => value.ToString(CultureInfo.InvariantCulture),
    };

    // a…z, then aa, bb…, as word processors count.
    private static string Letters(int value) =>
        value is < 1 or > 780 ? value.ToString(CultureInfo.InvariantCulture) : new string((char)('A' + ((value - 1) % 26)), ((value - 1) / 26) + 1);

    private static string Roman(int value)
    {
        if (value is < 1 or > 3999)
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        var roman = new StringBuilder();
        foreach (var (sign, worth) in RomanSigns)
        {
            for (; value >= worth; value -= worth)
            {
                roman.Append(sign);
            }
        }

        return roman.ToString();
    }

    private static readonly (string Sign, int Worth)[] RomanSigns =
    [
        ("M", 1000), ("CM", 900), ("D", 500), ("CD", 400), ("C", 100), ("XC", 90), ("L", 50), ("XL", 40),
        ("X", 10), ("IX", 9), ("V", 5), ("IV", 4), ("I", 1),
    ];
}

/// <summary>Collects paragraphs while a document is read from front to back; rows of tables become one paragraph each.</summary>
internal sealed class ParagraphCollector
{
    private readonly List<DocumentParagraph> _paragraphs = [];
    private readonly Stack<(StringBuilder Text, string Label, int? Heading)> _open = [];
    private readonly List<List<string>> _row = [];
    private int _rowDepth;

    public IReadOnlyList<DocumentParagraph> Paragraphs => _paragraphs;

    public void Begin(string label = "", int? heading = null) => _open.Push((new StringBuilder(), label, heading));

    /// <summary>Says late what the paragraph's properties said: its number and whether it is a heading.</summary>
    public void Describe(string label, int? heading)
    {
        if (_open.TryPop(out var begun))
        {
            _open.Push((begun.Text, label, heading));
        }
    }

    public void Append(string text)
    {
        if (_open.TryPeek(out var top))
        {
            top.Text.Append(text);
        }
    }

    public void End()
    {
        if (!_open.TryPop(out var done))
        {
            return;
        }

        var text = TextExtraction.Plain(done.Text.ToString());
        if (text.Length == 0 && (done.Label.Length == 0 || _rowDepth > 0))
        {
            return;
        }

        if (_rowDepth == 0)
        {
            _paragraphs.Add(new DocumentParagraph(TextExtraction.Plain(done.Label), text, done.Heading));
        }
        else if (_row.Count > 0)
        {
            _row[^1].Add(TextExtraction.Plain($"{done.Label} {text}".Trim()));
        }
    }

    public void BeginRow()
    {
        if (_rowDepth++ == 0)
        {
            _row.Clear();
        }
    }

    public void BeginCell()
    {
        if (_rowDepth == 1)
        {
            _row.Add([]);
        }
    }

    public void EndRow()
    {
        if (--_rowDepth == 0 && _row.Any(cell => cell.Count > 0))
        {
            _paragraphs.Add(new DocumentParagraph("", string.Join(" | ", _row.Select(cell => string.Join(' ', cell))), null));
        }
    }
}
