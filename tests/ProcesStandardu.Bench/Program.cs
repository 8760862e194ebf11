using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Bench;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Testing;

// Measures the engine against the hand-written limit on one PostgreSQL, both in one run: `make bench`, or `make bench QUICK=1`
// for a look; `make bench PART="c32 cost"` measures parts of it: c1, c8, c32, cost, timers, suspended, memory, definitions, and wal, which says
// what the write-ahead log of a round trip consists of. The last lines are `name: value`.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var isQuick = args.Contains("--quick");
var only = args.Where(argument => !argument.StartsWith("--", StringComparison.Ordinal)).ToHashSet();
string[] settings =
[
    // As large as one machine would give it; no checkpoint or vacuum falls into one side's turn by chance.
    "shared_buffers = 512MB", "max_wal_size = 8GB", "checkpoint_timeout = 1h", "autovacuum = off", "jit = off",
    "track_commit_timestamp = on", "logging_collector = off", "max_connections = 120",
];
var folder = Path.Combine(Path.GetTempPath(), $"processtandardu-bench-{Environment.ProcessId}");
var results = new List<(string Name, double Value, int Digits)>();
await using (var server = await EmbeddedPostgres.StartAsync(PostgresFixture.Binaries, folder, settings, NullLogger.Instance, CancellationToken.None))
{
    var product = await BenchProduct.CreateAsync(server.ConnectionString, "bench");
    var postmaster = await Meter.PostmasterAsync(server.ConnectionString);
    Console.WriteLine($"PostgreSQL {await product.ScalarAsync<string>("select current_setting('server_version')")}, fsync {await product.ScalarAsync<string>("select current_setting('fsync')")}, "
        + $"synchronous_commit {await product.ScalarAsync<string>("select current_setting('synchronous_commit')")}, {Environment.ProcessorCount} processors");
    using (var limit = await HandWritten.LikeAsync(product))
    {
        if (only.Count == 0 || Clients().Length > 0)
        {
            await RoundTripsAsync(product, limit, postmaster);
        }

        if (Wanted("cost"))
        {
            var cost = await RoundTrips.CostAsync(product, limit, server.ConnectionString, isQuick ? 200 : 1000);
            Console.WriteLine($"One round trip: {cost.Commits:0.00} commits, {cost.WalBytes:0} bytes of WAL (by hand {cost.LimitWalBytes:0}), {cost.AllocatedKib:0.0} KiB of garbage");
            results.Add(("commits_per_round_trip", cost.Commits, 2));
            results.Add(("wal_bytes_per_round_trip", cost.WalBytes, 0));
            results.Add(("allocated_kib_per_round_trip", cost.AllocatedKib, 1));
        }
    }

    if (only.Contains("wal"))
    {
        await WalParts.PrintAsync(product, 500);
    }

    if (Wanted("timers"))
    {
        await Timers.MeasureAsync(product, 3_000);
        await product.ExecuteAsync("truncate workflow_burst, workflow_bookmark; truncate workflow_instance cascade");
        var lags = await Timers.MeasureAsync(product, 10_000);
        Console.WriteLine($"10,000 deadlines due at once, lag of the committed effect: p50 {Stretch.Percentile(lags, 0.5):0} ms, p99 {Stretch.Percentile(lags, 0.99):0} ms, last {lags[^1]:0} ms");
        results.Add(("timers_10000_p99_ms", Stretch.Percentile(lags, 0.99), 0));
    }

    if (Wanted("suspended"))
    {
        await product.ExecuteAsync("truncate workflow_burst, workflow_bookmark; truncate workflow_instance cascade; truncate outbox_message cascade");
        await using var many = await BenchProduct.CreateAsync(server.ConnectionString, "bench_many");
        var count = isQuick ? 50_000 : 1_000_000;
        var (few, crowd) = await Suspended.MeasureAsync(product, 1_000, many, count, rounds: isQuick ? 2 : 6, perRound: 900);
        Console.WriteLine($"Resume with 1,000 suspended: p50 {Stretch.Percentile(few, 0.5):0.00} ms, p99 {Stretch.Percentile(few, 0.99):0.00} ms; "
            + $"with {count:N0}: p50 {Stretch.Percentile(crowd, 0.5):0.00} ms, p99 {Stretch.Percentile(crowd, 0.99):0.00} ms");
        results.Add(("resume_p99_ratio_1m", Stretch.Percentile(crowd, 0.99) / Stretch.Percentile(few, 0.99), 2));
    }

    if (only.Contains("definitions"))
    {
        var reader = new DefinitionReader(WorkflowRegistration.Activities());
        foreach (var (name, json) in new[]
        {
            ("200 MB", new string('[', 200_000_000)),
            ("10,000 lists deep", "{\"definitionId\":\"d\",\"root\":" + new string('[', 10_000) + new string(']', 10_000) + "}"),
        })
        {
            var began = Stopwatch.GetTimestamp();
            var reading = reader.Read(json);
            Console.WriteLine($"A definition of {name} is refused ({reading.Problems.Single().Code}) after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0.0} ms");
        }
    }

    if (Wanted("memory"))
    {
        var rate = new InMemory().Measure(isQuick ? 3 : 6, TimeSpan.FromSeconds(1));
        Console.WriteLine($"Trivial activities in memory on one core: {rate:N0} in a second");
        results.Add(("activities_per_second", rate, 0));
    }

    await product.DisposeAsync();
}

