using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Reads the paragraphs of an ODT, with the numbers that its lists and headings would show.</summary>
internal static class OdtText
{
    private const string TextNamespace = "urn:oasis:names:tc:opendocument:xmlns:text:1.0";

    // Titles and descriptions of pictures.
    private const string DrawingNamespace = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0";

    /// <summary>Subtrees that a reader does not see as part of the text, or sees a second time.</summary>
    private static readonly HashSet<string> Unseen = new(StringComparer.Ordinal)
    {
        "tracked-changes", "annotation", "note", "table-of-content", "alphabetical-index", "illustration-index",
        "table-index", "user-index", "bibliography", "automatic-styles", "font-face-decls", "scripts", "forms",
        "sequence-decls", "ruby-text",
    };

    public static IReadOnlyList<DocumentParagraph> Read(ZipPackage package, UnpackedLimit limit)
    {
        var numbering = new OdtNumbering(package.LoadList("styles.xml", limit));
        using (var styles = package.ReadXml(OdtCheck.Content, limit))
        {
            // Lists of the text itself stand before it, among the automatic styles.
            if (styles.ReadToFollowing("automatic-styles", "urn:oasis:names:tc:opendocument:xmlns:office:1.0"))
            {
                numbering.Add((XElement)XNode.ReadFrom(styles));
            }
        }

        var collector = new ParagraphCollector();
        using var reader = package.ReadXml(OdtCheck.Content, limit);
        var more = reader.Read();
        while (more)
        {
            if (reader.NodeType == XmlNodeType.Element && (Unseen.Contains(reader.LocalName) || reader.NamespaceURI == DrawingNamespace))
            {
                reader.Skip();
                more = !reader.EOF;
                continue;
            }

            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    Begin(reader, collector, numbering);
                    break;
                case XmlNodeType.EndElement:
                    End(reader.LocalName, collector, numbering);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    collector.Append(reader.Value);
                    break;
            }

            more = reader.Read();
        }

        return collector.Paragraphs;
    }

    private static void Begin(XmlReader reader, ParagraphCollector collector, OdtNumbering numbering)
    {
        string? Attribute(string name) => reader.GetAttribute(name, TextNamespace);

        switch (reader.LocalName)
        {
            case "h" when reader.NamespaceURI == TextNamespace:
                var level = int.TryParse(Attribute("outline-level"), out var outline) ? outline : 1;
                collector.Begin(numbering.HeadingLabel(level, Attribute("is-list-header") == "true"), level);
                EndIfEmpty(reader, collector);
                break;
            case "p" when reader.NamespaceURI == TextNamespace:
                collector.Begin(numbering.ItemLabel());
                EndIfEmpty(reader, collector);
                break;
            case "list" when !reader.IsEmptyElement:
                var id = reader.GetAttribute("id", "http://www.w3.org/XML/1998/namespace");
                numbering.BeginList(
                    Attribute("style-name"), id, Attribute("continue-list"), Attribute("continue-numbering") == "true");
                break;
            case "list-item" when !reader.IsEmptyElement:
                numbering.BeginItem(int.TryParse(Attribute("start-value"), out var start) ? start : null);
                break;
            case "s" or "tab" or "line-break":
                collector.Append(" ");
                break;
            case "table-row" when !reader.IsEmptyElement:
                collector.BeginRow();
                break;
            case "table-cell":
                collector.BeginCell();
                break;
        }
    }

    private static void End(string name, ParagraphCollector collector, OdtNumbering numbering)
    {
        switch (name)
        {
            case "h" or "p":
                collector.End();
                break;
            case "list":
                numbering.EndList();
                break;
            case "table-row":
                collector.EndRow();
                break;
        }
    }

    private static void EndIfEmpty(XmlReader reader, ParagraphCollector collector)
    {
        if (reader.IsEmptyElement)
        {
            collector.End();
        }
    }
}

/// <summary>Works out the numbers of an ODT's lists and headings while it is read from front to back.</summary>
internal sealed class OdtNumbering
{
    // The standard knows ten levels; counters are addressed by level, so place 0 stays empty.
    private const int Deepest = 10;

    private readonly Dictionary<string, Dictionary<int, Level>> _styles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> _byStyle = new(StringComparer.Ordinal);
    private readonly Stack<(string? Style, int[] Counters)> _lists = [];
    private readonly int[] _headings = new int[Deepest + 1];
    private readonly Dictionary<int, Level> _outline = [];
    private bool _itemIsNew;
    private int? _itemStart;

