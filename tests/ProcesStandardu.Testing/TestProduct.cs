using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Refusals;
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
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Demo:Enabled"] = "true" }).Build();
        services = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(DemoMode.From(configuration))
            .AddSingleton(NpgsqlDataSource.Create(database.ConnectionString))
            .AddLogging()
            .AddLocalization()
            .AddApprovalCore()
            .AddProgramme()
            .AddDocuments(configuration)
            .AddBallots()
            .AddDeadlines()
            .AddDecisions()
            .AddNotifications(configuration, dataFolder)
            .AddWorkflows()
            .AddSeeding()
            .AddSingleton<TimeProvider>(clock)
            .BuildServiceProvider();
    }

    public TestDatabase Database { get; }

    public TestClock Clock { get; }

    public IServiceProvider Services => services;

    /// <summary>A product whose programme and demo people are imported; no workflow runs.</summary>
    public static async Task<TestProduct> CreateAsync()
    {
        var product = new TestProduct(await TestDatabase.CreateAsync(), new TestClock());
        await product.RunAsync<ImportProgramme, ImportCounts>(import =>
            import.HandleAsync(new ImportProgramme.Command(DataFolder.Shipped, IncludesDemo: true), CancellationToken.None));
        return product;
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
    public async Task<StartResult> StartWorkflowAsync(StartWorkflow start)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            _ => scope.ServiceProvider.GetRequiredService<WorkflowEngine>().StartAsync(start, CancellationToken.None),
            CancellationToken.None);
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
