using System.Reflection;
using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>Brings a database to the schema of this build: numbered SQL files, each applied once, in order, under one lock.</summary>
public static class DatabaseMigrator
{
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

        var applied = await AppliedAsync(connection, cancellation);
        var missing = Names.Where(name => !applied.Contains(name)).ToList();
        foreach (var name in missing)
        {
            await ExecuteAsync(connection, ReadSql(name), cancellation);
            await using var mark = new NpgsqlCommand("insert into schema_migration (name) values ($1)", connection);
            mark.Parameters.Add(new NpgsqlParameter { Value = name });
            await mark.ExecuteNonQueryAsync(cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return missing;
    }

    /// <summary>True when every migration of this build is applied; used by readiness.</summary>
    public static async Task<bool> IsCurrentAsync(NpgsqlDataSource dataSource, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "select to_regclass('schema_migration') is not null");
        if (!(bool)(await command.ExecuteScalarAsync(cancellation))!)
        {
            return false;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        var applied = await AppliedAsync(connection, cancellation);
        return Names.All(applied.Contains);
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
