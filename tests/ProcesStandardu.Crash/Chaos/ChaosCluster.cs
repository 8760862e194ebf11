using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>
/// One PostgreSQL of its own, one mail server and some nodes of the built product on the loopback, with a ballot that runs, so
/// that everything happens that happens in an installation.
/// </summary>
public sealed class ChaosCluster : IAsyncDisposable
{
    private const string DatabaseName = "chaos";
    private const string WaitId = "chaos-wait";

    /// <summary>How long each of the workflows waits.</summary>
    public static readonly TimeSpan Wait = TimeSpan.FromSeconds(3);

    private readonly EmbeddedPostgres server;
    private readonly EmbeddedPostgresPrograms programs;
    private readonly string data;
    private readonly ServiceProvider client;

    private ChaosCluster(
        EmbeddedPostgres server, EmbeddedPostgresPrograms programs, DirectoryInfo folder, SmtpSink sink, string connectionString, ServiceProvider client)
    {
        this.server = server;
        this.programs = programs;
        this.client = client;
        Folder = folder;
        data = Path.Combine(folder.FullName, "postgresql", "data");
        Sink = sink;
        ConnectionString = connectionString;
    }

    public DirectoryInfo Folder { get; }

    public SmtpSink Sink { get; }

    /// <summary>Past every proxy: the checker's and the tests' own.</summary>
    public string ConnectionString { get; }

    public Guid BallotId { get; private set; }

    public IReadOnlyList<ProductNode> Nodes { get; private set; } = [];

