using Microsoft.Playwright;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Studio;

/// <summary>The real Elsa Studio in a real browser against the running product: drawing, running, watching.</summary>
[Trait("Category", "Browser")]
public sealed class DesigningTests(StudioSite site) : IClassFixture<StudioSite>
{
    private const string Voted = "osl-projekt-standardu";

    private IPage Page => site.Studio.Page;

    [Fact]
    public async Task A_drawing_is_imported_exported_to_the_byte_published_run_and_watched_live_while_people_vote()
    {
        var studio = site.Studio;
        await site.Product.SubmitAsync(Voted, "§ 1. Projekt.");

        // Import a drawing as a file, export it again: the same bytes.
        await Page.GotoAsync("/studio");
        await Page.GetByText("Zatwierdzanie produktu").First.WaitForAsync();
        await Page.Locator("#workflow-file-upload-button-wrapper input[type=file]").SetInputFilesAsync(StudioSite.DrawingFile);
        await Page.GetByText("Głosowanie próbne").First.WaitForAsync();
        var exported = await Page.EvaluateAsync<string>("async () => await (await fetch('/elsa/api/workflow-definitions/glosowanie-probne/export')).text()");
        exported.ShouldBe(await File.ReadAllTextAsync(StudioSite.DrawingFile));

        // Publish and run it: Studio goes to the case, which waits for the ballot and says so in its journal.
        await studio.OpenEditorAsync("glosowanie-probne");
        (await studio.PublishAsync())["workflowDefinition"]!["isPublished"]!.GetValue<bool>().ShouldBeTrue();
        await Page.Locator("button.mud-icon-button.mud-success-text").First.ClickAsync();
        await Page.WaitForURLAsync("**/view");
        await studio.Badge("glosowanie", "warning").WaitForAsync();
        await Page.GetByText("Skieruj do głosowania - Suspended").First.WaitForAsync();
        (await Page.EvaluateAsync<string>("async () => await (await fetch('/produkty/osl-projekt-standardu')).text()"))
            .ShouldContain(new Uri(Page.Url).AbsolutePath, customMessage: "the page of what is voted on links to the live diagram");

        // Everybody votes, the last of them on the product's pages; the badge turns without a reload.
        var ballot = await site.Product.Database.ScalarAsync<Guid>("select id from ballot where deliverable_key = $1", Voted);
        await VoteAllButAsync(site.Product, ballot, "anna-nowak");
        var reader = await site.VisitAsync("anna-nowak");
        await reader.GotoAsync($"/glosowania/{ballot:D}");
        await reader.GetByRole(AriaRole.Radio, new() { Name = "Za", Exact = true }).CheckAsync();
        await reader.Locator("#glos button").First.ClickAsync();
        await reader.Locator("#glos button[value=potwierdz]").ClickAsync();
        await reader.Locator("#potwierdzenie").WaitForAsync();
        await studio.Badge("glosowanie", "success").WaitForAsync();
        await Page.GetByText("Skieruj do głosowania - Completed").First.WaitForAsync();

        studio.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_shipped_workflow_is_changed_by_drawing_described_published_and_brought_back()
    {
        const string Shipped = "czuwanie-nad-terminem";
        var studio = site.Studio;
        await studio.OpenEditorAsync(Shipped);

        // An input, a step from our shelf, and its connections; Studio saves each by itself.
        var typed = await studio.TypeAsync("eskalacja", "Temat", "Termin minął");
        StudioSite.Step(typed["workflowDefinition"]!, "eskalacja")["subject"]!["expression"]!["value"]!.GetValue<string>().ShouldBe("Termin minął");
        var added = await studio.DropAsync("Ludzie", "Powiadom", 520, 560);
        await studio.ConnectAsync("czekaj", "Met", added);
        var drawn = await studio.ConnectAsync(added, "Done", "dotrzymany");
        drawn["workflowDefinition"]!["root"]!["connections"]!.AsArray()
            .Select(one => $"{one!["source"]!["activity"]}.{one["source"]!["port"]} > {one["target"]!["activity"]}")
            .ShouldContain($"{added}.Done > dotrzymany");

        // Publishing asks for a word on the change, on the page of the effects.
        await studio.PressPublishAsync();
        (await studio.NoticeAsync()).ShouldContain("/obiegi/czuwanie-nad-terminem/skutki");
        await Page.Locator("#studio-notice a").ClickAsync();
        await Page.GetByRole(AriaRole.Heading, new() { Name = "Skutki publikacji" }).WaitForAsync();
        await Page.Locator("#publikacja-description").FillAsync("O dotrzymanym terminie też się zawiadamia.");
        await Page.Locator("#publikacja button[value=publikuj]").ClickAsync();
        await Page.WaitForURLAsync("**/skutki?opublikowano=2");

        // The former version comes back as a draft.
        await studio.OpenEditorAsync(Shipped);
        await studio.RollBackAsync(1);
        (await site.Product.Database.ScalarAsync<string>(
            "select (source like '%' || $1 || '%')::text || revision from workflow_draft where definition_id = 'czuwanie-nad-terminem'", added))
            .ShouldBe("false1");

        studio.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stale_page_is_told_whose_change_came_between_and_its_drawing_is_kept()
    {
        var studio = site.Studio;
        var drawing = StudioSite.Drawing("dwoje-naraz", Voted);
        await site.PublishAsync(drawing);
        await studio.OpenEditorAsync("dwoje-naraz");
        drawing["id"] = "dwoje-naraz-v1";
        drawing["description"] = "Zmieniła Joanna";
        await site.SaveAsync(drawing, "joanna-cicha");

        await studio.TypeAsync("glosowanie", "Tytuł", "Czy przyjąć?");

        (await studio.NoticeAsync()).ShouldContain("Joanna Cicha");
        await Page.Locator("#studio-notice a", new() { HasText = "odłożonych szkiców" }).ClickAsync();
        var file = Page.Locator("tr", new() { HasText = "Próba dwoje-naraz" }).Locator("a[download]");
        (await Page.RunAndWaitForDownloadAsync(() => file.ClickAsync())).SuggestedFilename.ShouldEndWith(".json");
        (await Page.EvaluateAsync<string>("async address => await (await fetch(address)).text()", await file.GetAttributeAsync("href"))).ShouldContain("Czy przyjąć?");
        (await Accessibility.ViolationsAsync(Page)).ShouldBeEmpty();
        studio.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_shipped_workflow_and_every_running_case_has_an_outline_to_read_without_a_canvas()
    {
        var page = await site.VisitAsync("rafal-zdun");
        var found = new List<string>();
        var definitions = (await site.Product.Database.ScalarAsync<string>(
            "select string_agg(distinct definition_id, ' ') from workflow_definition where is_published"))!.Split(' ');
        var cases = (await site.Product.Database.ScalarAsync<string>("select string_agg(id::text, ' ') from workflow_instance"))!.Split(' ');

        foreach (var path in definitions.Select(id => "/obiegi/" + id).Concat(definitions.Select(id => $"/obiegi/{id}/skutki")).Concat(cases.Select(id => "/przebiegi/" + id)))
        {
            await page.GotoAsync(path);
            found.AddRange((await Accessibility.ViolationsAsync(page)).Select(violation => $"{path}: {violation}"));
            (await page.GetByRole(AriaRole.Main).CountAsync()).ShouldBe(1, path);
            (await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).CountAsync()).ShouldBe(1, path);
            (await page.GetByRole(AriaRole.Heading, new() { Level = 2 }).CountAsync()).ShouldBeGreaterThan(0, path);
        }

        found.ShouldBeEmpty();
        definitions.Length.ShouldBeGreaterThanOrEqualTo(9);
    }

    private static async Task VoteAllButAsync(DemoSite site, Guid ballotId, string last)
    {
        var lastId = await site.PersonAsync(last);
        var ballot = await site.RunAsync<Approval.Persistence.UnitOfWork, List<Guid>>(work => work.RunAsync(
            async db => (await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.SingleAsync(
                Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.Include(db.Ballots, ballot => ballot.Electors),
                ballot => ballot.Id == ballotId)).Voters().Select(voter => voter.PersonId).ToList(),
            CancellationToken.None));
        foreach (var voter in ballot.Where(voter => voter != lastId))
        {
            var shown = await site.RunAsync<ShowBallot, ShowBallot.BallotView?>(show =>
                show.HandleAsync(new ShowBallot.Query(ballotId.ToString("D"), voter), CancellationToken.None));
            var cast = await site.RunAsync<CastVote, Result<CastVote.Receipt>>(vote => vote.HandleAsync(
                new CastVote.Command(ballotId, voter, PositionKind.InFavour, null, shown!.ContentHash, null), CancellationToken.None));
            cast.Succeeded.ShouldBeTrue(cast.Refusal?.Key);
        }
    }
}
