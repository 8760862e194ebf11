using System.Diagnostics;
using System.Globalization;

namespace ProcesStandardu.Crash.Chaos;

/// <summary>
/// Measures what one machine gives: votes and pages a second against nodes, and pages, votes and timers against rows. The numbers
/// of docs/scale.md come from here; on an idle machine they can be had again.
/// </summary>
public static class ScaleRun
{
    private const int Readers = 8;

    /// <param name="arguments">Seconds of each measurement, then the rows to grow to.</param>
    public static async Task<int> MainAsync(string[] arguments)
    {
        int Number(int index, int otherwise) => arguments.Length > index ? int.Parse(arguments[index], CultureInfo.InvariantCulture) : otherwise;
        var length = TimeSpan.FromSeconds(Number(0, 8));
        var most = Number(1, 1_000_000);
        await using var cluster = await ChaosCluster.StartAsync(3, TimeSpan.Zero);
        using var ledger = new Ledger(Path.Combine(cluster.Folder.FullName, "ledger"));
        for (var nodes = 1; nodes <= cluster.Nodes.Count; nodes++)
        {
            var node = cluster.Nodes[nodes - 1];
            node.Start();
            while (!await node.AskReadyAsync())
            {
                await Task.Delay(100);
            }

            // Warm: the first requests of a node are its compiler's.
            await PagesAsync(cluster, ledger, "", $"w{nodes}", TimeSpan.FromSeconds(3));
            var (votes, _) = await VotesAsync(cluster, ledger, $"n{nodes}", length);
            var pages = await PagesAsync(cluster, ledger, "", $"p{nodes}", length);
            Say($"nodes_{nodes}_votes_per_s", votes);
            Say($"nodes_{nodes}_pages_per_s", pages.Count / length.TotalSeconds);
            Say($"nodes_{nodes}_page_p95_ms", Percentile(pages, 95));
        }

        await cluster.StartWorkflowAsync(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));
        for (long rows = 10_000, had = 0; rows <= most; had = rows, rows *= 10)
        {
            await cluster.GrowAsync(rows - had);
            var (votes, slowest) = await VotesAsync(cluster, ledger, $"r{rows}", length);
            var pages = await PagesAsync(cluster, ledger, "przebiegi", $"i{rows}", length);
            Say($"waiting_{rows}_votes_per_s", votes);
            Say($"waiting_{rows}_vote_longest_ms", slowest);
            Say($"waiting_{rows}_list_p95_ms", Percentile(pages, 95));
            Say($"waiting_{rows}_poll_ms", await cluster.PollAsync());
            Say($"waiting_{rows}_database_mb", await cluster.ScalarAsync<long>("select pg_database_size(current_database()) / 1048576"));
            Say($"waiting_{rows}_node_mb", cluster.Nodes.Max(node => node.Size().Megabytes));
        }

        return 0;
    }

    private static async Task<(double PerSecond, double SlowestMs)> VotesAsync(ChaosCluster cluster, Ledger ledger, string round, TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        var voters = new Voters(cluster.Nodes, ledger, cluster.BallotId, round);
        var since = Stopwatch.GetTimestamp();
        await voters.VoteAsync(TimeSpan.Zero, end.Token);
        return (voters.Answered / Stopwatch.GetElapsedTime(since).TotalSeconds, voters.Slowest.TotalMilliseconds);
    }

    private static async Task<List<double>> PagesAsync(ChaosCluster cluster, Ledger ledger, string path, string round, TimeSpan length)
    {
        using var end = new CancellationTokenSource(length);
        return await new Voters(cluster.Nodes, ledger, cluster.BallotId, round).ReadAsync(path, Readers, end.Token);
    }

    private static double Percentile(List<double> sorted, int percent) => sorted.Count == 0 ? 0 : sorted[sorted.Count * percent / 100];

    private static void Say(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {value:0.0}"));
}
