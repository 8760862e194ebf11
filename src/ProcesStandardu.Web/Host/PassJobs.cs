using Npgsql;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Time;
using Quartz;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// Rings one background duty. The scheduler is only the alarm clock: what is due stands in the domain's rows, so a ring
/// that is lost, late or doubled costs at most a second.
/// </summary>
public class PassJob(
    IServiceProvider services, ProgrammeClock clock, NpgsqlDataSource database, Readiness readiness, ILogger<PassJob> logger) : IJob
{
    internal const string PassName = "pass";

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        if (!readiness.IsOpen)
        {
            return;
        }

        var pass = Passes.All.Single(candidate => candidate.Name == context.MergedJobDataMap.GetString(PassName));
        try
        {
            // Another node may have moved the clock.
            await clock.RefreshAsync(cancellationToken);
            var moved = await pass.RunAsync(services, cancellationToken);
            await KeepWatch.TickAsync(database, pass.Name, cancellationToken);
            if (moved > 0)
            {
                logger.LogInformation("{Pass} moved {Count} on", pass.Name, moved);
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The next ring tries again; what failed is still due.
            logger.LogError(error, "The pass {Pass} failed", pass.Name);
        }
    }
}

/// <summary>Rings a duty whose next run waits until this one is over.</summary>
[DisallowConcurrentExecution]
public sealed class SinglePassJob(
    IServiceProvider services, ProgrammeClock clock, NpgsqlDataSource database, Readiness readiness, ILogger<PassJob> logger)
    : PassJob(services, clock, database, readiness, logger);

/// <summary>Registers every job of the product: one per background duty; none where <c>Passes:Ring</c> is false.</summary>
public static class PassJobsRegistration
{
    public static IServiceCollection AddPassJobs(this IServiceCollection services, IConfiguration configuration)
    {
        if (!configuration.GetValue("Passes:Ring", true))
        {
            return services;
        }

        services.AddQuartz(quartz =>
        {
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
