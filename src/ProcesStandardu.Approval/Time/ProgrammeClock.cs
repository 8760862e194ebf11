using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Time;

/// <summary>
/// The clock that the whole product asks: the real one, moved by the offset that is stored in the database. Outside
/// the demo the offset is zero. Every node reads the offset at start and with each tick of its passes.
/// </summary>
public sealed class ProgrammeClock(NpgsqlDataSource dataSource) : TimeProvider
{
    private long offsetTicks;

    /// <summary>How far this clock stands from the real one; zero outside the demo.</summary>
    public TimeSpan Offset => new(Interlocked.Read(ref offsetTicks));

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;

    /// <summary>Takes over the stored offset, as another node may have moved it.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand("select offset_microseconds from programme_clock");
        var microseconds = (long)(await command.ExecuteScalarAsync(cancellation))!;
        Interlocked.Exchange(ref offsetTicks, microseconds * TimeSpan.TicksPerMicrosecond);
    }

    /// <summary>Sets the clock so that it shows <paramref name="instant"/> now, for every node.</summary>
    /// <param name="instant">The instant to show; time goes on from there.</param>
    /// <param name="movedById">The person who moved it; null for the seeding.</param>
    public async Task SetToAsync(DateTimeOffset instant, Guid? movedById, CancellationToken cancellation)
    {
        var real = System.GetUtcNow();
        var microseconds = (instant - real).Ticks / TimeSpan.TicksPerMicrosecond;
        await using var command = dataSource.CreateCommand(
            "update programme_clock set offset_microseconds = $1, moved_at = $2, moved_by_id = $3");
        command.Parameters.Add(new NpgsqlParameter { Value = microseconds });
        command.Parameters.Add(new NpgsqlParameter { Value = real });
        command.Parameters.Add(SqlValue.Id(movedById));
        await command.ExecuteNonQueryAsync(cancellation);
        Interlocked.Exchange(ref offsetTicks, microseconds * TimeSpan.TicksPerMicrosecond);
    }
}
