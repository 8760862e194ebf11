using Microsoft.Playwright;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Browsing;

/// <summary>The chair's and the members' ways through a ballot in a real browser; with <c>PROCES_SCREENSHOTS</c> each page is kept as a picture.</summary>
[Trait("Category", "Browser")]
public sealed class BoardInABrowserTests
{
    [Fact]
    [Trait("Scenario", "S2")]
    public async Task An_administrator_adopts_rules_and_the_chair_announces_what_the_board_decided_under_them()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var rafal = await SignInAsync(browser, address, "rafal-zdun");
        await rafal.GotoAsync("/regulamin/zespol-doradczy/nowa-wersja");
        await rafal.GetByLabel("Wynik obowiązuje od ogłoszenia").SelectOptionAsync("tak");
        await rafal.GetByLabel("Co się zmienia i na jakiej podstawie").FillAsync("Uchwała zespołu z 5.11.2012");
        await KeepAsync(rafal, "s2-nowa-wersja");
        await rafal.GetByRole(AriaRole.Button, new() { Name = "Wprowadź" }).ClickAsync();
        await rafal.GetByRole(AriaRole.Heading, new() { Name = "Wersja 2" }).WaitForAsync();
        await KeepAsync(rafal, "s2-regulamin");

        await site.SubmitAsync("osl-propozycje-prawne", "Rozdział 1\n\n§ 1. Propozycje.");
        var joanna = await SignInAsync(browser, address, "joanna-cicha");
        await joanna.GotoAsync("/produkty/osl-propozycje-prawne");
        await joanna.GetByRole(AriaRole.Link, new() { Name = "Otwórz głosowanie" }).ClickAsync();
        await joanna.GetByRole(AriaRole.Heading, new() { Name = "Otwórz głosowanie" }).WaitForAsync();
        await KeepAsync(joanna, "s2-otwarcie");
        await joanna.GetByRole(AriaRole.Button, new() { Name = "Otwórz i zawiadom" }).ClickAsync();
        await joanna.WaitForURLAsync("**/glosowania/**");
        await joanna.GetByRole(AriaRole.Heading, new() { Name = "Co musi się stać" }).WaitForAsync();
        await KeepAsync(joanna, "s2-otwarte");
        var ballot = new Uri(joanna.Url).AbsolutePath;
        foreach (var person in new[] { "halina-zawadzka", "anna-nowak", "zofia-mak" })
        {
            await VoteAsync(browser, address, person, ballot, "Za");
        }

