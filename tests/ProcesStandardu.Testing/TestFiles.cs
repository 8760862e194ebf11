using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;

namespace ProcesStandardu.Testing;

/// <summary>Makes small DOCX, ODT and PDF files, honest and hostile, part by part.</summary>
public static class TestFiles
{
    private const string WordNamespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    private const string MainType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
    private const string OfficeRelationship = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";

    /// <summary>A DOCX with one paragraph for each text.</summary>
    public static byte[] Docx(params string[] paragraphs) => DocxOf(string.Concat(paragraphs.Select(WordParagraph)));

    /// <summary>A DOCX with this body.</summary>
    /// <param name="bodyXml">Elements with the prefix <c>w</c>.</param>
    /// <param name="parts">Further parts, such as <c>word/styles.xml</c>; a part of a standard name replaces the standard one.</param>
    public static byte[] DocxOf(string bodyXml, params (string Name, string Xml)[] parts)
    {
        List<(string Name, string Xml)> all =
        [
            ("[Content_Types].xml", ContentTypes(MainType)),
            ("_rels/.rels", Relationships(("rId1", OfficeRelationship + "officeDocument", "word/document.xml", false))),
            ("word/document.xml", $"""<w:document xmlns:w="{WordNamespace}"><w:body>{bodyXml}</w:body></w:document>"""),
        ];
        foreach (var part in parts)
        {
            all.RemoveAll(standard => standard.Name == part.Name);
            all.Add(part);
        }

        return Zip([.. all.Select(part => (part.Name, Encoding.UTF8.GetBytes(part.Xml)))]);
    }

    /// <summary>One paragraph of a DOCX body.</summary>
    /// <param name="propertiesXml">What stands in <c>w:pPr</c>.</param>
    public static string WordParagraph(string text, string propertiesXml) =>
        $"""<w:p><w:pPr>{propertiesXml}</w:pPr><w:r><w:t xml:space="preserve">{SecurityElement.Escape(text)}</w:t></w:r></w:p>""";

    /// <summary>One plain paragraph of a DOCX body.</summary>
    public static string WordParagraph(string text) => WordParagraph(text, string.Empty);

    /// <summary>The content types of a DOCX whose main part has this type.</summary>
    public static string ContentTypes(string mainType) =>
        $"""
        <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
          <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
          <Default Extension="xml" ContentType="application/xml"/>
          <Override PartName="/word/document.xml" ContentType="{mainType}"/>
        </Types>
        """;

    /// <summary>A part of relationships.</summary>
    public static string Relationships(params (string Id, string Type, string Target, bool IsExternal)[] relationships) =>
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
        + string.Concat(relationships.Select(r =>
            $"<Relationship Id=\"{r.Id}\" Type=\"{r.Type}\" Target=\"{SecurityElement.Escape(r.Target)}\""
            + (r.IsExternal ? " TargetMode=\"External\"/>" : "/>")))
        + "</Relationships>";

    /// <summary>An ODT with one paragraph for each text.</summary>
    public static byte[] Odt(params string[] paragraphs) =>
        OdtOf(string.Concat(paragraphs.Select(text => $"<text:p>{SecurityElement.Escape(text)}</text:p>")));

    /// <summary>An ODT with this text.</summary>
    /// <param name="textXml">Elements with the prefixes <c>text</c>, <c>table</c>, <c>draw</c>, <c>xlink</c>, <c>script</c>, <c>office</c>.</param>
    /// <param name="automaticStylesXml">What stands in the automatic styles, such as list styles.</param>
    /// <param name="parts">Further parts; a part of a standard name replaces the standard one.</param>
    public static byte[] OdtOf(string textXml, string automaticStylesXml = "", params (string Name, byte[] Content)[] parts)
    {
        const string prefix = "urn:oasis:names:tc:opendocument:xmlns:";
        List<(string Name, byte[] Content)> all =
        [
            ("mimetype", "application/vnd.oasis.opendocument.text"u8.ToArray()),
            ("content.xml", Encoding.UTF8.GetBytes(
                $"""
                <office:document-content xmlns:office="{prefix}office:1.0" xmlns:text="{prefix}text:1.0" xmlns:table="{prefix}table:1.0"
                  xmlns:draw="{prefix}drawing:1.0" xmlns:style="{prefix}style:1.0" xmlns:script="{prefix}script:1.0"
                  xmlns:svg="{prefix}svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.3">
                  <office:automatic-styles>{automaticStylesXml}</office:automatic-styles>
                  <office:body><office:text>{textXml}</office:text></office:body>
                </office:document-content>
                """)),
            ("META-INF/manifest.xml", Encoding.UTF8.GetBytes(
                $"""
                <manifest:manifest xmlns:manifest="{prefix}manifest:1.0">
                  <manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>
                  <manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
                </manifest:manifest>
                """)),
        ];
        foreach (var part in parts)
        {
            var place = all.FindIndex(standard => standard.Name == part.Name);
            if (place >= 0)
            {
                all[place] = part;
            }
            else
            {
                all.Add(part);
            }
        }

        return Zip([.. all]);
    }

    /// <summary>A PDF of one empty page.</summary>
    /// <param name="catalogue">Further entries of the catalogue, such as <c>/OpenAction …</c>.</param>
    /// <param name="objects">Further objects, numbered from 4.</param>
    public static byte[] Pdf(string catalogue = "", params string[] objects)
    {
        var file = new StringBuilder("%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n");
        var offsets = new List<int>();
        string[] all =
        [
            $"<< /Type /Catalog /Pages 2 0 R {catalogue} >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>", .. objects,
        ];
        foreach (var content in all)
        {
            offsets.Add(file.Length);
            file.Append(CultureInfo.InvariantCulture, $"{offsets.Count} 0 obj\n{content}\nendobj\n");
        }

        var start = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {all.Length + 1}\n0000000000 65535 f \n");
        foreach (var offset in offsets)
        {
            file.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        }

        file.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {all.Length + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(file.ToString());
    }

    /// <summary>A ZIP file. The entry <c>mimetype</c> is stored, the others are deflated.</summary>
    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                var level = name == "mimetype" ? CompressionLevel.NoCompression : CompressionLevel.Optimal;
                using var entry = archive.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return target.ToArray();
    }
}