    public static async Task<ChaosCluster> StartAsync(int nodes, TimeSpan drain)
    {
        var folder = Directory.CreateTempSubdirectory("proces-chaos-");
        var server = await EmbeddedPostgres.StartAsync(
            PostgresFixture.Binaries, folder.FullName, ["max_connections = 200", "shared_buffers = 128MB"], NullLogger.Instance, CancellationToken.None);
        var programs = await EmbeddedPostgresPrograms.PrepareAsync(
            PostgresFixture.Binaries, Path.Combine(folder.FullName, "postgresql"), CancellationToken.None);
        await using (var connection = new NpgsqlConnection(server.ConnectionString))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"create database {DatabaseName}", connection);
            await create.ExecuteNonQueryAsync();
        }

        var connectionString = ConnectionPolicy.Apply(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = DatabaseName }.ConnectionString);
        await DatabaseMigrator.MigrateAsync(connectionString);
        await TestProduct.ImportAsync(connectionString);
        var sink = await SmtpSink.StartAsync();
        var clock = new ProgrammeClock(NpgsqlDataSource.Create(connectionString));
        var cluster = new ChaosCluster(
            server, programs, folder, sink, connectionString, TestProduct.Compose(connectionString, clock, folder.FullName));
        await cluster.PrepareAsync(clock);
        var port = new NpgsqlConnectionStringBuilder(server.ConnectionString).Port;
        cluster.Nodes = [.. Enumerable.Range(1, nodes).Select(number => new ProductNode(
            $"node{number.ToString(CultureInfo.InvariantCulture)}", folder.FullName, port,
            proxy => new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = DatabaseName, Port = proxy }.ConnectionString,
            sink.Port, drain))];
        return cluster;
    }

    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? (T)value : default;
    }

    /// <summary>Deadlines that end one after another from now on; each is one firing and some mails.</summary>
    public Task PlanDeadlinesAsync(int count, TimeSpan over) => ScalarAsync<object>(string.Create(
        CultureInfo.InvariantCulture,
        $"""
        insert into deliverable select (jsonb_populate_record(d, jsonb_build_object('key', 'chaos-' || n))).*
        from deliverable d, generate_series(1, {count}) as n where d.key = 'osl-raport-koncowy';
        insert into deadline (key, title, subject, due_on, precision, due_at, source)
        select 'chaos-' || n, 'Termin ' || n, 'deliverable:chaos-' || n, '2012-11-05', 'day',
          clock_timestamp() + offset_microseconds * interval '1 microsecond' + n * {over.TotalSeconds / count} * interval '1 second', 'R000'
        from generate_series(1, {count}) as n, programme_clock;
        """));

    /// <summary>Adds workflows that wait for the next decade, copies of one that there is.</summary>
    public async Task GrowAsync(long rows)
    {
        var columns = await ScalarAsync<string>(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute where attrelid = 'workflow_instance'::regclass and attnum > 0 and not attisdropped and attgenerated = ''");
        await ScalarAsync<object>(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            set statement_timeout = 0; set transaction_timeout = 0;
            with one as (select id from workflow_instance where definition_id = '{WaitId}' order by created_at limit 1),
            made as (
              insert into workflow_instance ({columns}) select {columns} from (select (jsonb_populate_record(i, jsonb_build_object(
                'id', uuidv7(), 'status', 'running', 'sub_status', 'suspended', 'finished_at', null))).*
              from workflow_instance i, one, generate_series(1, {rows}) where i.id = one.id) copies returning id)
            insert into workflow_bookmark select (jsonb_populate_record(null::workflow_bookmark, jsonb_build_object(
                'id', uuidv7(), 'instance_id', made.id, 'due_at', '2024-01-01T00:00:00Z'::timestamptz + random() * interval '300 days',
                'created_at', now(), 'name', 'Elsa.Delay', 'activity_id', 'wait', 'activity_node_id', 'flow:wait', 'activity_number', 2, 'hash', '', 'payload', 'null'))).*
            from made;
            analyze workflow_instance; analyze workflow_bookmark; reset statement_timeout; reset transaction_timeout;
            """));
    }

    /// <summary>How long the question for due waits takes at most in a hundred times, in ms.</summary>
    public async Task<double> PollAsync()
    {
        var slowest = 0d;
        for (var time = 0; time < 100; time++)
        {
            var since = System.Diagnostics.Stopwatch.GetTimestamp();
            await ScalarAsync<object>("select id from workflow_bookmark where due_at <= '2012-11-06' order by due_at limit 250");
            slowest = Math.Max(slowest, System.Diagnostics.Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }

        return slowest;
    }

    /// <summary>Starts a workflow that waits; false when the database was away.</summary>
    public async Task<bool> StartWorkflowAsync(Guid id)
    {
        try
        {
            await using var scope = client.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
                () => scope.ServiceProvider.GetRequiredService<WorkflowEngine>().StartAsync(
                    new StartWorkflow { DefinitionId = WaitId, InstanceId = id }, CancellationToken.None),
                CancellationToken.None);
            return true;
        }
        catch (Exception away) when (away is NpgsqlException or IOException)
        {
            return false;
        }
    }

    /// <summary>Publishes the next version of the workflow that is running.</summary>
    public async Task<bool> PublishAsync(int version)
    {
        try
        {
            await using var scope = client.CreateAsyncScope();
            return (await scope.ServiceProvider.GetRequiredService<PublishDefinition>().HandleAsync(
                new PublishDefinition.Command(WaitJson(version), Actor.System), CancellationToken.None)).Succeeded;
        }
        catch (Exception away) when (away is NpgsqlException or IOException)
        {
            return false;
        }
    }

    /// <summary>Restarts the server as an operator would, or ends it as a power cut would.</summary>
    public async Task RestartDatabaseAsync(bool isPowerCut)
    {
        if (isPowerCut)
        {
            var postmaster = int.Parse(File.ReadLines(Path.Combine(data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
            var children = Directory.GetDirectories("/proc").Select(Path.GetFileName)
                .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out var id) && ParentOf(id) == postmaster).ToList();
            using var kill = System.Diagnostics.Process.Start("kill", ["-KILL", postmaster.ToString(CultureInfo.InvariantCulture), .. children!]);
            await kill.WaitForExitAsync();
            for (var attempt = 0; attempt < 20; attempt++)
            {
                if ((await ControlAsync("start")).ExitCode == 0)
                {
                    return;
                }

                await Task.Delay(200);
            }
        }

        await ControlAsync("restart", "-m", "fast");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            node.Dispose();
        }

        await client.DisposeAsync();
        await Sink.DisposeAsync();
        await server.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    private Task<ProgramEnd> ControlAsync(params string[] act) => programs.RunAsync(
        "pg_ctl", [act[0], "-s", "-w", "-t", "60", "-D", data, "-l", Path.Combine(Path.GetDirectoryName(data)!, "start.log"), .. act[1..]],
        CancellationToken.None);

    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private async Task PrepareAsync(ProgrammeClock clock)
    {
        await clock.SetToAsync(TestClock.InWarsaw(2012, 10, 29, 9, 0), null, CancellationToken.None);
        await RunAsync<PublishShippedWorkflows, int>(publish => publish.HandleAsync(
            new PublishShippedWorkflows.Command(PublishShippedWorkflows.ShippedFolder), CancellationToken.None));
        var lead = (await ScalarAsync<Guid?>("select id from person where key = 'marek-pole'"))!.Value;
        foreach (var (text, step) in new[] { ("§ 1. Wnioski.", RevisionStep.NextMinor), ("§ 1. Wnioski i rekomendacje.", RevisionStep.NextMajor) })
        {
            using var file = new MemoryStream(DocxFromText.Write("Wnioski i rekomendacje OSL", text));
            _ = (await RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(submit => submit.HandleAsync(
                new SubmitRevision.Command("osl-wnioski-1", lead, file, "wnioski.docx", "Wnioski", "Nowa część", ChangeKind.Material, step, null, null),
                CancellationToken.None))).Value;
        }

        BallotId = (await RunAsync<OpenBallot, Result<OpenBallot.Opened>>(open => open.HandleAsync(
            new OpenBallot.Command("osl-wnioski-1", "zespol-doradczy", null, null, null, Actor.System), CancellationToken.None))).Value.BallotId;
        await clock.SetToAsync(TestClock.InWarsaw(2012, 11, 5, 8, 0), null, CancellationToken.None);
        if (!await PublishAsync(1))
        {
            throw new InvalidOperationException("The workflow of the run was not published.");
        }
    }

    private async Task<TResult> RunAsync<TUseCase, TResult>(Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull
    {
        await using var scope = client.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }

    private static string WaitJson(int version) => new JsonObject
    {
        ["id"] = $"{WaitId}-v{version.ToString(CultureInfo.InvariantCulture)}",
        ["definitionId"] = WaitId,
        ["name"] = WaitId,
        ["root"] = new JsonObject
        {
            ["id"] = "flow",
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["activities"] = new JsonArray(
                Activity("start", "Elsa.Start", null, null),
                Activity("wait", "Elsa.Delay", "timeSpan", Wait.ToString("c", CultureInfo.InvariantCulture)),
                Activity("end", "Elsa.WriteLine", "text", "v" + version.ToString(CultureInfo.InvariantCulture))),
            ["connections"] = new JsonArray(Connection("start", "wait"), Connection("wait", "end")),
        },
    }.ToJsonString();

    private static JsonObject Activity(string id, string type, string? name, string? value)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        if (name is not null)
        {
            activity[name] = new JsonObject { ["expression"] = new JsonObject { ["type"] = "Literal", ["value"] = value } };
        }

        return activity;
    }

    private static JsonObject Connection(string from, string to) => new()
    {
        ["source"] = new JsonObject { ["activity"] = from, ["port"] = "Done" },
        ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
    };
}