    public OdtNumbering(XElement? styles)
    {
        foreach (var group in styles?.Elements() ?? [])
        {
            Add(group);
        }
    }

    private sealed record Level(string Prefix, string Format, string Suffix, int Shown, int Start);

    /// <summary>Takes the list styles of a group of styles.</summary>
    public void Add(XElement group)
    {
        foreach (var style in group.Elements().Where(style => style.Name.LocalName is "list-style" or "outline-style"))
        {
            var levels = style.Name.LocalName == "outline-style" ? _outline : _styles[Attribute(style, "name") ?? string.Empty] = [];
            foreach (var level in style.Elements())
            {
                levels[Number(level, "level", 1)] = new Level(
                    Attribute(level, "num-prefix") ?? string.Empty,
                    level.Name.LocalName.EndsWith("bullet", StringComparison.Ordinal) ? string.Empty : Attribute(level, "num-format") ?? string.Empty,
                    Attribute(level, "num-suffix") ?? string.Empty,
                    Number(level, "display-levels", 1),
                    Number(level, "start-value", 1));
            }
        }
    }

    public void BeginList(string? style, string? id, string? continues, bool continuesLast)
    {
        var isNested = _lists.TryPeek(out var outer);
        style ??= outer.Style;
        var key = style ?? string.Empty;
        var counters = isNested ? outer.Counters
            : continues is not null && _byId.TryGetValue(continues, out var named) ? named
            : continuesLast && _byStyle.TryGetValue(key, out var last) ? last
            : new int[Deepest + 1];
        _lists.Push((style, counters));
        _byStyle[key] = counters;
        if (id is not null)
        {
            _byId[id] = counters;
        }
    }

    /// <summary>An item begins. It is counted when its first paragraph comes: items that only hold a deeper list have no number.</summary>
    public void BeginItem(int? start)
    {
        _itemIsNew = true;
        _itemStart = start;
    }

    public void EndList()
    {
        if (_lists.Count > 0)
        {
            _lists.Pop();
        }

        _itemIsNew = false;
    }

    /// <summary>The number of the list item whose first paragraph begins; empty for later paragraphs and outside lists.</summary>
    public string ItemLabel()
    {
        if (!_itemIsNew || !_lists.TryPeek(out var list))
        {
            return string.Empty;
        }

        _itemIsNew = false;
        var depth = Math.Min(_lists.Count, Deepest);
        Advance(list.Counters, depth, _itemStart ?? (list.Counters[depth] == 0 ? LevelOf(list.Style, depth)?.Start ?? 1 : null));
        return Label(depth, list.Counters, at => LevelOf(list.Style, at));
    }

    /// <summary>The number of a heading: its list's when it stands in one, else that of the outline.</summary>
    public string HeadingLabel(int level, bool isUnnumbered)
    {
        if (_lists.Count > 0)
        {
            return ItemLabel();
        }

        level = Math.Clamp(level, 1, Deepest);
        if (isUnnumbered || !_outline.TryGetValue(level, out var shown) || shown.Format.Length == 0)
        {
            return string.Empty;
        }

        Advance(_headings, level, _headings[level] == 0 ? shown.Start : null);
        return Label(level, _headings, at => _outline.GetValueOrDefault(at));
    }

    private static void Advance(int[] counters, int depth, int? to)
    {
        counters[depth] = to ?? counters[depth] + 1;
        Array.Clear(counters, depth + 1, Deepest - depth);
    }

    private static string Label(int depth, int[] counters, Func<int, Level?> levelAt)
    {
        if (levelAt(depth) is not { Format.Length: > 0 } own)
        {
            return string.Empty;
        }

        var first = Math.Max(1, depth - own.Shown + 1);
        var numerals = Enumerable.Range(first, depth - first + 1)
            .Select(at => (Value: counters[at], Level: levelAt(at)))
            .Where(part => part.Level is { Format.Length: > 0 } && part.Value > 0)
            .Select(part => TextExtraction.Numeral(part.Value, part.Level!.Format[0]));
        return own.Prefix + string.Join('.', numerals) + own.Suffix;
    }

    private Level? LevelOf(string? style, int depth) =>
        style is not null && _styles.TryGetValue(style, out var levels) ? levels.GetValueOrDefault(depth) : null;

    private static string? Attribute(XElement element, string name) =>
        element.Attributes().FirstOrDefault(attribute => attribute.Name.LocalName == name)?.Value;

    private static int Number(XElement element, string name, int otherwise) =>
        int.TryParse(Attribute(element, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
