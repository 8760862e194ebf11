using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;

namespace ProcesStandardu.Web.Tests.Journeys;

/// <summary>
/// The whole product on a real port, with the demo's history played to its first morning, Monday 5 November 2012. The
/// history is played once for all tests of the process; each test has a copy.
/// </summary>
internal sealed class DemoProgramme : IAsyncDisposable
{
    private static readonly Dictionary<string, string> Demo = new() { ["Demo:Enabled"] = "true", ["Outward:UndoSeconds"] = "0" };

    private readonly TestDatabase database;
    private readonly ProductPages pages;
    private readonly Browser browser;

    private DemoProgramme(TestDatabase database, ProductPages pages, Browser browser, Uri address)
    {
        this.database = database;
        this.pages = pages;
        this.browser = browser;
        Address = address;
    }

    public Uri Address { get; }

    public TestDatabase Database => database;

    public static async Task<DemoProgramme> StartAsync()
    {
        var database = await CreateDatabaseAsync();
        var pages = new ProductPages(database.ConnectionString, settings: Demo);
        return new DemoProgramme(database, pages, await Browser.LaunchAsync(), pages.Listen());
    }

    /// <summary>A copy of the database at the demo's first morning.</summary>
    public static Task<TestDatabase> CreateDatabaseAsync() => TestDatabase.CreateAsync("demo_history_played", PlayAsync);

    /// <summary>A page of its own on which a demo person has signed in with one click.</summary>
    public async Task<IPage> SignInAsync(string name)
    {
        var page = await browser.NewPageAsync(Address);
        page.SetDefaultTimeout(120_000);
        await page.GotoAsync("/logowanie");
        await page.Locator("button.person-button", new() { HasText = name }).ClickAsync();
        await page.WaitForURLAsync(new Uri(Address, "/").ToString());
        return page;
    }

    /// <summary>An administrator moves the programme's clock to nine in the morning of a day, on its page.</summary>
    public static async Task MoveClockAsync(IPage administrator, DateOnly day)
    {
        await administrator.GotoAsync("/zegar");
        await administrator.Locator("input[name=Date]").FillAsync(day.ToString("yyyy-MM-dd"));
        await administrator.Locator("button[name=Krok][value=data]").ClickAsync();
        await administrator.Locator(".receipt[role=status]").WaitForAsync();
    }

    /// <summary>
    /// Everybody does what he owes at this moment: leads hand in what is asked for and report targets as reached, members
    /// vote in favour, questions get their first answer. Until nobody owes anything.
    /// </summary>
    /// <param name="except">A deliverable that nobody hands in.</param>
    public async Task EverybodyDoesWhatHeOwesAsync(string? except = null)
    {
        for (var round = 0; round < 200; round++)
        {
            var done = await VoteAsync() + await SubmitAsync(except) + await ReportAsync() + await DecideAsync();
            if (done == 0)
            {
                return;
            }
        }

        throw new InvalidOperationException("What people owe does not come to an end.");
    }

