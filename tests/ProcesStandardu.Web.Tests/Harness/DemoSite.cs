using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Xunit;

namespace ProcesStandardu.Web.Tests.Harness;

/// <summary>
/// The product with the shipped programme and the demo's people, on a database and a clock of its own, with a ballot on the
/// conclusions of OSL that ends on Tuesday 6 November 2012. It is Monday the 5th, 8:00.
/// </summary>
public sealed class DemoSite : IAsyncLifetime
{
    public const string Deliverable = "osl-wnioski-1";
    private readonly string _folder = Directory.CreateTempSubdirectory("proces-pages-").FullName;

    public TestDatabase Database { get; private set; } = null!;

    public TestClock Clock { get; } = new();

    public ProductPages Pages { get; private set; } = null!;

    public Guid BallotId { get; private set; }

    public string BallotPath => $"/glosowania/{BallotId:D}";

    public async ValueTask InitializeAsync() => await StartAsync(null);

    /// <summary>Serves on a port, for browsers.</summary>
    public static async Task<(DemoSite Site, Uri Address)> ListenAsync()
    {
        var site = new DemoSite();
        Uri? address = null;
        await site.StartAsync(pages => address = pages.Listen());
        return (site, address!);
    }

    /// <summary>A person's visit, signed in by one click; without a key an anonymous one.</summary>
    public async Task<Visit> VisitAsync(string? person = null)
    {
        var visit = new Visit(Pages.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = true }));
        if (person is not null)
        {
            await visit.SignInAsync(person);
        }

        return visit;
    }

    /// <summary>Runs a use case as a request would.</summary>
    public async Task<TResult> RunAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull
    {
        await using var scope = Pages.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }

    public Task<Guid> PersonAsync(string key) => Database.ScalarAsync<Guid>("select id from person where key = $1", key)!;

    public async Task<long> CountAsync(string sql) => await Database.ScalarAsync<long>(sql);

    /// <summary>Hands in a revision as the task's lead.</summary>
    public async Task<SubmitRevision.Submitted> SubmitAsync(
        string deliverable, string text, RevisionStep step = RevisionStep.NextMajor, ChangeKind kind = ChangeKind.Material)
    {
        using var file = new MemoryStream(DocxFromText.Write("Wnioski i rekomendacje OSL", text));
        var lead = await PersonAsync("marek-pole");
        return (await RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(submit => submit.HandleAsync(
            new SubmitRevision.Command(
                deliverable, lead, file, "wnioski.docx", "Wnioski z pilotażu", "Nowa część", kind, step, null, null),
            CancellationToken.None))).Value;
    }

    /// <summary>Casts a position without a browser.</summary>
    public async Task VoteAsync(string person, string position)
    {
        var id = await PersonAsync(person);
        var ballot = await RunAsync<ShowBallot, ShowBallot.BallotView?>(show =>
            show.HandleAsync(new ShowBallot.Query(BallotId.ToString("D"), id), CancellationToken.None));
        var cast = await RunAsync<CastVote, Result<CastVote.Receipt>>(vote => vote.HandleAsync(
            new CastVote.Command(BallotId, id, position, null, ballot!.ContentHash, null), CancellationToken.None));
        _ = cast.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await Pages.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(Action<ProductPages>? before)
    {
        Database = await TestDatabase.CreateAsync();
        Pages = new ProductPages(Database, Clock, new Dictionary<string, string>
        {
            ["Demo:Enabled"] = "true",
            ["PROCES_DATA"] = _folder,

            // What people do has its effect at once; the tests of taking back set their own time.
            ["Outward:UndoSeconds"] = "0",

            // The demo's played history would be another story than the tests tell.
            ["Database:PrepareAtStart"] = "false",
        });
        before?.Invoke(Pages);
        await RunAsync<ImportProgramme, ImportCounts>(import => import.HandleAsync(
            new ImportProgramme.Command(DataFolder.Shipped, IncludesDemo: true), CancellationToken.None));
        await RunAsync<PublishShippedWorkflows, int>(publish => publish.HandleAsync(
            new PublishShippedWorkflows.Command(PublishShippedWorkflows.ShippedFolder), CancellationToken.None));
        Clock.SetTo(TestClock.InWarsaw(2012, 10, 29, 9, 0));
        await SubmitAsync(Deliverable, "Rozdział 1\n\n§ 1. Wnioski z pilotażu.", RevisionStep.NextMinor);
        await SubmitAsync(Deliverable, "Rozdział 1\n\n§ 1. Wnioski z pilotażu i rekomendacje.");
        Clock.SetTo(TestClock.InWarsaw(2012, 10, 29, 10, 0));
        BallotId = (await RunAsync<OpenBallot, Result<OpenBallot.Opened>>(open => open.HandleAsync(
            new OpenBallot.Command(Deliverable, "zespol-doradczy", null, null, null, Actor.System), CancellationToken.None))).Value.BallotId;
        await WatchProgrammeEndAsync();
        Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 8, 0));
    }

    /// <summary>One running workflow, which nothing of the story touches until April 2014.</summary>
    private async Task WatchProgrammeEndAsync()
    {
        await using var scope = Pages.Services.CreateAsyncScope();
        var engine = scope.ServiceProvider.GetRequiredService<WorkflowEngine>();
        await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            () => engine.StartAsync(
                new StartWorkflow
                {
                    DefinitionId = "czuwanie-nad-terminem",
                    Input = new Dictionary<string, JsonNode?> { ["DeadlineKey"] = "program-koniec" },
                },
                CancellationToken.None),
            CancellationToken.None);
    }
}
