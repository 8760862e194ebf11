using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Seeding;

namespace ProcesStandardu.Web.Host;

/// <summary>Brings the database to where this build can use it. Each step may run again, and on several nodes at once.</summary>
public static class DatabasePreparation
{
    // Any constant will do; it only has to differ from other advisory locks of this database.
    private const long TurnLock = 7_203_415_220_141_129;

    /// <summary>
    /// Migrates and imports. Of nodes that start together one does the work, however long it takes; the others wait for it and then
    /// find nothing to do.
    /// </summary>
    public static async Task RunAsync(DatabaseServer database, IServiceProvider services, CancellationToken cancellation)
    {
        await using var turn = await TakeTurnAsync(database, cancellation);
        await MigrateAsync(database, cancellation);
        await SeedAsync(services, cancellation);
    }

    /// <summary>Applies the migrations that are missing.</summary>
    public static Task MigrateAsync(DatabaseServer database, CancellationToken cancellation) =>
        DatabaseMigrator.MigrateAsync(ConnectionPolicy.ApplyForMigration(database.ConnectionString), cancellation);

    /// <summary>
    /// Takes the programme's files over and publishes the shipped workflows; where the demo is on, brings its invented persons
    /// and plays its history. What is there stays.
    /// </summary>
    private static async Task SeedAsync(IServiceProvider services, CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PrepareProgramme>().HandleAsync(
            DataFolder.Shipped, PublishShippedWorkflows.ShippedFolder, cancellation);
    }

    /// <summary>Closing the connection ends the turn; so does the death of this process.</summary>
    private static async Task<NpgsqlConnection> TakeTurnAsync(DatabaseServer database, CancellationToken cancellation)
    {
        var patient = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Options = "-c statement_timeout=0 -c lock_timeout=0 -c transaction_timeout=0 -c idle_in_transaction_session_timeout=0",
            CommandTimeout = 0,
            Pooling = false,
        };
        var connection = new NpgsqlConnection(patient.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            // Inside a transaction, so that it also holds through a connection pooler.
            await connection.BeginTransactionAsync(cancellation);
            await using var command = new NpgsqlCommand($"select pg_advisory_xact_lock({TurnLock})", connection);
            await command.ExecuteNonQueryAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
