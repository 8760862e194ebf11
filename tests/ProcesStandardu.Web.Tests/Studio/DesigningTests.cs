using Microsoft.Playwright;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Studio;

/// <summary>The real Elsa Studio in a real browser against the running product.</summary>
[Trait("Category", "Browser")]
public sealed class DesigningTests
{
    [Fact]
    public async Task A_drawing_is_imported_exported_to_the_byte_published_run_and_watched_live_while_people_vote()
    {
        var (site, address) = await ListenAsync();
        await using var _ = site;
        await using var browser = await Browser.LaunchAsync();
        var studio = await StudioVisit.StartAsync(browser, address);
        var page = studio.Page;
        await site.SubmitAsync(Voted, "§ 1. Projekt.");

        // Import a drawing as a file, export it again: the same bytes.
        string[] names = ["glosowanie-probne"];
        var files = names.Select(name => Path.Combine(Repository.Root, "tests", "ProcesStandardu.Web.Tests", "Studio", name + ".json")).ToArray();
        await page.GotoAsync("/studio");
        await page.GetByText("Zatwierdzanie produktu").First.WaitForAsync();
        await page.Locator("#workflow-file-upload-button-wrapper input[type=file]").SetInputFilesAsync(files);
        await page.GetByText("Głosowanie próbne").First.WaitForAsync();
        var exported = await page.EvaluateAsync<string>("async () => await (await fetch('/elsa/api/workflow-definitions/glosowanie-probne/export')).text()");
        exported.ShouldBe(await File.ReadAllTextAsync(files[0]));

        // Publish and run it: Studio goes to the case, which waits for the ballot.
        await RunAsync(studio, "glosowanie-probne");
        await studio.Badge("glosowanie", "warning").WaitForAsync();
        await page.GetByText("Skieruj do głosowania - Suspended").First.WaitForAsync();

        // Everybody votes, the last of them on the product's pages; the badge turns without a reload.
        var ballot = await site.Database.ScalarAsync<Guid>("select id from ballot where deliverable_key = $1", Voted);
        var reader = await browser.NewPageAsync(address);
        await VoteAllButAsync(site, ballot, "anna-nowak");
        await reader.GotoAsync("/logowanie");
        await reader.Locator("#wejscie-anna-nowak button").ClickAsync();
        await reader.GotoAsync($"/glosowania/{ballot:D}");
        await reader.GetByRole(AriaRole.Radio, new() { Name = "Za", Exact = true }).CheckAsync();
        await reader.Locator("#glos button").First.ClickAsync();
        await reader.Locator("#glos button[value=potwierdz]").ClickAsync();
        await reader.Locator("#potwierdzenie").WaitForAsync();
        await studio.Badge("glosowanie", "success").WaitForAsync();
        await page.GetByText("Skieruj do głosowania - Completed").First.WaitForAsync();

        studio.Complaints.ShouldBeEmpty();
    }

    private static async Task RunAsync(StudioVisit studio, string definitionId)
    {
        await studio.OpenEditorAsync(definitionId);
        (await studio.PublishAsync())["workflowDefinition"]!["isPublished"]!.GetValue<bool>().ShouldBeTrue();
        await studio.Page.Locator("button.mud-icon-button.mud-success-text").First.ClickAsync();
        await studio.Page.WaitForURLAsync("**/view");
    }

    private const string Voted = "osl-projekt-standardu";

    private static async Task<(DemoSite Site, Uri Address)> ListenAsync()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await site.RunAsync<PublishShippedWorkflows, int>(publish =>
            publish.HandleAsync(new PublishShippedWorkflows.Command(PublishShippedWorkflows.ShippedFolder), CancellationToken.None));
        return (site, address);
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
