using System.Diagnostics;
using Npgsql;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Approval.Time;
using Quartz;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// Rings one background duty. The scheduler is only the alarm clock: what is due stands in the domain's rows, so a ring
/// that is lost, late or doubled costs at most a second.
/// </summary>
public class PassJob(
    IServiceProvider services, ProgrammeClock clock, NpgsqlDataSource database, Readiness readiness, PassGate gate, NodeGauges gauges,
    IHostApplicationLifetime lifetime, ILogger<PassJob> logger) : IJob
{
    internal const string PassName = "pass";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        if (!readiness.IsOpen)
        {
            return;
        }

        // A node that is told to stop ends between two transactions; what one was doing is undone and stays due.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var pass = Passes.All.Single(candidate => candidate.Name == context.MergedJobDataMap.GetString(PassName));
        try
        {
            if (!await gate.IsOpenAsync(stop.Token))
            {
                return;
            }

            // Another node may have moved the clock.
            await clock.RefreshAsync(stop.Token);
            var since = Stopwatch.GetTimestamp();
            int moved;
            using (gauges.Traces.StartActivity(pass.Name))
            {
                moved = await pass.RunAsync(services, stop.Token);
            }

            gauges.PassRan(pass.Name, Stopwatch.GetElapsedTime(since), moved);
            await KeepWatch.TickAsync(database, pass.Name, stop.Token);
            if (moved > 0)
            {
                logger.LogInformation("{Pass} moved {Count} on", pass.Name, moved);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Another node goes on, or this one after its next start.
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The next ring tries again; what failed is still due.
            gauges.PassFailed(pass.Name);
            logger.LogError(error, "The pass {Pass} failed", pass.Name);
        }
    }
}

/// <summary>Rings a duty whose next run waits until this one is over.</summary>
[DisallowConcurrentExecution]
public sealed class SinglePassJob(
    IServiceProvider services, ProgrammeClock clock, NpgsqlDataSource database, Readiness readiness, PassGate gate, NodeGauges gauges,
    IHostApplicationLifetime lifetime, ILogger<PassJob> logger)
    : PassJob(services, clock, database, readiness, gate, gauges, lifetime, logger);

/// <summary>
/// Goes on evenly from the moment of its making. The alarm clock needs no more: a wall clock that is set back would silence it,
/// and so would a programme's clock that stands elsewhere.
/// </summary>
internal sealed class SteadyClock : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _counter = Stopwatch.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _start + Stopwatch.GetElapsedTime(_counter);
}

/// <summary>Registers every job of the product: one per background duty; none where <c>Passes:Ring</c> is false.</summary>
public static class PassJobsRegistration
{
    public static IServiceCollection AddPassJobs(this IServiceCollection services, IConfiguration configuration)
    {
        if (!configuration.GetValue("Passes:Ring", true))
        {
            return services;
        }

        // With a name: the clock of the nameless scheduler would become the whole program's.
        services.AddQuartz("passes", quartz =>
        {
            quartz.UseTimeProvider(new SteadyClock());
            foreach (var pass in Passes.All)
            {
                if (pass.MayOverlap)
                {
                    Ring<PassJob>(quartz, pass);
                }
                else
                {
                    Ring<SinglePassJob>(quartz, pass);
                }
            }
        });
        // Not rung by the scheduler: it must speak when that is silent.
        services.AddHostedService<WatchService>();
        services.AddHostedService<NodeService>();
        services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        return services;
    }

    private static void Ring<TJob>(IQuartzBuilder quartz, Pass pass)
        where TJob : PassJob =>
        quartz.ScheduleJob<TJob>(
            trigger => trigger.WithIdentity(pass.Name).StartNow()
                .WithSimpleSchedule(schedule => schedule.WithInterval(pass.Every).RepeatForever()),
            job => job.WithIdentity(pass.Name).UsingJobData(PassJob.PassName, pass.Name));
}
