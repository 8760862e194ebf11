using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Approval.Tests.Seeding;

/// <summary>A database of its own with the shipped programme and demo data taken over, and the slices that read it.</summary>
internal sealed class ImportedDatabase : IAsyncDisposable
{
    private readonly ServiceProvider services;
    private readonly string mailFolder = Directory.CreateTempSubdirectory("proces-import-").FullName;

    private ImportedDatabase(TestDatabase database, bool movesProgrammeClock)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Demo:Enabled"] = "true" }).Build();
        Database = database;
        Clock = new TestClock();
        var slices = new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(DemoMode.From(configuration))
            .AddSingleton(NpgsqlDataSource.Create(database.ConnectionString))
            .AddLogging()
            .AddLocalization()
            .AddApprovalCore()
            .AddAudit(configuration, mailFolder)
            .AddBallots()
            .AddResolutions()
            .AddMeetings()
            .AddDeadlines()
            .AddCalendar()
            .AddDecisions()
            .AddDocuments(configuration)
            .AddComments()
            .AddNotifications(configuration, mailFolder)
            .AddOutwardActs(configuration)
            .AddProgramme()
            .AddSeeding()
            .AddWorkflows()
            .AddHttpRequests(configuration)
            .AddNodes();
        services = (movesProgrammeClock ? slices : slices.AddSingleton<TimeProvider>(Clock)).BuildServiceProvider();
    }

    public TestDatabase Database { get; }

    /// <summary>Stands until it is moved; not asked by a database that moves the programme's clock.</summary>
    public TestClock Clock { get; }

    /// <summary>An empty database under the programme's own clock, as a first start finds it.</summary>
    public static async Task<ImportedDatabase> CreateEmptyAsync(CancellationToken cancellation) =>
        new(await TestDatabase.CreateAsync(cancellation), movesProgrammeClock: true);

    public static async Task<ImportedDatabase> CreateAsync(CancellationToken cancellation, bool import = true)
    {
        var database = new ImportedDatabase(await TestDatabase.CreateAsync(cancellation), movesProgrammeClock: false);
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
        Directory.Delete(mailFolder, recursive: true);
    }
}
