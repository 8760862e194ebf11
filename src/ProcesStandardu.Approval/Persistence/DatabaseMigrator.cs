using System.Reflection;
using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>How a database's schema fits this program.</summary>
public enum SchemaFit
{
    /// <summary>A migration of this program is missing.</summary>
    Behind,

    /// <summary>Everything is there; perhaps more, which a newer program has added and this one need not know.</summary>
    Fits,

    /// <summary>A newer program has taken away what this one needs.</summary>
    Ahead,
}

/// <summary>Brings a database to the schema of this build: numbered SQL files, each applied once, in order, under one lock.</summary>
/// <remarks>
/// Programs of two versions run side by side while an installation is renewed. So a migration only adds; one that takes away
/// comes a version later, when nobody uses it any more, and begins with the line <see cref="ContractLine"/>: a program that
/// does not know it serves no longer.
/// </remarks>
public static class DatabaseMigrator
{
    /// <summary>The first line of a migration that older programs do not survive.</summary>
    public const string ContractLine = "-- contract";

    private const string ResourcePrefix = "Migrations/";

    // Any constant will do; it only has to differ from other advisory locks of this database.
    private const long MigrationLock = 7_203_415_220_141_130;

    /// <summary>The migrations of this build in the order they run.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. typeof(DatabaseMigrator).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Select(name => name[ResourcePrefix.Length..])
            .Order(StringComparer.Ordinal)];

    /// <summary>Applies what is missing. Two nodes that start together: the second waits and then finds nothing to do.</summary>
    /// <returns>The names applied now; empty when the schema was current.</returns>
    /// <exception cref="PostgresException">A file could not be applied; nothing of that file remains.</exception>
    public static async Task<IReadOnlyList<string>> MigrateAsync(string connectionString, CancellationToken cancellation = default)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({MigrationLock})", cancellation);
        await ExecuteAsync(
            connection,
            "create table if not exists schema_migration (name text primary key, applied_at timestamptz not null default clock_timestamp())",
            cancellation);
        await ExecuteAsync(
            connection, "alter table schema_migration add column if not exists contract boolean not null default false", cancellation);

        var applied = await AppliedAsync(connection, cancellation);
        var missing = Names.Where(name => !applied.Contains(name)).ToList();
        foreach (var name in missing)
        {
            var sql = ReadSql(name);
            await ExecuteAsync(connection, sql, cancellation);
            await using var mark = new NpgsqlCommand("insert into schema_migration (name, contract) values ($1, $2)", connection);
            mark.Parameters.Add(new NpgsqlParameter { Value = name });
            mark.Parameters.Add(new NpgsqlParameter { Value = sql.StartsWith(ContractLine, StringComparison.Ordinal) });
            await mark.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return missing;
    }

    /// <summary>Whether this program can work on the database; used by readiness.</summary>
    public static async Task<SchemaFit> FitAsync(NpgsqlDataSource dataSource, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "select to_regclass('schema_migration') is not null");
        if (!(bool)(await command.ExecuteScalarAsync(cancellation))!)
        {
            return SchemaFit.Behind;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var applied = await AppliedAsync(connection, cancellation);
        if (!Names.All(applied.Contains))
        {
            return SchemaFit.Behind;
        }

        // By way of JSON: databases from before the rule have no such column.
        await using var ahead = new NpgsqlCommand(
            "select exists (select from schema_migration m where (to_jsonb(m) ->> 'contract')::boolean and name <> all ($1))", connection);
        ahead.Parameters.Add(new NpgsqlParameter { Value = Names.ToArray() });
        return (bool)(await ahead.ExecuteScalarAsync(cancellation))! ? SchemaFit.Ahead : SchemaFit.Fits;
    }

    private static async Task<HashSet<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("select name from schema_migration", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static string ReadSql(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(ResourcePrefix + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
