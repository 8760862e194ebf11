using Npgsql;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>
/// An operator says that the data come from a backup, before nodes start on them: for copies that the server cannot tell apart,
/// such as a restored volume.
/// </summary>
public static class BeginQuarantine
{
    /// <returns>False when a quarantine was on already.</returns>
    public static async Task<bool> HandleAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            update database_identity set quarantined_at = clock_timestamp(), quarantine_reason = '{QuarantineReason.Asked}', remembers_until = beat_at
            where quarantined_at is null
            """,
            connection);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }
}
