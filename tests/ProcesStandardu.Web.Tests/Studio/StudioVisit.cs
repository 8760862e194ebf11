using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ProcesStandardu.Web.Tests.Harness;

namespace ProcesStandardu.Web.Tests.Studio;

/// <summary>An administrator in front of Elsa Studio, and everything that the browser complains of meanwhile.</summary>
internal sealed class StudioVisit
{
    private readonly List<string> complaints = [];

    private StudioVisit(IPage page) => Page = page;

    public IPage Page { get; }

    public static async Task<StudioVisit> StartAsync(Browser browser, Uri address, string person = "rafal-zdun")
    {
        var page = await browser.NewPageAsync(address, width: 1800);
        await page.SetViewportSizeAsync(1800, 1150);
        page.SetDefaultTimeout(90_000);
        var visit = new StudioVisit(page);
        page.Request += (_, request) => visit.Note(
            request.Url.StartsWith("http", StringComparison.Ordinal) && new Uri(request.Url).Authority != address.Authority, "another host: " + request.Url);
        page.Console += (_, message) => visit.Note(
            message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal), message.Text);
        page.PageError += (_, error) => visit.Note(true, error);
        await page.AddInitScriptAsync("document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))");
        await page.GotoAsync("/logowanie");
        await page.Locator($"#wejscie-{person} button").ClickAsync();
        await page.WaitForURLAsync(new Uri(address, "/").ToString());
        return visit;
    }

    /// <summary>Requests to other hosts, violations of the policy, errors; empty is what we want.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (complaints)
            {
                return [.. complaints];
            }
        }
    }

    public async Task OpenEditorAsync(string definitionId)
    {
        await Page.GotoAsync($"/studio/workflows/definitions/{definitionId}/edit");
        await Node("start").WaitForAsync();
        await Page.Locator("legend", new() { HasText = "Name" }).First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
    }

    public ILocator Node(string id) => Page.Locator($".x6-node[data-cell-id='{id}']");

    /// <summary>Presses the button with the cloud and waits for the server's word.</summary>
    public Task<JsonNode> PublishAsync() =>
        SavedAsync(() => Page.Locator("button.mud-icon-button.mud-primary-text").First.ClickAsync(), publishes: true);

    /// <summary>The badge on a step: its colour's name and the number on it.</summary>
    public ILocator Badge(string id, string colour) => Node(id).Locator($".mud-badge.mud-theme-{colour}");

    private async Task<JsonNode> SavedAsync(Func<Task> act, bool publishes = false)
    {
        var answer = await Page.RunAndWaitForResponseAsync(act, response =>
            response.Request.Method == "POST" && new Uri(response.Url).AbsolutePath == "/elsa/api/workflow-definitions"
            && (!publishes || response.Request.PostData?.Contains("\"publish\":true", StringComparison.Ordinal) == true));
        return JsonNode.Parse(await answer.TextAsync())!;
    }

    private void Note(bool isWrong, string what)
    {
        if (isWrong)
        {
            lock (complaints)
            {
                complaints.Add(what);
            }
        }
    }
}
