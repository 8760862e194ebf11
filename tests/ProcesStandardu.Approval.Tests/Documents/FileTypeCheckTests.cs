using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

/// <summary>The written policy as a table: what is let in and what is refused, by content and never by name.</summary>
public sealed class FileTypeCheckTests
{
    private const string Relationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

    private static readonly Dictionary<string, (byte[] File, FileKind Kind)> Honest = new()
    {
        ["a.docx"] = (TestFiles.Docx("Rozdział 1", "Cele"), FileKind.Docx),
        ["z tekstu.docx"] = (DocxFromText.Write("Wnioski", "# 1. Cele\ntekst\n- punkt"), FileKind.Docx),
        ["z odsyłaczem.docx"] = (WithRelationship("hyperlink", "https://example.org/?a=b:c"), FileKind.Docx),
        ["z szablonu na dysku.docx"] = (WithRelationship("attachedTemplate", "file:///C:\\Szablony\\Raport.dotx"), FileKind.Docx),
        ["ze spisem.docx"] = (TestFiles.DocxOf("<w:p><w:r><w:instrText> TOC \\o \"1-3\" </w:instrText></w:r></w:p>"), FileKind.Docx),
        ["a.odt"] = (TestFiles.Odt("Rozdział 1", "Cele"), FileKind.Odt),
        ["z odsyłaczem.odt"] = (TestFiles.OdtOf("<text:p><text:a xlink:href=\"https://example.org\">tu</text:a></text:p>"), FileKind.Odt),
        ["a.pdf"] = (TestFiles.Pdf(), FileKind.Pdf),
        ["ze strumieniem.pdf"] = (TestFiles.Pdf("", "<< /Length 20 >>\nstream\nBT (tekst) Tj ET    \nendstream"), FileKind.Pdf),
        ["z obiektami.pdf"] = (PdfWithObjectStream("<< /Type /Font >>"), FileKind.Pdf),
        ["bez końcówki"] = (TestFiles.Pdf(), FileKind.Pdf),
    };

