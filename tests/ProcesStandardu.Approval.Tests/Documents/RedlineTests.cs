using System.IO.Compression;
using System.Xml.Linq;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

/// <summary>The comparison as a paper, and the text on the page.</summary>
public sealed class RedlineTests(DocumentProduct documents) : IClassFixture<DocumentProduct>
{
    private static readonly XNamespace W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accepting_every_tracked_change_gives_the_newer_text_and_rejecting_them_the_older()
    {
        var (key, from, to) = await PairAsync();

        var paper = (await documents.Product.RunAsync<CompareRevisions, Result<CompareRevisions.Paper>>(
            compare => compare.WriteAsync(new(from, to, documents.AnnaNowak), Cancellation))).Value;
        var docx = DocxDocument.Write("Porównanie", paper.Blocks);

        using var file = new MemoryStream(docx);
        FileTypeCheck.Check(file, "porownanie.docx").Value.ShouldBe(FileKind.Docx);
        Text(docx, without: "del").ShouldContain("[§ 5] Ocenę efektów");
        Text(docx, without: "del").ShouldContain("co najmniej dwa razy w miesiącu");
        Text(docx, without: "del").ShouldNotContain("na drukach określonych");
        Text(docx, without: "ins").ShouldContain("[§ 6] Ocenę efektów");
        Text(docx, without: "ins").ShouldContain("co najmniej raz w miesiącu");
        Text(docx, without: "ins").ShouldNotContain("nauczyciela");
        Document(docx).Descendants(W + "ins").Concat(Document(docx).Descendants(W + "del")).Select(mark => (string?)mark.Attribute(W + "author"))
            .Distinct().ShouldBe(["0.10"]);
        key.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_text_is_read_on_the_page_with_a_place_for_every_unit_and_its_tables()
    {
        var (_, from, _) = await PairAsync();

        var view = (await documents.Product.RunAsync<ReadRevision, Result<ReadRevision.View>>(
            read => read.HandleAsync(new(from, documents.AnnaNowak), Cancellation))).Value;

        view.NotShown.ShouldBeNull();
        var anchors = view.Blocks.Select(block => block.Anchor).OfType<string>().ToList();
        anchors.ShouldContain("par-2-ust-1");
        anchors.ShouldContain("zal-1");
        anchors.Distinct().Count().ShouldBe(anchors.Count);
        view.Blocks.Count(block => block.Paragraph.Cells is { Count: 3 }).ShouldBe(4);
        (await documents.Product.RunAsync<ReadRevision, Result<ReadRevision.View>>(
            read => read.HandleAsync(new(from, documents.Observer), Cancellation))).Refusal.ShouldBe(new NotFoundOrNotYours());
    }

    private async Task<(string Key, Guid From, Guid To)> PairAsync()
    {
        var key = await documents.DeliverableAsync();
        var before = (await documents.SubmitAsync(documents.Command(key, await SavedAsync("przed.docx")))).Value;
        var after = (await documents.SubmitAsync(documents.Command(key, await SavedAsync("po.docx")))).Value;
        return (key, before.RevisionId, after.RevisionId);
    }

    private static Task<byte[]> SavedAsync(string name) =>
        File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "Documents", "libreoffice", name), Cancellation);

    private static XDocument Document(byte[] docx)
    {
        using var package = new ZipArchive(new MemoryStream(docx));
        using var part = package.Entries.Single(entry => entry.Name == "document.xml").Open();
        return XDocument.Load(part);
    }

    private static string Text(byte[] docx, string without)
    {
        var document = Document(docx);
        document.Descendants(W + without).Where(mark => mark.Parent?.Name != W + "rPr").Remove();
        return string.Join('\n', document.Descendants(W + "p")
            .Select(paragraph => string.Concat(paragraph.Descendants().Where(text => text.Name == W + "t" || text.Name == W + "delText").Select(text => text.Value))));
    }
}
