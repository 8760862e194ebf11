using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Reads the paragraphs of a DOCX, with the numbers that its lists would show.</summary>
internal static class DocxText
{
    /// <summary>Subtrees that a reader does not see as part of the text, or sees a second time.</summary>
    private static readonly HashSet<string> Unseen = new(StringComparer.Ordinal)
        { "del", "moveFrom", "Fallback", "rPr", "pPrChange", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "instrText" };

    public static IReadOnlyList<DocumentParagraph> Read(ZipPackage package, UnpackedLimit limit)
    {
        var main = DocxCheck.MainPart(package, limit) ?? throw new InvalidDataException("There is no main part.");
        var folder = main[..(main.LastIndexOf('/') + 1)];
        var numbering = new DocxNumbering(
            package.LoadList(folder + "styles.xml", limit), package.LoadList(folder + "numbering.xml", limit));

        var collector = new ParagraphCollector();
        using var reader = package.ReadXml(main, limit);
        var more = reader.Read();
        while (more)
        {
            if (reader.NodeType == XmlNodeType.Element && Unseen.Contains(reader.LocalName))
            {
                reader.Skip();
                more = !reader.EOF;
                continue;
            }

            switch (reader.NodeType, reader.LocalName)
            {
                case (XmlNodeType.Element, "p"):
                    collector.Begin();
                    if (reader.IsEmptyElement)
                    {
                        collector.End();
                    }

                    break;
                case (XmlNodeType.EndElement, "p"):
                    collector.End();
                    break;
                case (XmlNodeType.Element, "pPr"):
                    var depth = reader.Depth;
                    var (label, heading, isContents) = numbering.Describe((XElement)XNode.ReadFrom(reader));
                    collector.Describe(label, heading);
                    if (isContents)
                    {
                        SkipToDepth(reader, depth - 1);
                    }

                    more = !reader.EOF;
                    continue;
                case (XmlNodeType.Element, "t"):
                    collector.Append(reader.IsEmptyElement ? string.Empty : reader.ReadElementContentAsString());
                    more = !reader.EOF;
                    continue;
                case (XmlNodeType.Element, "tab" or "br" or "cr" or "ptab"):
                    collector.Append(" ");
                    break;
                case (XmlNodeType.Element, "noBreakHyphen"):
                    collector.Append("-");
                    break;
                case (XmlNodeType.Element, "tr"):
                    collector.BeginRow();
                    break;
                case (XmlNodeType.Element, "tc"):
                    collector.BeginCell();
                    break;
                case (XmlNodeType.EndElement, "tr"):
                    collector.EndRow();
                    break;
            }

            more = reader.Read();
        }

        return collector.Paragraphs;
    }

    // Entries of a table of contents repeat the headings; taken for text they would be clauses a second time.
    private static void SkipToDepth(XmlReader reader, int depth)
    {
        while (!reader.EOF && reader.Depth > depth)
        {
            reader.Read();
        }
    }
}

