using Microsoft.Playwright;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Browsing;

/// <summary>Every page in a real browser: nothing for axe to find, no scrolling sideways, light enough for a slow line.</summary>
[Trait("Category", "Browser")]
public sealed class EveryPageTests
{
    private const int LargestPage = 350_000;

    private static readonly (string Person, string[] Addresses)[] Pages =
    [
        ("anna-nowak",
        [
            "/", "/standardy", "/standardy/osl", "/produkty", "/produkty/osl-wnioski-1", "/produkty/osl-wnioski-1/uwagi", "{compare}",
            "/glosowania", "{ballot}", "/regulamin/zespol-doradczy", "/nieobecnosci", "/terminy", "/terminy?widok=miesiac", "/terminy?widok=os", "/terminy/z2-sprawozdanie-koncowe-termin?na=2012-11-01", "/kalendarz", "/wskazniki", "/program", "/obiegi", "/obiegi/zatwierdzanie-produktu",
            "/skad?o=work:osl", "/rejestr", "/pomoc", "/nie/ma",
            "/produkty/osl-wnioski-1/uwagi/wczytaj", "/produkty/osl-wnioski-1/rozbieznosci", "/uchwaly", "/posiedzenia",
        ]),
        ("marek-pole", ["/", "/produkty/osl-wnioski-1/nowa-wersja", "/wskazniki/osl-sesje"]),
        ("joanna-cicha", ["/", "/regulamin/zespol-doradczy/nowa-wersja", "/produkty/osl-wnioski-1/glosowanie", "{ballot}", "/poczta", "{mail}", "/terminy/aneksy/nowy?termin=z2-przeszkoleni-termin",
            "/terminy/przypomnienia", "/straznik", "/stan", "/pliki", "/przebiegi", "{instance}", "/zegar"]),
    ];

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(320, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task Every_page_is_without_violations_and_fits_its_window(int width, ColorScheme scheme)
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var found = new List<string>();

        var page = await browser.NewPageAsync(address, width);
        page.Console += (_, message) =>
        {
            // What the page's own policy forbids is told here, and so is a script that fails.
            if (message.Type == "error" && !message.Text.Contains("status of 404", StringComparison.Ordinal)
                && !message.Text.Contains("status of 422", StringComparison.Ordinal))
            {
                found.Add($"{page.Url}: {message.Text}");
            }
        };
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme });
        await page.GotoAsync("/logowanie");
        found.AddRange(await ProblemsAsync(page, "/logowanie", width));
        foreach (var (person, addresses) in Pages)
        {
            await page.GotoAsync("/logowanie");
            await page.Locator($"#wejscie-{person} button").ClickAsync();
            foreach (var template in addresses)
            {
                var path = await FilledAsync(site, template);
                await page.GotoAsync(path);
                found.AddRange(await ProblemsAsync(page, path, width));
            }
        }

        // A refused form is a page too.
        await page.GotoAsync("/logowanie");
        await page.Locator("#wejscie-anna-nowak button").ClickAsync();
        await page.GotoAsync(site.BallotPath);
        await page.Locator("#glos button").ClickAsync();
        await page.Locator("#bledy").WaitForAsync();
        (await page.TitleAsync()).ShouldStartWith("Błąd:");
        found.AddRange(await ProblemsAsync(page, "refused vote", width));

        found.ShouldBeEmpty();
    }

    [Fact]
    public async Task No_page_weighs_more_than_a_slow_line_carries()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var heavy = new List<string>();

        foreach (var (person, addresses) in Pages)
        {
            foreach (var template in addresses)
            {
                // A browser of its own for each page: nothing comes from a cache.
                var page = await browser.NewPageAsync(address);
                await page.GotoAsync("/logowanie");
                await page.Locator($"#wejscie-{person} button").ClickAsync();
                var strangers = new List<string>();
                page.Request += (_, request) =>
                {
                    if (!request.Url.StartsWith(address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                    {
                        strangers.Add(request.Url);
                    }
                };
                await page.GotoAsync(await FilledAsync(site, template), new PageGotoOptions { WaitUntil = WaitUntilState.NetworkIdle });
                var weight = await page.EvaluateAsync<int>(
                    "() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((sum, entry) => sum + entry.encodedBodySize, 0)");
                strangers.ShouldBeEmpty(template);
                if (weight > LargestPage)
                {
                    heavy.Add($"{template}: {weight}");
                }

                await page.Context.CloseAsync();
            }
        }

        heavy.ShouldBeEmpty();
    }

    private static async Task<IEnumerable<string>> ProblemsAsync(IPage page, string path, int width)
    {
        var problems = new List<string>(await Accessibility.ViolationsAsync(page));
        if (await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth") is var wide && wide > width)
        {
            problems.Add($"scrolls sideways: {wide}");
        }

        // Inline links may be small; everything that stands alone is at least 24 by 24.
        problems.AddRange(await page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('button, select, input:not([type=hidden]), nav a, .btn, summary')]
              .filter(e => { const b = e.getBoundingClientRect(); return b.width > 0 && (b.width < 24 || b.height < 24) && !e.classList.contains('skip'); })
              .map(e => 'small target: ' + e.outerHTML.slice(0, 120))
            """));
        return problems.Select(problem => $"{path} at {width}: {problem}");
    }

    private static async Task<string> FilledAsync(DemoSite site, string template) => template switch
    {
        "{ballot}" => site.BallotPath,
        "{mail}" => $"/poczta/{await site.Database.ScalarAsync<Guid>("select id from outbox_message order by id limit 1"):D}",
        "{instance}" => $"/przebiegi/{await site.Database.ScalarAsync<Guid>("select id from workflow_instance order by id limit 1"):D}",
        "{compare}" => "/produkty/osl-wnioski-1/porownanie?od="
            + $"{await site.Database.ScalarAsync<Guid>("select id from revision order by major, minor limit 1"):D}&do="
            + $"{await site.Database.ScalarAsync<Guid>("select revision_id from ballot limit 1"):D}",
        _ => template,
    };
}