    private static readonly Dictionary<string, (byte[] File, Type Refusal)> Hostile = new()
    {
        ["pusty.docx"] = ([], typeof(FileIsEmpty)),
        ["program.docx"] = (Encoding.ASCII.GetBytes("MZ" + new string('x', 500)), typeof(FileIsNotADocument)),
        ["tekst.docx"] = ("zwykły tekst"u8.ToArray(), typeof(FileIsNotADocument)),
        ["arkusz.xlsx"] = (
            TestFiles.DocxOf("", ("[Content_Types].xml", TestFiles.ContentTypes(
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"))), typeof(FileIsNotADocument)),
        ["zip.docx"] = (TestFiles.Zip(("a.txt", "a"u8.ToArray())), typeof(FileIsNotADocument)),
        ["arkusz.odt"] = (
            TestFiles.OdtOf("", "", ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"u8.ToArray())), typeof(FileIsNotADocument)),
        ["naprawdę odt.docx"] = (TestFiles.Odt("a"), typeof(FileNameDoesNotMatchContent)),
        ["naprawdę docx.pdf"] = (TestFiles.Docx("a"), typeof(FileNameDoesNotMatchContent)),
        ["program.exe"] = (TestFiles.Docx("a"), typeof(FileNameDoesNotMatchContent)),
        ["docm.docx"] = (
            TestFiles.DocxOf("", ("[Content_Types].xml", TestFiles.ContentTypes(
                "application/vnd.ms-word.document.macroEnabled.main+xml"))), typeof(FileContainsMacros)),
        ["vba.docx"] = (TestFiles.DocxOf("", ("word/vbaProject.bin", "x")), typeof(FileContainsMacros)),
        ["ole.docx"] = (TestFiles.DocxOf("", ("word/embeddings/oleObject1.bin", "x")), typeof(FileContainsEmbeddedFiles)),
        ["activex.docx"] = (TestFiles.DocxOf("", ("word/activeX/activeX1.xml", "<x/>")), typeof(FileContainsEmbeddedFiles)),
        ["zip w środku.docx"] = (
            Rezipped(TestFiles.Docx("a"), ("word/media/image1.png", TestFiles.Zip(("b", [1])))), typeof(FileContainsEmbeddedFiles)),
        ["exe w środku.odt"] = (TestFiles.OdtOf("", "", ("Pictures/1.png", "MZ......"u8.ToArray())), typeof(FileContainsEmbeddedFiles)),
        ["obcy szablon.docx"] = (WithRelationship("attachedTemplate", "https://zly.example/t.dotm"), typeof(FileLoadsExternalContent)),
        ["szablon w sieci.docx"] = (WithRelationship("attachedTemplate", "\\\\zly.example\\t.dotx"), typeof(FileLoadsExternalContent)),
        ["obcy obraz.docx"] = (WithRelationship("image", "https://zly.example/piksel.png"), typeof(FileLoadsExternalContent)),
        ["obcy obraz bez znaku.docx"] = (
            TestFiles.DocxOf("", ("word/_rels/document.xml.rels", TestFiles.Relationships(
                ("rId1", Relationship + "image", "http://zly.example/a.png", false)))), typeof(FileLoadsExternalContent)),
        ["odsyłacz z programem.docx"] = (WithRelationship("hyperlink", "javascript:alert(1)"), typeof(FileLoadsExternalContent)),
        ["odsyłacz do dysku.docx"] = (WithRelationship("hyperlink", "file://serwer/plik"), typeof(FileLoadsExternalContent)),
        ["html w środku.docx"] = (
            TestFiles.DocxOf("", ("word/_rels/document.xml.rels", TestFiles.Relationships(
                ("rId1", Relationship + "aFChunk", "obcy.html", false)))), typeof(FileContainsEmbeddedFiles)),
        ["dde.docx"] = (
            TestFiles.DocxOf("<w:p><w:r><w:instrText>DD</w:instrText></w:r><w:r><w:instrText>EAUTO cmd</w:instrText></w:r></w:p>"),
            typeof(FileLoadsExternalContent)),
        ["pole z obrazem.docx"] = (
            TestFiles.DocxOf("<w:p><w:fldSimple w:instr=\" INCLUDEPICTURE &quot;http://zly.example/a&quot; \"/></w:p>"),
            typeof(FileLoadsExternalContent)),
        ["xxe.docx"] = (
            TestFiles.DocxOf("", ("word/document.xml",
                "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><document>&x;</document>")), typeof(FileHasForbiddenXml)),
        ["bomba encji.odt"] = (
            TestFiles.OdtOf("", "", ("content.xml",
                "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><a>&b;</a>"u8.ToArray())), typeof(FileHasForbiddenXml)),
        ["głęboki.docx"] = (TestFiles.DocxOf(Repeat("<w:sdt>", 5000) + Repeat("</w:sdt>", 5000)), typeof(FileHasForbiddenXml)),
        ["urwany xml.docx"] = (TestFiles.DocxOf("<w:p>"), typeof(FileHasForbiddenXml)),
        ["makro.odt"] = (TestFiles.OdtOf("", "", ("Basic/Standard/Module1.xml", "<x/>"u8.ToArray())), typeof(FileContainsMacros)),
        ["zdarzenie.odt"] = (
            TestFiles.OdtOf("<script:event-listener script:event-name=\"dom:load\"/>"), typeof(FileContainsMacros)),
        ["odsyłacz do makra.odt"] = (
            TestFiles.OdtOf("<text:p><text:a xlink:href=\"vnd.sun.star.script:x?language=Basic\">tu</text:a></text:p>"),
            typeof(FileContainsMacros)),
        ["ole.odt"] = (TestFiles.OdtOf("<draw:object-ole xlink:href=\"./Object 1\"/>"), typeof(FileContainsEmbeddedFiles)),
        ["obcy obraz.odt"] = (
            TestFiles.OdtOf("<draw:image xlink:href=\"https://zly.example/a.png\"/>"), typeof(FileLoadsExternalContent)),
        ["obca sekcja.odt"] = (
            TestFiles.OdtOf("<text:section-source xlink:href=\"../../tajne.odt\"/>"), typeof(FileLoadsExternalContent)),
        ["zaszyfrowany.odt"] = (
            TestFiles.OdtOf("", "", ("META-INF/manifest.xml",
                "<m:manifest xmlns:m=\"urn:m\"><m:encryption-data/></m:manifest>"u8.ToArray())), typeof(FileIsEncrypted)),
        ["hasło.docx"] = (WithFlag(TestFiles.Docx("a"), encrypted: true), typeof(FileIsEncrypted)),
        ["3000 wpisów.docx"] = (
            TestFiles.Zip([.. Enumerable.Range(0, 3000).Select(i => ($"a{i}.xml", Array.Empty<byte>()))]), typeof(FileUnpacksTooLarge)),
        ["ścieżka.docx"] = (Rezipped(TestFiles.Docx("a"), ("../../a.xml", [1])), typeof(FileIsDamaged)),
        ["od korzenia.docx"] = (Rezipped(TestFiles.Docx("a"), ("/etc/a.xml", [1])), typeof(FileIsDamaged)),
        ["dwa razy to samo.docx"] = (Rezipped(TestFiles.Docx("a"), ("WORD/document.xml", [1])), typeof(FileIsDamaged)),
        ["coś przed zipem.docx"] = ([.. TestFiles.Zip(("a", [1])), .. TestFiles.Docx("a")], typeof(FileIsDamaged)),
        ["coś za zipem.docx"] = ([.. TestFiles.Docx("a"), .. "<script>"u8], typeof(FileIsDamaged)),
        ["ucięty.docx"] = (TestFiles.Docx("a")[..200], typeof(FileIsDamaged)),
        ["ucięty.pdf"] = (TestFiles.Pdf()[..120], typeof(FileIsDamaged)),
        ["html za pdf.pdf"] = ([.. TestFiles.Pdf("", new string(' ', 2000)), .. "<html><script>alert(1)</script>"u8], typeof(FileIsDamaged)),
        ["pdf i html.pdf"] = (
            Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(TestFiles.Pdf()).Replace("%PDF-1.7\n", "%PDF-1.7\n%<HTML><script>x</script>\n", StringComparison.Ordinal)),
            typeof(FileActsByItself)),
        ["html i pdf.pdf"] = ([.. "<html>"u8, .. TestFiles.Pdf()], typeof(FileIsNotADocument)),
        ["skrypt.pdf"] = (TestFiles.Pdf("/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>"), typeof(FileActsByItself)),
        ["skrypt ukryty.pdf"] = (TestFiles.Pdf("/OpenAction << /S /J#61vaScript /JS (x) >>"), typeof(FileActsByItself)),
        ["skrypt spakowany.pdf"] = (PdfWithObjectStream("<< /S /JavaScript /JS (x) >>"), typeof(FileActsByItself)),
        ["uruchom.pdf"] = (TestFiles.Pdf("/OpenAction << /S /Launch /F (cmd.exe) >>"), typeof(FileActsByItself)),
        ["xfa.pdf"] = (TestFiles.Pdf("/AcroForm << /XFA 5 0 R >>"), typeof(FileActsByItself)),
        ["załącznik.pdf"] = (TestFiles.Pdf("/Names << /EmbeddedFiles 5 0 R >>"), typeof(FileContainsEmbeddedFiles)),
        ["hasło.pdf"] = (
            Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(TestFiles.Pdf()).Replace("/Root 1 0 R", "/Root 1 0 R /Encrypt 9 0 R", StringComparison.Ordinal)),
            typeof(FileIsEncrypted)),
        ["dziwne pakowanie.pdf"] = (
            TestFiles.Pdf("", "<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n789c\nendstream"), typeof(FileIsDamaged)),
    };

    public static TheoryData<string> HonestNames => [.. Honest.Keys];

    public static TheoryData<string> HostileNames => [.. Hostile.Keys];

    [Theory]
    [MemberData(nameof(HonestNames))]
    public void A_document_is_known_by_its_content(string name)
    {
        var result = Check(Honest[name].File, name);

        result.Refusal.ShouldBeNull();
        result.Value.ShouldBe(Honest[name].Kind);
    }

    [Theory]
    [MemberData(nameof(HostileNames))]
    [Trait("Fault", "S51")]
    public void What_no_document_of_ours_contains_is_refused(string name) =>
        Check(Hostile[name].File, name).Refusal.ShouldBeOfType(Hostile[name].Refusal);

    [Theory]
    [InlineData("word/document.xml")]
    [InlineData("word/media/image1.png")]
    [Trait("Fault", "S50")]
    public void A_zip_bomb_is_refused_before_it_unfolds(string part)
    {
        var bomb = Rezipped(TestFiles.DocxOf("", (part == "word/document.xml" ? "docProps/app.xml" : part, "<x/>")), (part, new byte[300 * 1024 * 1024]), replace: true);
        bomb.Length.ShouldBeLessThan(1024 * 1024);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Check(bomb, "bomba.docx").Refusal.ShouldBeOfType<FileUnpacksTooLarge>();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 * 1024 * 1024);
    }

    [Fact]
    [Trait("Fault", "S50")]
    public void A_bomb_among_the_objects_of_a_pdf_is_refused_before_it_unfolds()
    {
        var bomb = PdfWithObjectStream(new string(' ', 100 * 1024 * 1024));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Check(bomb, "bomba.pdf").Refusal.ShouldBeOfType<FileUnpacksTooLarge>();

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 * 1024 * 1024);
    }

    [Fact]
    [Trait("Fault", "S50")]
    public void Many_entries_that_pass_one_by_one_do_not_pass_together()
    {
        // Noise that deflates to about a half: no ratio betrays it, only the sum does.
        var noise = new byte[30 * 1024 * 1024];
        new Random(1).NextBytes(noise);
        for (var i = 0; i < noise.Length; i++)
        {
            noise[i] &= 15;
        }

        var entries = Enumerable.Range(0, 8).Select(i => ($"word/media/{i}.png", noise)).ToArray();

        Check(Rezipped(TestFiles.Docx("a"), entries), "a.docx").Refusal.ShouldBeOfType<FileUnpacksTooLarge>();
    }

    [Fact]
    [Trait("Fault", "S50")]
    public void A_directory_that_lies_about_a_length_is_damaged()
    {
        var file = TestFiles.Docx("a");
        var directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 6));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(directory + 24), 5);