/// <summary>Works out, paragraph by paragraph, the number that a word processor shows in front.</summary>
internal sealed partial class DocxNumbering
{
    private readonly Dictionary<string, Style> _styles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<int, Level>> _levels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Abstract, Dictionary<int, int> Starts)> _lists = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<int, int>> _counters = new(StringComparer.Ordinal);
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);

    public DocxNumbering(XElement? styles, XElement? numbering)
    {
        foreach (var style in Children(styles, "style"))
        {
            var properties = Child(style, "pPr");
            var (list, level) = ListOf(properties);
            _styles[Value(style, "styleId") ?? string.Empty] = new Style(
                Value(Child(style, "basedOn")),
                (Value(Child(style, "name")) ?? string.Empty).ToLowerInvariant(),
                Number(Value(Child(properties, "outlineLvl"))), list, level);
        }

        foreach (var definition in Children(numbering, "abstractNum"))
        {
            _levels[Value(definition, "abstractNumId") ?? string.Empty] = Children(definition, "lvl")
                .GroupBy(level => Number(Value(level, "ilvl")) ?? 0)
                .ToDictionary(levels => levels.Key, levels => new Level(
                    Number(Value(Child(levels.First(), "start"))) ?? 1,
                    Value(Child(levels.First(), "numFmt")) ?? "decimal",
                    Value(Child(levels.First(), "lvlText")) ?? string.Empty,
                    Value(Child(levels.First(), "pStyle"))));
        }

        foreach (var list in Children(numbering, "num"))
        {
            var starts = Children(list, "lvlOverride")
                .Where(change => Child(change, "startOverride") is not null)
                .GroupBy(change => Number(Value(change, "ilvl")) ?? 0)
                .ToDictionary(changes => changes.Key, changes => Number(Value(Child(changes.First(), "startOverride"))) ?? 1);
            _lists[Value(list, "numId") ?? string.Empty] = (Value(Child(list, "abstractNumId")) ?? string.Empty, starts);
        }
    }

    private sealed record Style(string? BasedOn, string Name, int? Outline, string? List, int? Level);

    private sealed record Level(int Start, string Format, string Text, string? StyleId);

    /// <summary>Reads a paragraph's properties and counts it.</summary>
    public (string Label, int? Heading, bool IsContents) Describe(XElement properties)
    {
        var styleId = Value(Child(properties, "pStyle"));
        var chain = StyleChain(styleId).ToList();
        if (chain.Any(style => style.Name.StartsWith("toc ", StringComparison.Ordinal)))
        {
            return (string.Empty, null, true);
        }

        var outline = Number(Value(Child(properties, "outlineLvl")))
            ?? chain.Select(style => style.Outline ?? HeadingOf(style.Name)).FirstOrDefault(level => level is not null);
        var (list, level) = ListOf(properties);
        list ??= chain.Select(style => style.List).FirstOrDefault(id => id is not null);
        level ??= chain.Select(style => style.Level).FirstOrDefault(number => number is not null) ?? LevelOfStyle(list, styleId);
        return (Count(list, Math.Clamp(level ?? 0, 0, 8)), outline is >= 0 and < 9 ? outline + 1 : null, false);
    }

    private IEnumerable<Style> StyleChain(string? id)
    {
        // A chain that bites its tail ends after as many steps as there could be honest ones.
        for (var i = 0; i < 32 && id is not null && _styles.TryGetValue(id, out var style); i++, id = style.BasedOn)
        {
            yield return style;
        }
    }

    private static int? HeadingOf(string styleName) =>
        HeadingName().Match(styleName) is { Success: true } match ? match.Groups[1].Value[0] - '1' : null;

    private int? LevelOfStyle(string? list, string? styleId) =>
        list is not null && _lists.TryGetValue(list, out var found) && _levels.TryGetValue(found.Abstract, out var levels)
            ? levels.Where(level => level.Value.StyleId == styleId && styleId is not null).Select(level => (int?)level.Key).FirstOrDefault()
            : null;

    private string Count(string? listId, int depth)
    {
        if (listId is null or "0" || !_lists.TryGetValue(listId, out var list) || !_levels.TryGetValue(list.Abstract, out var levels))
        {
            return string.Empty;
        }

        if (!_counters.TryGetValue(list.Abstract, out var counters))
        {
            _counters[list.Abstract] = counters = [];
        }

        if (_begun.Add(listId))
        {
            foreach (var start in list.Starts)
            {
                counters[start.Key] = start.Value - 1;
            }
        }

        counters[depth] = counters.TryGetValue(depth, out var before) ? before + 1 : levels.GetValueOrDefault(depth)?.Start ?? 1;
        foreach (var deeper in counters.Keys.Where(key => key > depth).ToList())
        {
            counters.Remove(deeper);
        }

        return levels.GetValueOrDefault(depth) is not { Format: not ("bullet" or "none") } shown
            ? string.Empty
            : Place().Replace(shown.Text, match =>
            {
                var at = match.Groups[1].Value[0] - '1';
                var level = levels.GetValueOrDefault(at);
                return TextExtraction.Numeral(counters.GetValueOrDefault(at, level?.Start ?? 1), Format(level?.Format));
            });
    }

    private static char Format(string? format) => format switch
    {
        "lowerLetter" => 'a',
        "upperLetter" => 'A',
        "lowerRoman" => 'i',
        "upperRoman" => 'I',
        _ => '1',
    };

    private static (string? List, int? Level) ListOf(XElement? properties)
    {
        var list = Child(properties, "numPr");
        return (Value(Child(list, "numId")), Number(Value(Child(list, "ilvl"))));
    }

    private static IEnumerable<XElement> Children(XElement? parent, string name) =>
        parent?.Elements().Where(child => child.Name.LocalName == name) ?? [];

    private static XElement? Child(XElement? parent, string name) => Children(parent, name).FirstOrDefault();

    private static string? Value(XElement? element, string name = "val") =>
        element?.Attributes().FirstOrDefault(attribute => attribute.Name.LocalName == name)?.Value;

    private static int? Number(string? text) => int.TryParse(text, out var number) ? number : null;

    [GeneratedRegex(@"^(?:heading|nagłówek) ?([1-9])$")]
    private static partial Regex HeadingName();

    [GeneratedRegex(@"%([1-9])")]
    private static partial Regex Place();
}
