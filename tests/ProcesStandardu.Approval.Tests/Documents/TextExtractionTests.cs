using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

public sealed class TextExtractionTests
{
    private const string WordXml = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

    private const string Numbering =
        $"""
        <w:numbering {WordXml}>
          <w:abstractNum w:abstractNumId="0">
            <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="§ %1."/></w:lvl>
            <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>
            <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%3)"/></w:lvl>
          </w:abstractNum>
          <w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>
        </w:numbering>
        """;

    [Fact]
    public void A_docx_shows_the_numbers_of_its_lists()
    {
        var file = TestFiles.DocxOf(
            Item("Pierwszy", 0) + Item("ustęp", 1) + Item("litera", 2) + Item("litera", 2) + Item("ustęp", 1) + Item("Drugi", 0) + Item("ustęp", 1),
            ("word/numbering.xml", Numbering));

        Read(file, FileKind.Docx).Select(p => p.Label).ShouldBe(["§ 1.", "1.", "a)", "b)", "2.", "§ 2.", "1."]);
    }

    [Fact]
    public void A_docx_shows_what_a_reader_sees_and_not_what_was_deleted()
    {
        var file = TestFiles.DocxOf(
            """
            <w:p><w:r><w:t>było </w:t></w:r><w:del><w:r><w:delText>usunięto</w:delText></w:r></w:del>
            <w:ins><w:r><w:t xml:space="preserve">dodano</w:t><w:tab/><w:t>dalej</w:t></w:r></w:ins></w:p>
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p><w:p><w:r><w:t>c</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
            """);

        Read(file, FileKind.Docx).Select(p => p.Text).ShouldBe(["było dodano dalej", "a | b c"]);
    }

    [Fact]
    public void A_docx_heading_is_known_by_its_style_and_contents_are_skipped()
    {
        var file = TestFiles.DocxOf(
            TestFiles.WordParagraph("Cele … 3", "<w:pStyle w:val=\"Spistreci1\"/>") + TestFiles.WordParagraph("Cele", "<w:pStyle w:val=\"Moj\"/>"),
            ("word/styles.xml",
                $"""
                <w:styles {WordXml}>
                  <w:style w:styleId="Nagwek1"><w:name w:val="heading 1"/></w:style>
                  <w:style w:styleId="Moj"><w:name w:val="Mój nagłówek"/><w:basedOn w:val="Nagwek1"/></w:style>
                  <w:style w:styleId="Spistreci1"><w:name w:val="toc 1"/></w:style>
                </w:styles>
                """));

        Read(file, FileKind.Docx).ShouldHaveSingleItem().ShouldBe(new DocumentParagraph("", "Cele", 1));
    }

    [Fact]
    public void An_odt_shows_the_numbers_of_its_lists()
    {
        var file = TestFiles.OdtOf(
            """
            <text:list text:style-name="L1"><text:list-item><text:p>Pierwszy</text:p>
              <text:list><text:list-item><text:p>litera</text:p></text:list-item><text:list-item><text:p>litera</text:p></text:list-item></text:list>
            </text:list-item><text:list-item><text:p>Drugi</text:p><text:p>jego akapit</text:p></text:list-item></text:list>
            <text:p>przerwa</text:p>
            <text:list text:continue-numbering="true" text:style-name="L1"><text:list-item><text:p>Trzeci</text:p></text:list-item></text:list>
            """,
            """
            <text:list-style style:name="L1">
              <text:list-level-style-number text:level="1" style:num-format="1" style:num-prefix="§ " style:num-suffix="."/>
              <text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/>
            </text:list-style>
            """);

        Read(file, FileKind.Odt).Select(p => $"{p.Label} {p.Text}".Trim())
            .ShouldBe(["§ 1. Pierwszy", "a) litera", "b) litera", "§ 2. Drugi", "jego akapit", "przerwa", "§ 3. Trzeci"]);
    }

    [Fact]
    public void An_odt_shows_what_a_reader_sees_and_not_what_was_deleted()
    {
        var file = TestFiles.OdtOf(
            """
            <text:tracked-changes><text:p>usunięto</text:p></text:tracked-changes>
            <text:table-of-content><text:p>Cele … 3</text:p></text:table-of-content>
            <text:h text:outline-level="2">Cele</text:h>
            <text:p>jeden<text:s text:c="3"/>dwa<text:line-break/><text:span>trzy</text:span><office:annotation><text:p>uwaga</text:p></office:annotation></text:p>
            <table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>
            """);

        Read(file, FileKind.Odt).ShouldBe([new("", "Cele", 2), new("", "jeden dwa trzy", null), new("", "a | b", null)]);
    }

    [Fact]
    public void What_the_writer_writes_is_a_document_and_reads_back()
    {
        var file = DocxFromText.Write("Wnioski OSL", "# 1. Cele\n\nPierwszy akapit.\n- punkt\n## Zakres\n§ 7. 1. Raz w miesiącu.");

        FileTypeCheck.Check(new MemoryStream(file), "wnioski.docx").Value.ShouldBe(FileKind.Docx);
        Read(file, FileKind.Docx).ShouldBe(
        [
            new("", "Wnioski OSL", null), new("", "1. Cele", 1), new("", "Pierwszy akapit.", null), new("", "punkt", null),
            new("", "Zakres", 2), new("", "§ 7. 1. Raz w miesiącu.", null),
        ]);
        DocxFromText.Write("a", "b").ShouldBe(DocxFromText.Write("a", "b"));
    }

    private static string Item(string text, int level) =>
        TestFiles.WordParagraph(text, $"<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"5\"/></w:numPr>");

    private static IReadOnlyList<DocumentParagraph> Read(byte[] file, FileKind kind) =>
        TextExtraction.Read(new MemoryStream(file), kind);
}
