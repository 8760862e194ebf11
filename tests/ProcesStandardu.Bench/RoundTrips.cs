using Npgsql;

namespace ProcesStandardu.Bench;

/// <summary>The approval round trip: the limit and the engine alternately, so that the machine's moods meet both.</summary>
internal static class RoundTrips
{
    /// <summary>What one number of clients gave.</summary>
    public sealed record Pair(int Clients, IReadOnlyList<Stretch> Limit, IReadOnlyList<Stretch> Ours)
    {
        public double ThroughputRatio => Meter.Median(Limit.Zip(Ours, (limit, ours) => ours.PerSecond / limit.PerSecond));

        public double LatencyRatio => Meter.Median(Limit.Zip(Ours, (limit, ours) => ours.At(0.5) / limit.At(0.5)));

        public double CpuRatio => Ours.Sum(stretch => (stretch.ClientCpu + stretch.ServerCpu).TotalMilliseconds) / Ours.Sum(stretch => stretch.Count)
            / (Limit.Sum(stretch => (stretch.ClientCpu + stretch.ServerCpu).TotalMilliseconds) / Limit.Sum(stretch => stretch.Count));
    }

    /// <summary>What one round trip of the engine costs the server and the garbage collector.</summary>
    public sealed record Cost(double Commits, double WalBytes, double AllocatedKib, double LimitWalBytes);

    public static async Task<Pair> MeasureAsync(
        BenchProduct product, HandWritten limit, int clients, int rounds, TimeSpan length, int postmaster)
    {
        List<Stretch> limits = [], ours = [];
        for (var round = 0; round < rounds; round++)
        {
            limits.Add(await Meter.RunAsync(clients, length, postmaster, () => LimitAsync(limit)));
            ours.Add(await Meter.RunAsync(clients, length, postmaster, () => OursAsync(product)));
        }

        return new Pair(clients, limits, ours);
    }

    public static async Task<Cost> CostAsync(BenchProduct product, HandWritten limit, string server, int trips)
    {
        // One client; asked over another database, so that asking is not counted.
        var database = new NpgsqlConnectionStringBuilder(product.ConnectionString).Database;
        await using var asker = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ConnectionString);
        await asker.OpenAsync();
        for (var warm = 0; warm < 50; warm++)
        {
            await OursAsync(product);
            await LimitAsync(limit);
        }

        var commits = await CommitsAsync();
        var wal = await WalAsync();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (var trip = 0; trip < trips; trip++)
        {
            await OursAsync(product);
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        wal = await WalAsync() - wal;
        commits = await CommitsAsync() - commits;
        var limitWal = await WalAsync();
        for (var trip = 0; trip < trips; trip++)
        {
            await LimitAsync(limit);
        }

        limitWal = await WalAsync() - limitWal;
        return new Cost((double)commits / trips, (double)wal / trips, allocated / 1024.0 / trips, (double)limitWal / trips);

        async Task<long> CommitsAsync()
        {
            // A session tells its numbers when it ends.
            product.DataSource.Clear();
            while (await AskAsync(
                $"select count(*) from pg_stat_activity where datname = '{database}' and application_name = 'ProcesStandardu'") > 0)
            {
                await Task.Delay(20);
            }

            return await AskAsync($"select xact_commit from pg_stat_database where datname = '{database}'");
        }

        Task<long> WalAsync() => AskAsync("select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint");

        async Task<long> AskAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, asker);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static async Task OursAsync(BenchProduct product) => await product.VoteAsync(await product.StartAsync());

    private static async Task LimitAsync(HandWritten limit) => await limit.VoteAsync((await limit.StartAsync()).Instance);
}
