using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>
/// Keeps instances in PostgreSQL, on the connection and in the transaction of the unit of work: one batch that locks and
/// reads, one that writes.
/// </summary>
public sealed class PostgresWorkflowStore(UnitOfWork work, TimeProvider time) : IWorkflowStore
{
    public async ValueTask<InstanceRecord?> LockAsync(Guid instanceId, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(work.Connection);
        batch.BatchCommands.Add(StoredInstances.Command(
            $"select {StoredInstances.Columns} from workflow_instance i where i.id = $1 for no key update", instanceId));
        batch.BatchCommands.Add(StoredInstances.Command(
            $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id = $1 order by b.created_at, b.activity_number, b.id", instanceId));
        return (await StoredInstances.ReadAsync(batch, cancellation)).SingleOrDefault();
    }

    public async ValueTask<InstanceRecord?> LockByBookmarkAsync(Guid bookmarkId, CancellationToken cancellation)
    {
        const string Owner = "(select instance_id from workflow_bookmark where id = $1)";
        await using var batch = new NpgsqlBatch(work.Connection);
        batch.BatchCommands.Add(StoredInstances.Command(
            $"select {StoredInstances.Columns} from workflow_instance i where i.id = {Owner} for no key update of i", bookmarkId));

        // A statement of its own, after the lock: when another node consumed the bookmark meanwhile, it finds nothing.
        batch.BatchCommands.Add(StoredInstances.Command(
            $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id = {Owner} order by b.created_at, b.activity_number, b.id", bookmarkId));
        var record = (await StoredInstances.ReadAsync(batch, cancellation)).SingleOrDefault();
        return record?.Bookmarks.Any(bookmark => bookmark.Id == bookmarkId) == true ? record : null;
    }

    public async ValueTask<(InstanceRecord Instance, Guid BookmarkId)?> LockByTaskAsync(Guid taskId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select bookmark_id from user_task where id = $1 and state = 'open'", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = taskId });
        return await command.ExecuteScalarAsync(cancellation) is Guid bookmarkId
            && await LockByBookmarkAsync(bookmarkId, cancellation) is { } record
            ? (record, bookmarkId)
            : null;
    }

    public async ValueTask<StimulusMatch> MatchAsync(StimulusQuery query, CancellationToken cancellation)
    {
        const string Fitting =
            """
            select b.instance_id from workflow_bookmark b join workflow_instance i2 on i2.id = b.instance_id
            where b.hash = $1 and b.name = $2 and ($3::text is null or i2.correlation_id = $3) and ($4::uuid is null or i2.id = $4)
            """;
        object?[] arguments = [query.Hash, query.Name, query.CorrelationId, query.InstanceId];
        await using var batch = new NpgsqlBatch(work.Connection);
        batch.BatchCommands.Add(Limited(
            $"select {StoredInstances.Columns} from workflow_instance i where i.id in ({Fitting}) order by i.id for no key update of i", arguments));
        batch.BatchCommands.Add(Limited(
            $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id in ({Fitting}) order by b.created_at, b.activity_number, b.id", arguments));
        batch.BatchCommands.Add(Limited(
            """
            select t.definition_version_id, t.activity_id, t.name, t.payload, t.hash, t.due_at
            from workflow_trigger t join workflow_definition d on d.version_id = t.definition_version_id
            where t.hash = $1 and t.name = $2 and t.due_at is null and $3::text is not distinct from $3 and $4::uuid is null and d.is_published
            order by t.definition_version_id, t.activity_id
            """, arguments));

        var triggers = new List<StoredTrigger>();
        var records = await StoredInstances.ReadAsync(batch, cancellation, reader => triggers.Add(StoredInstances.ReadTrigger(reader)));
        return new StimulusMatch(
            // Of an instance that was waited for, another act may have consumed the wait: then the stimulus fits nothing of it.
            [.. records.Select(record => (Record: record, Waits: Fits(record))).Where(match => match.Waits.Count > 0)],
            triggers);

        IReadOnlyList<Guid> Fits(InstanceRecord record) =>
            [.. record.Bookmarks.Where(bookmark => bookmark.Hash == query.Hash && bookmark.Name == query.Name).Select(bookmark => bookmark.Id)];
    }

    public async ValueTask<IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)>> WriteAsync(
        IReadOnlyList<InstanceChanges> changes, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(work.Connection);
        foreach (var change in changes)
        {
            InstanceWriting.Add(batch, change);
        }

        var waits = changes.SelectMany(change => change.AddedBookmarks.Concat(change.RecheckedBookmarks)
            .Select(bookmark => (Bookmark: bookmark, change.Instance.CorrelationId))).ToList();
        if (waits.Count > 0)
        {
            var early = StoredInstances.Command(
                $"select {KeptRows.Columns} from kept_delivery where kind = 'stimulus' and attempts = 0 and hash = any($1) order by kept_at, id for update skip locked",
                waits.Select(wait => wait.Bookmark.Hash).Distinct().ToArray());
            batch.BatchCommands.Add(early);
        }

        var kept = await KeptRows.ReadAsync(batch, cancellation);
        if (kept.Count == 0)
        {
            return [];
        }

        // Each kept stimulus goes to the first wait that it fits, each wait takes the oldest.
        var matches = new List<(Bookmark, KeptDelivery)>();
        foreach (var (bookmark, correlationId) in waits)
        {
            if (kept.FirstOrDefault(delivery => delivery.Hash == bookmark.Hash && delivery.Name == bookmark.Name
                && (delivery.InstanceId is null || delivery.InstanceId == bookmark.InstanceId)
                && (delivery.CorrelationId is null || delivery.CorrelationId == correlationId)) is { } fitting)
            {
                kept.Remove(fitting);
                matches.Add((bookmark, fitting));
                await RemoveKeptAsync(fitting.Id, cancellation);
            }
        }

        return matches;
    }

    public async ValueTask<Exception?> RunBurstAsync(Func<ValueTask> burst, CancellationToken cancellation) =>
        await work.TryPartAsync(() => burst().AsTask(), cancellation);

    public async ValueTask<bool> TryReceiveAsync(string stimulusId, DateTimeOffset now, CancellationToken cancellation) =>
        await ExecuteAsync("insert into received_stimulus (id, at) values ($1, $2) on conflict do nothing", cancellation, stimulusId, now) == 1;

    public async ValueTask KeepAsync(KeptDelivery delivery, bool isParked, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(work.Connection);
        batch.BatchCommands.Add(KeptRows.Upsert(delivery, isParked, time.GetUtcNow()));
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    public async ValueTask RemoveKeptAsync(Guid deliveryId, CancellationToken cancellation) =>
        await ExecuteAsync("delete from kept_delivery where id = $1", cancellation, deliveryId);

    public async ValueTask<IReadOnlyList<Guid>> RunningChildrenAsync(Guid parentInstanceId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select id from workflow_instance where parent_instance_id = $1 and status = 'running' order by id", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = parentInstanceId });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var children = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
        {
            children.Add(reader.GetGuid(0));
        }

        return children;
    }

    public async ValueTask<bool> IsAnyRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellation)
    {
        await ExecuteAsync(
            "select pg_advisory_xact_lock(hashtextextended($1, 0))", cancellation, $"activation\n{definitionId}\n{correlationId}");
        await using var command = new NpgsqlCommand(
            """
            select exists (select from workflow_instance where status = 'running'
              and ($1::text is null or definition_id = $1) and ($2::text is null or correlation_id = $2))
            """,
            work.Connection);
        command.Parameters.Add(StoredInstances.Text(definitionId));
        command.Parameters.Add(StoredInstances.Text(correlationId));
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static NpgsqlBatchCommand Limited(string sql, object?[] arguments)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = arguments[0] });
        command.Parameters.Add(new NpgsqlParameter { Value = arguments[1] });
        command.Parameters.Add(StoredInstances.Text((string?)arguments[2]));
        command.Parameters.Add(SqlValue.Id((Guid?)arguments[3]));
        return command;
    }

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellation, params object[] arguments)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        foreach (var argument in arguments)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = argument is DateTimeOffset at ? at.ToUniversalTime() : argument });
        }

        return await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>How instances, bookmarks and triggers are read.</summary>
