using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.SignIn;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.SignIn;

/// <summary>In Chromium, with a certified provider: sign-in, rights by app role, sign-out at both ends.</summary>
public sealed class ProviderInABrowserTests
{
    [Fact]
    public async Task Somebody_signs_in_with_a_real_provider_works_and_signs_out_at_both_ends()
    {
        var product = new Uri($"http://localhost:{FreePort()}");
        await using var provider = await OpenIdServer.StartAsync(0, product, "Observer");
        await using var database = await TestProduct.CreateDatabaseAsync();
        await using var pages = new ProductPages(database, new TestClock(), new Dictionary<string, string>
        {
            ["AzureAd:Authority"] = provider.Authority.ToString(),
            ["AzureAd:TenantId"] = OpenIdServer.Tenant,
            ["AzureAd:ClientId"] = OpenIdServer.Client,
            ["AzureAd:ClientSecret"] = OpenIdServer.Secret,
            ["Site:BaseAddress"] = product.ToString(),
            ["Database:PrepareAtStart"] = "false",
        })
        {
            StandIns = services => services.AddHttpClient(IdentityProvider.HttpClientName).ConfigurePrimaryHttpMessageHandler(provider.Trusting),
        };
        pages.Listen(product.Port);
        await using var browser = await Browser.LaunchAsync();
        var page = await browser.NewPageAsync(product, trustsEveryCertificate: true);
        var blocked = new List<string>();
        page.Console += (_, line) =>
        {
            if (line.Text.Contains("Content Security Policy", StringComparison.Ordinal) && line.Location.Contains(product.Authority, StringComparison.Ordinal))
            {
                blocked.Add(line.Text);
            }
        };

        await page.GotoAsync("/produkty");
        (await Accessibility.ViolationsAsync(page)).ShouldBeEmpty();
        await page.ClickAsync("#dostawca button");
        await SignInAsync(page);
        await page.WaitForURLAsync(new Uri(product, "/produkty").ToString());
        (await page.TextContentAsync(".who")).ShouldBe("Ewa Próbna");
        (await database.ScalarAsync<long>("select count(*) from sign_in_session where way = 'provider' and ended_at is null")).ShouldBe(1);

        await page.ClickAsync("#wyloguj button");
        await page.ClickAsync("button[name=logout]");
        await page.WaitForURLAsync(new Uri(product, "/logowanie").ToString());
        (await database.ScalarAsync<long>("select count(*) from sign_in_session where ended_at is null")).ShouldBe(0);

        // The provider has forgotten the visit too: it asks for the name again.
        await page.ClickAsync("#dostawca button");
        await page.WaitForSelectorAsync("input[name=login]");
        blocked.ShouldBeEmpty();
    }

    private static async Task SignInAsync(IPage page)
    {
        await page.FillAsync("input[name=login]", "ewa");
        await page.FillAsync("input[name=password]", "dowolne");
        await page.ClickAsync("button[type=submit]");

        // What the application may learn.
        await page.WaitForSelectorAsync("text=consent");
        await page.ClickAsync("button[type=submit]");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
