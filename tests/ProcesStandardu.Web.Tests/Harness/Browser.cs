using Microsoft.Playwright;

namespace ProcesStandardu.Web.Tests.Harness;

/// <summary>A real Chromium, without a window, talking to nobody but the page under test.</summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Flags =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser)
    {
        _playwright = playwright;
        _browser = browser;
    }

    /// <summary>Starts it: the program named by <c>PROCES_CHROMIUM</c>, or the first of the usual names on the PATH.</summary>
    public static async Task<Browser> LaunchAsync()
    {
        var playwright = await Playwright.CreateAsync();
        try
        {
            var browser = await playwright.Chromium.LaunchAsync(
                new BrowserTypeLaunchOptions { ExecutablePath = Find(), Args = Flags, Headless = true });
            return new Browser(playwright, browser);
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    /// <summary>A page of its own person: no cookie of another page reaches it. Polish, in Warsaw.</summary>
    /// <param name="address">What relative addresses are relative to.</param>
    /// <param name="width">Of the window, in CSS pixels; the acceptance widths are 1280 and 320.</param>
    /// <param name="javaScript">False shows what people without JavaScript get.</param>
    public async Task<IPage> NewPageAsync(Uri address, int width = 1280, bool javaScript = true)
    {
        var context = await _browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            JavaScriptEnabled = javaScript,
            Locale = "pl-PL",
            TimezoneId = "Europe/Warsaw",
        });
        if (javaScript)
        {
            await Accessibility.PrepareAsync(context);
        }

        context.SetDefaultTimeout(15_000);
        return await context.NewPageAsync();
    }

    /// <summary>Ends the browser and every page of it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("PROCES_CHROMIUM") is { Length: > 0 } named)
        {
            return named;
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        return names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Chromium is missing: apt-get install chromium, or set PROCES_CHROMIUM to its path.");
    }
}
