using System.IO.Compression;
using System.Security;
using System.Text;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using W = DocumentFormat.OpenXml.Wordprocessing;

namespace ProcesStandardu.Approval.Documents;

/// <summary>A piece of a document that the product writes.</summary>
public abstract record DocxBlock
{
    private DocxBlock()
    {
    }

    /// <param name="Level">1 or 2, below the document's title.</param>
    public sealed record Heading(int Level, string Text) : DocxBlock;

    /// <param name="IsItem">True for an item of a list.</param>
    public sealed record Paragraph(string Text, bool IsItem = false) : DocxBlock;

    /// <summary>A paragraph with what was put in and taken out, as tracked changes that Word and Writer accept or reject.</summary>
    /// <param name="By">Whose change it is said to be.</param>
    public sealed record Tracked(IReadOnlyList<TextPiece> Pieces, string By, DateTimeOffset At) : DocxBlock;

    /// <summary>A table whose first row is its heading, repeated on each page and named to screen readers.</summary>
    /// <param name="Caption">What the table holds, for readers who do not see it.</param>
    /// <param name="Shares">How wide the columns are in proportion to each other; as many as headings.</param>
    public sealed record Table(
        string Caption, IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<int> Shares) : DocxBlock;
}

/// <summary>Writes DOCX: real headings, real tables, Polish as the language. The same content gives the same bytes.</summary>
public static class DocxDocument
{
    private const string Heading1 = "Heading1";
    private const string Heading2 = "Heading2";
    private const string Title = "Title";
    private const string Grid = "TableGrid";
    private const int Bullets = 1;

    // Between the margins, in twentieths of a point.
    private const int UprightWidth = 11906 - (2 * 1417);
    private const int WideWidth = 16838 - (2 * 1417);

    // ZIP cannot say anything earlier; the moment of writing would make every writing another file.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="title">Stands on top of the document and in its properties.</param>
    /// <param name="isWide">True for A4 across, where tables have many columns.</param>
    public static byte[] Write(string title, IEnumerable<DocxBlock> blocks, bool isWide = false)
    {
        using var stream = new MemoryStream();
        using (var document = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document))
        {
            var main = document.AddNewPart<MainDocumentPart>(
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", "rId1");
            WriteProperties(document.AddNewPart<CoreFilePropertiesPart>("rId2"), title);
            main.AddNewPart<StyleDefinitionsPart>("rId1").Styles = Styles();
            main.AddNewPart<NumberingDefinitionsPart>("rId2").Numbering = Numbering();
            main.Document = new W.Document(new W.Body(
                [Paragraph(title, Title), .. blocks.SelectMany(block => Elements(block, isWide)), Page(isWide)]));
        }

        return Repack(stream);
    }

    private static IEnumerable<OpenXmlElement> Elements(DocxBlock block, bool isWide) => block switch
    {
        DocxBlock.Heading heading => [Paragraph(heading.Text, heading.Level == 1 ? Heading1 : Heading2)],
        DocxBlock.Paragraph paragraph => [Paragraph(paragraph.Text, null, paragraph.IsItem)],
        DocxBlock.Tracked tracked => [Tracked(tracked)],

        // A paragraph behind it, or Word joins two tables into one.
        DocxBlock.Table table => [Table(table, isWide ? WideWidth : UprightWidth), new W.Paragraph()],
        _ => throw new InvalidOperationException("There are no other blocks."),
    };

    private static W.Paragraph Tracked(DocxBlock.Tracked tracked)
    {
        var paragraph = new W.Paragraph();
        var id = 0;
        foreach (var piece in tracked.Pieces)
        {
            OpenXmlElement Mark(OpenXmlCompositeElement mark, IEnumerable<OpenXmlElement> runs)
            {
                mark.Append(runs);
                return mark;
            }

            paragraph.Append(piece.Kind switch
            {
                TextPieceKind.Inserted => [Mark(
                    new W.InsertedRun { Id = $"{++id}", Author = tracked.By, Date = tracked.At.UtcDateTime }, Runs(piece.Text, isDeleted: false))],
                TextPieceKind.Deleted => [Mark(
                    new W.DeletedRun { Id = $"{++id}", Author = tracked.By, Date = tracked.At.UtcDateTime }, Runs(piece.Text, isDeleted: true))],
                _ => Runs(piece.Text, isDeleted: false).ToArray(),
            });
        }

        // Where everything was put in or taken out, the paragraph itself was.
        if (tracked.Pieces.Count > 0 && tracked.Pieces.Select(piece => piece.Kind).Distinct().ToList() is [TextPieceKind.Inserted or TextPieceKind.Deleted])
        {
            var mark = new W.ParagraphMarkRunProperties(tracked.Pieces[0].Kind == TextPieceKind.Inserted
                ? new W.Inserted { Id = $"{++id}", Author = tracked.By, Date = tracked.At.UtcDateTime }
                : (OpenXmlElement)new W.Deleted { Id = $"{++id}", Author = tracked.By, Date = tracked.At.UtcDateTime });
            paragraph.PrependChild(new W.ParagraphProperties(mark));
        }

        return paragraph;
    }

