using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Approval.Tests.Seeding;

/// <summary>A database of its own with the shipped programme and demo data taken over, and the slices that read it.</summary>
internal sealed class ImportedDatabase : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private ImportedDatabase(TestDatabase database, TestClock clock)
    {
        Database = database;
        Clock = clock;
        services = new ServiceCollection()
            .AddSingleton(NpgsqlDataSource.Create(database.ConnectionString))
            .AddLogging()
            .AddLocalization()
            .AddApprovalCore()
            .AddBallots()
            .AddDeadlines()
            .AddDecisions()
            .AddNotifications(new ConfigurationBuilder().Build(), Path.GetTempPath())
            .AddProgramme()
            .AddSeeding()
            .AddWorkflows()
            .AddSingleton<TimeProvider>(clock)
            .BuildServiceProvider();
    }

    public TestDatabase Database { get; }

    public TestClock Clock { get; }

    public static async Task<ImportedDatabase> CreateAsync(CancellationToken cancellation, bool import = true)
    {
        var database = new ImportedDatabase(await TestDatabase.CreateAsync(cancellation), new TestClock());
        if (import)
        {
            await database.ImportAsync(cancellation);
        }

        return database;
    }

    public Task<ImportCounts> ImportAsync(CancellationToken cancellation, DataFolder? folder = null, bool includesDemo = true) =>
        RunAsync<ImportProgramme, ImportCounts>(import =>
            import.HandleAsync(new ImportProgramme.Command(folder ?? DataFolder.Shipped, includesDemo), cancellation));

    /// <summary>Runs a use case in a scope of its own, as a request would.</summary>
    public async Task<TResult> RunAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull
    {
        await using var scope = services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }

    /// <summary>Runs a body in one unit of work.</summary>
    public Task<T> InUnitOfWorkAsync<T>(Func<ProcesDbContext, Task<T>> body, CancellationToken cancellation) =>
        RunAsync<UnitOfWork, T>(work => work.RunAsync(body, cancellation));

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await Database.DisposeAsync();
    }
}
