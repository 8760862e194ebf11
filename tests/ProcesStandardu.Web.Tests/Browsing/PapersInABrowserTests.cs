using System.Text;
using Microsoft.Playwright;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;
using static ProcesStandardu.Web.Tests.Browsing.BoardInABrowserTests;

namespace ProcesStandardu.Web.Tests.Browsing;

/// <summary>Tables of comments, the report of divergences, the resolution and the sittings in a real browser; each page is kept as a picture.</summary>
[Trait("Category", "Browser")]
public sealed class PapersInABrowserTests
{
    private const string Table = "/produkty/osl-wnioski-1/uwagi";

    [Fact]
    [Trait("Scenario", "S1")]
    public async Task A_table_of_comments_is_previewed_taken_read_answered_and_reported()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var anna = await SignInAsync(browser, address, "anna-nowak");
        await anna.GotoAsync(Table + "/wczytaj");
        await anna.Locator("#tabela input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "uwagi.csv",
            MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes(
                "Lp.;Jednostka redakcyjna;Rodzaj;Treść uwagi;Uzasadnienie;Propozycja zmiany\n1;§ 1;merytoryczna;Brak kosztów.;Budżet;dodać koszty\n"),
        });
        await anna.Locator("#tabela [name=Reporter]").FillAsync("Ministerstwo Zdrowia");
        await KeepAsync(anna, "uwagi-wczytanie");
        await anna.Locator("#tabela button[type=submit]").ClickAsync();
        await anna.Locator("#wczytaj").WaitForAsync();
        await KeepAsync(anna, "uwagi-podglad");
        await anna.Locator("#wczytaj button[type=submit]").ClickAsync();
        await anna.GetByText("Brak kosztów.").First.WaitForAsync();
        await KeepAsync(anna, "uwagi-tabela");

        var marek = await SignInAsync(browser, address, "marek-pole", width: 320);
        await marek.GotoAsync(Table);
        await KeepAsync(marek, "uwagi-tabela-telefon");
        await marek.Locator("tbody th a").First.ClickAsync();
        await marek.Locator("#stanowisko").WaitForAsync();
        await KeepAsync(marek, "uwagi-jedna-telefon");
        await anna.GotoAsync("/produkty/osl-wnioski-1/rozbieznosci");
        await KeepAsync(anna, "uwagi-rozbieznosci");
        await marek.GotoAsync("/regulamin/zespol-doradczy");
        (await marek.Locator("section[aria-labelledby=rodzaje] tbody tr").CountAsync()).ShouldBe(7);
        await KeepAsync(marek, "regulamin-telefon");
    }

    [Fact]
    [Trait("Scenario", "S2")]
    public async Task A_sitting_is_planned_changed_convened_and_a_resolution_signed_and_printed()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        foreach (var person in new[] { "anna-nowak", "halina-zawadzka", "tomasz-brzeski", "ewa-gorna" })
        {
            await site.VoteAsync(person, "in_favour");
        }

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 9, 0));
        await site.RunAsync<CloseDueBallots, int>(close => close.RunOnceAsync(CancellationToken.None));
        var halina = await SignInAsync(browser, address, "halina-zawadzka");
        await halina.GotoAsync($"/uchwaly/{site.BallotId:D}");
        await KeepAsync(halina, "uchwala");
        await halina.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        await KeepAsync(halina, "uchwala-druk");
        await halina.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Screen });
        await halina.Locator("#podpis button").ClickAsync();
        await halina.GetByText("Nic nie jest jeszcze podpisane.").WaitForAsync();
        await KeepAsync(halina, "uchwala-podpis");
        await halina.Locator("#podpis button[value=potwierdz]").ClickAsync();
        await halina.Locator("#bledy").WaitForAsync();
        await halina.Locator("#podpis [name=Number]").FillAsync("1/2012");
        await halina.Locator("#podpis button[value=potwierdz]").ClickAsync();
        await halina.GetByText("Podpis jest złożony.").WaitForAsync();
        await KeepAsync(halina, "uchwala-podpisana");

        var joanna = await SignInAsync(browser, address, "joanna-cicha");
        await joanna.GotoAsync("/posiedzenia");
        await KeepAsync(joanna, "posiedzenia");
        await joanna.Locator("#plan [name=Day]").FillAsync("2012-11-23");
        await joanna.Locator("#plan [name=Hour]").FillAsync("10:00");
        await joanna.Locator("#plan [name=Place]").FillAsync("Sala 1");
        await joanna.Locator("#plan [name=Agenda]").FillAsync("Wnioski z pilotażu\nSprawy różne");
        await joanna.Locator("#plan button").ClickAsync();
        await joanna.Locator("#zwolanie").WaitForAsync();
        await KeepAsync(joanna, "posiedzenie-plan");
        await joanna.Locator("#zwolanie button").ClickAsync();
        await joanna.Locator("details summary").First.ClickAsync();
        await joanna.Locator("#zmiana [name=Agenda]").FillAsync("Wnioski z pilotażu\nPlan na 2013 rok\nSprawy różne");
        await KeepAsync(joanna, "posiedzenie-zmiana");
        await joanna.Locator("#zmiana button[type=submit]").ClickAsync();
        await joanna.GetByText("Plan na 2013 rok").First.WaitForAsync();
        (await joanna.Locator("main").InnerTextAsync()).ShouldContain("1/2012");

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 23, 11, 0));
        await joanna.ReloadAsync();
        await joanna.Locator("#obecnosc select").First.SelectOptionAsync("present");
        await joanna.Locator("#obecnosc button").ClickAsync();
        await joanna.Locator("#protokol").WaitForAsync();
        await KeepAsync(joanna, "posiedzenie-protokol");
        var phone = await SignInAsync(browser, address, "krystyna-jasna", width: 320);
        await phone.GotoAsync(new Uri(joanna.Url).AbsolutePath);
        await KeepAsync(phone, "posiedzenie-telefon");
    }
}