        Check(file, "a.docx").Refusal.ShouldBeOfType<FileIsDamaged>();
    }

    [Fact]
    [Trait("Fault", "S50")]
    public void Entries_on_top_of_each_other_are_damaged()
    {
        var file = TestFiles.Zip(("[Content_Types].xml", [1]), ("word/document.xml", [2]));
        var directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 6));
        var second = directory + 46 + "[Content_Types].xml".Length;
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(second + 42), 0);

        Check(file, "a.docx").Refusal.ShouldBeOfType<FileIsDamaged>();
    }

    [Fact]
    public void Any_cut_of_any_honest_file_is_refused_and_never_an_exception()
    {
        foreach (var (file, _) in Honest.Values)
        {
            for (var length = 1; length < file.Length - 8; length += 7)
            {
                Check(file[..length], "plik").Succeeded.ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void Any_changed_byte_gives_an_answer_and_never_an_exception()
    {
        var random = new Random(7);
        foreach (var (file, _) in Honest.Values)
        {
            for (var i = 0; i < 400; i++)
            {
                var changed = file.ToArray();
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
                _ = Check(changed, "plik");
            }
        }
    }

    private static Result<FileKind> Check(byte[] file, string name) => FileTypeCheck.Check(new MemoryStream(file), name);

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static byte[] WithRelationship(string type, string target) => TestFiles.DocxOf(
        "", ("word/_rels/document.xml.rels", TestFiles.Relationships(("rId1", Relationship + type, target, true))));

    private static byte[] PdfWithObjectStream(string objectText)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(Encoding.Latin1.GetBytes("9 0 " + objectText));
        }

        return TestFiles.Pdf("", $"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {packed.Length} >>\nstream\r\n"
            + Encoding.Latin1.GetString(packed.ToArray()) + "\nendstream");
    }

    private static byte[] Rezipped(byte[] file, params (string Name, byte[] Content)[] more) => Rezipped(file, more, false);

    private static byte[] Rezipped(byte[] file, (string Name, byte[] Content) one, bool replace) => Rezipped(file, [one], replace);

    private static byte[] Rezipped(byte[] file, (string Name, byte[] Content)[] more, bool replace)
    {
        using var target = new MemoryStream();
        target.Write(file);
        using (var archive = new ZipArchive(target, ZipArchiveMode.Update, leaveOpen: true))
        {
            foreach (var (name, content) in more)
            {
                if (replace)
                {
                    archive.GetEntry(name)!.Delete();
                }

                using var entry = archive.CreateEntry(name, CompressionLevel.Optimal).Open();
                entry.Write(content);
            }
        }

        return target.ToArray();
    }

    private static byte[] WithFlag(byte[] file, bool encrypted)
    {
        var directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(file.Length - 6));
        file[directory + 8] |= (byte)(encrypted ? 1 : 0);
        return file;
    }
}
