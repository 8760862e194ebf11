using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Harness;

public sealed class BrowserTests
{
    [Fact]
    public async Task The_browser_reaches_the_product_and_axe_sees_what_is_wrong_with_a_page()
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var pages = new ProductPages(database);
        await using var browser = await Browser.LaunchAsync();
        var page = await browser.NewPageAsync(pages.Listen(), width: 320);

        var answer = await page.GotoAsync("/health/live");
        answer!.Status.ShouldBe(200);

        await page.SetContentAsync("<html lang='pl'><head><title>Próba</title></head><body><main><h1>Próba</h1><img src='x'></main></body></html>");
        (await Accessibility.ViolationsAsync(page)).ShouldHaveSingleItem().ShouldStartWith("image-alt");
    }
}