        foreach (var person in new[] { "tomasz-brzeski", "jerzy-kalina", "adam-lis" })
        {
            await VoteAsync(browser, address, person, ballot, "Przeciw");
        }

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 13, 9, 30));
        await site.RunAsync<CloseDueBallots, int>(close => close.RunOnceAsync(CancellationToken.None));
        var anna = await SignInAsync(browser, address, "anna-nowak", width: 320);
        await anna.GotoAsync(ballot);
        (await anna.Locator("main").InnerTextAsync()).ShouldContain("oczekuje na ogłoszenie");
        await KeepAsync(anna, "s2-oczekuje-telefon");
        var halina = await SignInAsync(browser, address, "halina-zawadzka");
        await KeepAsync(halina, "s2-moje-sprawy");
        await halina.GotoAsync(ballot);
        await KeepAsync(halina, "s2-do-ogloszenia");
        await halina.Locator("#oglos button").ClickAsync();
        await halina.GetByRole(AriaRole.Heading, new() { Name = "Projekt uchwały" }).WaitForAsync();
        await KeepAsync(halina, "s2-projekt");
        await halina.GetByRole(AriaRole.Button, new() { Name = "Podpisz i ogłoś" }).ClickAsync();
        await halina.GetByText("Uchwała nr 1/2012").First.WaitForAsync();
        await KeepAsync(halina, "s2-ogloszone");
    }

    [Fact]
    [Trait("Scenario", "S9")]
    public async Task A_vote_that_was_being_cast_when_a_new_revision_took_over_is_offered_to_the_new_ballot()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        await VoteAsync(browser, address, "anna-nowak", site.BallotPath, "Za");
        var zofia = await SignInAsync(browser, address, "zofia-mak", width: 320);
        await zofia.GotoAsync(site.BallotPath);
        await zofia.Locator("#glos").GetByLabel("Przeciw", new() { Exact = true }).CheckAsync();
        await zofia.Locator("#glos-reason").FillAsync("Brakuje kosztów.");

        await site.SubmitAsync(DemoSite.Deliverable, "Rozdział 1\n\n§ 1. Wnioski z pilotażu i rekomendacje.\n\n§ 7. Koszty.", RevisionStep.NextMinor);
        var halina = await SignInAsync(browser, address, "halina-zawadzka");
        await halina.GotoAsync(site.BallotPath);
        await KeepAsync(halina, "s9-pytanie-do-przewodniczacej");
        await halina.Locator("#ponow-reason").FillAsync("Zmiana istotna");
        await halina.Locator("#ponow button").ClickAsync();
        await halina.GetByText("To głosowanie ponawia").WaitForAsync();

        await zofia.Locator("#glos button").ClickAsync();
        await zofia.Locator("#zmieniono").WaitForAsync();
        await KeepAsync(zofia, "s9-konflikt-telefon");
        (await zofia.Locator("section[aria-labelledby=zmieniono] textarea[name=Reason]").InputValueAsync()).ShouldBe("Brakuje kosztów.");
        await zofia.Locator("section[aria-labelledby=zmieniono] #glos button").ClickAsync();
        await zofia.Locator("#glos button[value=potwierdz]").ClickAsync();
        await zofia.Locator("#potwierdzenie").WaitForAsync();

        var anna = await SignInAsync(browser, address, "anna-nowak");
        await anna.GotoAsync(new Uri(halina.Url).AbsolutePath);
        await KeepAsync(anna, "s9-podtrzymanie");
        await anna.Locator("#podtrzymanie button").ClickAsync();
        await anna.Locator("#glos button[value=potwierdz]").ClickAsync();
        await anna.Locator("#potwierdzenie").WaitForAsync();
        (await site.CountAsync("select count(*) from ballot_position where upholds_id is not null and kind = 'in_favour'")).ShouldBe(1);
        (await site.CountAsync("select count(*) from ballot_position where kind = 'against' and reason = 'Brakuje kosztów.'")).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S9")]
    public async Task Votes_survive_an_editorial_revision_until_a_member_says_that_it_is_none()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        site.Clock.SetTo(TestClock.InWarsaw(2012, 10, 30, 9, 0));
        await using var browser = await Browser.LaunchAsync();
        await VoteAsync(browser, address, "anna-nowak", site.BallotPath, "Za");
        var zofia = await SignInAsync(browser, address, "zofia-mak", width: 320);
        await zofia.GotoAsync(site.BallotPath);
        await zofia.Locator("#glos").GetByLabel("Przeciw", new() { Exact = true }).CheckAsync();
        await zofia.Locator("#glos-reason").FillAsync("Brakuje kosztów.");
        await site.SubmitAsync(
            DemoSite.Deliverable, "Rozdział 1\n\n§ 1. Wnioski z pilotażu oraz rekomendacje.", RevisionStep.NextMinor, ChangeKind.Editorial);

        var halina = await SignInAsync(browser, address, "halina-zawadzka");
        await halina.GotoAsync(site.BallotPath);
        await KeepAsync(halina, "s9-redakcyjna-pytanie");
        await halina.Locator("#redakcyjna-reason").FillAsync("Poprawiono literówkę");
        await halina.Locator("#redakcyjna button").ClickAsync();
        await halina.GetByText("Tekst zmieniono redakcyjnie").First.WaitForAsync();

        var anna = await SignInAsync(browser, address, "anna-nowak");
        await anna.GotoAsync(site.BallotPath);
        (await anna.Locator("main").InnerTextAsync()).ShouldContain("Twój głos trwa.");
        await KeepAsync(anna, "s9-redakcyjna-glos-trwa");
        await zofia.Locator("#glos button").ClickAsync();
        await zofia.Locator("#inny-tekst").WaitForAsync();
        await KeepAsync(zofia, "s9-redakcyjna-inny-tekst-telefon");
        (await zofia.Locator("#glos-reason").InputValueAsync()).ShouldBe("Brakuje kosztów.");
        await zofia.Locator("section[aria-labelledby=inny-tekst] a").ClickAsync();
        await zofia.GetByText("oraz").First.WaitForAsync();
        await KeepAsync(zofia, "s9-redakcyjna-roznica-telefon");

        var adam = await SignInAsync(browser, address, "adam-lis");
        await adam.GotoAsync(site.BallotPath);
        await adam.Locator("summary", new() { HasText = "To nie jest redakcyjne" }).ClickAsync();
        await adam.Locator("#nie-redakcyjna-reason").FillAsync("„oraz” zmienia sens");
        await KeepAsync(adam, "s9-redakcyjna-sprzeciw");
        await adam.Locator("#nie-redakcyjna button").ClickAsync();
        await adam.GetByText("To głosowanie ponawia").WaitForAsync();
        await anna.GotoAsync(new Uri(adam.Url).AbsolutePath);
        await anna.Locator("#podtrzymanie").WaitForAsync();
        await KeepAsync(anna, "s9-redakcyjna-ponowione");
    }

    internal static async Task<IPage> SignInAsync(Browser browser, Uri address, string person, int width = 1280)
    {
        var page = await browser.NewPageAsync(address, width);
        await page.GotoAsync("/logowanie");
        await page.Locator($"#wejscie-{person} button").ClickAsync();
        await page.WaitForURLAsync(new Uri(address, "/").ToString());
        return page;
    }

    internal static async Task VoteAsync(Browser browser, Uri address, string person, string ballot, string position)
    {
        var page = await SignInAsync(browser, address, person);
        await page.GotoAsync(ballot);
        await page.Locator("#glos").GetByLabel(position, new() { Exact = true }).CheckAsync();
        await page.Locator("#glos button").ClickAsync();
        await page.Locator("#glos button[value=potwierdz]").ClickAsync();
        await page.Locator("#potwierdzenie").WaitForAsync();
        await page.Context.CloseAsync();
    }

    /// <summary>No violation, no scrolling sideways, and a picture where pictures are wanted.</summary>
    internal static async Task KeepAsync(IPage page, string name)
    {
        (await Accessibility.ViolationsAsync(page)).ShouldBeEmpty(name);
        (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")).ShouldBe(0, name);
        if (Environment.GetEnvironmentVariable("PROCES_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }
}