internal static partial class StoredInstances
{
    public const string Columns =
        """
        i.id, i.definition_id, i.definition_version_id, i.version, i.status, i.sub_status, i.correlation_id, i.name,
        i.parent_instance_id, i.created_at, i.updated_at, i.finished_at, i.incident_count, i.state
        """;

    public const string BookmarkColumns =
        """
        b.id, b.instance_id, b.activity_number, b.activity_id, b.activity_node_id, b.name, b.payload, b.hash, b.due_at, b.created_at
        """;

    /// <summary>Reads the batch's first result as instances, its second as their bookmarks and gives rows of a third to the caller.</summary>
    public static async Task<List<InstanceRecord>> ReadAsync(
        NpgsqlBatch batch, CancellationToken cancellation, Action<NpgsqlDataReader>? more = null)
    {
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var records = new List<InstanceRecord>();
        while (await reader.ReadAsync(cancellation))
        {
            records.Add(ReadInstance(reader));
        }

        await reader.NextResultAsync(cancellation);
        var bookmarks = new List<Bookmark>();
        while (await reader.ReadAsync(cancellation))
        {
            bookmarks.Add(ReadBookmark(reader));
        }

        if (more is not null && await reader.NextResultAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                more(reader);
            }
        }

        var owned = bookmarks.ToLookup(bookmark => bookmark.InstanceId);
        return [.. records.Select(record => record with { Bookmarks = [.. owned[record.Id]] })];
    }

    public static StoredTrigger ReadTrigger(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetString(2), OrNull(reader, 3), reader.GetString(4), At(reader, 5));

    public static NpgsqlBatchCommand Command(string sql, object argument)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }

    public static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)Clean(value) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Json(string? json) =>
        new() { Value = (object?)Clean(json) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };

    /// <summary>The text without U+0000, be it written out or escaped as in JSON: PostgreSQL stores none.</summary>
    public static string? Clean(string? text) =>
        text is null || (!text.Contains('\0') && !text.Contains("\\u0000", StringComparison.Ordinal))
            ? text
            : EscapedNul().Replace(text.Replace("\0", "", StringComparison.Ordinal), "$1");

    public static string? OrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static Guid? IdOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    public static DateTimeOffset? At(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private static InstanceRecord ReadInstance(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        DefinitionId = reader.GetString(1),
        DefinitionVersionId = reader.GetString(2),
        Version = reader.GetInt32(3),
        Status = Enum.Parse<WorkflowStatus>(reader.GetString(4), ignoreCase: true),
        SubStatus = Enum.Parse<WorkflowSubStatus>(reader.GetString(5), ignoreCase: true),
        CorrelationId = OrNull(reader, 6),
        Name = OrNull(reader, 7),
        ParentInstanceId = IdOrNull(reader, 8),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(10),
        FinishedAt = At(reader, 11),
        IncidentCount = reader.GetInt32(12),
        State = reader.GetString(13),
    };

    private static Bookmark ReadBookmark(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
        OrNull(reader, 6), reader.GetString(7), At(reader, 8), reader.GetFieldValue<DateTimeOffset>(9));

    [GeneratedRegex(@"(?<!\\)((?:\\\\)*)\\u0000")]
    private static partial Regex EscapedNul();
}
