using System.Text;
using System.Xml;
using System.Xml.Linq;
using ProcesStandardu.Approval.Documents;

namespace ProcesStandardu.Approval.Comments;

/// <summary>Reads the tables of a DOCX that was checked already: every row with as many cells as the table has columns.</summary>
internal static class DocxTables
{
    private const long MostUnpacked = 50L * 1024 * 1024;

    /// <summary>Parts of a cell that its reader does not see, or sees a second time.</summary>
    private static readonly HashSet<string> Unseen = new(StringComparer.Ordinal)
        { "del", "moveFrom", "Fallback", "rPr", "pPr", "tcPr", "instrText", "tblPr", "tblGrid", "trPr" };

    /// <exception cref="InvalidDataException">The file is damaged or holds tables wider than any table of comments.</exception>
    public static IReadOnlyList<RawTable> Read(Stream file)
    {
        var limit = new UnpackedLimit(MostUnpacked);
        var package = ZipPackage.Read(file, UnpackedLimit.MostEntries);
        var main = DocxCheck.MainPart(package, limit) ?? throw new InvalidDataException("There is no main part.");
        var tables = new List<RawTable>();
        using var reader = package.ReadXml(main, limit);
        var more = reader.Read();
        while (more)
        {
            if (reader is { NodeType: XmlNodeType.Element, LocalName: "tbl" })
            {
                tables.Add(new RawTable(tables.Count + 1, Rows((XElement)XNode.ReadFrom(reader))));
                more = !reader.EOF;
            }
            else
            {
                more = reader.Read();
            }
        }

        return tables;
    }

    private static List<RawRow> Rows(XElement table)
    {
        var rows = new List<RawRow>();
        var above = new List<string>();
        foreach (var row in Rowlike(table, "tr"))
        {
            if (Has(row, "trPr", "del"))
            {
                continue;
            }

            var cells = new List<string>();
            var count = 0;
            foreach (var cell in Rowlike(row, "tc"))
            {
                // A cell merged with the one above says what that one says; one across several columns stands in each.
                var properties = cell.Elements().FirstOrDefault(part => part.Name.LocalName == "tcPr");
                var merged = properties?.Elements().FirstOrDefault(part => part.Name.LocalName == "vMerge");
                var text = merged is not null && Value(merged) != "restart" ? above.ElementAtOrDefault(cells.Count) ?? "" : Text(cell);
                var span = properties?.Elements().FirstOrDefault(part => part.Name.LocalName == "gridSpan");
                var width = span is not null && int.TryParse(Value(span), out var columns) ? Math.Max(1, columns) : 1;
                if (cells.Count + width > CsvTable.MostColumns)
                {
                    throw new InvalidDataException("More columns than a table of comments has.");
                }

                count++;
                cells.AddRange(Enumerable.Repeat(text, width));
            }

            rows.Add(new RawRow(rows.Count + 1, cells, IsTitle: count == 1 && cells.Count > 1));
            above = cells;
        }

        return rows;
    }

    /// <summary>Rows of a table or cells of a row, also those inside content controls and insertions.</summary>
    private static IEnumerable<XElement> Rowlike(XElement parent, string name) =>
        parent.Elements().SelectMany(child => child.Name.LocalName switch
        {
            var found when found == name => [child],
            "sdt" or "sdtContent" or "ins" or "customXml" or "moveTo" => Rowlike(child, name),
            _ => [],
        });

    private static string Text(XElement cell)
    {
        var text = new StringBuilder();
        Append(cell);
        return text.ToString();

        void Append(XElement element)
        {
            foreach (var part in element.Elements().Where(part => !Unseen.Contains(part.Name.LocalName)))
            {
                switch (part.Name.LocalName)
                {
                    case "t":
                        text.Append(part.Value);
                        break;
                    case "tab" or "ptab":
                        text.Append('\t');
                        break;
                    case "br" or "cr":
                        text.Append('\n');
                        break;
                    case "noBreakHyphen":
                        text.Append('-');
                        break;
                    case "p":
                        text.Append(text.Length > 0 ? "\n" : "");
                        Append(part);
                        break;
                    default:
                        Append(part);
                        break;
                }
            }
        }
    }

    private static bool Has(XElement row, string properties, string mark) =>
        row.Elements().Where(part => part.Name.LocalName == properties).Elements().Any(part => part.Name.LocalName == mark);

    private static string? Value(XElement element) =>
        element.Attributes().FirstOrDefault(attribute => attribute.Name.LocalName == "val")?.Value;
}
