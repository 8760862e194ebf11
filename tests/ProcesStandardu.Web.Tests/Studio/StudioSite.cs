using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Studio;

/// <summary>The demo's product on a port, a browser, and one administrator whose browser has read Studio once.</summary>
public sealed class StudioSite : IAsyncLifetime
{
    private Browser browser = null!;

    internal DemoSite Product { get; private set; } = null!;

    internal Uri Address { get; private set; } = null!;

    internal StudioVisit Studio { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        (Product, Address) = await DemoSite.ListenAsync();
        browser = await Browser.LaunchAsync();
        Studio = await StudioVisit.StartAsync(browser, Address);
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        await Product.DisposeAsync();
    }

    /// <summary>Another person's page, signed in.</summary>
    internal async Task<Microsoft.Playwright.IPage> VisitAsync(string person)
    {
        var page = await browser.NewPageAsync(Address);
        await page.GotoAsync("/logowanie");
        await page.Locator($"#wejscie-{person} button").ClickAsync();
        await page.WaitForURLAsync(Address.ToString());
        return page;
    }

    /// <summary>The small drawing of the tests, under a name of its own.</summary>
    internal static JsonObject Drawing(string definitionId, string deliverable)
    {
        var drawing = JsonNode.Parse(File.ReadAllText(DrawingFile))!.AsObject();
        drawing["id"] = definitionId;
        drawing["definitionId"] = definitionId;
        drawing["name"] = "Próba " + definitionId;
        Step(drawing, "glosowanie")["deliverableKey"]!["expression"]!["value"] = deliverable;
        return drawing;
    }

    internal static string DrawingFile { get; } =
        Path.Combine(Repository.Root, "tests", "ProcesStandardu.Web.Tests", "Studio", "glosowanie-probne.json");

    internal static JsonNode Step(JsonNode definition, string id) =>
        definition["root"]!["activities"]!.AsArray().Single(step => step!["id"]!.GetValue<string>() == id)!;

    internal async Task PublishAsync(JsonObject drawing) =>
        (await Product.RunAsync<PublishDefinition, Result<PublishDefinition.Published>>(publish =>
            publish.HandleAsync(new PublishDefinition.Command(drawing.ToJsonString(), Actor.System), CancellationToken.None)))
        .Refusal.ShouldBeNull();

    /// <summary>Saves a draft as somebody's browser would that saw the newest state.</summary>
    internal async Task<StoredVersion> SaveAsync(JsonObject drawing, string person, string? replacedBy = null)
    {
        var id = await Product.PersonAsync(person);
        return (await Product.RunAsync<SaveDraft, Result<StoredVersion>>(save => save.HandleAsync(
            new SaveDraft.Command(drawing.DeepClone().AsObject(), id, person, null, replacedBy), CancellationToken.None))).Value;
    }
}
