using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>
/// Three nodes of the built product on one PostgreSQL while clients vote, deadlines end and workflows wait: with faults, then with
/// restarts one after another, or for hours with nothing but the load.
/// </summary>
public static class ChaosRun
{
    private const int NodeCount = 3;
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(2);

    /// <summary>How long everything may take to come to rest after the last fault.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>After a node is lost: due work of so long is what others take over.</summary>
    private static readonly TimeSpan TakeoverWindow = TimeSpan.FromSeconds(10);

    /// <param name="arguments">Seconds of faults, then the seed.</param>
    public static Task<int> FaultsAsync(string[] arguments) =>
        RunAsync(Seconds(arguments, 240), Seed(arguments), makesFaults: true);

    /// <param name="arguments">Seconds, then the seed.</param>
    public static Task<int> SoakAsync(string[] arguments) =>
        RunAsync(Seconds(arguments, 3_600), Seed(arguments), makesFaults: false);

    private static TimeSpan Seconds(string[] arguments, int otherwise) =>
        TimeSpan.FromSeconds(arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : otherwise);

    private static int Seed(string[] arguments) => arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1;

    private static async Task<int> RunAsync(TimeSpan length, int seed, bool makesFaults)
    {
        await using var cluster = await ChaosCluster.StartAsync(NodeCount, Drain);
        Console.WriteLine($"seed: {seed}; files in {cluster.Folder.FullName}");
        var path = Path.Combine(cluster.Folder.FullName, "ledger");
        using var ledger = new Ledger(path);
        var voters = new Voters(cluster.Nodes, ledger, cluster.BallotId);
        var workflows = new ConcurrentDictionary<Guid, int>();
        var nemesis = new Nemesis(cluster, seed, Console.WriteLine);
        using var end = new CancellationTokenSource();
        foreach (var node in cluster.Nodes)
        {
            node.Start();
        }

        using var balancing = new CancellationTokenSource();
        var balancer = BalanceAsync(cluster, balancing.Token);
        await UntilAsync(() => cluster.Nodes.All(node => node.IsReady), TimeSpan.FromMinutes(1));
        var began = Stopwatch.GetTimestamp();
        await cluster.PlanDeadlinesAsync((int)(length.TotalSeconds * 2), length);
        var voting = voters.VoteAsync(TimeSpan.FromMilliseconds(makesFaults ? 50 : 250), end.Token);
        var starting = StartWorkflowsAsync(cluster, workflows, length, end.Token);
        var sizes = new List<(double Minute, string Node, int Megabytes, int Handles, long Connections)>();
        if (makesFaults)
        {
            using var calm = new CancellationTokenSource(length);
            await nemesis.RageAsync(calm.Token);
        }
        else
        {
            while (Stopwatch.GetElapsedTime(began) < length)
            {
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(60, length.TotalSeconds / 20)));
                await MeasureAsync(cluster, Stopwatch.GetElapsedTime(began), sizes);
            }
        }

        var duringFaults = (voters.Answered, voters.Failed, voters.Slowest, Took: Stopwatch.GetElapsedTime(began));
        await UntilAsync(() => cluster.Nodes.All(node => node.IsReady), Patience);
        var rolled = await RollAsync(cluster, voters, length > TimeSpan.FromMinutes(1) ? 2 : 1);
        await end.CancelAsync();
        await Task.WhenAll(voting, starting);
        var rested = await RestAsync(cluster);
        await balancing.CancelAsync();
        await balancer;

        var taken = (await cluster.Sink.MailsAsync()).SelectMany(mail => mail.Recipients.Select(to => new TakenMail(CrashRun.MessageIdOf(mail.Bytes), to))).ToList();
        var findings = await new ChaosChecker(cluster.ConnectionString, ledger, voters, cluster.BallotId, workflows).CheckAsync(taken);
        foreach (var example in findings.Examples)
        {
            Console.WriteLine(example);
        }

        var late = findings.Lateness.Select(fired => fired.Late.TotalSeconds).Order().ToList();
        Say("acknowledged", ledger.Acknowledged.Count);
        Say("unknown", ledger.Unknown.Count);
        Say("kills", nemesis.Kills);
        Say("faults", nemesis.Faults.Count);
        Say("fault_kinds", nemesis.Faults.Select(fault => fault.Kind).Distinct().Count());
        Say("replies_swallowed", cluster.Nodes.Sum(node => node.Proxy.Swallowed));
        Say("clock_faults", nemesis.Faults.Count(fault => fault.Kind == "clock"));
        Say("fired", findings.Lateness.Count);
        Say("mails", taken.Count);
        Say("lost", findings.Lost);
        Say("doubled", findings.Doubled);
        Say("stuck", findings.Stuck);
        Say("early", findings.Early);
        Say("broken", findings.Broken);
        Say("votes_per_s", duringFaults.Answered / duringFaults.Took.TotalSeconds);
        Say("vote_longest_s", duringFaults.Slowest.TotalSeconds);
        Say("takeover_max_s", Takeover(findings, nemesis));
        Say("lateness_p99_s", late.Count == 0 ? 0 : late[(int)(late.Count * 0.99)]);
        Say("lateness_max_s", late.Count == 0 ? 0 : late[^1]);
        Say("rolls", rolled.Restarts);
        Say("roll_requests", rolled.Requests);
        Say("roll_failed", rolled.Failed);
        SaySizes(sizes);
        Say("seed", seed);
        if (!findings.AreClean || !rested)
        {
            KeepLogs(cluster, seed);
        }

        return findings.AreClean && rested && rolled.Failed == 0 ? 0 : 1;
    }

    /// <summary>Polls each node as a balancer does, several times a second.</summary>
    private static async Task BalanceAsync(ChaosCluster cluster, CancellationToken end)
    {
        await Task.WhenAll(cluster.Nodes.Select(async node =>
        {
            while (!end.IsCancellationRequested)
            {
                await node.AskReadyAsync();
                await Task.Delay(200, CancellationToken.None);
            }
        }));
    }

    private static async Task StartWorkflowsAsync(ChaosCluster cluster, ConcurrentDictionary<Guid, int> workflows, TimeSpan length, CancellationToken end)
    {
        var since = Stopwatch.GetTimestamp();
        var version = 1;
        while (!end.IsCancellationRequested)
        {
            if (version == 1 && Stopwatch.GetElapsedTime(since) > length / 2 && await cluster.PublishAsync(2))
            {
                version = 2;
            }

            var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
            if (await cluster.StartWorkflowAsync(id))
            {
                workflows[id] = version;
            }

            await Task.Delay(300, CancellationToken.None);
        }
    }

    /// <summary>Stops and starts each node in turn, as a new version would be brought out; the balancer obeys readiness.</summary>
    private static async Task<(int Restarts, int Requests, int Failed)> RollAsync(ChaosCluster cluster, Voters voters, int rounds)
    {
        var (requests, failed) = (voters.Answered, voters.Failed);
        var restarts = 0;
        for (var round = 0; round < rounds; round++)
        {
            foreach (var node in cluster.Nodes)
            {
                node.Signal("TERM");
                await node.GoneAsync();
                node.Start();
                await UntilAsync(() => node.IsReady, Patience);
                restarts++;
            }
        }

        return (restarts, voters.Answered - requests, voters.Failed - failed);
    }

    /// <summary>Waits until nothing is due and nothing on its way. False when that does not come.</summary>
    private static async Task<bool> RestAsync(ChaosCluster cluster)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < Patience)
        {
            if (await cluster.ScalarAsync<bool>(
                """
                select not exists (select from workflow_bookmark b join workflow_instance i on i.id = b.instance_id where i.definition_id = 'chaos-wait')
                  and not exists (select from deadline where key like 'chaos-%' and state = 'pending')
                  and not exists (select from outbox_message where next_attempt_at is not null or state = 'sending')
                  and not exists (select from kept_delivery where next_attempt_at is not null) and not exists (select from wake_attempt)
                """))
            {
                return true;
            }

            await Task.Delay(500);
        }

        return false;
    }

    /// <summary>How late at most was what became due in the seconds after a node was lost.</summary>
    private static double Takeover(ChaosFindings findings, Nemesis nemesis) => findings.Lateness
        .Where(fired => nemesis.Faults.Any(fault => fault.HitsNode && fired.DueAt >= fault.At && fired.DueAt < fault.At + TakeoverWindow))
        .Select(fired => fired.Late.TotalSeconds).DefaultIfEmpty().Max();

    private static async Task MeasureAsync(
        ChaosCluster cluster, TimeSpan since, List<(double Minute, string Node, int Megabytes, int Handles, long Connections)> sizes)
    {
        var connections = await cluster.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database()");
        foreach (var node in cluster.Nodes)
        {
            var (megabytes, handles) = node.Size();
            sizes.Add((since.TotalMinutes, node.Name, megabytes, handles, connections));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{since.TotalMinutes:0.0} min {node.Name}: {megabytes} MB, {handles} handles, {connections} connections"));
        }
    }

    /// <summary>The first half of the time against the second: what grows, shows.</summary>
    private static void SaySizes(List<(double Minute, string Node, int Megabytes, int Handles, long Connections)> sizes)
    {
        if (sizes.Count == 0)
        {
            return;
        }

        var middle = sizes[^1].Minute / 2;
        foreach (var (half, rows) in new[] { ("first", sizes.Where(size => size.Minute <= middle).ToList()), ("second", sizes.Where(size => size.Minute > middle).ToList()) })
        {
            Say($"memory_mb_{half}_half", rows.Average(size => size.Megabytes));
            Say($"handles_{half}_half", rows.Average(size => size.Handles));
            Say($"connections_{half}_half", rows.Average(size => (double)size.Connections));
        }
    }

    private static void KeepLogs(ChaosCluster cluster, int seed)
    {
        var kept = Directory.CreateDirectory(Path.Combine("artifacts", $"chaos-{seed}")).FullName;
        foreach (var log in cluster.Folder.GetFiles("*.log"))
        {
            log.CopyTo(Path.Combine(kept, log.Name), overwrite: true);
        }

        Console.WriteLine($"logs: {kept}");
    }

    private static async Task UntilAsync(Func<bool> holds, TimeSpan patience)
    {
        var since = Stopwatch.GetTimestamp();
        while (!holds() && Stopwatch.GetElapsedTime(since) < patience)
        {
            await Task.Delay(50);
        }
    }

    private static void Say(string name, double value) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {Math.Round(value, 2)}"));
}
