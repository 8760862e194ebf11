using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
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
    private EngineOnPostgres _product = null!;

    public List<string> Lines { get; } = [];

    public Dictionary<Guid, IReadOnlyDictionary<string, JsonNode?>> Variables { get; } = [];

    public static async Task<PostgresHost> CreateAsync()
    {
        var host = new PostgresHost();
        host._product = await EngineOnPostgres.CreateAsync(services => services.AddScoped<IWorkflowStore>(provider => new RecordingStore(
            new PostgresWorkflowStore(provider.GetRequiredService<UnitOfWork>(), provider.GetRequiredService<TimeProvider>()),
            host.Variables)));
        host._product.Services.GetRequiredService<EngineOptions>().WriteLine = (_, text) => host.Lines.Add(text ?? "<null>");
        return host;
    }

    public async Task<WorkflowDefinition> PublishAsync(string json)
    {
        var versionId = await _product.PublishAsync(json);
        return await _product.RunAsync(async (services, _) =>
            (await services.GetRequiredService<PostgresDefinitionStore>().FindVersionAsync(versionId, CancellationToken.None))!);
    }

    public async Task<T> RunAsync<T>(Func<WorkflowEngine, Task<T>> act)
    {
        var result = await _product.RunAsync((_, engine) => act(engine));

        // No scenario has a burst that fails unexpectedly: one that does is told with its reason.
        return await ReadAsync("select last_error from kept_delivery where attempts > 0 limit 1", row => row.GetString(0)) is [var error, ..]
            ? throw new InvalidOperationException(error)
            : result;
    }

    public async Task<IReadOnlyList<InstanceRecord>> InstancesAsync()
    {
        var ids = await ReadAsync("select id from workflow_instance order by id", row => row.GetGuid(0));
        return await _product.RunAsync<IReadOnlyList<InstanceRecord>>(async (services, _) =>
        {
            var instances = new List<InstanceRecord>();
            foreach (var id in ids)
            {
                instances.Add((await services.GetRequiredService<IWorkflowStore>().LockAsync(id, CancellationToken.None))!);
            }

            return instances;
        });
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
        _product.Clock.Advance(length);
        await _product.WakeAsync();
    }

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] parameters)
    {
        await using var command = _product.DataSource.CreateCommand(sql);
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
