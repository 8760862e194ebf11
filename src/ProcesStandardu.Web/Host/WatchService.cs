using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Web.Host;

/// <summary>Runs the watch each minute by a timer of its own, so that it speaks also when the scheduler does not ring.</summary>
internal sealed class WatchService(KeepWatch watch, ProgrammeClock clock, Readiness readiness, ILogger<WatchService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        var isExpecting = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!readiness.IsOpen)
            {
                continue;
            }

            try
            {
                if (!isExpecting)
                {
                    await watch.ExpectPassesAsync(stoppingToken);
                    isExpecting = true;
                }

                await clock.RefreshAsync(stoppingToken);
                var counts = await watch.RunOnceAsync(stoppingToken);
                if (counts.Found > 0)
                {
                    logger.LogError("The watch found {Found} things that did not happen; {Standing} stand", counts.Found, counts.Standing);
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // A database that is away is the readiness check's to tell; the next minute tries again.
                logger.LogError(error, "The watch could not look");
            }
        }
    }
}
