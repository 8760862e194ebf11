using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Testing;

/// <summary>The engine on a database of its own, put together as the product does, under a clock that stands.</summary>
public sealed class EngineOnPostgres : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private EngineOnPostgres(TestDatabase database, Action<IServiceCollection>? configure)
    {
        Database = database;
        DataSource = NpgsqlDataSource.Create(database.ConnectionString);
        var services = new ServiceCollection().AddLogging().AddSingleton(DataSource).AddApprovalCore().AddWorkflows();
        services.AddSingleton<TimeProvider>(Clock);
        configure?.Invoke(services);
        _services = services.BuildServiceProvider();
        _services.GetRequiredService<EngineOptions>().WriteLine = (_, text) => Lines.Enqueue(text ?? "<null>");
    }

    public TestDatabase Database { get; }

    public NpgsqlDataSource DataSource { get; }

    public TestClock Clock { get; } = new();

    /// <summary>What WriteLine activities wrote, those of transactions that were undone included.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

    public IServiceProvider Services => _services;

    public static async Task<EngineOnPostgres> CreateAsync(Action<IServiceCollection>? configure = null) =>
        new(await TestDatabase.CreateAsync(), configure);

    /// <summary>Runs an act in a transaction of its own, as a use case does.</summary>
    public async Task<T> RunAsync<T>(Func<IServiceProvider, WorkflowEngine, Task<T>> act)
    {
        await using var scope = _services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            () => act(scope.ServiceProvider, scope.ServiceProvider.GetRequiredService<WorkflowEngine>()), CancellationToken.None);
    }

    /// <summary>Publishes a definition and returns its version id.</summary>
    /// <exception cref="InvalidOperationException">It has problems; the message tells them.</exception>
    public async Task<string> PublishAsync(string json)
    {
        await using var scope = _services.CreateAsyncScope();
        var published = await scope.ServiceProvider.GetRequiredService<PublishDefinition>()
            .HandleAsync(new PublishDefinition.Command(json, Actor.System), CancellationToken.None);
        return published.Refusal is { } refusal
            ? throw new InvalidOperationException(string.Join('\n', refusal.Arguments))
            : published.Value.VersionId;
    }

    /// <summary>One pass that wakes what is due.</summary>
    public Task<WakeDueWorkflows.Counts> WakeAsync() =>
        _services.GetRequiredService<WakeDueWorkflows>().RunOnceAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await DataSource.DisposeAsync();
        await Database.DisposeAsync();
    }
}
