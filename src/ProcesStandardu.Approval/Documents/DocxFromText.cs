namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// Writes a real DOCX from plain text: lines that begin with „# ” and „## ” are headings, with „- ” list items, others
/// paragraphs; empty lines are dropped. The same text gives the same bytes.
/// </summary>
public static class DocxFromText
{
    /// <param name="title">Stands on top of the document and in its properties.</param>
    /// <param name="text">The content; may hold any words, also „§ 7.” and „ust.”, which stay as they are.</param>
    public static byte[] Write(string title, string text) =>
        DocxDocument.Write(title, text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).Select(Block));

    private static DocxBlock Block(string line) =>
        line.StartsWith("# ", StringComparison.Ordinal) ? new DocxBlock.Heading(1, line[2..])
        : line.StartsWith("## ", StringComparison.Ordinal) ? new DocxBlock.Heading(2, line[3..])
        : line.StartsWith("- ", StringComparison.Ordinal) ? new DocxBlock.Paragraph(line[2..], IsItem: true)
        : new DocxBlock.Paragraph(line);
}
