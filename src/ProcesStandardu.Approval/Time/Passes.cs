using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Notifications.Bounces;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Workflows;

namespace ProcesStandardu.Approval.Time;

/// <summary>A background duty: one run does what is due now and says how much that was.</summary>
/// <param name="Name">The stored name, also of the job that rings it.</param>
/// <param name="Every">How often it is rung.</param>
/// <param name="RunAsync">One pass; returns how many rows it moved on.</param>
/// <param name="MayOverlap">True when the next run need not wait for this one: the pass itself limits what it does at once.</param>
public sealed record Pass(
    string Name, TimeSpan Every, Func<IServiceProvider, CancellationToken, Task<int>> RunAsync, bool MayOverlap = false);

/// <summary>Every background duty of the product, in the order in which one instant's work is done.</summary>
public static class Passes
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>
    /// What a person asked for is done first. Silence runs as its notices are proven before ballots close; ballots close before
    /// deadlines pass, and both before workflows wake: what ends at an instant is known before anything goes on because of it.
    /// Letters become mails when all is known, and mail leaves last.
    /// </summary>
    public static IReadOnlyList<Pass> All { get; } =
    [
        new("perform_held_acts", Second, (services, cancellation) =>
            services.GetRequiredService<PerformHeldActs>().RunOnceAsync(cancellation)),
        new("read_returns", TimeSpan.FromMinutes(1), (services, cancellation) =>
            services.GetRequiredService<ReadReturns>().RunOnceAsync(cancellation)),
        new("watch_ballots", Second, (services, cancellation) =>
            services.GetRequiredService<WatchBallots>().RunOnceAsync(cancellation)),
        new("close_due_ballots", Second, (services, cancellation) =>
            services.GetRequiredService<CloseDueBallots>().RunOnceAsync(cancellation)),
        // Before deadlines: what was sent in time is in time.
        new("release_submissions", Second, (services, cancellation) =>
            services.GetRequiredService<ReleaseSubmissions>().RunOnceAsync(cancellation)),
        new("enforce_deadlines", Second, (services, cancellation) =>
            services.GetRequiredService<EnforceDeadlines>().RunOnceAsync(cancellation)),
        new("wake_due_workflows", Second, async (services, cancellation) =>
            (await services.GetRequiredService<WakeDueWorkflows>().RunOnceAsync(cancellation)).Total),
        new("send_reminders", TimeSpan.FromMinutes(1), (services, cancellation) =>
            services.GetRequiredService<SendReminders>().RunOnceAsync(cancellation)),
        new("send_digests", TimeSpan.FromMinutes(1), (services, cancellation) =>
            services.GetRequiredService<SendDigests>().RunOnceAsync(cancellation)),
        new("write_letters", Second, (services, cancellation) =>
            services.GetRequiredService<WriteLetters>().RunOnceAsync(cancellation)),
        new(
            "dispatch_mail",
            Second,
            async (services, cancellation) =>
            {
                var counts = await services.GetRequiredService<OutboxDispatcher>().RunOnceAsync(cancellation);
                return counts.Sent + counts.Retried + counts.Ambiguous + counts.Dead + counts.Suppressed;
            },
            // A mail server may take ten minutes to answer for one mail; the others do not wait for it.
            MayOverlap: true),
        new("scan_files", TimeSpan.FromSeconds(10), (services, cancellation) =>
            services.GetRequiredService<ScanStoredFiles>().RunOnceAsync(cancellation)),
        new(
            "send_http_requests",
            Second,
            async (services, cancellation) => (await services.GetRequiredService<SendHttpRequests>().RunOnceAsync(cancellation)).Total,
            MayOverlap: true),
        new("seal_history", TimeSpan.FromMinutes(1), (services, cancellation) =>
            services.GetRequiredService<SealHistory>().RunOnceAsync(cancellation)),
    ];

    /// <summary>The duties that repeat until nothing is due; reminders count what stands at a step and are run once.</summary>
    private const string OnceOnly = "send_reminders";

    /// <summary>Does everything that is due at the clock's present instant.</summary>
    /// <returns>How many rows were moved on, by the name of the pass.</returns>
    /// <exception cref="InvalidOperationException">The work made new work without end.</exception>
    public static async Task<IReadOnlyDictionary<string, int>> RunAllDueAsync(
        IServiceProvider services, CancellationToken cancellation)
    {
        var done = All.ToDictionary(pass => pass.Name, _ => 0);
        for (var round = 0; round < 1000; round++)
        {
            var moved = 0;
            foreach (var pass in All.Where(pass => round == 0 || pass.Name != OnceOnly))
            {
                var count = await pass.RunAsync(services, cancellation);
                done[pass.Name] += count;
                moved += pass.Name == OnceOnly ? 0 : count;
            }

            if (moved == 0)
            {
                return done;
            }
        }

        throw new InvalidOperationException("The work that is due does not come to an end.");
    }
}
