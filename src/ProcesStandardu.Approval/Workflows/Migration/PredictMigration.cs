using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Migration;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows.Migration;

/// <summary>
/// „Skutki publikacji”: what would become of every living instance of a definition if it went on by another version, be it
/// stored or only drawn. Changes nothing.
/// </summary>
public sealed class PredictMigration(
    UnitOfWork work, PostgresDefinitionStore definitions, WorkflowEngine engine, Rights rights)
{
    private const int Batch = 200;

    /// <param name="PersonId">Who asks: an administrator.</param>
    /// <param name="TargetVersionId">A stored version, published or not; null with a graph, or for the published version.</param>
    /// <param name="Graph">A definition's JSON that need not be stored yet; goes before <paramref name="TargetVersionId"/>.</param>
    /// <param name="Plan">How; null sends every activity to the one with its own id.</param>
    public sealed record Query(
        Guid PersonId, string DefinitionId, string? TargetVersionId = null, string? Graph = null, MigrationPlan? Plan = null);

    /// <param name="TargetVersionId">Null when the target is a graph that is not stored.</param>
    /// <param name="TargetActivities">Activities of the target, for whoever has to say where one is to go.</param>
    /// <param name="Instances">Running and faulted instances of other versions, oldest first.</param>
    public sealed record View(
        string DefinitionId, string? TargetVersionId, int TargetVersion, IReadOnlyList<TargetActivity> TargetActivities,
        IReadOnlyList<Row> Instances)
    {
        public int CanMove => Instances.Count(row => row.Forecast.Fate == MigrationFate.CanMove);

        public int Stay => Instances.Count(row => row.Forecast.Fate == MigrationFate.Stays);

        public int MustNotMove => Instances.Count(row => row.Forecast.Fate == MigrationFate.MustNotMove);
    }

    /// <param name="Name">What people call it: its name, else its id.</param>
    public sealed record TargetActivity(string Id, string Name, string Type, string TypeName);

    /// <param name="Name">The instance's own name; null when it has none.</param>
    /// <param name="IsFaulted">True when it has ended by a fault and may still be repaired.</param>
    public sealed record Row(
        Guid InstanceId, string? Name, string? CorrelationId, int Version, bool IsFaulted, DateTimeOffset StartedAt,
        DateTimeOffset UpdatedAt, MigrationForecast Forecast);

    /// <returns>The forecasts, or <see cref="NotFoundOrNotYours"/>, <see cref="DefinitionHasProblems"/>.</returns>
    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async _ =>
        {
            if (!(await rights.OfAsync(query.PersonId, cancellation)).Administers)
            {
                return new NotFoundOrNotYours();
            }

            WorkflowDefinition? target;
            if (query.Graph is { } graph)
            {
                var reading = await definitions.ReadAsync(Unstored(graph), cancellation);
                if (reading.Definition is null)
                {
                    return new DefinitionHasProblems(reading.Problems);
                }

                target = reading.Definition;
            }
            else
            {
                target = query.TargetVersionId is { } versionId
                    ? await definitions.FindVersionAsync(versionId, cancellation)
                    : await definitions.FindPublishedAsync(query.DefinitionId, cancellation);
            }

            if (target is null || target.DefinitionId != query.DefinitionId)
            {
                return new NotFoundOrNotYours();
            }

            var rows = new List<Row>();
            var after = Guid.Empty;
            while (await ReadAsync(query.DefinitionId, target.VersionId, after, cancellation) is { Count: > 0 } instances)
            {
                foreach (var instance in instances)
                {
                    var forecast = await PredictAsync(instance, target, query.Plan ?? MigrationPlan.ById, cancellation);
                    rows.Add(new Row(
                        instance.Id, instance.Name, instance.CorrelationId, instance.Version,
                        instance.SubStatus == WorkflowSubStatus.Faulted, instance.CreatedAt, instance.UpdatedAt, forecast));
                }

                after = instances[^1].Id;
            }

            return new View(
                query.DefinitionId, query.Graph is null ? target.VersionId : null, target.Version,
                [.. target.Nodes.Values.Where(node => node.Definition == target && node.Parent is not null).Select(node =>
                    new TargetActivity(node.Id, node.Name is { Length: > 0 } name ? name : node.Id, node.Type, node.Descriptor.DisplayName))],
                rows);
        },
        cancellation);

    /// <summary>The forecast of one instance as it was read; one that cannot be read must not be moved.</summary>
    internal async Task<MigrationForecast> PredictAsync(
        InstanceRecord instance, WorkflowDefinition target, MigrationPlan plan, CancellationToken cancellation)
    {
        try
        {
            var from = await definitions.FindVersionAsync(instance.DefinitionVersionId, cancellation)
                ?? throw new InstanceStateException($"Definition version {instance.DefinitionVersionId} is gone.");
            return engine.PredictMigration(instance, from, target, plan);
        }
        catch (Exception damaged) when (damaged is not OperationCanceledException and not NpgsqlException)
        {
            return new MigrationForecast(
                instance.Id, instance.DefinitionVersionId, instance.Version, target.VersionId, target.Version, 0, MigrationFate.MustNotMove,
                [new MigrationReason("StateIsUnreadable", MigrationFate.MustNotMove, null, [damaged.Message])], [], []);
        }
    }

    private async Task<List<InstanceRecord>> ReadAsync(
        string definitionId, string exceptVersionId, Guid after, CancellationToken cancellation)
    {
        const string Living =
            """
            select id from workflow_instance where definition_id = $1 and definition_version_id <> $2 and id > $3
              and (status = 'running' or sub_status = 'faulted') order by id limit $4
            """;
        await using var batch = new NpgsqlBatch(work.Connection);
        foreach (var sql in new[]
        {
            $"select {StoredInstances.Columns} from workflow_instance i where i.id in ({Living}) order by i.id",
            $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id in ({Living}) order by b.created_at, b.activity_number, b.id",
        })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter { Value = definitionId });
            command.Parameters.Add(new NpgsqlParameter { Value = exceptVersionId });
            command.Parameters.Add(new NpgsqlParameter { Value = after });
            command.Parameters.Add(new NpgsqlParameter { Value = Batch });
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        return await StoredInstances.ReadAsync(reader, cancellation);
    }

    // A drawing often carries the id of the version it was drawn from; it is another version all the same.
    private static string Unstored(string graph)
    {
        try
        {
            if (JsonNode.Parse(graph) is JsonObject source)
            {
                source["id"] = "unstored";
                return source.ToJsonString();
            }
        }
        catch (JsonException)
        {
            // The reader says what is wrong with it, and where.
        }

        return graph;
    }
}
