using System.IO.Compression;
using System.Security;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using W = DocumentFormat.OpenXml.Wordprocessing;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// Writes a real DOCX from plain text: lines that begin with „# ” and „## ” are headings, with „- ” list items, others
/// paragraphs; empty lines are dropped. The same text gives the same bytes.
/// </summary>
public static class DocxFromText
{
    private const string Heading1 = "Heading1";
    private const string Heading2 = "Heading2";
    private const string Title = "Title";
    private const int Bullets = 1;

    // ZIP cannot say anything earlier; the moment of writing would make every writing another file.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="title">Stands on top of the document and in its properties.</param>
    /// <param name="text">The content; may hold any words, also „§ 7.” and „ust.”, which stay as they are.</param>
    public static byte[] Write(string title, string text)
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
                [Paragraph(title, Title), .. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).Select(Line), Page()]));
        }

        return Repack(stream);
    }

    private static OpenXmlElement Line(string line) =>
        line.StartsWith("# ", StringComparison.Ordinal) ? Paragraph(line[2..], Heading1)
        : line.StartsWith("## ", StringComparison.Ordinal) ? Paragraph(line[3..], Heading2)
        : line.StartsWith("- ", StringComparison.Ordinal) ? Paragraph(line[2..], null, isItem: true)
        : Paragraph(line, null);

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

        return new W.Paragraph(properties, new W.Run(new W.Text(text) { Space = SpaceProcessingModeValues.Preserve }));
    }

    // A4 with margins of 2.5 cm, in twentieths of a point.
    private static W.SectionProperties Page() => new(
        new W.PageSize { Width = 11906, Height = 16838 },
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
        Style(Heading2, "heading 2", "26", 1));

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
