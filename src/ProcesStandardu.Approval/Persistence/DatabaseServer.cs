using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// The PostgreSQL this process works with: the one named by <c>ConnectionStrings:Database</c>, or else a cluster of our own
/// (<see cref="EmbeddedPostgres"/>) that lives and stops with the process.
/// </summary>
public sealed class DatabaseServer : IAsyncDisposable
{
    private const string DatabaseName = "proces";
    private static readonly string[] MustBeOn = ["fsync", "full_page_writes", "synchronous_commit"];

    private readonly EmbeddedPostgres? _embedded;

    private DatabaseServer(string connectionString, EmbeddedPostgres? embedded)
    {
        ConnectionString = connectionString;
        _embedded = embedded;
    }

    /// <summary>Connects to the product's database, with time limits and pooling as <see cref="ConnectionPolicy"/> says.</summary>
    public string ConnectionString { get; }

    /// <summary>
    /// Brings the server up, or reaches the external one, and makes sure that it keeps what it acknowledges.
    /// </summary>
    /// <param name="configuration">
    /// <c>ConnectionStrings:Database</c>: the external server, none means embedded. <c>PROCES_DATA</c>: the folder of the embedded one;
    /// none means <c>.data</c> of the repository, or of <paramref name="contentRoot"/> outside a repository.
    /// </param>
    /// <param name="contentRoot">The host's content root; from here upwards PostgreSQL's programs are looked for.</param>
    /// <param name="logger">Told what is being done.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="DatabaseServerException">With a message for the person who starts the program.</exception>
    public static async Task<DatabaseServer> StartAsync(
        IConfiguration configuration, string contentRoot, ILogger logger, CancellationToken cancellation)
    {
        if (configuration.GetConnectionString("Database") is { Length: > 0 } external)
        {
            var connectionString = ConnectionPolicy.Apply(external);
            await AssertDurableAsync(connectionString, cancellation);
            return new DatabaseServer(connectionString, embedded: null);
        }

        var binaries = EmbeddedPostgresPrograms.Find(contentRoot, AppContext.BaseDirectory)
            ?? throw DatabaseServerException.Because("ProgramsAreMissing");
        var embedded = await EmbeddedPostgres.StartAsync(
            binaries, DataFolder(configuration, contentRoot), settings: [], logger, cancellation);
        try
        {
            await CreateDatabaseAsync(embedded.ConnectionString, cancellation);
            var connectionString = ConnectionPolicy.Apply(
                new NpgsqlConnectionStringBuilder(embedded.ConnectionString) { Database = DatabaseName }.ConnectionString);
            await AssertDurableAsync(connectionString, cancellation);
            return new DatabaseServer(connectionString, embedded);
        }
        catch
        {
            await embedded.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Where this installation keeps its files: <c>PROCES_DATA</c>, or <c>.data</c> of the repository that holds
    /// <paramref name="contentRoot"/>, or <c>.data</c> of the content root itself. An absolute path.
    /// </summary>
    public static string DataFolder(IConfiguration configuration, string contentRoot)
    {
        if (configuration["PROCES_DATA"] is { Length: > 0 } named)
        {
            return Path.GetFullPath(named);
        }

        for (var folder = new DirectoryInfo(contentRoot); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ProcesStandardu.sln")))
            {
                return Path.Combine(folder.FullName, ".data");
            }
        }

        return Path.Combine(Path.GetFullPath(contentRoot), ".data");
    }

    /// <summary>Stops the embedded server, if there is one.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_embedded is not null)
        {
            await _embedded.DisposeAsync();
        }
    }

    /// <summary>Refuses a server that may forget what it acknowledged.</summary>
    private static async Task AssertDurableAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand(
                "select name, setting from pg_settings where name = any($1)", connection);
            command.Parameters.AddWithValue(MustBeOn);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                var (name, setting) = (reader.GetString(0), reader.GetString(1));
                // remote_apply waits for a standby on top of everything that on does.
                if (setting is not ("on" or "remote_apply"))
                {
                    throw DatabaseServerException.Because("ServerIsNotDurable", name, setting);
                }
            }
        }
        catch (NpgsqlException silent)
        {
            throw DatabaseServerException.Because("ServerDoesNotAnswer", connection.DataSource, silent.Message);
        }
    }

    private static async Task CreateDatabaseAsync(string connectionString, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellation);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection);
        exists.Parameters.AddWithValue(DatabaseName);
        if (await exists.ExecuteScalarAsync(cancellation) is null)
        {
            await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
            await create.ExecuteNonQueryAsync(cancellation);
        }
    }
}
