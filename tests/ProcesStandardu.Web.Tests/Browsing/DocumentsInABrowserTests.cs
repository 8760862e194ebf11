using Microsoft.Playwright;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Web.Tests.Harness;
using Xunit;
using static ProcesStandardu.Web.Tests.Browsing.BoardInABrowserTests;

namespace ProcesStandardu.Web.Tests.Browsing;

/// <summary>A lead's and a member's ways with documents in a real browser; with <c>PROCES_SCREENSHOTS</c> each page is kept as a picture.</summary>
[Trait("Category", "Browser")]
public sealed class DocumentsInABrowserTests
{
    private const string Deliverable = "/produkty/osl-raport-koncowy";

    [Fact]
    [Trait("Scenario", "S3")]
    public async Task A_lead_sends_and_takes_back_and_a_member_reads_and_compares()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var marek = await SignInAsync(browser, address, "marek-pole");
        await marek.GotoAsync(Deliverable + "/nowa-wersja");
        await KeepAsync(marek, "s3-formularz");
        await SendAsync(marek, "kosztorys.docx", "Kosztorys, nie ten plik");
        await marek.Locator("#czeka").WaitForAsync();
        await KeepAsync(marek, "s3-czeka");
        await marek.Locator("#cofnij button").ClickAsync();
        await marek.GetByText("Cofnięto przed wysłaniem powiadomień").WaitForAsync();

        await marek.GotoAsync(Deliverable + "/nowa-wersja");
        await SendAsync(marek, "raport.docx", "Raport końcowy");
        await marek.Locator("#odrazu button").ClickAsync();
        await marek.Locator("#przeslano").WaitForAsync();
        await marek.Locator("summary", new() { HasText = "Wycofaj wersję" }).ClickAsync();
        await marek.Locator("textarea[name=Reason]").FillAsync("nazwiska uczestników");
        await KeepAsync(marek, "s3-wycofanie");
        await marek.GetByRole(AriaRole.Button, new() { Name = "Poproś o wycofanie" }).ClickAsync();
        await marek.GetByRole(AriaRole.Button, new() { Name = "Zrezygnuj z prośby" }).WaitForAsync();

        var joanna = await SignInAsync(browser, address, "joanna-cicha");
        await joanna.GotoAsync(Deliverable);
        await KeepAsync(joanna, "s3-druga-osoba");
        await joanna.GetByRole(AriaRole.Button, new() { Name = "Potwierdź wycofanie" }).ClickAsync();
        await joanna.GetByText("Treść usunięto, skrót i uwagi zostają").WaitForAsync();
        await KeepAsync(joanna, "s3-wycofana");
        await joanna.GotoAsync("/pliki");
        await KeepAsync(joanna, "s3-pliki");

        var anna = await SignInAsync(browser, address, "anna-nowak");
        await anna.GotoAsync(site.BallotPath);
        await anna.Locator("a[href*='/wersje/']:not([href$='/plik'])").First.ClickAsync();
        await anna.Locator("article.reading").WaitForAsync();
        await anna.Locator("details.outline summary").ClickAsync();
        await KeepAsync(anna, "s3-czytanie");
        await anna.GotoAsync(site.BallotPath);
        await anna.Locator("a[href*='/porownanie']").First.ClickAsync();
        await anna.Locator("ins").First.WaitForAsync();
        await KeepAsync(anna, "s3-porownanie");
    }

    private static async Task SendAsync(IPage page, string name, string summary)
    {
        await page.Locator("input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = name, MimeType = "application/octet-stream", Buffer = DocxFromText.Write(summary, "§ 1. " + summary),
        });
        await page.Locator("[name=Summary]").FillAsync(summary);
        foreach (var box in await page.Locator("[name=Declared]").AllAsync())
        {
            await box.CheckAsync();
        }

        await page.Locator("#wersja button.btn-primary").ClickAsync();
    }
}
