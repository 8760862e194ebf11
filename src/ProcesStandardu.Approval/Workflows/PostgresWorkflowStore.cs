using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>
/// Keeps instances in PostgreSQL, on the connection and in the transaction of the unit of work: one batch that locks and
/// reads, one that writes.
/// </summary>
public sealed class PostgresWorkflowStore(UnitOfWork work, TimeProvider time) : IWorkflowStore
{
    private const string Owned = $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id = $1 {Ordered}";
    private const string Ordered = "order by b.created_at, b.activity_number, b.id";

    // Which index leads to the waits that a stimulus fits depends on what is known of it: three texts, each with one plan.
    // A named instance is locked whether it waits or not: all instances of a workflow wait for the same, so that the index of what
    // is waited for would lead past every one of them.
    private static readonly (string Instances, string Bookmarks) OfInstance = (
        $"select {StoredInstances.Columns} from workflow_instance i where i.id = $1 and ($2::text is null or i.correlation_id = $2) for no key update",
        $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id = $1 {Ordered}");

    private static readonly (string Instances, string Bookmarks) OfCorrelation = Fitting(
        "i.correlation_id = $3",
        "b.instance_id in (select id from workflow_instance where correlation_id = $3) and $1::text is not null and $2::text is not null");

    private static readonly (string Instances, string Bookmarks) OfAll = Fitting(
        "i.id in (select instance_id from workflow_bookmark where hash = $1 and name = $2)",
        "b.instance_id in (select instance_id from workflow_bookmark where hash = $1 and name = $2)");

    public async ValueTask<InstanceRecord?> LockAsync(Guid instanceId, CancellationToken cancellation)
    {
        await using var reader = await work.AskAsync(
            cancellation,
            StoredInstances.Command($"select {StoredInstances.Columns} from workflow_instance i where i.id = $1 for no key update", instanceId),
            StoredInstances.Command(Owned, instanceId));
        return (await StoredInstances.ReadAsync(reader, cancellation)).SingleOrDefault();
    }

    public async ValueTask<InstanceRecord?> LockByBookmarkAsync(Guid bookmarkId, CancellationToken cancellation)
    {
        const string Owner = "(select instance_id from workflow_bookmark where id = $1)";
        await using var reader = await work.AskAsync(
            cancellation,
            StoredInstances.Command(
                $"select {StoredInstances.Columns} from workflow_instance i where i.id = {Owner} for no key update of i", bookmarkId),
            // A statement of its own, after the lock: when another node consumed the bookmark meanwhile, it finds nothing.
            StoredInstances.Command(
                $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id = {Owner} {Ordered}", bookmarkId));
        var record = (await StoredInstances.ReadAsync(reader, cancellation)).SingleOrDefault();
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

    public async ValueTask<IReadOnlyList<(InstanceRecord Instance, IReadOnlyList<Guid> Bookmarks)>> LockDueAsync(
        DateTimeOffset now, IReadOnlyCollection<Guid> bookmarkIds, CancellationToken cancellation)
    {
        List<(InstanceRecord Record, Guid Bookmark)> claimed = [];
        var claim = StoredInstances.Command(
            $"""
            select {StoredInstances.Columns}, b.id from workflow_bookmark b join workflow_instance i on i.id = b.instance_id
            where b.id = any($1) and b.due_at <= $2 and i.status = 'running'
              and not exists (select from kept_delivery k where k.bookmark_id = b.id)
            order by b.due_at, b.id for no key update of i skip locked
            """,
            bookmarkIds.ToArray());
        claim.Parameters.Add(SqlValue.At(now));
        await using (var reader = await work.AskAsync(cancellation, claim))
        {
            while (await reader.ReadAsync(cancellation))
            {
                claimed.Add((StoredInstances.ReadInstance(reader), reader.GetGuid(StoredInstances.ColumnCount)));
            }
        }

        if (claimed.Count == 0)
        {
            return [];
        }

        // After the locks: what another node consumed before them is not found any more.
        await using var waits = await work.AskAsync(
            cancellation,
            StoredInstances.Command(
                $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where b.instance_id = any($1) {Ordered}",
                claimed.Select(due => due.Record.Id).Distinct().ToArray()));
        var bookmarks = (await StoredInstances.ReadBookmarksAsync(waits, cancellation)).ToLookup(bookmark => bookmark.InstanceId);
        return
        [
            .. claimed.GroupBy(due => due.Record.Id).Select(due => (
                due.First().Record with { Bookmarks = [.. bookmarks[due.Key]] },
                (IReadOnlyList<Guid>)[.. due.Select(one => one.Bookmark)])),
        ];
    }

    public async ValueTask<StimulusMatch> MatchAsync(StimulusQuery query, CancellationToken cancellation)
    {
        NpgsqlBatchCommand[] questions;
        if (query.InstanceId is { } instanceId)
        {
            var locked = StoredInstances.Command(OfInstance.Instances, instanceId);
            locked.Parameters.Add(StoredInstances.Text(query.CorrelationId));
            questions = [locked, StoredInstances.Command(OfInstance.Bookmarks, instanceId)];
        }
        else
        {
            var (instances, bookmarks) = query.CorrelationId is null ? OfAll : OfCorrelation;
            questions =
            [
                Limited(instances, query),
                Limited(bookmarks, query),
                Limited(
                    """
                    select t.definition_version_id, t.activity_id, t.name, t.payload, t.hash, t.due_at
                    from workflow_trigger t join workflow_definition d on d.version_id = t.definition_version_id
                    where t.hash = $1 and t.name = $2 and t.due_at is null and d.is_published
                    order by t.definition_version_id, t.activity_id
                    """,
                    query with { CorrelationId = null }),
            ];
        }

        var triggers = new List<StoredTrigger>();
        await using var reader = await work.AskAsync(cancellation, questions);
        var records = await StoredInstances.ReadAsync(reader, cancellation, row => triggers.Add(StoredInstances.ReadTrigger(row)));
        return new StimulusMatch(
            // Of an instance that was waited for, another act may have consumed the wait; a named one may not wait for this at all.
            [.. records.Select(record => (Record: record, Waits: Fits(record))).Where(match => match.Waits.Count > 0)],
            triggers);

        IReadOnlyList<Guid> Fits(InstanceRecord record) =>
            [.. record.Bookmarks.Where(bookmark => bookmark.Hash == query.Hash && bookmark.Name == query.Name).Select(bookmark => bookmark.Id)];
    }

    public async ValueTask<IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)>> WriteAsync(
        IReadOnlyList<InstanceChanges> changes, CancellationToken cancellation)
    {
        // On trust: hardly ever was a stimulus kept for a wait to come. That none was is checked where the rows are written;
        // if one was, the act is run again, and asks.
        foreach (var change in changes)
        {
            work.Queue(new InstanceWriting(change, mustFindNothingKept: !work.IsCareful));
        }

        var waits = changes.SelectMany(change => InstanceWriting.Waits(change)
            .Select(bookmark => (Bookmark: bookmark, change.Instance.CorrelationId))).ToList();
        if (waits.Count == 0 || !work.IsCareful)
        {
            return [];
        }

        var kept = await KeptRows.ReadAsync(
            work,
            StoredInstances.Command(
                $"select {KeptRows.Columns} from kept_delivery where kind = 'stimulus' and attempts = 0 and hash = any($1) order by kept_at, id for update skip locked",
                waits.Select(wait => wait.Bookmark.Hash).Distinct().ToArray()),
            cancellation);

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

    public ValueTask KeepAsync(KeptDelivery delivery, bool isParked, CancellationToken cancellation)
    {
        work.Queue(KeptRows.Upsert(delivery, isParked, time.GetUtcNow()));
        if (isParked)
        {
            work.Queue(ParkedDeliveries.Incident(delivery.Id, time.GetUtcNow()));
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveKeptAsync(Guid deliveryId, CancellationToken cancellation)
    {
        work.Queue(StoredInstances.Command("delete from kept_delivery where id = $1", deliveryId));
        return ValueTask.CompletedTask;
    }

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

    private static (string Instances, string Bookmarks) Fitting(string instances, string bookmarks) => (
        $"""
        select {StoredInstances.Columns} from workflow_instance i
        where {instances} and exists (select from workflow_bookmark b where b.instance_id = i.id and b.hash = $1 and b.name = $2)
        order by i.id for no key update of i
        """,
        $"select {StoredInstances.BookmarkColumns} from workflow_bookmark b where {bookmarks} {Ordered}");

    private static NpgsqlBatchCommand Limited(string sql, StimulusQuery query)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = query.Hash });
        command.Parameters.Add(new NpgsqlParameter { Value = query.Name });
        if (query.CorrelationId is { } correlationId)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = correlationId });
        }

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
