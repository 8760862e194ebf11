using System.Globalization;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>One fault that was made.</summary>
/// <param name="HitsNode">True when a node was stopped or killed, so that others must take its work over.</param>
public sealed record Fault(string Kind, DateTimeOffset At, bool HitsNode);

/// <summary>
/// Makes faults by a plan that its seed alone decides: which, whom, how long, and how long it is quiet in between. At least one
/// node is always left alone.
/// </summary>
public sealed class Nemesis(ChaosCluster cluster, int seed, Action<string> say)
{
    private static readonly string[] Kinds =
    [
        "kill", "swallow", "cut", "stop", "database_restart", "kill", "swallow", "silence", "database_power_cut", "terminate", "clock", "swallow",
    ];

    /// <summary>Clocks jump by these many seconds: ahead, behind, by days and by a year.</summary>
    private static readonly int[] Jumps = [7_200, -7_200, 259_200, -31_536_000];

    private readonly Random random = new(seed);
    private readonly List<Fault> faults = [];

    /// <summary>What was done, in order.</summary>
    public IReadOnlyList<Fault> Faults => faults;

    public int Kills => faults.Count(fault => fault.Kind is "kill" or "database_power_cut");

    public async Task RageAsync(CancellationToken end)
    {
        for (var number = 0; !end.IsCancellationRequested; number++)
        {
            await PauseAsync(random.Next(1_500, 4_000), end);
            if (end.IsCancellationRequested)
            {
                return;
            }

            // Each kind in turn before any comes again; whom and how long is chance.
            var kind = Kinds[number % Kinds.Length];
            if (kind == "clock" && !ProductNode.HasClock)
            {
                continue;
            }

            await MakeAsync(kind, cluster.Nodes[random.Next(cluster.Nodes.Count)], random.Next(1_000));
        }
    }

    private async Task MakeAsync(string kind, ProductNode node, int chance)
    {
        var name = kind.StartsWith("database", StringComparison.Ordinal) ? "" : node.Name;
        say($"{TimeProvider.System.GetUtcNow():HH:mm:ss} {kind} {name}");
        faults.Add(new Fault(kind, TimeProvider.System.GetUtcNow(), kind is "kill" or "stop" or "silence"));
        switch (kind)
        {
            case "kill":
                node.Signal("KILL");
                node.IsReady = false;
                await Task.Delay(500 + chance);
                node.Start();
                await ReadyAsync(node);
                break;
            case "terminate":
                node.Signal("TERM");
                await node.GoneAsync();
                node.Start();
                await ReadyAsync(node);
                break;
            case "stop":
                node.Signal("STOP");
                // Longer than the lease of a mail, which another node takes over.
                await Task.Delay(12_000 + chance);
                node.Signal("CONT");
                break;
            case "swallow":
                node.Proxy.Mode = ProxyMode.SwallowReplies;
                await Task.Delay(300 + chance);
                node.Proxy.Mode = ProxyMode.Pass;
                break;
            case "cut":
                node.Proxy.Cut();
                break;
            case "silence":
                node.Proxy.Mode = ProxyMode.Silent;
                await Task.Delay(5_000 + chance);
                node.Proxy.Mode = ProxyMode.Pass;
                break;
            case "database_restart":
                await cluster.RestartDatabaseAsync(isPowerCut: false);
                break;
            case "database_power_cut":
                await cluster.RestartDatabaseAsync(isPowerCut: true);
                break;
            case "clock":
                var jump = Jumps[chance % Jumps.Length];
                say("  " + jump.ToString(CultureInfo.InvariantCulture) + " s");
                // One node, or all of them.
                foreach (var each in chance % 2 == 0 ? [node] : cluster.Nodes)
                {
                    each.SetClock(jump);
                }

                await Task.Delay(4_000);
                foreach (var each in cluster.Nodes)
                {
                    each.SetClock(0);
                }

                break;
        }
    }

    private static async Task ReadyAsync(ProductNode node)
    {
        for (var attempt = 0; attempt < 300 && !await node.AskReadyAsync(); attempt++)
        {
            await Task.Delay(100);
        }
    }

    private static async Task PauseAsync(int milliseconds, CancellationToken end)
    {
        try
        {
            await Task.Delay(milliseconds, end);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
