using System.Diagnostics;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Time;

/// <summary>
/// The clock that the whole product asks: the database's, moved by the offset that is stored there. Outside the demo the
/// offset is zero. Every node reads both at start and with each tick of its passes, and counts on from there by its own
/// steady counter: a machine whose wall clock is wrong, or is set while the node runs, fires nothing early or late.
/// </summary>
/// <remarks>Before the first reading it is the machine's clock. It is never ahead of the database's by more than the drift between two readings.</remarks>
public sealed class ProgrammeClock(NpgsqlDataSource dataSource) : TimeProvider
{
    /// <summary>Answers take different times; within this a later reading does not turn the clock back.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(5);

    private readonly Lock setting = new();
    private volatile Reading? last;

    /// <summary>How far this clock stands from the real one; zero outside the demo.</summary>
    public TimeSpan Offset => last?.Offset ?? TimeSpan.Zero;

    public override DateTimeOffset GetUtcNow() => last is { } reading ? reading.Now + reading.Offset : System.GetUtcNow();

    /// <summary>Takes over the stored offset, as another node may have moved it, and the database's time.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand("select offset_microseconds, clock_timestamp() from programme_clock");
        Take(await ReadAsync(command, cancellation));
    }

    /// <summary>Sets the clock so that it shows <paramref name="instant"/> now, for every node.</summary>
    /// <param name="instant">The instant to show; time goes on from there.</param>
    /// <param name="movedById">The person who moved it; null for the seeding.</param>
    public async Task SetToAsync(DateTimeOffset instant, Guid? movedById, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            with real as materialized (select clock_timestamp() as now)
            update programme_clock set moved_at = real.now, moved_by_id = $2,
              offset_microseconds = round(extract(epoch from $1 - real.now) * 1000000)::bigint
            from real returning offset_microseconds, real.now
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = instant.ToUniversalTime() });
        command.Parameters.Add(SqlValue.Id(movedById));
        Take(await ReadAsync(command, cancellation));
    }

    private static async Task<Reading> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        // Counted from the answer's arrival: behind the database by the answer's way, never ahead.
        return new Reading(
            new TimeSpan(reader.GetInt64(0) * TimeSpan.TicksPerMicrosecond), reader.GetFieldValue<DateTimeOffset>(1), Stopwatch.GetTimestamp());
    }

    private void Take(Reading read)
    {
        lock (setting)
        {
            if (last is not { } before || before.Offset != read.Offset || before.Now <= read.Now || before.Now > read.Now + Tolerance)
            {
                last = read;
            }
        }
    }

    /// <param name="Real">The database's time at <paramref name="Counter"/> of this process.</param>
    private sealed record Reading(TimeSpan Offset, DateTimeOffset Real, long Counter)
    {
        public DateTimeOffset Now => Real + Stopwatch.GetElapsedTime(Counter);
    }
}