Directory.Delete(folder, recursive: true);
Console.WriteLine();
foreach (var (name, value, digits) in results)
{
    Console.WriteLine($"{name}: {Math.Round(value, digits).ToString(CultureInfo.InvariantCulture)}");
}

return 0;

int[] Clients() => [.. only.Where(part => part is "c1" or "c8" or "c32").Select(part => int.Parse(part.AsSpan(1), CultureInfo.InvariantCulture))];

bool Wanted(string part) => only.Count == 0 || only.Contains(part);

async Task RoundTripsAsync(BenchProduct product, HandWritten limit, int postmaster)
{
    var (rounds, length) = isQuick ? (3, TimeSpan.FromSeconds(1)) : (8, TimeSpan.FromSeconds(1.5));
    Console.WriteLine();
    Console.WriteLine("Approval round trip        trips/s   p50 ms   p99 ms   CPU ms | by hand trips/s   p50 ms   p99 ms   CPU ms | ratio  latency  CPU");
    foreach (var clients in Clients() is { Length: > 0 } asked ? asked : [1, 8, 32])
    {
        await RoundTrips.MeasureAsync(product, limit, clients, 1, TimeSpan.FromSeconds(isQuick ? 1 : 2), postmaster);
        var pair = await RoundTrips.MeasureAsync(product, limit, clients, rounds, length, postmaster);
        Console.WriteLine($"{clients,2} client{(clients == 1 ? " " : "s")}             {Told(pair.Ours)} |      {Told(pair.Limit)} |  {pair.ThroughputRatio:0.00}     {pair.LatencyRatio:0.00}  {pair.CpuRatio:0.00}");
        Console.WriteLine($"            CPU ms of the server alone: {pair.Ours.Sum(one => one.ServerCpu.TotalMilliseconds) / pair.Ours.Sum(one => one.Count):0.00}, by hand {pair.Limit.Sum(one => one.ServerCpu.TotalMilliseconds) / pair.Limit.Sum(one => one.Count):0.00}");
        results.Add(($"round_trip_ratio_c{clients}", pair.ThroughputRatio, 3));
        if (clients == 1)
        {
            results.Add(("round_trip_latency_ratio_c1", pair.LatencyRatio, 3));
        }
    }

    Console.WriteLine();

    static string Told(IReadOnlyList<Stretch> stretches) =>
        $"{Meter.Median(stretches.Select(stretch => stretch.PerSecond)),9:0} {Meter.Median(stretches.Select(stretch => stretch.At(0.5))),8:0.00} "
        + $"{Meter.Median(stretches.Select(stretch => stretch.At(0.99))),8:0.00} {Meter.Median(stretches.Select(stretch => stretch.CpuPerTrip)),8:0.00}";
}
