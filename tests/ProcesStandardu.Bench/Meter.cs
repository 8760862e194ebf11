using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace ProcesStandardu.Bench;

/// <summary>What one stretch of work cost: time, processor, and what the server did.</summary>
/// <param name="Latencies">Milliseconds of each round trip, sorted.</param>
/// <param name="ClientCpu">Processor time of this process.</param>
/// <param name="ServerCpu">Processor time of PostgreSQL's processes; zero where the system does not tell.</param>
internal sealed record Stretch(TimeSpan Length, double[] Latencies, TimeSpan ClientCpu, TimeSpan ServerCpu)
{
    public int Count => Latencies.Length;

    public double PerSecond => Count / Length.TotalSeconds;

    public double CpuPerTrip => (ClientCpu + ServerCpu).TotalMilliseconds / Count;

    public static double Percentile(double[] sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * share) - 1, 0, sorted.Length - 1)];

    public double At(double share) => Percentile(Latencies, share);
}

/// <summary>Runs work in closed loops and measures it.</summary>
internal static class Meter
{
    /// <summary>So many clients repeat the act until the time is up.</summary>
    public static async Task<Stretch> RunAsync(int clients, TimeSpan length, int postmaster, Func<Task> act)
    {
        var clientBefore = Process.GetCurrentProcess().TotalProcessorTime;
        var serverBefore = ServerCpu(postmaster);
        var began = Stopwatch.GetTimestamp();
        var loops = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(async () =>
        {
            var latencies = new List<double>(4096);
            while (Stopwatch.GetElapsedTime(began) < length)
            {
                var start = Stopwatch.GetTimestamp();
                await act();
                latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }

            return latencies;
        })));
        var took = Stopwatch.GetElapsedTime(began);
        return new Stretch(
            took,
            [.. loops.SelectMany(loop => loop).Order()],
            Process.GetCurrentProcess().TotalProcessorTime - clientBefore,
            ServerCpu(postmaster) - serverBefore);
    }

    /// <summary>Processor time of the server's living processes. Linux tells it; elsewhere zero.</summary>
    public static TimeSpan ServerCpu(int postmaster)
    {
        if (!OperatingSystem.IsLinux())
        {
            return TimeSpan.Zero;
        }

        long ticks = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])))
        {
            try
            {
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (int.Parse(fields[1], CultureInfo.InvariantCulture) == postmaster)
                {
                    ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // A process that ended while we looked.
            }
        }

        return TimeSpan.FromMilliseconds(ticks * 10);
    }

    /// <summary>The number of the server's first process.</summary>
    public static async Task<int> PostmasterAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        var stat = await File.ReadAllTextAsync($"/proc/{connection.ProcessID}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
