using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Crash;

/// <summary>What a client asks of a node, one JSON line each.</summary>
/// <param name="Id">Of this line; the answer bears it.</param>
/// <param name="Key">Of the intent: the same key again is the same act.</param>
/// <param name="Voter">From 1; 0 starts the instance.</param>
public sealed record CrashRequest(int Id, string Key, Guid Instance, int Voter, string Choice);

/// <summary>A node's answer.</summary>
/// <param name="Receipt">Made by the act when it was done first; null when it was refused.</param>
public sealed record CrashAnswer(int Id, string? Receipt);

/// <summary>How a node is started.</summary>
/// <param name="StartedAt">The programme's instant at <paramref name="RealStart"/>; the node's clock goes on from there in real time.</param>
/// <param name="AcknowledgesEarly">A defect on purpose, for the test that such a defect is seen: it answers before it commits.</param>
public sealed record NodeSettings(
    string ConnectionString, int SmtpPort, DateTimeOffset StartedAt, DateTimeOffset RealStart, Guid Actor, bool AcknowledgesEarly = false);

/// <summary>A process of its own with the product's engine, history, outbox and passes; it reads requests and is killed at a place.</summary>
public static class CrashNode
{
    /// <summary>The place between the commit and the answer.</summary>
    public const string BeforeReply = "reply.before";

    private static readonly SemaphoreSlim Writing = new(1);

    public static async Task<int> RunAsync(string json)
    {
        var settings = JsonSerializer.Deserialize<NodeSettings>(json)!;
        var folder = Directory.CreateTempSubdirectory("proces-crash-").FullName;
        await using var services = TestProduct.Compose(
            settings.ConnectionString, new GoingClock(settings.StartedAt, settings.RealStart), folder, new Dictionary<string, string?>
            {
                ["Mail:Transport"] = "Smtp",
                ["Mail:Host"] = "127.0.0.1",
                ["Mail:Port"] = settings.SmtpPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["Mail:StartTls"] = "None",
                ["Mail:Lease"] = "00:00:10",
                ["Mail:AmbiguousPause"] = "00:00:01",
            });

        // Warm before the place is armed: what is reached then is reached by work.
        await using (var scope = services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(_ => Task.FromResult(true), CancellationToken.None);
        }

        Failpoints.Arm(Environment.GetEnvironmentVariable(Failpoints.Setting), isAllowed: true);
        Console.WriteLine("ready");
        using var stop = new CancellationTokenSource();
        var passes = PassesAsync(services, stop.Token);
        var requests = new List<Task>();
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var request = JsonSerializer.Deserialize<CrashRequest>(line)!;
            requests.Add(Task.Run(() => AnswerAsync(services, settings, request)));
        }

        await Task.WhenAll(requests);
        await stop.CancelAsync();
        await passes;
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    private static async Task AnswerAsync(IServiceProvider services, NodeSettings settings, CrashRequest request)
    {
        if (settings.AcknowledgesEarly)
        {
            await SayAsync(new CrashAnswer(request.Id, request.Key));
        }

        await using var scope = services.CreateAsyncScope();
        var done = await ActAsync(scope.ServiceProvider, settings.Actor, request);
        Failpoints.Reach(BeforeReply);
        if (!settings.AcknowledgesEarly)
        {
            await SayAsync(new CrashAnswer(request.Id, done.Succeeded ? done.Value : null));
        }
    }

    /// <summary>A use case as every one of the product: idempotent by its key, with its history, in one transaction.</summary>
    public static Task<Result<string>> ActAsync(IServiceProvider services, Guid actor, CrashRequest request)
    {
        var engine = services.GetRequiredService<WorkflowEngine>();
        return services.GetRequiredService<UnitOfWork>().OnceAsync<string>(
            actor,
            request.Key,
            new { request.Instance, request.Voter, request.Choice },
            async _ =>
            {
                services.GetRequiredService<AuditTrail>().Record(
                    Subjects.Workflow(request.Instance.ToString("D")), "crash_act", new Actor(actor), new { key = request.Key, choice = request.Choice });
                if (request.Voter == 0)
                {
                    await engine.StartAsync(
                        new StartWorkflow { DefinitionId = CrashWorkflow.DefinitionId, InstanceId = request.Instance }, CancellationToken.None);
                }
                else
                {
                    await engine.SendAsync(
                        new Stimulus("Elsa.Event", new { EventName = CrashWorkflow.EventOf(request.Voter) })
                        {
                            InstanceId = request.Instance,
                            Input = JsonValue.Create(request.Choice),
                            Id = request.Key,
                        },
                        CancellationToken.None);
                }

                return Guid.CreateVersion7(services.GetRequiredService<TimeProvider>().GetUtcNow()).ToString("N");
            },
            CancellationToken.None);
    }

    private static async Task PassesAsync(IServiceProvider services, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await services.GetRequiredService<WakeDueWorkflows>().RunOnceAsync(stop);
                await services.GetRequiredService<OutboxDispatcher>().RunOnceAsync(stop);
                await Task.Delay(20, stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task SayAsync(CrashAnswer answer)
    {
        await Writing.WaitAsync();
        try
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(answer));
            await Console.Out.FlushAsync();
        }
        finally
        {
            Writing.Release();
        }
    }

    private sealed class GoingClock(DateTimeOffset startedAt, DateTimeOffset realStart) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => startedAt + (System.GetUtcNow() - realStart);
    }
}
