using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>
/// Stores a definition as a new immutable version and publishes it: new cases follow it, running ones stay on theirs.
/// The same text again changes nothing.
/// </summary>
public sealed class PublishDefinition(
    UnitOfWork work, PostgresDefinitionStore definitions, WorkflowEngine engine, AuditTrail audit, TimeProvider time)
{
    /// <param name="Json">An Elsa 3 workflow definition.</param>
    /// <param name="Original">The file it comes from, to the byte; null when it comes from none. Exporting gives it back.</param>
    /// <param name="ChangeDescription">What it changes, for the readers of versions; null when nobody was asked.</param>
    /// <param name="ProposedById">Who described it, when another person publishes; null when the same does.</param>
    public sealed record Command(
        string Json, Actor Actor, string? Original = null, string? ChangeDescription = null, Guid? ProposedById = null);

    /// <param name="IsNew">False when the published version says the same already.</param>
    public sealed record Published(string DefinitionId, string VersionId, int Version, bool IsNew);

    /// <returns>The published version, or <see cref="DefinitionHasProblems"/>.</returns>
    public Task<Result<Published>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Published>(
        async _ =>
        {
            var reading = await definitions.ReadAsync(command.Json, cancellation);
            if (reading.Definition is not { } definition)
            {
                return new DefinitionHasProblems(reading.Problems);
            }

            await RowLock.LockAsync(
                work, "select pg_advisory_xact_lock(hashtextextended('definition:' || $1, 0))", definition.DefinitionId, cancellation);
            var hash = PostgresDefinitionStore.ContentHash(definition.Source);
            var newest = await NewestAsync(definition.DefinitionId, cancellation);
            if (newest is { IsPublished: true } && newest.Hash.AsSpan().SequenceEqual(hash))
            {
                return new Published(definition.DefinitionId, newest.VersionId, newest.Version, IsNew: false);
            }

            var version = await NextVersionAsync(definition.DefinitionId, cancellation);
            var versionId = $"{definition.DefinitionId}-v{version}";
            var source = definition.Source.DeepClone().AsObject();
            source["id"] = versionId;
            source["version"] = version;
            source["isLatest"] = true;
            source["isPublished"] = true;
            var stored = (await definitions.ReadAsync(source.ToJsonString(), cancellation)).Definition!;
            IReadOnlyList<StoredTrigger> triggers;
            try
            {
                triggers = engine.TriggersOf(stored);
            }
            catch (TriggerException failed)
            {
                return new DefinitionHasProblems(
                    [new DefinitionProblem("TriggerCannotBeRead", "$.root", failed.ActivityId, failed.Message) { ActivityId = failed.ActivityId }]);
            }

            await InsertAsync(stored, source, hash, command, cancellation);
            await InsertTriggersAsync(triggers, cancellation);
            audit.Record(Subjects.Definition(definition.DefinitionId), "definition_published", command.Actor, new
            {
                version,
                sha256 = Convert.ToHexStringLower(hash),
                description = command.ChangeDescription,
                proposedBy = command.ProposedById,
            });
            return new Published(definition.DefinitionId, versionId, version, IsNew: true);
        },
        cancellation);

    private async Task<Newest?> NewestAsync(string definitionId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select version_id, version, sha256, is_published from workflow_definition
            where definition_id = $1 order by version desc limit 1
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = definitionId });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new Newest(reader.GetString(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2), reader.GetBoolean(3))
            : null;
    }

    // A number that was given is not given again, even when its version was deleted since: nodes remember versions for ever.
    private async Task<int> NextVersionAsync(string definitionId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select greatest((select max(version) from workflow_definition where definition_id = $1),
              (select max(version) from workflow_version_deleted where definition_id = $1), 0) + 1
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = definitionId });
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task InsertAsync(
        WorkflowDefinition definition, JsonObject source, byte[] hash, Command command, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(work.Connection);
        batch.BatchCommands.Add(StoredInstances.Command(
            "update workflow_definition set is_latest = false, is_published = false where definition_id = $1 and (is_latest or is_published)",
            definition.DefinitionId));
        batch.BatchCommands.Add(StoredInstances.Command(
            """
            delete from workflow_trigger where definition_version_id in (
              select version_id from workflow_definition where definition_id = $1)
            """,
            definition.DefinitionId));
        var insert = new NpgsqlBatchCommand(
            """
            insert into workflow_definition (
              version_id, definition_id, version, name, source, sha256, usable_as_activity, is_latest, is_published,
              created_at, created_by_id, published_at, original, change_description, proposed_by_id)
            values ($1, $2, $3, $4, $5, $6, $7, true, true, $8, $9, $8, $10, $11, $12)
            """);
        insert.Parameters.Add(new NpgsqlParameter { Value = definition.VersionId });
        insert.Parameters.Add(new NpgsqlParameter { Value = definition.DefinitionId });
        insert.Parameters.Add(new NpgsqlParameter { Value = definition.Version });
        insert.Parameters.Add(new NpgsqlParameter { Value = definition.Name });
        insert.Parameters.Add(new NpgsqlParameter { Value = source.ToJsonString() });
        insert.Parameters.Add(new NpgsqlParameter { Value = hash });
        insert.Parameters.Add(new NpgsqlParameter { Value = definition.UsableAsActivity });
        insert.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        insert.Parameters.Add(SqlValue.Id(command.Actor.PersonId));
        insert.Parameters.Add(StoredInstances.Text(command.Original));
        insert.Parameters.Add(StoredInstances.Text(command.ChangeDescription));
        insert.Parameters.Add(SqlValue.Id(command.ProposedById));
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private async Task InsertTriggersAsync(IReadOnlyList<StoredTrigger> triggers, CancellationToken cancellation)
    {
        foreach (var trigger in triggers)
        {
            await using var command = new NpgsqlCommand(
                """
                insert into workflow_trigger (definition_version_id, activity_id, name, payload, hash, due_at)
                values ($1, $2, $3, $4, $5, $6)
                """,
                work.Connection);
            command.Parameters.Add(new NpgsqlParameter { Value = trigger.DefinitionVersionId });
            command.Parameters.Add(new NpgsqlParameter { Value = trigger.ActivityId });
            command.Parameters.Add(new NpgsqlParameter { Value = trigger.Name });
            command.Parameters.Add(StoredInstances.Text(trigger.Payload));
            command.Parameters.Add(new NpgsqlParameter { Value = trigger.Hash });
            command.Parameters.Add(SqlValue.At(trigger.DueAt));
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private sealed record Newest(string VersionId, int Version, byte[] Hash, bool IsPublished);
}

/// <summary>The definition cannot be run; each problem says what and where.</summary>
public sealed record DefinitionHasProblems(IReadOnlyList<DefinitionProblem> Problems) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [string.Join("\n", Problems.Select(problem => problem.Describe()))];
}
