using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>A process as others see it. Its id is new at each start, so that a name used again is another node.</summary>
public sealed class ThisNode
{
    public ThisNode() => Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());

    public Guid Id { get; }

    public string Name { get; } = Environment.MachineName;

    public string Version { get; } =
        Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}

/// <summary>What a process is doing; stored.</summary>
public static class NodeState
{
    public const string Serving = "serving";
    public const string Draining = "draining";
    public const string Stopped = "stopped";
}

/// <summary>
/// One sign of life: notes that this process runs, how far its clock is from the database's, and whether this is still the
/// database that it was. Others do not act on its absence; leases of rows do that.
/// </summary>
public sealed class Heartbeat(
    [FromKeyedServices(Heartbeat.ConnectionsOfItsOwn)] NpgsqlDataSource dataSource, ThisNode node, NodeGauges gauges, ILogger<Heartbeat> logger)
{
    /// <summary>The key of the data source for signs of life and questions of health: requests cannot use it up.</summary>
    public const string ConnectionsOfItsOwn = "heartbeat";

    /// <summary>What the last heartbeat saw. Of two at a time either may stay: both are true.</summary>
    private volatile Tuple<DatabaseIdentity, long>? seen;

    /// <summary>Beats once.</summary>
    /// <param name="state">One of <see cref="NodeState"/>.</param>
    /// <returns>Why nothing may run by itself; null when everything may.</returns>
    public async Task<string?> RunOnceAsync(string state, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        return await BeatAsync(connection, state, cancellation);
    }

    private async Task<string?> BeatAsync(NpgsqlConnection connection, string state, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await NoteAsync(connection, state, cancellation);
        var (noted, present, beats, standing) = await IdentityAsync(connection, cancellation);
        var found = standing ?? QuarantineReason.Find(noted, present, beats, seen is { } own ? (own.Item1, own.Item2) : null);
        await using (var update = new NpgsqlCommand(
            """
            update database_identity set beats = beats + 1, beat_at = clock_timestamp(),
              remembers_until = case when $1::text is null then null when quarantined_at is null then beat_at else remembers_until end,
              quarantined_at = case when $1::text is null then null else coalesce(quarantined_at, clock_timestamp()) end,
              quarantine_reason = $1,
              system_identifier = case when $1 is null then $2 else system_identifier end,
              database_oid = case when $1 is null then $3 else database_oid end,
              timeline = case when $1 is null then $4 else timeline end
            """,
            connection))
        {
            update.Parameters.Add(new NpgsqlParameter { Value = (object?)found ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
            update.Parameters.Add(new NpgsqlParameter { Value = present.System });
            update.Parameters.Add(new NpgsqlParameter { Value = present.Database });
            update.Parameters.Add(new NpgsqlParameter { Value = present.Timeline });
            await update.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        seen = Tuple.Create(present, beats + 1);
        gauges.IsQuarantined = found is not null;
        if (found is not null && standing is null)
        {
            logger.LogCritical(
                "This is not the database that it was ({Reason}): nothing fires and no mail leaves until an administrator decides on /stan", found);
        }

        return found;
    }

    private async Task NoteAsync(NpgsqlConnection connection, string state, CancellationToken cancellation)
    {
        // Half of the trip each way: good to a few milliseconds, and seconds are what matters.
        var asked = TimeProvider.System.GetUtcNow();
        await using var clock = new NpgsqlCommand("select clock_timestamp()", connection);
        var there = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellation))!);
        var here = asked + ((TimeProvider.System.GetUtcNow() - asked) / 2);
        gauges.ClockAhead = here - there;

        await using var note = new NpgsqlCommand(
            """
            insert into node (id, name, version, schema, state, started_at, seen_at, clock_ahead_ms, memory_bytes)
            values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), $6, $7)
            on conflict (id) do update set state = excluded.state, seen_at = excluded.seen_at, clock_ahead_ms = excluded.clock_ahead_ms,
              memory_bytes = excluded.memory_bytes
            """,
            connection);
        foreach (var value in new object[]
        {
            node.Id, node.Name, node.Version, DatabaseMigrator.Names[^1], state, (long)gauges.ClockAhead.TotalMilliseconds,
            Environment.WorkingSet,
        })
        {
            note.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await note.ExecuteNonQueryAsync(cancellation);
        await using var forget = new NpgsqlCommand("delete from node where seen_at < clock_timestamp() - interval '1 day'", connection);
        await forget.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<(DatabaseIdentity? Noted, DatabaseIdentity Present, long Beats, string? Standing)> IdentityAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select i.system_identifier, i.database_oid, i.timeline, i.beats, i.quarantine_reason, p.*
            from database_identity i, (select {DatabaseIdentity.Present}) as p for update of i
            """,
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (
            DatabaseIdentity.Read(reader, 0), DatabaseIdentity.Read(reader, 5)!, reader.GetInt64(3),
            reader.IsDBNull(4) ? null : reader.GetString(4));
    }
}
