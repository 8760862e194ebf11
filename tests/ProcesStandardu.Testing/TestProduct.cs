using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Testing;

/// <summary>
/// The whole product but its pages, on a database of its own with the shipped programme and the demo's people, under a
/// clock that stands until the test moves it. Mail goes to a pickup folder.
/// </summary>
public sealed class TestProduct : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly string dataFolder;

    private TestProduct(TestDatabase database, TestClock clock)
    {
        Database = database;
        Clock = clock;
        dataFolder = Directory.CreateTempSubdirectory("proces-test-").FullName;
        services = Compose(database.ConnectionString, clock, dataFolder);
    }

    public TestDatabase Database { get; }

    public TestClock Clock { get; }

    public IServiceProvider Services => services;

    /// <summary>A product whose programme and demo people are imported; no workflow runs.</summary>
    public static async Task<TestProduct> CreateAsync() =>
        new(await CreateDatabaseAsync(), new TestClock());

    /// <summary>A database with the programme and the demo people.</summary>
    public static Task<TestDatabase> CreateDatabaseAsync() => TestDatabase.CreateAsync("programme_imported", ImportAsync);

    /// <summary>Fills a migrated database with the programme and the demo's people.</summary>
    public static async Task ImportAsync(string connectionString)
    {
        await using var services = Compose(connectionString, new TestClock(), Path.GetTempPath());
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ImportProgramme>().HandleAsync(
            new ImportProgramme.Command(DataFolder.Shipped, IncludesDemo: true), CancellationToken.None);
    }

    /// <summary>The product's services but for its pages, on a database that others made, for whoever runs them in a process of their own.</summary>
    public static ServiceProvider Compose(
        string connectionString, TimeProvider clock, string dataFolder, IReadOnlyDictionary<string, string?>? settings = null) =>
        AddTo(new ServiceCollection(), connectionString, clock, dataFolder, settings).BuildServiceProvider();

    /// <summary>Adds the whole product but its pages to a container, for tests that serve a part of it.</summary>
    public static IServiceCollection AddTo(
        IServiceCollection services, string connectionString, TimeProvider clock, string dataFolder,
        IReadOnlyDictionary<string, string?>? settings = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Demo:Enabled"] = "true" })
            .AddInMemoryCollection(settings ?? new Dictionary<string, string?>()).Build();
        return services
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(DemoMode.From(configuration))
            .AddSingleton(_ => NpgsqlDataSource.Create(connectionString))
            .AddLogging()
            .AddLocalization()
            .AddApprovalCore()
            .AddAudit(configuration, dataFolder)
            .AddProgramme()
            .AddDocuments(configuration)
            .AddComments()
            .AddBallots()
            .AddResolutions()
            .AddMeetings()
            .AddDeadlines()
            .AddCalendar()
            .AddDecisions()
            .AddNotifications(configuration, dataFolder)
            .AddOutwardActs(configuration)
            .AddWorkflows()
            .AddHttpRequests(configuration)
            .AddNodes()
            .AddSeeding()
            .AddSingleton(clock);
    }

    /// <summary>Runs a use case in a scope of its own, as a request would.</summary>
    public async Task<TResult> RunAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull
    {
        await using var scope = services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }

    /// <summary>The id of a demo person by key.</summary>
    public Task<Guid> PersonAsync(string key) =>
        Database.ScalarAsync<Guid>("select id from person where key = $1", key)!;

    /// <summary>Publishes a definition and returns its version id.</summary>
    public async Task<string> PublishAsync(string json)
    {
        var published = await RunAsync<PublishDefinition, Result<PublishDefinition.Published>>(publish =>
            publish.HandleAsync(new PublishDefinition.Command(json, default), CancellationToken.None));
        return published.Succeeded ? published.Value.VersionId : throw new InvalidOperationException((string?)published.Refusal!.Arguments[0]);
    }

    /// <summary>Starts a workflow in a unit of work of its own.</summary>
    public Task<StartResult> StartWorkflowAsync(StartWorkflow start) =>
        InUnitOfWorkAsync<WorkflowEngine, StartResult>(engine => engine.StartAsync(start, CancellationToken.None));

    /// <summary>Runs a service's act inside one unit of work, as a use case would.</summary>
    public async Task<TResult> InUnitOfWorkAsync<TService, TResult>(Func<TService, Task<TResult>> act)
        where TService : notnull
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            () => act(scope.ServiceProvider.GetRequiredService<TService>()), CancellationToken.None);
    }

    /// <summary>Runs a body in one unit of work.</summary>
    public Task<T> InUnitOfWorkAsync<T>(Func<ProcesDbContext, Task<T>> body) =>
        RunAsync<UnitOfWork, T>(work => work.RunAsync(body, CancellationToken.None));

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(dataFolder, recursive: true);
    }
}
