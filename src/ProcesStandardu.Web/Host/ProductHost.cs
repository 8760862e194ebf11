using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Web.Host;

/// <summary>Puts the program together: the database first, then the services, then the pages.</summary>
public static class ProductHost
{
    private const string DefaultAddress = "http://localhost:5080";

    /// <summary>Serves until it is told to stop; the embedded database stops after the last request.</summary>
    public static async Task ServeAsync(string[] args)
    {
        var builder = CreateBuilder(args);
        if (builder.Configuration["urls"] is null && builder.Configuration["http_ports"] is null)
        {
            builder.WebHost.UseUrls(DefaultAddress);
        }

        // Collectors come by a port of their own, which nothing outside reaches.
        if (Telemetry.Port(builder.Configuration) is { } metrics)
        {
            var addresses = builder.Configuration["urls"]
                ?? string.Join(';', builder.Configuration["http_ports"]!.Split(';').Select(port => "http://*:" + port));
            builder.WebHost.UseUrls($"{addresses};http://*:{metrics}");
        }

        // Links in mails lead to where the product is served, unless it is told what people call it.
        if (builder.Configuration["Site:BaseAddress"] is null
            && Uri.TryCreate(builder.Configuration["urls"], UriKind.Absolute, out var served)
            && served.Host is not ("0.0.0.0" or "[::]"))
        {
            builder.Configuration["Site:BaseAddress"] = served.ToString();
        }

        await using var database = await StartDatabaseAsync(builder, CancellationToken.None);
        AddServices(builder, database);
        await using var app = builder.Build();
        var stopping = app.Lifetime.ApplicationStopping;

        app.UseProduct();
        // Where a job prepares the database, nodes only serve; they are ready once the job is done.
        if (app.Configuration.GetValue("Database:PrepareAtStart", true))
        {
            await DatabasePreparation.RunAsync(database, app.Services, stopping);
        }

        await TakeClockAsync(app.Services, stopping);
        Failpoints.Arm(app.Configuration[Failpoints.Setting], app.Services.GetRequiredService<DemoMode>().IsOn);
        app.Services.GetRequiredService<Readiness>().Open();
        var demoPersons = await DemoPersonsAsync(app.Services, stopping);
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            Console.WriteLine(HostTexts.Say("ServesAt", string.Join(", ", app.Urls)));
            if (demoPersons.Length > 0)
            {
                Console.WriteLine(HostTexts.Say("DemoPersons", demoPersons));
            }
        });
        await app.RunAsync();
    }

    /// <summary>From the first request on the database's time holds; a database that a job has yet to make has none.</summary>
    private static async Task TakeClockAsync(IServiceProvider services, CancellationToken cancellation)
    {
        try
        {
            await services.GetRequiredService<ProgrammeClock>().RefreshAsync(cancellation);
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // Nobody is sent here until it is there, and the passes ask again.
        }
    }

    /// <summary>The demo's persons by name, who sign in with a click; empty outside the demo.</summary>
    private static async Task<string> DemoPersonsAsync(IServiceProvider services, CancellationToken cancellation)
    {
        if (!services.GetRequiredService<DemoMode>().IsOn)
        {
            return "";
        }

        await using var scope = services.CreateAsyncScope();
        var people = await scope.ServiceProvider.GetRequiredService<DemoPeople>().HandleAsync(cancellation);
        return string.Join(", ", people.Select(person => person.Name));
    }

    /// <summary>The verb <c>migrate</c>.</summary>
    public static async Task MigrateAsync(string[] args, CancellationToken cancellation)
    {
        var builder = CreateBuilder(args);
        await using var database = await StartDatabaseAsync(builder, cancellation);
        await DatabasePreparation.MigrateAsync(database, cancellation);
    }

    /// <summary>The verb <c>seed</c>.</summary>
    public static async Task SeedAsync(string[] args, CancellationToken cancellation)
    {
        var builder = CreateBuilder(args);
        await using var database = await StartDatabaseAsync(builder, cancellation);
        AddServices(builder, database);
        await using var app = builder.Build();
        await DatabasePreparation.RunAsync(database, app.Services, cancellation);
    }

    /// <summary>The verb <c>quarantine</c>.</summary>
    public static async Task QuarantineAsync(string[] args, CancellationToken cancellation)
    {
        var builder = CreateBuilder(args);
        await using var database = await StartDatabaseAsync(builder, cancellation);
        var began = await BeginQuarantine.HandleAsync(database.ConnectionString, cancellation);
        Console.WriteLine(HostTexts.Say(began ? "QuarantineBegan" : "QuarantineStands"));
    }

    private static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        if (builder.Configuration["PROCES_SECRETS"] is { Length: > 0 } secrets)
        {
            builder.Configuration.AddKeyPerFile(secrets, optional: false);
        }

        // Built but not published, the assets still lie in their source folders; the build's manifest says where.
        builder.WebHost.UseStaticWebAssets();
        // Shorter than Kubernetes' grace period.
        builder.Services.AddOptions<ShutdownOptions>().Bind(builder.Configuration.GetSection(ShutdownOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<HostOptions>().Configure<Microsoft.Extensions.Options.IOptions<ShutdownOptions>>(
            (host, shutdown) => host.ShutdownTimeout = shutdown.Value.Drain + ShutdownOptions.LastRequests);
        builder.WebHost.ConfigureKestrel(options => options.AddServerHeader = false);
        return builder;
    }

    /// <summary>The verb <c>verify-history</c>; the exit code.</summary>
    /// <param name="anchors">The seals' folder; null: the configured one.</param>
    public static async Task<int> VerifyHistoryAsync(string[] args, string? anchors, TextWriter output, CancellationToken cancellation)
    {
        var builder = CreateBuilder(args);
        await using var database = await StartDatabaseAsync(builder, cancellation);
        return await VerifyHistoryVerb.RunAsync(
            database.ConnectionString,
            anchors,
            AuditRegistration.FolderOf(
                builder.Configuration, DatabaseServer.DataFolder(builder.Configuration, builder.Environment.ContentRootPath)),
            output,
            cancellation);
    }

    private static async Task<DatabaseServer> StartDatabaseAsync(WebApplicationBuilder builder, CancellationToken cancellation)
    {
        using var logging = LoggerFactory.Create(log =>
            log.AddConfiguration(builder.Configuration.GetSection("Logging")).AddSimpleConsole(line => line.SingleLine = true));
        return await DatabaseServer.StartAsync(
            builder.Configuration, builder.Environment.ContentRootPath, logging.CreateLogger<DatabaseServer>(), cancellation);
    }

    private static void AddServices(WebApplicationBuilder builder, DatabaseServer database)
    {
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(database.ConnectionString));
        builder.Services.AddKeyedSingleton(Heartbeat.ConnectionsOfItsOwn, (_, _) => NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 3, ApplicationName = "ProcesStandardu heartbeat", Timeout = 5 }
                .ConnectionString));
        builder.Services.AddProduct(builder.Configuration);
    }
}
