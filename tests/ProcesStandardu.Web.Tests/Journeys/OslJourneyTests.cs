using Microsoft.Playwright;
using ProcesStandardu.Approval.Documents;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Journeys;

/// <summary>People at work in a real browser on the demo's programme.</summary>
[Trait("Category", "Browser")]
public sealed class OslJourneyTests
{
    private static readonly string[] EntitledInOsl =
        ["Halina Zawadzka", "Tomasz Brzeski", "Anna Nowak", "Jerzy Kalina", "Ewa Górna", "Adam Lis", "Zofia Mak"];

    [Fact]
    [Trait("Scenario", "S1")]
    public async Task A_member_reads_compares_comments_and_votes_with_a_receipt()
    {
        await using var demo = await DemoProgramme.StartAsync();
        var page = await demo.SignInAsync("Anna Nowak");

        // What waits for her, and what her vote would do; not how anybody voted.
        await page.GetByRole(AriaRole.Heading, new() { Name = "Do głosowania (2)" }).WaitForAsync();
        var card = page.Locator("article", new() { HasText = "G-2012/07" });
        (await card.Locator(".sentence").InnerTextAsync())
            .ShouldBe("Oddano 3 głosy. Do kworum brakuje 1 głosu. Twój głos domyka kworum.");
        (await page.Locator("article", new() { HasText = "G-2012/08" }).CountAsync()).ShouldBe(1);
        (await page.ContentAsync()).ShouldNotContain("przeciw 1");

        // The revision, and what changed since the one before.
        await card.GetByRole(AriaRole.Link, new() { Name = "G-2012/07" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Porównaj z wersją 0.9" }).First.ClickAsync();
        (await page.Locator("main").InnerTextAsync()).ShouldContain("pkt 4");
        (await page.Locator("main ins").CountAsync()).ShouldBeGreaterThan(0);
        await page.GoBackAsync();

        // A comment on a clause.
        await page.GetByRole(AriaRole.Link, new() { Name = "Zgłoś uwagę" }).First.ClickAsync();
        await page.Locator("[name=ClauseReference]").FillAsync("rozdz. 2, pkt 4");
        await page.Locator("[name=Text]").FillAsync("Nie wiadomo, kto opłaca mentora po roku.");
        await page.Locator("[name=ProposedChange]").FillAsync("Dodać zdanie o finansowaniu.");
        await page.GetByRole(AriaRole.Button, new() { Name = "Wyślij uwagę" }).ClickAsync();
        await page.Locator(".receipt").WaitForAsync();
        (await page.Locator("table").InnerTextAsync()).ShouldContain("rozdz. 2, pkt 4");

        // A vote without a choice is asked for one; nothing is saved before the check.
        await page.GotoAsync("/glosowania");
        await page.GetByRole(AriaRole.Link, new() { Name = "G-2012/07" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sprawdź głos" }).ClickAsync();
        (await page.Locator("main").InnerTextAsync()).ShouldContain("Wybierz: Za / Przeciw / Wstrzymuję się");
        (await page.TitleAsync()).ShouldStartWith("Błąd:");
        await page.GetByLabel("Za", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sprawdź głos" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Sprawdź przed oddaniem głosu" }).WaitForAsync();
        (await demo.Database.ScalarAsync<long>(
            "select count(*) from ballot_position p join person e on e.id = p.elector_id and e.key = 'anna-nowak' join ballot b on b.id = p.ballot_id and b.number = 'G-2012/07'")).ShouldBe(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Potwierdź głos" }).ClickAsync();

        var receipt = page.Locator(".receipt").First;
        await receipt.WaitForAsync();
        (await receipt.InnerTextAsync()).ShouldContain("na wersję 1.0");
        var hash = await demo.Database.ScalarAsync<string>(
            "select encode(p.content_hash, 'hex') from ballot_position p join person e on e.id = p.elector_id and e.key = 'anna-nowak' join ballot b on b.id = p.ballot_id and b.number = 'G-2012/07'");
        (await receipt.InnerTextAsync()).ShouldContain(hash!);
        (await page.Locator(".sentence").First.InnerTextAsync()).ShouldStartWith("Oddano 4 głosy. Kworum 4: jest.");

        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Do głosowania (1)" }).WaitForAsync();
    }

    [Fact]
    public async Task Osl_goes_from_the_pilots_conclusions_to_the_programmes_end_on_time()
    {
        await using var demo = await DemoProgramme.StartAsync();
        var administrator = await demo.SignInAsync("Rafał Zdun");
        await administrator.GotoAsync("/standardy/osl");
        (await administrator.Locator("main").InnerTextAsync()).ShouldContain("Pilotaż");

        // The conclusions are voted on to the last second and close by themselves.
        await VoteAsync(demo, "Anna Nowak", "G-2012/07");
        await DemoProgramme.MoveClockAsync(administrator, new DateOnly(2012, 11, 7));
        (await demo.Database.ScalarAsync<string>("select outcome from ballot where number = 'G-2012/07'")).ShouldBe("adopted");

        // The legal proposals close with the last vote, and the redirect after it shows the standard's next phase.
        foreach (var member in EntitledInOsl)
        {
            await VoteAsync(demo, member, "G-2012/08");
        }

        (await demo.Database.ScalarAsync<string>("select outcome from ballot where number = 'G-2012/08'")).ShouldBe("adopted");
        await administrator.GotoAsync("/standardy/osl");
        (await PhaseAsync(demo, "osl-wnioski")).ShouldBe("completed");
        (await PhaseAsync(demo, "osl-upowszechnienie")).ShouldBe("running");
        (await administrator.Locator("main").InnerTextAsync()).ShouldContain("Upowszechnienie");

        // The mails about it wait in the outbox, one for each who is told.
        await administrator.GotoAsync("/poczta");
        (await administrator.Locator("main").InnerTextAsync()).ShouldContain("G-2012/08");
        (await demo.Database.ScalarAsync<long>(
            "select count(*) from outbox_message m join ballot b on m.cause = 'ballot:' || b.id where m.kind = 'ballot_closed' and b.number = 'G-2012/08'"))
            .ShouldBe(11);

        // The lead hands in what dissemination asks for.
        var lead = await demo.SignInAsync("Marek Pole");
        await lead.GotoAsync("/produkty/osl-pakiet-edukacyjny/nowa-wersja");
        await lead.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "pakiet.docx",
            MimeType = "application/octet-stream",
            Buffer = DocxFromText.Write("Pakiet edukacyjno-samokształceniowy", "§ 1. Dla kogo jest pakiet."),
        });
        await lead.Locator("[name=Summary]").FillAsync("Pakiet dla uczestników upowszechnienia.");
        foreach (var box in await lead.Locator("[name=Declared]").AllAsync())
        {
            await box.CheckAsync();
        }

        await lead.Locator("#wersja button.btn-primary[type=submit]").ClickAsync();
        await lead.Locator("#odrazu button").ClickAsync();
        await lead.Locator("#przeslano").WaitForAsync();
        (await demo.Database.ScalarAsync<long>(
            "select count(*) from ballot where deliverable_key = 'osl-pakiet-edukacyjny' and state = 'open'")).ShouldBe(1);

        // Everybody does what he owes until the programme's last day.
        await demo.LiveUntilAsync(new DateOnly(2014, 4, 29));
        await DemoProgramme.MoveClockAsync(administrator, new DateOnly(2014, 4, 30));
        await administrator.GotoAsync("/program");

        (await administrator.Locator("main .meta").First.InnerTextAsync()).ShouldContain("zakończony w terminie");
        (await PhaseAsync(demo, "osl-upowszechnienie")).ShouldBe("completed");
        (await demo.Database.ScalarAsync<long>("select count(*) from workflow_incident")).ShouldBe(0);
    }

    [Fact]
    public async Task With_a_deliverable_missing_the_programme_is_not_on_time_and_says_what_is_missing()
    {
        await using var demo = await DemoProgramme.StartAsync();
        var administrator = await demo.SignInAsync("Rafał Zdun");
        var missing = await demo.Database.ScalarAsync<string>("select title from deliverable where key = 'osl-raport-koncowy'");

        await demo.LiveUntilAsync(new DateOnly(2014, 4, 29), except: "osl-raport-koncowy");
        await DemoProgramme.MoveClockAsync(administrator, new DateOnly(2014, 5, 2));
        await administrator.GotoAsync("/program");

        (await administrator.Locator("main .meta").First.InnerTextAsync()).ShouldContain("po terminie");
        (await administrator.Locator("main").InnerTextAsync()).ShouldContain(missing!);
    }

    private static async Task VoteAsync(DemoProgramme demo, string member, string number)
    {
        var page = await demo.SignInAsync(member);
        await page.GotoAsync("/glosowania");
        await page.GetByRole(AriaRole.Link, new() { Name = number }).First.ClickAsync();
        await page.GetByLabel("Za", new() { Exact = true }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sprawdź głos" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Potwierdź głos" }).ClickAsync();
        await page.Locator(".receipt").First.WaitForAsync();
        await page.Context.CloseAsync();
    }

    private static Task<string?> PhaseAsync(DemoProgramme demo, string key) =>
        demo.Database.ScalarAsync<string>("select status from phase where key = $1", key);
}
