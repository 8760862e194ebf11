using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>
/// One pass that marks deadlines whose last second is over: each exactly once, never early, however long everything
/// stood still. History, mails and the workflows that watch go in the same transaction.
/// </summary>
public sealed class EnforceDeadlines(IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time)
{
    private const int Batch = 200;

    /// <summary>The stimulus that tells waiting workflows about a deadline; see <see cref="WaitPayload"/>.</summary>
    public const string Stimulus = "ProcesStandardu.Deadline";

    public const string Passed = "passed";
    public const string Met = "met";

    /// <returns>How many deadlines this pass marked as passed.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var passed = 0;
        foreach (var key in await DueAsync(cancellation))
        {
            await using var scope = scopes.CreateAsyncScope();
            passed += await PassAsync(scope.ServiceProvider, key, cancellation) ? 1 : 0;
        }

        return passed;
    }

    private async Task<bool> PassAsync(IServiceProvider services, string key, CancellationToken cancellation)
    {
        var work = services.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async db =>
            {
                if (!await RowLock.LockAsync(
                    work, "select 1 from deadline where key = $1 and state = 'pending' for no key update skip locked", key, cancellation))
                {
                    return false;
                }

                var now = time.GetUtcNow();
                var deadline = await db.Deadlines.SingleAsync(d => d.Key == key, cancellation);
                if (now < deadline.DueAt)
                {
                    return false;
                }

                deadline.Pass(now);
                services.GetRequiredService<AuditTrail>().Record(deadline.Subject, "deadline_passed", Actor.System, new
                {
                    deadline = deadline.Key,
                    dueOn = deadline.DueOn,
                    lateBy = now - deadline.DueAt > TimeSpan.FromMinutes(1) ? (now - deadline.DueAt).ToString("c") : null,
                });
                await db.SaveChangesAsync(cancellation);
                await services.GetRequiredService<DeadlinePeople>().TellPassedAsync(deadline, cancellation);
                await services.GetRequiredService<WorkflowEngine>().SendAsync(StimulusOf(deadline, Passed), cancellation);
                return true;
            },
            cancellation);
    }

    /// <summary>What a wait for a deadline is compared by: its key, and whether it passed or was met.</summary>
    public static object WaitPayload(string deadlineKey, string what) => new { deadlineKey, what };

    /// <summary>What waiting workflows are sent. Nobody has to wait for it: who asks later reads the deadline's row.</summary>
    internal static Stimulus StimulusOf(Deadline deadline, string what) =>
        new(Stimulus, WaitPayload(deadline.Key, what))
        {
            Id = string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"deadline_{what}:{deadline.Key}:{deadline.DueOn:yyyy-MM-dd}"),
            KeepWhenUnmatched = false,
        };

    private async Task<List<string>> DueAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "select key from deadline where state = 'pending' and due_at <= $1 order by due_at, key limit $2");
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = Batch });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var keys = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(reader.GetString(0));
        }

        return keys;
    }
}
