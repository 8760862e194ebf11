using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>What a burst changed in one instance, waiting to be written; several instances share statements.</summary>
/// <param name="change">The burst's changes.</param>
/// <param name="mustFindNothingKept">True adds the condition that no kept stimulus fits its waits.</param>
internal sealed class InstanceWriting(InstanceChanges change, bool mustFindNothingKept) : QueuedWrite
{
    private static readonly string[] StatusNames = [.. Enum.GetNames<WorkflowStatus>().Select(name => name.ToLowerInvariant())];

    private static readonly string[] SubStatusNames = [.. Enum.GetNames<WorkflowSubStatus>().Select(name => name.ToLowerInvariant())];

    private static readonly IReadOnlyList<RowColumn<InstanceChanges>> Changing =
    [
        RowColumn.Of<InstanceChanges, Guid>("id", NpgsqlDbType.Uuid, change => change.Instance.Id),
        RowColumn.Of<InstanceChanges, string>("status", NpgsqlDbType.Text, change => StatusNames[(int)change.Instance.Status]),
        RowColumn.Of<InstanceChanges, string>("sub_status", NpgsqlDbType.Text, change => SubStatusNames[(int)change.Instance.SubStatus]),
        RowColumn.OrNull<InstanceChanges, string>(
            "correlation_id", NpgsqlDbType.Text, change => StoredInstances.Clean(change.Instance.CorrelationId)),
        RowColumn.OrNull<InstanceChanges, string>("name", NpgsqlDbType.Text, change => StoredInstances.Clean(change.Instance.Name)),
        RowColumn.Of<InstanceChanges, DateTime>("updated_at", NpgsqlDbType.TimestampTz, change => change.Instance.UpdatedAt.UtcDateTime),
        RowColumn.OrNull<InstanceChanges, DateTime?>(
            "finished_at", NpgsqlDbType.TimestampTz, change => change.Instance.FinishedAt?.UtcDateTime),
        RowColumn.Of<InstanceChanges, int>("incident_count", NpgsqlDbType.Integer, change => change.Instance.IncidentCount),
        RowColumn.Of<InstanceChanges, string>("state", NpgsqlDbType.Json, change => StoredInstances.Clean(change.Instance.State)!),
        RowColumn.Of<InstanceChanges, string>("variables", NpgsqlDbType.Jsonb, change => Write(change.Variables)),
        RowColumn.Of<InstanceChanges, string>("output", NpgsqlDbType.Jsonb, change => Write(change.Output)),
    ];

    private static readonly RowSet<InstanceChanges> Changed = new("workflow_instance", Changing);

    private static readonly RowSet<InstanceChanges> New = new(
        "workflow_instance",
        [
            .. Changing,
            RowColumn.Of<InstanceChanges, string>("definition_id", NpgsqlDbType.Text, change => change.Instance.DefinitionId),
            RowColumn.Of<InstanceChanges, string>("definition_version_id", NpgsqlDbType.Text, change => change.Instance.DefinitionVersionId),
            RowColumn.Of<InstanceChanges, int>("version", NpgsqlDbType.Integer, change => change.Instance.Version),
            RowColumn.OrNull<InstanceChanges, Guid?>("parent_instance_id", NpgsqlDbType.Uuid, change => change.Instance.ParentInstanceId),
            RowColumn.Of<InstanceChanges, DateTime>("created_at", NpgsqlDbType.TimestampTz, change => change.Instance.CreatedAt.UtcDateTime),
        ]);

    private static readonly RowSet<Bookmark> Bookmarks = new(
        "workflow_bookmark",
        [
            RowColumn.Of<Bookmark, Guid>("id", NpgsqlDbType.Uuid, bookmark => bookmark.Id),
            RowColumn.Of<Bookmark, Guid>("instance_id", NpgsqlDbType.Uuid, bookmark => bookmark.InstanceId),
            RowColumn.Of<Bookmark, long>("activity_number", NpgsqlDbType.Bigint, bookmark => bookmark.ActivityNumber),
            RowColumn.Of<Bookmark, string>("activity_id", NpgsqlDbType.Text, bookmark => bookmark.ActivityId),
            RowColumn.Of<Bookmark, string>("activity_node_id", NpgsqlDbType.Text, bookmark => bookmark.ActivityNodeId),
            RowColumn.Of<Bookmark, string>("name", NpgsqlDbType.Text, bookmark => bookmark.Name),
            RowColumn.OrNull<Bookmark, string>("payload", NpgsqlDbType.Text, bookmark => StoredInstances.Clean(bookmark.Payload)),
            RowColumn.Of<Bookmark, string>("hash", NpgsqlDbType.Text, bookmark => bookmark.Hash),
            RowColumn.OrNull<Bookmark, DateTime?>("due_at", NpgsqlDbType.TimestampTz, bookmark => bookmark.DueAt?.UtcDateTime),
            RowColumn.Of<Bookmark, DateTime>("created_at", NpgsqlDbType.TimestampTz, bookmark => bookmark.CreatedAt.UtcDateTime),
        ]);

