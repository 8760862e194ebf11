using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>Turns what a burst changed into the commands of one batch.</summary>
internal static class InstanceWriting
{
    public static void Add(NpgsqlBatch batch, InstanceChanges change)
    {
        batch.BatchCommands.Add(Instance(change));
        if (change.RemovedBookmarks.Count > 0)
        {
            batch.BatchCommands.Add(Command("delete from workflow_bookmark where id = any($1)", change.RemovedBookmarks.ToArray()));
        }

        AddBookmarks(batch, change.AddedBookmarks);
        AddJournal(batch, change);
        if (change.IsMoved)
        {
            batch.BatchCommands.Add(Command(
                "update workflow_instance set definition_version_id = $2, version = $3 where id = $1",
                change.Instance.Id, change.Instance.DefinitionVersionId, change.Instance.Version));
        }

        AddExecutions(batch, change);

        foreach (var incident in change.Incidents)
        {
            batch.BatchCommands.Add(Command(
                """
                insert into workflow_incident (id, instance_id, activity_number, activity_id, activity_node_id, activity_type, code, message, details, at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                incident.Id, incident.InstanceId, incident.ActivityNumber, incident.ActivityId, incident.ActivityNodeId,
                incident.ActivityType, StoredInstances.Text(incident.Code), StoredInstances.Text(incident.Message),
                StoredInstances.Text(incident.Details), incident.At));
        }

        foreach (var task in change.AddedTasks)
        {
            batch.BatchCommands.Add(Command(
                """
                insert into user_task (id, instance_id, bookmark_id, activity_number, activity_id, name, payload, created_at, state)
                values ($1, $2, $3, $4, $5, $6, $7, $8, 'open')
                """,
                task.Id, task.InstanceId, task.BookmarkId, task.ActivityNumber, task.ActivityId, task.Name, Json(task.Payload), task.CreatedAt));
        }

        foreach (var task in change.ClosedTasks)
        {
            batch.BatchCommands.Add(Command(
                "update user_task set state = $2, result = $3, closed_at = $4 where id = $1 and state = 'open'",
                task.Id, task.IsCompleted ? "completed" : "withdrawn", Json(task.Result), task.At));
        }

        if (change.Instance is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted })
        {
            batch.BatchCommands.Add(Command("delete from kept_delivery where instance_id = $1 and attempts = 0", change.Instance.Id));
        }
    }

    private static NpgsqlBatchCommand Instance(InstanceChanges change)
    {
        var instance = change.Instance;
        return change.IsNew
            ? Command(
                """
                insert into workflow_instance (
                  id, status, sub_status, correlation_id, name, updated_at, finished_at, incident_count, state, variables, output,
                  definition_id, definition_version_id, version, parent_instance_id, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
                """,
                [.. Changing(change), instance.DefinitionId, instance.DefinitionVersionId, instance.Version,
                    SqlValue.Id(instance.ParentInstanceId), instance.CreatedAt])
            : Command(
                """
                update workflow_instance set status = $2, sub_status = $3, correlation_id = $4, name = $5, updated_at = $6,
                  finished_at = $7, incident_count = $8, state = $9, variables = $10, output = $11
                where id = $1
                """,
                Changing(change));
    }

    private static object[] Changing(InstanceChanges change)
    {
        var instance = change.Instance;
        return
        [
            instance.Id, Name(instance.Status), Name(instance.SubStatus), StoredInstances.Text(instance.CorrelationId),
            StoredInstances.Text(instance.Name), instance.UpdatedAt, SqlValue.At(instance.FinishedAt), instance.IncidentCount,
            Json(instance.State), Json(Write(change.Variables)), Json(Write(change.Output)),
        ];
    }

    private static void AddBookmarks(NpgsqlBatch batch, IReadOnlyList<Bookmark> bookmarks)
    {
        foreach (var bookmark in bookmarks)
        {
            batch.BatchCommands.Add(Command(
                """
                insert into workflow_bookmark (id, instance_id, activity_number, activity_id, activity_node_id, name, payload, hash, due_at, created_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                bookmark.Id, bookmark.InstanceId, bookmark.ActivityNumber, bookmark.ActivityId, bookmark.ActivityNodeId, bookmark.Name,
                StoredInstances.Text(bookmark.Payload), bookmark.Hash, SqlValue.At(bookmark.DueAt), bookmark.CreatedAt));
        }
    }

    /// <summary>The journal of a burst is one statement, however long: its columns travel as arrays.</summary>
    private static void AddJournal(NpgsqlBatch batch, InstanceChanges change)
    {
        var journal = change.Journal;
        if (journal.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(Command(
            """
            insert into workflow_journal (
              instance_id, seq, activity_number, parent_number, activity_id, activity_node_id, activity_type, activity_version,
              activity_name, event, at, message, outcomes)
            select $1, seq, number, parent, activity, node, type, version, name, event, at, message,
              case when outcomes is null then null else array(select jsonb_array_elements_text(outcomes::jsonb)) end
            from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::int[], $9::text[], $10::text[],
              $11::timestamptz[], $12::text[], $13::text[])
              as entry (seq, number, parent, activity, node, type, version, name, event, at, message, outcomes)
            """,
            change.Instance.Id,
            journal.Select(entry => entry.Sequence).ToArray(),
            journal.Select(entry => entry.ActivityNumber).ToArray(),
            new NpgsqlParameter { Value = journal.Select(entry => entry.ParentNumber).ToArray() },
            journal.Select(entry => entry.Activity.Id).ToArray(),
            journal.Select(entry => entry.Activity.NodeId).ToArray(),
            journal.Select(entry => entry.Activity.Type).ToArray(),
            journal.Select(entry => entry.Activity.Version).ToArray(),
            Texts(journal.Select(entry => entry.Activity.Name)),
            journal.Select(entry => entry.Event.ToString()).ToArray(),
            journal.Select(entry => entry.At.UtcDateTime).ToArray(),
            Texts(journal.Select(entry => entry.Message)),
            Texts(journal.Select(entry => entry.Outcomes is { } outcomes ? JsonSerializer.Serialize(outcomes) : null))));
    }

    /// <summary>Executions too are one statement; one that is stored already is brought up to date.</summary>
    private static void AddExecutions(NpgsqlBatch batch, InstanceChanges change)
    {
        var executions = change.Executions;
        if (executions.Count == 0)
        {
            return;
        }

        batch.BatchCommands.Add(Command(
            """
            insert into activity_execution (
              instance_id, number, parent_number, activity_id, activity_node_id, activity_type, activity_version, activity_name,
              status, started_at, completed_at, outcomes, fault_count, fault_message, has_waits, inputs, outputs)
            select $1, number, parent, activity, node, type, version, name, status, started_at, completed_at,
              case when outcomes is null then null else array(select jsonb_array_elements_text(outcomes::jsonb)) end,
              faults, message, has_waits, inputs::jsonb, outputs::jsonb
            from unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[],
              $10::timestamptz[], $11::timestamptz[], $12::text[], $13::int[], $14::text[], $15::boolean[], $16::text[], $17::text[])
              as execution (number, parent, activity, node, type, version, name, status, started_at, completed_at, outcomes, faults,
                message, has_waits, inputs, outputs)
            on conflict (instance_id, number) do update set status = excluded.status, completed_at = excluded.completed_at,
              outcomes = excluded.outcomes, fault_count = excluded.fault_count, fault_message = excluded.fault_message,
              has_waits = excluded.has_waits, inputs = excluded.inputs, outputs = excluded.outputs
            """,
            change.Instance.Id,
            executions.Select(execution => execution.Number).ToArray(),
            new NpgsqlParameter { Value = executions.Select(execution => execution.Parent?.Number).ToArray() },
            executions.Select(execution => execution.Node.Id).ToArray(),
            executions.Select(execution => execution.Node.NodeId).ToArray(),
            executions.Select(execution => execution.Node.Type).ToArray(),
            executions.Select(execution => execution.Node.Version).ToArray(),
            Texts(executions.Select(execution => execution.Node.Name)),
            executions.Select(execution => Name(execution.Status)).ToArray(),
            executions.Select(execution => execution.StartedAt.UtcDateTime).ToArray(),
            new NpgsqlParameter
            {
                // A list that begins with null does not say of itself that its times have a zone.
                Value = executions.Select(execution => execution.CompletedAt?.UtcDateTime).ToArray(),
                NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            },
            Texts(executions.Select(execution => execution.Outcomes is { } outcomes ? JsonSerializer.Serialize(outcomes) : null)),
            executions.Select(execution => execution.FaultCount).ToArray(),
            Texts(executions.Select(execution => execution.FaultMessage)),
            executions.Select(execution => execution.Waits > 0).ToArray(),
            Texts(executions.Select(execution => execution.InputsJson())),
            Texts(executions.Select(execution => execution.OutputsJson()))));
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var argument in arguments)
        {
            command.Parameters.Add(argument switch
            {
                NpgsqlParameter parameter => parameter,
                DateTimeOffset at => new NpgsqlParameter { Value = at.ToUniversalTime() },
                _ => new NpgsqlParameter { Value = argument },
            });
        }

        return command;
    }

    private static NpgsqlParameter Json(string? json) => StoredInstances.Json(json);

    private static NpgsqlParameter Texts(IEnumerable<string?> values) =>
        new() { Value = values.Select(StoredInstances.Clean).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Write(IReadOnlyDictionary<string, JsonNode?> values) =>
        new JsonObject(values.Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone()))).ToJsonString();
}
