using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Testing;

/// <summary>
/// The one PostgreSQL of this test process: an embedded cluster in a temporary folder, started by the first test that needs it and
/// gone with the process. It holds one migrated template, from which every <see cref="TestDatabase"/> is cloned.
/// </summary>
/// <remarks>
/// It is as durable as the product demands of any server: on the machines we measured fsync costs the tests nothing that can be felt,
/// and so they run against exactly the server that people get.
/// </remarks>
public sealed class PostgresFixture
{
    private const string Template = "migrated";
    private static readonly string[] Small =
    [
        "wal_level = minimal", "max_wal_senders = 0", "max_wal_size = 256MB", "checkpoint_timeout = 1h",
        "max_connections = 300", "shared_buffers = 64MB", "autovacuum = off", "logging_collector = off", "jit = off",
    ];

    private static readonly Lazy<Task<PostgresFixture>> TheOne = new(StartAsync);
    private static readonly SemaphoreSlim Cloning = new(1);
    private static int _databases;

    private readonly EmbeddedPostgres _server;
    private readonly ConcurrentDictionary<string, Lazy<Task>> _templates = new(StringComparer.Ordinal);

    private PostgresFixture(EmbeddedPostgres server) => _server = server;

    /// <summary>The server of this process, running, with its template migrated.</summary>
    public static Task<PostgresFixture> Started => TheOne.Value;

    /// <summary>Where npm put PostgreSQL's programs; for tests that start a server of their own.</summary>
    public static string Binaries =>
        EmbeddedPostgresPrograms.Find(AppContext.BaseDirectory)
        ?? throw new InvalidOperationException("PostgreSQL is missing: run `npm ci --prefix src/ProcesStandardu.Web`.");

    /// <summary>A new database with the product's schema and no rows; the string connects to it.</summary>
    internal Task<string> CloneAsync(CancellationToken cancellation) => CreateAsync($"template {Template}", cancellation);

    /// <summary>
    /// A new database cloned from a template of that name, which the first who asks prepares: once per process, however many
    /// ask at the same time.
    /// </summary>
    internal async Task<string> CloneAsync(string template, Func<string, Task> prepare, CancellationToken cancellation)
    {
        await _templates.GetOrAdd(template, name => new Lazy<Task>(() => PrepareAsync(name, prepare))).Value;
        return await CreateAsync($"template {template}", cancellation);
    }

    private async Task PrepareAsync(string template, Func<string, Task> prepare)
    {
        var made = await CreateAsync($"template {Template}", CancellationToken.None);
        await prepare(made);

        // A template that somebody is connected to cannot be copied, nor renamed.
        await using (var connection = new NpgsqlConnection(made))
        {
            NpgsqlConnection.ClearPool(connection);
        }

        var name = new NpgsqlConnectionStringBuilder(made).Database;
        await ExecuteAsync(
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'", CancellationToken.None);
        await ExecuteAsync($"alter database {name} rename to {template}", CancellationToken.None);
    }

    /// <summary>A new database with nothing in it.</summary>
    internal Task<string> CreateEmptyAsync(CancellationToken cancellation) => CreateAsync("", cancellation);

    internal Task DropAsync(string connectionString) =>
        ExecuteAsync(
            $"drop database if exists {new NpgsqlConnectionStringBuilder(connectionString).Database} with (force)",
            CancellationToken.None);

    private async Task<string> CreateAsync(string from, CancellationToken cancellation)
    {
        var name = "test_" + Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture);
        // A template can be copied by one at a time.
        await Cloning.WaitAsync(cancellation);
        try
        {
            await ExecuteAsync($"create database {name} {from}", cancellation);
        }
        finally
        {
            Cloning.Release();
        }

        return ConnectionPolicy.Apply(
            new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name }.ConnectionString);
    }

    private static async Task<PostgresFixture> StartAsync()
    {
        var runs = Path.Combine(Path.GetTempPath(), "processtandardu-tests");
        await SweepAsync(runs);
        var folder = Directory.CreateDirectory(
            Path.Combine(runs, Environment.ProcessId.ToString(CultureInfo.InvariantCulture))).FullName;
        var server = await EmbeddedPostgres.StartAsync(
            Binaries, folder, Small, NullLogger.Instance, CancellationToken.None);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            server.DisposeAsync().AsTask().GetAwaiter().GetResult();
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
                // Another test process, which sweeps what stopped servers leave, was faster.
            }
        };

        var fixture = new PostgresFixture(server);
        await fixture.ExecuteAsync($"create database {Template}", CancellationToken.None);
        // A template that somebody is connected to cannot be copied: no pool may keep a connection to it.
        await DatabaseMigrator.MigrateAsync(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = Template, Pooling = false }.ConnectionString,
            CancellationToken.None);
        return fixture;
    }

    /// <summary>Removes what test processes left that were killed.</summary>
    private static async Task SweepAsync(string runs)
    {
        foreach (var folder in Directory.Exists(runs) ? Directory.GetDirectories(runs) : [])
        {
            try
            {
                if (await EmbeddedPostgres.StopAbandonedAsync(Binaries, folder, CancellationToken.None))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (IOException)
            {
                // Another test process sweeps the same folder at this moment.
            }
        }
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
