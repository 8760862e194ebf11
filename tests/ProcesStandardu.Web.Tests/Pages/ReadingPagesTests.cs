using System.Net;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

[Trait("Scenario", "S1")]
public sealed class ReadingPagesTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Fact]
    public async Task The_voted_text_is_read_on_the_page_with_addresses_of_its_units_and_its_whole_hash()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var ballot = await anna.GetAsync(site.BallotPath);
        var link = ballot.Document.QuerySelectorAll("a").Select(a => a.GetAttribute("href") ?? "")
            .First(href => href.Contains("/wersje/", StringComparison.Ordinal) && !href.EndsWith("/plik", StringComparison.Ordinal));

        var page = await anna.GetAsync(link);

        page.Status.ShouldBe(HttpStatusCode.OK);
        page.Document.QuerySelector(".hash")!.TextContent.Length.ShouldBe(64);
        var permalink = page.Document.QuerySelector("article a.permalink")!.GetAttribute("href")!;
        page.Document.GetElementById(permalink[1..]).ShouldNotBeNull();
        page.Document.QuerySelectorAll(".outline a").Length.ShouldBe(page.Document.QuerySelectorAll("a.permalink").Length);
    }

    [Fact]
    public async Task A_comparison_leaves_as_a_document_with_tracked_changes_and_as_a_page()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var compare = (await anna.GetAsync(site.BallotPath)).Document.QuerySelector("a[href*='/porownanie']")!.GetAttribute("href")!;
        var page = await anna.GetAsync(compare);
        var papers = page.Document.QuerySelectorAll("a[href*='/porownanie/']").Select(a => a.GetAttribute("href")!).ToList();

        papers.Count.ShouldBe(2);
        using var docx = await anna.Client.GetAsync(papers[0], TestContext.Current.CancellationToken);
        using var html = await anna.Client.GetAsync(papers[1], TestContext.Current.CancellationToken);
        (await docx.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[..2].ShouldBe("PK"u8.ToArray());
        (await html.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("<ins>");
        html.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("sandbox");
    }
}
