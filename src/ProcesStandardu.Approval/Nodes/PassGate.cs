using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>
/// Asked before each run of a background duty: is this the database in which the last heartbeat ran, is no quarantine on, and
/// does this program still understand the schema. Anything but a clear yes is a no; the next ring asks again.
/// </summary>
public sealed class PassGate(NpgsqlDataSource dataSource)
{
    public async Task<bool> IsOpenAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            $"""
            select i.quarantined_at is null
              and (i.system_identifier, i.database_oid, i.timeline) = (p.system_identifier, p.database_oid, p.timeline)
              and not exists (select from schema_migration m where (to_jsonb(m) ->> 'contract')::boolean and m.name <> all ($1))
            from database_identity i, (select {DatabaseIdentity.Present}) as p
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = DatabaseMigrator.Names.ToArray() });
        try
        {
            return await command.ExecuteScalarAsync(cancellation) is true;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // Another node or a job has yet to migrate.
            return false;
        }
    }
}
