using System.Diagnostics;

namespace ProcesStandardu.Bench;

/// <summary>Very many deadlines that are due at one moment: how late is the committed effect of each?</summary>
internal static class Timers
{
    /// <summary>Milliseconds from the moment at which all are due to the commit of each one's effect, sorted.</summary>
    public static async Task<double[]> MeasureAsync(BenchProduct product, int count)
    {
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, _) =>
            await product.StartAsync("bench-deadline"));
        await product.ExecuteAsync("vacuum analyze workflow_instance, workflow_bookmark, workflow_burst");
        var due = TimeProvider.System.GetUtcNow().AddSeconds(2);
        await product.ExecuteAsync(
            $"""
            update workflow_bookmark set due_at = '{due:O}' where instance_id in (
              select id from workflow_instance where definition_id = 'bench-deadline' and status = 'running')
            """);
        var fired = 0;
        var until = Stopwatch.GetTimestamp();
        while (fired < count)
        {
            // The alarm clock at the first moment at which they are due, and again as long as some are left.
            if (TimeProvider.System.GetUtcNow() < due)
            {
                await Task.Delay(1);
                continue;
            }

            fired += await product.WakeAsync();
            if (Stopwatch.GetElapsedTime(until) > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException($"After a minute {fired} of {count} deadlines were met.");
            }
        }

        var lags = await product.ScalarAsync<double[]>(
            $"""
            select array_agg(extract(epoch from pg_xact_commit_timestamp(xmin) - '{due:O}'::timestamptz)::float8 * 1000)
            from workflow_instance where definition_id = 'bench-deadline' and status = 'finished'
            """);
        Array.Sort(lags);
        return lags.Length == count ? lags : throw new InvalidOperationException($"{lags.Length} of {count} deadlines had their effect.");
    }
}