    private static IEnumerable<OpenXmlElement> Runs(string text, bool isDeleted)
    {
        var lines = Clean(text).Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            if (i > 0)
            {
                yield return new W.Run(new W.Break());
            }

            if (lines[i].Length > 0)
            {
                yield return new W.Run(isDeleted
                    ? new W.DeletedText(lines[i]) { Space = SpaceProcessingModeValues.Preserve }
                    : new W.Text(lines[i]) { Space = SpaceProcessingModeValues.Preserve });
            }
        }
    }

    private static W.Table Table(DocxBlock.Table table, int width)
    {
        var widths = table.Shares.Select(share => width * share / table.Shares.Sum()).ToList();
        var properties = new W.TableProperties(
            new W.TableStyle { Val = Grid },
            new W.TableWidth { Width = $"{width}", Type = W.TableWidthUnitValues.Dxa },
            new W.TableLayout { Type = W.TableLayoutValues.Fixed },
            new W.TableLook { Val = "0020", FirstRow = true, LastRow = false, FirstColumn = false, LastColumn = false, NoHorizontalBand = true, NoVerticalBand = true },
            new W.TableCaption { Val = table.Caption });
        return new W.Table(
            [properties, new W.TableGrid(widths.Select(column => new W.GridColumn { Width = $"{column}" })),
                Row(table.Headings, widths, isHeading: true), .. table.Rows.Select(row => Row(row, widths, isHeading: false))]);
    }

    private static W.TableRow Row(IReadOnlyList<string> cells, List<int> widths, bool isHeading)
    {
        var properties = isHeading ? new W.TableRowProperties(new W.CantSplit(), new W.TableHeader()) : new W.TableRowProperties();
        return new W.TableRow([properties, .. cells.Select((cell, i) => new W.TableCell(
            [new W.TableCellProperties(new W.TableCellWidth { Width = $"{widths[i]}", Type = W.TableWidthUnitValues.Dxa }),
                .. Clean(cell).Split('\n').Select(line => CellLine(line, isHeading))]))]);
    }

    private static W.Paragraph CellLine(string line, bool isHeading)
    {
        var run = new W.Run(new W.Text(line) { Space = SpaceProcessingModeValues.Preserve });
        if (isHeading)
        {
            run.RunProperties = new W.RunProperties(new W.Bold());
        }

        return new W.Paragraph(
            new W.ParagraphProperties(new W.SpacingBetweenLines { After = "40", Line = "240", LineRule = W.LineSpacingRuleValues.Auto }), run);
    }

    private static W.Paragraph Paragraph(string text, string? style, bool isItem = false)
    {
        var properties = new W.ParagraphProperties();
        if (style is not null)
        {
            properties.ParagraphStyleId = new W.ParagraphStyleId { Val = style };
        }

        if (isItem)
        {
            properties.NumberingProperties = new W.NumberingProperties(
                new W.NumberingLevelReference { Val = 0 }, new W.NumberingId { Val = Bullets });
        }

        return new W.Paragraph(properties, new W.Run(new W.Text(Clean(text)) { Space = SpaceProcessingModeValues.Preserve }));
    }

    /// <summary>What XML may hold; people paste signs that it may not.</summary>
    private static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(rune.Value is 0x9 or 0xA or (>= 0x20 and not (0xFFFE or 0xFFFF)) ? rune.ToString() : "");
        }

        return clean.ToString();
    }

    // A4 with margins of 2.5 cm, in twentieths of a point.
    private static W.SectionProperties Page(bool isWide) => new(
        isWide
            ? new W.PageSize { Width = 16838, Height = 11906, Orient = W.PageOrientationValues.Landscape }
            : new W.PageSize { Width = 11906, Height = 16838 },
        new W.PageMargin { Top = 1417, Bottom = 1417, Left = 1417, Right = 1417, Header = 708, Footer = 708, Gutter = 0 });

    private static W.Styles Styles() => new(
        new W.DocDefaults(
            new W.RunPropertiesDefault(new W.RunPropertiesBaseStyle(
                new W.RunFonts { Ascii = "Calibri", HighAnsi = "Calibri" },
                new W.FontSize { Val = "22" },
                new W.Languages { Val = "pl-PL" })),
            new W.ParagraphPropertiesDefault(new W.ParagraphPropertiesBaseStyle(
                new W.SpacingBetweenLines { After = "120", Line = "264", LineRule = W.LineSpacingRuleValues.Auto }))),
        Style("Normal", "Normal", null, null, isDefault: true),
        Style(Title, "Title", "40", null),
        Style(Heading1, "heading 1", "32", 0),
        Style(Heading2, "heading 2", "26", 1),
        TableStyle());

    private static W.Style TableStyle()
    {
        var style = new W.Style { Type = W.StyleValues.Table, StyleId = Grid, StyleName = new W.StyleName { Val = "Table Grid" } };
        style.AppendChild(new W.StyleTableProperties(
            new W.TableBorders(
                new W.TopBorder { Val = W.BorderValues.Single, Size = 4 }, new W.LeftBorder { Val = W.BorderValues.Single, Size = 4 },
                new W.BottomBorder { Val = W.BorderValues.Single, Size = 4 }, new W.RightBorder { Val = W.BorderValues.Single, Size = 4 },
                new W.InsideHorizontalBorder { Val = W.BorderValues.Single, Size = 4 },
                new W.InsideVerticalBorder { Val = W.BorderValues.Single, Size = 4 }),
            new W.TableCellMarginDefault(
                new W.TableCellLeftMargin { Width = 85, Type = W.TableWidthValues.Dxa },
                new W.TableCellRightMargin { Width = 85, Type = W.TableWidthValues.Dxa })));
        return style;
    }

    private static W.Style Style(string id, string name, string? size, int? outline, bool isDefault = false)
    {
        var style = new W.Style { Type = W.StyleValues.Paragraph, StyleId = id, StyleName = new W.StyleName { Val = name } };
        if (isDefault)
        {
            style.Default = true;
            return style;
        }

        style.BasedOn = new W.BasedOn { Val = "Normal" };
        style.NextParagraphStyle = new W.NextParagraphStyle { Val = "Normal" };
        style.StyleParagraphProperties = new W.StyleParagraphProperties(
            new W.KeepNext(), new W.SpacingBetweenLines { Before = "240", After = "120" });
        if (outline is { } level)
        {
            style.StyleParagraphProperties.OutlineLevel = new W.OutlineLevel { Val = level };
        }

        style.StyleRunProperties = new W.StyleRunProperties(new W.Bold(), new W.FontSize { Val = size });
        return style;
    }

    private static W.Numbering Numbering() => new(
        new W.AbstractNum(
            new W.Level(
                new W.StartNumberingValue { Val = 1 },
                new W.NumberingFormat { Val = W.NumberFormatValues.Bullet },
                new W.LevelText { Val = "–" },
                new W.LevelJustification { Val = W.LevelJustificationValues.Left },
                new W.PreviousParagraphProperties(new W.Indentation { Left = "567", Hanging = "283" }))
            { LevelIndex = 0 })
        { AbstractNumberId = 0 },
        new W.NumberingInstance(new W.AbstractNumId { Val = 0 }) { NumberID = Bullets });

    private static void WriteProperties(CoreFilePropertiesPart part, string title)
    {
        using var writer = new StreamWriter(part.GetStream(FileMode.Create));
        writer.Write(
            $"""
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
                xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{SecurityElement.Escape(title)}</dc:title><dc:language>pl-PL</dc:language></cp:coreProperties>
            """);
    }

    private static byte[] Repack(MemoryStream written)
    {
        using var source = new ZipArchive(written, ZipArchiveMode.Read);
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in source.Entries.OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                var copy = archive.CreateEntry(entry.FullName, CompressionLevel.Optimal);
                copy.LastWriteTime = EntryTime;
                using var from = entry.Open();
                using var to = copy.Open();
                from.CopyTo(to);
            }
        }

        return target.ToArray();
    }
}
