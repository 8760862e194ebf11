using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Bench;

/// <summary>The engine on a database of its own, put together as the product does: unit of work, store, outbox.</summary>
internal sealed class BenchProduct : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private BenchProduct(string connectionString)
    {
        ConnectionString = connectionString;
        DataSource = NpgsqlDataSource.Create(connectionString);
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(DataSource)
            .AddApprovalCore()
            .AddNotifications(new ConfigurationBuilder().Build(), Path.GetTempPath())
            .AddWorkflows()
            .AddSingleton(WorkflowRegistration.Activities().Add(new Step()).Add(new SendLetter()))
            .AddSingleton(TimeProvider.System)
            .BuildServiceProvider();
    }

    public string ConnectionString { get; }

    public NpgsqlDataSource DataSource { get; }

    /// <summary>The person whom the letter of each round trip goes to.</summary>
    public static Guid Recipient { get; } = Guid.Parse("0193a000-0000-7000-8000-00000000000a");

    /// <summary>A new, migrated database on the server, with one person and the two definitions.</summary>
    public static async Task<BenchProduct> CreateAsync(string server, string database)
    {
        await using (var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString))
        {
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"create database {database}", connection);
            await create.ExecuteNonQueryAsync();
        }

        var own = new NpgsqlConnectionStringBuilder(server) { Database = database }.ConnectionString;
        await DatabaseMigrator.MigrateAsync(new NpgsqlConnectionStringBuilder(own) { Pooling = false }.ConnectionString);
        var product = new BenchProduct(
            new NpgsqlConnectionStringBuilder(ConnectionPolicy.Apply(own)) { MaxPoolSize = 40 }.ConnectionString);
        await product.ExecuteAsync(
            $"insert into person (id, key, display_name, email) values ('{Recipient}', 'anna', 'Anna Nowak', 'anna.nowak@example.org')");
        await product.PublishAsync(Definitions.Approval);
        await product.PublishAsync(Definitions.Deadline);
        return product;
    }

    /// <summary>Step 1 of the reference work, as a use case of the product does it.</summary>
    public async Task<Guid> StartAsync(string definitionId = "bench-approval")
    {
        await using var scope = _services.CreateAsyncScope();
        var engine = scope.ServiceProvider.GetRequiredService<WorkflowEngine>();
        var started = await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            () => engine.StartAsync(new StartWorkflow { DefinitionId = definitionId }, CancellationToken.None), CancellationToken.None);
        return started.Outcome == StartOutcome.Started ? started.InstanceId : throw new InvalidOperationException($"Start: {started}");
    }

    /// <summary>Step 2: the signal, three steps, one letter, finished.</summary>
    public async Task VoteAsync(Guid instanceId)
    {
        await using var scope = _services.CreateAsyncScope();
        var engine = scope.ServiceProvider.GetRequiredService<WorkflowEngine>();
        var stimulus = new Stimulus("Elsa.Event", new { EventName = "vote" })
        {
            InstanceId = instanceId,
            Input = new JsonObject { ["by"] = "anna-nowak", ["choice"] = "za" },
        };
        var sent = await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            () => engine.SendAsync(stimulus, CancellationToken.None), CancellationToken.None);
        if (sent is not { Resumed: [_], Deferred: 0 })
        {
            throw new InvalidOperationException($"The vote resumed nothing: {sent}.");
        }
    }

    /// <summary>One pass of the alarm clock.</summary>
    public async Task<int> WakeAsync() =>
        (await _services.GetRequiredService<WakeDueWorkflows>().RunOnceAsync(CancellationToken.None)).Waits;

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Options = "", CommandTimeout = 0, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(ConnectionString) { Options = "", CommandTimeout = 0, Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await DataSource.DisposeAsync();
    }

    private async Task PublishAsync(string json)
    {
        await using var scope = _services.CreateAsyncScope();
        var published = await scope.ServiceProvider.GetRequiredService<PublishDefinition>()
            .HandleAsync(new PublishDefinition.Command(json, Actor.System), CancellationToken.None);
        if (published.Refusal is { } refusal)
        {
            throw new InvalidOperationException(string.Join('\n', refusal.Arguments));
        }
    }

    /// <summary>A trivial step with a recorded result.</summary>
    internal sealed class Step : Activity
    {
        public override ActivityDescriptor Descriptor { get; } = new()
        {
            TypeName = "Bench.Step",
            Category = "Bench",
            DisplayName = "Step",
            Outputs = [new OutputDescriptor("Result", "Int32", "Result")],
        };

        public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
        {
            context.SetOutput("Result", 1);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Queues one mail in the product's outbox.</summary>
    private sealed class SendLetter : Activity
    {
        public override ActivityDescriptor Descriptor { get; } =
            new() { TypeName = "Bench.SendLetter", Category = "Bench", DisplayName = "Send a letter" };

        public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation) =>
            await context.Services.GetRequiredService<Outbox>().QueueAsync(
                new WorkflowNotice(
                    Subjects.Workflow(context.InstanceId.ToString("D")), "Głos przyjęty", "Głos został zapisany.", SitePaths.MyMatters,
                    context.ActivityInstanceId),
                Recipient,
                cancellation);
    }
}

/// <summary>The definitions that the bench runs.</summary>
internal static class Definitions
{
    /// <summary>The approval of the reference work: wait for the vote, three steps, one letter.</summary>
    public const string Approval =
        """
        {"id":"bench-approval-v1","definitionId":"bench-approval","version":1,"name":"bench-approval",
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,
          "activities":[
            {"id":"vote","type":"Elsa.Event","version":1,"eventName":"vote"},
            {"id":"one","type":"Bench.Step","version":1},
            {"id":"two","type":"Bench.Step","version":1},
            {"id":"three","type":"Bench.Step","version":1},
            {"id":"letter","type":"Bench.SendLetter","version":1}],
          "connections":[
            {"source":{"activity":"vote","port":"Done"},"target":{"activity":"one"}},
            {"source":{"activity":"one","port":"Done"},"target":{"activity":"two"}},
            {"source":{"activity":"two","port":"Done"},"target":{"activity":"three"}},
            {"source":{"activity":"three","port":"Done"},"target":{"activity":"letter"}}]}}
        """;

    /// <summary>One deadline and one step after it.</summary>
    public const string Deadline =
        """
        {"id":"bench-deadline-v1","definitionId":"bench-deadline","version":1,"name":"bench-deadline",
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,
          "activities":[
            {"id":"wait","type":"Elsa.Delay","version":1,"timeSpan":"1.00:00:00"},
            {"id":"after","type":"Bench.Step","version":1}],
          "connections":[{"source":{"activity":"wait","port":"Done"},"target":{"activity":"after"}}]}}
        """;

    /// <summary>Very many trivial steps in a row.</summary>
    public static string Steps(int count) =>
        """
        {"id":"bench-steps-v1","definitionId":"bench-steps","version":1,"name":"bench-steps",
         "root":{"id":"sequence","type":"Elsa.Sequence","version":1,"activities":[STEPS]}}
        """.Replace(
            "STEPS",
            string.Join(',', Enumerable.Range(1, count).Select(number => $$"""{"id":"s{{number}}","type":"Bench.Step","version":1}""")),
            StringComparison.Ordinal);
}