    /// <summary>Moves the clock from one due instant to the next until a day, and lets everybody do what he owes on the way.</summary>
    public async Task LiveUntilAsync(DateOnly day, string? except = null)
    {
        var target = Warsaw.At(day, new TimeOnly(9, 0));
        while (true)
        {
            await EverybodyDoesWhatHeOwesAsync(except);
            var clock = pages.Services.GetRequiredService<ProgrammeClock>();
            if (clock.GetUtcNow() >= target)
            {
                return;
            }

            await using var scope = pages.Services.CreateAsyncScope();
            var travel = scope.ServiceProvider.GetRequiredService<TimeTravel>();
            var next = (await travel.NextDueAsync(clock.GetUtcNow(), CancellationToken.None))?.AddSeconds(1) ?? target;
            await travel.AdvanceToAsync(next < target ? next : target, null, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        await pages.DisposeAsync();
        await database.DisposeAsync();
    }

    private static async Task PlayAsync(string connectionString)
    {
        // Starting the product prepares its database: registers, workflows, history.
        await using var pages = new ProductPages(connectionString, settings: Demo);
        using var client = pages.CreateClient();
        using var answer = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        answer.EnsureSuccessStatusCode();
    }

    private async Task<int> VoteAsync()
    {
        var votes = await ReadAsync(async db => await db.Ballots.AsNoTracking().Include(b => b.Electors).Include(b => b.Positions)
            .Where(b => b.State == BallotState.Open).ToListAsync());
        var cast = 0;
        foreach (var ballot in votes)
        {
            foreach (var voter in ballot.Voters().Where(voter => voter.Standing is null))
            {
                var shown = await RunAsync<ShowBallot, ShowBallot.BallotView?>(show =>
                    show.HandleAsync(new ShowBallot.Query(ballot.Number, voter.PersonId), CancellationToken.None));
                var result = await RunAsync<CastVote, Result<CastVote.Receipt>>(vote => vote.HandleAsync(
                    new CastVote.Command(ballot.Id, voter.PersonId, PositionKind.InFavour, null, shown!.ContentHash, null),
                    CancellationToken.None));
                cast += result.Succeeded ? 1 : 0;
            }
        }

        return cast;
    }

    private async Task<int> SubmitAsync(string? except)
    {
        var asked = await ReadAsync(async db => await db.Database.SqlQuery<string>(
            $"""
            select distinct payload::jsonb ->> 'deliverableKey' as "Value" from workflow_bookmark
            where name = 'ProcesStandardu.RequestDeliverable'
            """).ToListAsync());
        var submitted = 0;
        foreach (var key in asked.Where(key => key != except))
        {
            var lead = await database.ScalarAsync<Guid>(
                """
                select r.person_id from deliverable d join role_assignment r on r.scope = 'task:' || d.task_key and r.role = 'task_lead'
                where d.key = $1 limit 1
                """,
                key);
            if (lead == Guid.Empty)
            {
                continue;
            }

            using var file = new MemoryStream(DocxFromText.Write(key, $"§ 1. Treść produktu {key}, {Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}."));
            var result = await RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(submit => submit.HandleAsync(
                new SubmitRevision.Command(
                    key, lead, file, key + ".docx", "Treść", "Całość", ChangeKind.Material, RevisionStep.NextMajor, null, null),
                CancellationToken.None));
            submitted += result.Succeeded ? 1 : 0;
        }

        return submitted;
    }

    private async Task<int> ReportAsync()
    {
        var awaited = await ReadAsync(async db => await db.Database.SqlQuery<string>(
            $"""
            select distinct payload::jsonb ->> 'indicatorKey' as "Value" from workflow_bookmark
            where name = 'ProcesStandardu.WaitForIndicator'
            """).ToListAsync());
        var reported = 0;
        foreach (var key in awaited)
        {
            var target = await database.ScalarAsync<decimal>("select target from indicator where key = $1", key);
            var reporter = await database.ScalarAsync<Guid>(
                """
                select r.person_id from role_assignment r left join indicator i on i.key = $1
                where (r.role = 'task_lead' and r.scope = 'task:' || i.task_key) or r.role = 'administrator'
                order by r.role desc limit 1
                """,
                key);
            var today = Warsaw.DateOf(pages.Services.GetRequiredService<ProgrammeClock>().GetUtcNow());
            var result = await RunAsync<ReportIndicator, Result<ReportIndicator.Reported>>(report => report.HandleAsync(
                new ReportIndicator.Command(reporter, key, target, today, "listy obecności", null), CancellationToken.None));
            reported += result.Succeeded ? 1 : 0;
        }

        return reported;
    }

    private async Task<int> DecideAsync()
    {
        var people = await ReadAsync(async db => await db.People.AsNoTracking().Select(person => person.Id).ToListAsync());
        var decided = 0;
        foreach (var person in people)
        {
            foreach (var question in await RunAsync<DecisionRequests, IReadOnlyList<DecisionRequests.DecisionView>>(
                requests => requests.OfAsync(person, CancellationToken.None)))
            {
                var result = await RunAsync<Decide, Result<Decide.Decision>>(decide => decide.HandleAsync(
                    new Decide.Command(question.Id, person, question.Choices[0], null), CancellationToken.None));
                decided += result.Succeeded ? 1 : 0;
            }
        }

        return decided;
    }

    private Task<T> ReadAsync<T>(Func<ProcesDbContext, Task<T>> read) =>
        RunAsync<UnitOfWork, T>(work => work.RunAsync(read, CancellationToken.None));

    private async Task<TResult> RunAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull
    {
        await using var scope = pages.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }
}
