using Microsoft.Playwright;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Browsing;

[Trait("Category", "Browser")]
[Trait("Scenario", "S1")]
public sealed class VotingInABrowserTests
{
    [Fact]
    public async Task A_member_finds_her_ballot_and_votes_with_the_keyboard_alone()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var page = await browser.NewPageAsync(address);
        await page.GotoAsync("/logowanie");
        await TabToAsync(page, "#wejscie-anna-nowak button");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/");

        await TabToAsync(page, "a.btn[href$='#glos']");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**#glos");
        await TabToAsync(page, "#glos input[type=radio]");
        await page.Keyboard.PressAsync("Space");
        await TabToAsync(page, "#glos textarea");
        await page.Keyboard.TypeAsync("Popieram rekomendacje.");
        await TabToAsync(page, "#glos button");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Sprawdź przed oddaniem głosu" }).WaitForAsync();
        await TabToAsync(page, "#glos button[value=potwierdz]");
        await page.Keyboard.PressAsync("Enter");

        await page.Locator("#potwierdzenie").WaitForAsync();
        (await page.Locator(".receipt").InnerTextAsync()).ShouldContain("Za");
        (await site.CountAsync("select count(*) from ballot_position where kind = 'in_favour'")).ShouldBe(1);
        await page.ReloadAsync();
        (await site.CountAsync("select count(*) from ballot_position")).ShouldBe(1);
    }

    [Fact]
    public async Task Voting_works_without_JavaScript()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var page = await browser.NewPageAsync(address, width: 320, javaScript: false);
        await page.GotoAsync("/logowanie");
        await page.Locator("#wejscie-zofia-mak button").ClickAsync();
        await page.Locator("a.btn[href$='#glos']").First.ClickAsync();
        await page.Locator("#glos").GetByLabel("Przeciw").CheckAsync();
        await page.Locator("#glos button").ClickAsync();
        await page.Locator("#glos button[value=potwierdz]").ClickAsync();

        await page.Locator("#potwierdzenie").WaitForAsync();
        (await site.CountAsync("select count(*) from ballot_position where kind = 'against'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_form_takes_the_focus_to_its_summary_and_the_link_to_its_field()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var page = await browser.NewPageAsync(address);
        await page.GotoAsync("/logowanie");
        await page.Locator("#wejscie-anna-nowak button").ClickAsync();
        await page.GotoAsync(site.BallotPath);

        await page.Locator("#glos button").ClickAsync();

        await FocusIsOnAsync(page, "bledy");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await FocusIsOnAsync(page, "glos-position");
    }

    [Fact]
    public async Task Words_outlive_a_reload_and_are_forgotten_once_they_were_sent()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var page = await browser.NewPageAsync(address);
        await page.GotoAsync("/logowanie");
        await page.Locator("#wejscie-anna-nowak button").ClickAsync();
        await page.GotoAsync("/produkty/osl-wnioski-1/uwagi");
        await page.GetByLabel("Jednostka redakcyjna").FillAsync("rozdz. 2, pkt 4");
        await page.GetByLabel("Treść uwagi").FillAsync("Brakuje kosztów.");

        await page.ReloadAsync();

        (await page.GetByLabel("Treść uwagi").InputValueAsync()).ShouldBe("Brakuje kosztów.");
        await page.Locator("#uwaga button").ClickAsync();
        await page.Locator(".receipt").WaitForAsync();
        (await page.GetByLabel("Treść uwagi").InputValueAsync()).ShouldBeEmpty();
    }

    private static async Task FocusIsOnAsync(IPage page, string id) =>
        await page.WaitForFunctionAsync("id => document.activeElement?.id === id", id);

    private static async Task TabToAsync(IPage page, string selector)
    {
        for (var presses = 0; presses < 120; presses++)
        {
            if (await page.EvaluateAsync<bool>("selector => document.activeElement?.matches(selector) === true", selector))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        throw new ShouldAssertException($"The keyboard never reaches {selector} on {page.Url}.");
    }
}
