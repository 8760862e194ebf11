using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Web.Host;

/// <summary>Brings the database to where this build can use it. Each step may run again, and on several nodes at once.</summary>
public static class DatabasePreparation
{
    /// <summary>Applies the migrations that are missing.</summary>
    public static Task MigrateAsync(DatabaseServer database, CancellationToken cancellation) =>
        DatabaseMigrator.MigrateAsync(ConnectionPolicy.ApplyForMigration(database.ConnectionString), cancellation);

    /// <summary>Takes the programme's files over, and the invented persons where the demo is on; what is there stays.</summary>
    public static async Task SeedAsync(IServiceProvider services, CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ImportProgramme>().HandleAsync(
            new ImportProgramme.Command(DataFolder.Shipped, scope.ServiceProvider.GetRequiredService<DemoMode>().IsOn), cancellation);
        await scope.ServiceProvider.GetRequiredService<ProgrammeClock>().RefreshAsync(cancellation);
    }
}
