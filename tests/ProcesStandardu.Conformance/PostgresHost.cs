using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Conformance;

/// <summary>The engine over PostgreSQL, put together as the product does; each call is one committed transaction.</summary>
internal sealed class PostgresHost : IConformanceHost
{
    private readonly TestDatabase _database;
    private readonly NpgsqlDataSource _dataSource;
    private readonly ServiceProvider _services;
    private readonly TestClock _clock = new();

    private PostgresHost(TestDatabase database)
    {
        _database = database;
        _dataSource = NpgsqlDataSource.Create(database.ConnectionString);
        var services = new ServiceCollection();
        services.AddSingleton(_dataSource);
        services.AddApprovalCore();
        services.AddWorkflows();
        services.AddSingleton<TimeProvider>(_clock);
        services.AddScoped<IWorkflowStore>(provider =>
            new RecordingStore(new PostgresWorkflowStore(provider.GetRequiredService<UnitOfWork>(), _clock), Variables));
        _services = services.BuildServiceProvider();
        _services.GetRequiredService<EngineOptions>().WriteLine = (_, text) => Lines.Add(text ?? "<null>");
    }

    public List<string> Lines { get; } = [];

    public Dictionary<Guid, IReadOnlyDictionary<string, JsonNode?>> Variables { get; } = [];

    public static async Task<PostgresHost> CreateAsync() => new(await TestDatabase.CreateAsync());

    public async Task<WorkflowDefinition> PublishAsync(string json)
    {
        await using var scope = _services.CreateAsyncScope();
        var published = await scope.ServiceProvider.GetRequiredService<PublishDefinition>()
            .HandleAsync(new PublishDefinition.Command(json, Actor.System), CancellationToken.None);
        if (published.Refusal is { } refusal)
        {
            throw new InvalidOperationException(string.Join('\n', refusal.Arguments));
        }

        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            async _ => (await scope.ServiceProvider.GetRequiredService<PostgresDefinitionStore>()
                .FindVersionAsync(published.Value.VersionId, CancellationToken.None))!,
            CancellationToken.None);
    }

    public async Task<T> RunAsync<T>(Func<WorkflowEngine, Task<T>> act)
    {
        await using var scope = _services.CreateAsyncScope();
        var result = await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            _ => act(scope.ServiceProvider.GetRequiredService<WorkflowEngine>()), CancellationToken.None);

        // No scenario has a burst that fails unexpectedly: one that does is told with its reason.
        return await ReadAsync("select last_error from kept_delivery where attempts > 0 limit 1", row => row.GetString(0)) is [var error, ..]
            ? throw new InvalidOperationException(error)
            : result;
    }

    public async Task<IReadOnlyList<InstanceRecord>> InstancesAsync()
    {
        var ids = await ReadAsync("select id from workflow_instance order by id", row => row.GetGuid(0));
        await using var scope = _services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync<IReadOnlyList<InstanceRecord>>(
            async _ =>
            {
                var instances = new List<InstanceRecord>();
                foreach (var id in ids)
                {
                    instances.Add((await scope.ServiceProvider.GetRequiredService<IWorkflowStore>().LockAsync(id, CancellationToken.None))!);
                }

                return instances;
            },
            CancellationToken.None);
    }

    public async Task<IReadOnlyList<LoggedEntry>> JournalAsync(Guid instanceId) => await ReadAsync(
        "select activity_id, activity_type, activity_number, event, outcomes from workflow_journal where instance_id = $1 order by seq",
        row => new LoggedEntry(
            row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetString(3),
            row.IsDBNull(4) ? [] : row.GetFieldValue<string[]>(4)),
        instanceId);

    public async Task<IReadOnlyList<(Guid InstanceId, string ActivityId)>> IncidentsAsync() => await ReadAsync(
        "select instance_id, activity_id from workflow_incident order by id", row => (row.GetGuid(0), row.GetString(1)));

    public async Task<IReadOnlyList<(Guid Id, string Name)>> OpenTasksAsync() => await ReadAsync(
        "select id, name from user_task where state = 'open' order by created_at, id", row => (row.GetGuid(0), row.GetString(1)));

    public async Task WaitAsync(TimeSpan length)
    {
        _clock.Advance(length);
        await _services.GetRequiredService<WakeDueWorkflows>().RunOnceAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _dataSource.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] parameters)
    {
        await using var command = _dataSource.CreateCommand(sql);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
