using Npgsql;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>How the installation is, for administrators: everything is counted from rows at this moment.</summary>
public sealed class ShowStatus(UnitOfWork work, Rights rights, TimeProvider time)
{
    /// <summary>A node that gave no sign of life for so long is shown as silent: three heartbeats.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(15);

    /// <summary>Clocks that differ by more are told.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    /// <summary>A process; the instants are real time by the database's clock.</summary>
    public sealed record Node(
        Guid Id, string Name, string Version, string Schema, string State, DateTimeOffset StartedAt, DateTimeOffset SeenAt, bool IsSilent,
        TimeSpan ClockAhead, long MemoryBytes)
    {
        public bool HasWrongClock => ClockAhead.Duration() > ClockTolerance;
    }

    /// <summary>Something that waits: how much, and since when the oldest; null when nothing does.</summary>
    /// <param name="Key">Of its words on the page.</param>
    /// <param name="IsTrouble">True where any of it means that something is amiss.</param>
    public sealed record Waiting(string Key, long Count, DateTimeOffset? Oldest, bool IsTrouble);

    /// <summary>When a background duty last ran, on whichever node; real time by the database's clock.</summary>
    public sealed record PassTick(string Pass, DateTimeOffset RangAt);

    /// <summary>Why nothing runs by itself.</summary>
    /// <param name="RemembersUntil">The last sign of life that these data hold; null when there was none.</param>
    public sealed record Quarantine(string Reason, DateTimeOffset Since, DateTimeOffset? RemembersUntil);

    /// <summary>The database server.</summary>
    /// <param name="Schema">The newest migration that is applied.</param>
    /// <param name="IsSchemaKnown">False while a newer version of the program has already prepared the database.</param>
    /// <param name="OldestTransaction">How long the oldest one has been open.</param>
    public sealed record Server(
        string Version, string Schema, bool IsSchemaKnown, DateTimeOffset Now, long Bytes, int Connections, int MaxConnections,
        TimeSpan OldestTransaction);

    public sealed record View(
        IReadOnlyList<Node> Nodes, IReadOnlyList<Waiting> Queues, IReadOnlyList<PassTick> Passes, Quarantine? Quarantine, Server Server,
        DateTimeOffset ProgrammeNow);

    public Task<Result<View>> HandleAsync(Guid personId, CancellationToken cancellation) => work.RunAsync<View>(
        async _ =>
        {
            if (!(await rights.OfAsync(personId, cancellation)).Administers)
            {
                return new NotFoundOrNotYours();
            }

            var now = time.GetUtcNow();
            return new View(
                await NodesAsync(cancellation), await QueuesAsync(now, cancellation), await PassesAsync(cancellation),
                await QuarantineAsync(cancellation), await ServerAsync(cancellation), now);
        },
        cancellation);

    private Task<List<Node>> NodesAsync(CancellationToken cancellation) => ReadAsync(
        """
        select id, name, version, schema, state, started_at, seen_at, clock_ahead_ms, memory_bytes, seen_at < clock_timestamp() - $1::interval
        from node where state <> 'stopped' or seen_at > clock_timestamp() - interval '1 hour' order by state = 'stopped', name, started_at
        """,
        row => new Node(
            row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), At(row, 5)!.Value, At(row, 6)!.Value,
            row.GetBoolean(9) && row.GetString(4) != NodeState.Stopped, TimeSpan.FromMilliseconds(row.GetInt64(7)), row.GetInt64(8)),
        cancellation,
        SilentAfter);

    private Task<List<Waiting>> QueuesAsync(DateTimeOffset now, CancellationToken cancellation) => ReadAsync(
        """
        select 'OverdueDeadlines', count(*), min(due_at), true from deadline where state = 'pending' and due_at <= $1
        union all select 'OverdueBallots', count(*), min(due_at), true from ballot where state = 'open' and due_at <= $1
        union all select 'OverdueWaits', count(*), min(b.due_at), true from workflow_bookmark b
          join workflow_instance i on i.id = b.instance_id where b.due_at <= $1 and i.status = 'running'
        union all select 'Faulted', count(*), min(updated_at), true from workflow_instance where sub_status = 'faulted'
        union all select 'Parked', count(*), min(kept_at), true from kept_delivery where parked_at is not null
        union all select 'Repeated', count(*), min(kept_at), false from kept_delivery where next_attempt_at is not null
        union all select 'EarlySignals', count(*), min(kept_at), false from kept_delivery where attempts = 0
        union all select 'MailWaiting', count(*), min(created_at), false from outbox_message where next_attempt_at is not null or state = 'sending'
        union all select 'MailUncertain', count(*), min(created_at), true from outbox_message where state = 'ambiguous' and next_attempt_at is null
        union all select 'MailDead', count(*), min(created_at), true from outbox_message where state = 'dead'
        union all select 'HttpWaiting', count(*), min(created_at), false from workflow_http_request where state in ('pending', 'sending', 'retry')
        union all select 'Findings', count(*), min(found_at), true from watch_finding where gone_at is null
        """,
        row => new Waiting(row.GetString(0), row.GetInt64(1), At(row, 2), row.GetBoolean(3)),
        cancellation,
        now.ToUniversalTime());

    private Task<List<PassTick>> PassesAsync(CancellationToken cancellation) => ReadAsync(
        "select pass, rang_at from pass_tick order by rang_at, pass", row => new PassTick(row.GetString(0), At(row, 1)!.Value), cancellation);

    private async Task<Quarantine?> QuarantineAsync(CancellationToken cancellation) => (await ReadAsync(
        "select quarantine_reason, quarantined_at, remembers_until from database_identity where quarantined_at is not null",
        row => new Quarantine(row.GetString(0), At(row, 1)!.Value, At(row, 2)),
        cancellation)).SingleOrDefault();

    private async Task<Server> ServerAsync(CancellationToken cancellation)
    {
        var known = DatabaseMigrator.Names;
        return (await ReadAsync(
            """
            select current_setting('server_version'), (select max(name) from schema_migration),
              not exists (select from schema_migration where name <> all ($1)), clock_timestamp(), pg_database_size(current_database()),
              (select count(*)::int from pg_stat_activity where datname = current_database()), current_setting('max_connections')::int,
              coalesce((select max(clock_timestamp() - xact_start) from pg_stat_activity where datname = current_database()), interval '0')
            """,
            row => new Server(
                row.GetString(0), row.GetString(1), row.GetBoolean(2), At(row, 3)!.Value, row.GetInt64(4), row.GetInt32(5), row.GetInt32(6),
                row.GetTimeSpan(7)),
            cancellation,
            (object)known.ToArray()))[0];
    }

    private async Task<List<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        foreach (var value in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static DateTimeOffset? At(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