    private static readonly RowSet<BurstRow> Bursts = new(
        "workflow_burst",
        [
            RowColumn.Of<BurstRow, Guid>("instance_id", NpgsqlDbType.Uuid, burst => burst.InstanceId),
            RowColumn.Of<BurstRow, int>("burst", NpgsqlDbType.Integer, burst => burst.Burst),
            RowColumn.Of<BurstRow, long>("first_seq", NpgsqlDbType.Bigint, burst => burst.FirstSequence),
            RowColumn.Of<BurstRow, DateTime>("at", NpgsqlDbType.TimestampTz, burst => burst.At.UtcDateTime),
            RowColumn.Of<BurstRow, string>("executions", NpgsqlDbType.Json, burst => burst.Executions),
            RowColumn.Of<BurstRow, string>("entries", NpgsqlDbType.Json, burst => burst.Entries),
        ]);

    internal override Type Group => typeof(InstanceWriting);

    internal override object Key => change.Instance.Id;

    private InstanceChanges Change => change;

    private bool MustFindNothingKept => mustFindNothingKept;

    internal override void AddTo(NpgsqlBatch batch, IReadOnlyList<QueuedWrite> group)
    {
        var changes = new InstanceChanges[group.Count];
        for (var place = 0; place < changes.Length; place++)
        {
            changes[place] = ((InstanceWriting)group[place]).Change;
        }

        New.Insert(batch, Array.FindAll(changes, one => one.IsNew));
        Changed.Update(batch, Array.FindAll(changes, one => !one.IsNew));
        Delete(batch, "workflow_bookmark where id", "", Of(changes, one => one.RemovedBookmarks));
        Bookmarks.Insert(batch, Of(changes, one => one.AddedBookmarks));
        Bursts.Insert(batch, Array.ConvertAll(Array.FindAll(changes, one => one.Journal.Count + one.Executions.Count > 0), BurstRow.Of));
        foreach (var one in changes)
        {
            AddMove(batch, one);
            AddIncidents(batch, one);
            AddTasks(batch, one);
        }

        Delete(
            batch,
            "kept_delivery where instance_id",
            " and attempts = 0",
            [.. changes.Where(one => one.Instance is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted })
                .Select(one => one.Instance.Id)]);
        var hashes = group.Cast<InstanceWriting>().Where(writing => writing.MustFindNothingKept)
            .SelectMany(writing => Waits(writing.Change)).Select(bookmark => bookmark.Hash).Distinct().ToArray();
        if (hashes.Length > 0)
        {
            batch.BatchCommands.Add(Trust.NothingKeptMayFit(hashes));
        }
    }

    // Almost always there is one change, and what it holds is taken as it is.
    private static IReadOnlyList<T> Of<T>(InstanceChanges[] changes, Func<InstanceChanges, IReadOnlyList<T>> part) =>
        changes.Length == 1 ? part(changes[0]) : [.. changes.SelectMany(part)];

    /// <summary>Waits that a kept stimulus may fit now.</summary>
    public static IEnumerable<Bookmark> Waits(InstanceChanges change) => change.AddedBookmarks.Concat(change.RecheckedBookmarks);

    // One is deleted by a statement of its own: PostgreSQL plans one with a list anew each time, since it may be of any length.
    private static void Delete(NpgsqlBatch batch, string from, string rest, IReadOnlyList<Guid> ids)
    {
        if (ids.Count > 0)
        {
            batch.BatchCommands.Add(ids.Count == 1
                ? StoredInstances.Command($"delete from {from} = $1{rest}", ids[0])
                : StoredInstances.Command($"delete from {from} = any($1){rest}", ids.ToArray()));
        }
    }

    private static void AddMove(NpgsqlBatch batch, InstanceChanges change)
    {
        if (change.IsMoved)
        {
            batch.BatchCommands.Add(Command(
                "update workflow_instance set definition_version_id = $2, version = $3 where id = $1",
                change.Instance.Id, change.Instance.DefinitionVersionId, change.Instance.Version));
        }
    }

    private static void AddIncidents(NpgsqlBatch batch, InstanceChanges change)
    {
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
    }

    private static void AddTasks(NpgsqlBatch batch, InstanceChanges change)
    {
        foreach (var task in change.AddedTasks)
        {
            batch.BatchCommands.Add(Command(
                """
                insert into user_task (id, instance_id, bookmark_id, activity_number, activity_id, name, payload, created_at, state)
                values ($1, $2, $3, $4, $5, $6, $7, $8, 'open')
                """,
                task.Id, task.InstanceId, task.BookmarkId, task.ActivityNumber, task.ActivityId, task.Name,
                StoredInstances.Json(task.Payload), task.CreatedAt));
        }

        foreach (var task in change.ClosedTasks)
        {
            batch.BatchCommands.Add(Command(
                "update user_task set state = $2, result = $3, closed_at = $4 where id = $1 and state = 'open'",
                task.Id, task.IsCompleted ? "completed" : "withdrawn", StoredInstances.Json(task.Result), task.At));
        }
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

    private static string Write(IReadOnlyDictionary<string, JsonNode?> values) => values.Count == 0
        ? "{}"
        : StoredInstances.Clean(
            new JsonObject(values.Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone()))).ToJsonString())!;
}
