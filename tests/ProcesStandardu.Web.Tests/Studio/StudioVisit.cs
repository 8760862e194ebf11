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
        page.SetDefaultTimeout(60_000);
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
    public Task<JsonNode> PublishAsync() => SavedAsync(PressPublishAsync, sent => sent["publish"]?.GetValue<bool>() == true);

    public Task PressPublishAsync() => Page.Locator("button.mud-icon-button.mud-primary-text").First.ClickAsync();

    /// <summary>Types into a text input of a step, as its panel shows it; what Studio then saves by itself.</summary>
    public async Task<JsonNode> TypeAsync(string node, string label, string text)
    {
        await Node(node).ClickAsync();
        var box = Page.Locator(".mud-input-control").Filter(new() { Has = Page.Locator("label", new() { HasTextRegex = new($"^{label}$") }) })
            .Locator("input, textarea").First;
        await box.WaitForAsync();
        return await SavedAsync(
            async () =>
            {
                await box.FillAsync(text);
                await box.PressAsync("Tab");
            },
            sent => sent["model"]!["root"]!["activities"]!.AsArray().OfType<JsonObject>().Any(step => step["id"]!.GetValue<string>() == node
                && step.Any(input => (input.Value as JsonObject)?["expression"]?["value"]?.ToString() == text)));
    }

    /// <summary>Drags a step from the toolbox onto the canvas; the new step's id.</summary>
    public async Task<string> DropAsync(string category, string step, int x, int y)
    {
        var shelf = Page.Locator(".mud-expand-panel", new() { Has = Page.Locator(".mud-expand-panel-header", new() { HasText = category }) });
        var item = shelf.Locator(".mud-paper[draggable=true]", new() { HasText = step }).First;
        if (!await item.IsVisibleAsync())
        {
            await shelf.Locator(".mud-expand-panel-header").ClickAsync();
            await item.WaitForAsync();

            // The shelf opens with a movement; nothing is taken from it before it stands.
            await shelf.EvaluateAsync("shelf => Promise.all(shelf.getAnimations({ subtree: true }).map(motion => motion.finished))");
        }

        var before = await Page.Locator(".x6-node").EvaluateAllAsync<string[]>("nodes => nodes.map(node => node.dataset.cellId)");
        var saved = await SavedAsync(
            () => item.DragToAsync(Page.Locator(".x6-graph"), new() { TargetPosition = new() { X = x, Y = y } }),
            sent => sent["model"]!["root"]!["activities"]!.AsArray().Count > before.Length);
        return StepsOf(saved).Select(one => one["id"]!.GetValue<string>()).Except(before).Single();
    }

    /// <summary>Draws a connection from a way out of one step to another step.</summary>
    public async Task<JsonNode> ConnectAsync(string from, string port, string to)
    {
        // A chosen step has handles where its ways out are; nothing is chosen after a click beside all steps.
        await Page.Locator(".x6-graph").ClickAsync(new() { Position = new() { X = 40, Y = 40 } });
        await Page.Locator(".x6-widget-transform").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        var (x1, y1) = await MiddleAsync(Port(from, port));

        // Beside the middle: there begins the line of a connection that is drawn already, and it would be bent instead.
        (x1, y1) = (x1 - 4, y1 - 8);
        var (x2, y2) = await MiddleAsync(Port(to, "In"));
        return await SavedAsync(
            async () =>
            {
                await Page.Mouse.MoveAsync(x1, y1);
                await Page.Mouse.DownAsync();
                await Page.Mouse.MoveAsync((x1 + x2) / 2, (y1 + y2) / 2, new() { Steps = 4 });
                await Page.Mouse.MoveAsync(x2, y2, new() { Steps = 4 });
                await Page.Mouse.UpAsync();
            },
            sent => sent["model"]!["root"]!["connections"]!.AsArray().Any(one =>
                one!["source"]!["activity"]!.GetValue<string>() == from && one["target"]!["activity"]!.GetValue<string>() == to));
    }

    /// <summary>Brings a former version of the open definition back, in Studio's own history of versions.</summary>
    public async Task RollBackAsync(int version)
    {
        await Page.Locator(".mud-tab", new() { HasText = "Version history" }).EvaluateAsync("tab => tab.click()");
        var row = Page.Locator("table tbody tr").Filter(new() { Has = Page.Locator("td", new() { HasTextRegex = new($"^\\s*{version}\\s*$") }) });
        await row.Locator("button").Last.ClickAsync();
        await Page.RunAndWaitForResponseAsync(
            () => Page.GetByText("Rollback to this version").ClickAsync(), response => response.Url.EndsWith($"/revert/{version}", StringComparison.Ordinal));
    }

    /// <summary>What our frame says of what the server refused.</summary>
    public async Task<string> NoticeAsync()
    {
        await Page.Locator("#studio-notice:not([hidden])").WaitForAsync();
        return await Page.Locator("#studio-notice p").InnerTextAsync();
    }

    /// <summary>The steps of a saved definition.</summary>
    public static IEnumerable<JsonNode> StepsOf(JsonNode saved) => saved["workflowDefinition"]!["root"]!["activities"]!.AsArray().Select(one => one!);

    private ILocator Port(string node, string port) => Node(node).Locator($"g.x6-port-body[port='{port}']");

    private static async Task<(float X, float Y)> MiddleAsync(ILocator place)
    {
        await place.WaitForAsync();
        var box = (await place.BoundingBoxAsync())!;
        return (box.X + (box.Width / 2), box.Y + (box.Height / 2));
    }

    /// <summary>The badge on a step: its colour's name and the number on it.</summary>
    public ILocator Badge(string id, string colour) => Node(id).Locator($".mud-badge.mud-theme-{colour}");

    /// <summary>Does something that Studio saves, and waits for the server's word; a refusal comes as problem details.</summary>
    /// <param name="isIt">Whether what was sent is what was done: Studio may still be sending an earlier touch.</param>
    private async Task<JsonNode> SavedAsync(Func<Task> act, Func<JsonNode, bool> isIt)
    {
        var answer = await Page.RunAndWaitForResponseAsync(act, response =>
            response.Request.Method == "POST" && new Uri(response.Url).AbsolutePath == "/elsa/api/workflow-definitions"
            && response.Request.PostData is { } sent && isIt(JsonNode.Parse(sent)!));
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
