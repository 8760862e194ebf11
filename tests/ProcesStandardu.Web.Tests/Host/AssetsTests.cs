using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Host;

public sealed class AssetsTests
{
    [Fact]
    public async Task The_browser_gets_bootstrap_and_htmx_compressed_and_well_under_the_page_limit()
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var pages = new ProductPages(database);
        using var client = pages.CreateClient();
        client.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        var sum = 0;

        foreach (var asset in new[] { "bootstrap.min.css", "bootstrap.bundle.min.js", "htmx.min.js" })
        {
            using var answer = await client.GetAsync("/lib/" + asset, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
            answer.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
            sum += (await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length;
        }

        sum.ShouldBeInRange(1, 100_000);
    }
}
