using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>
/// One pass that marks deadlines whose last second is over: each exactly once, never early, the oldest first, however long
/// everything stood still. History, mails and the workflows that watch go in the same transaction; many that are due share one.
/// </summary>
public sealed class EnforceDeadlines(IServiceScopeFactory scopes, TimeProvider time, ILogger<EnforceDeadlines> logger)
{
    private const int Batch = 500;

    /// <summary>Reached when a batch is claimed, and when it is marked and nothing is committed.</summary>
    public const string Claimed = "timer.claimed";
    public const string Marked = "timer.marked";

    /// <summary>The stimulus that tells waiting workflows about a deadline; see <see cref="WaitPayload"/>.</summary>
    public const string Stimulus = "ProcesStandardu.Deadline";

    public const string Passed = "passed";
    public const string Met = "met";

    /// <returns>How many deadlines this pass marked as passed.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var passed = 0;
        for (var marked = Batch; marked == Batch;)
        {
            marked = await PassBatchAsync(cancellation);
            passed += marked;
        }

        return passed;
    }

    private async Task<int> PassBatchAsync(CancellationToken cancellation)
    {
        List<string> claimed = [];
        try
        {
            return await InUnitOfWorkAsync(
                async (services, work) =>
                {
                    claimed = await ClaimAsync(work, ClaimMany, Batch, cancellation);
                    return await PassAsync(services, work, claimed, cancellation);
                },
                cancellation);
        }
        catch (Exception error) when (IsItsOwn(error) && claimed.Count > 0)
        {
            logger.LogWarning(error, "Of {Count} deadlines one cannot be marked; each is tried alone.", claimed.Count);
        }

        var passed = 0;
        foreach (var key in claimed)
        {
            try
            {
                passed += await InUnitOfWorkAsync(
                    async (services, work) => await PassAsync(
                        services, work, await ClaimAsync(work, ClaimOne, key, cancellation), cancellation),
                    cancellation);
            }
            catch (Exception error) when (IsItsOwn(error))
            {
                // It stays due and visible; the others must not wait for it.
                logger.LogError(error, "The deadline {Key} could not be marked as passed.", key);
            }
        }

        return passed;
    }

    private const string ClaimMany =
        "select key from deadline where state = 'pending' and due_at <= $1 order by due_at, key limit $2 for no key update skip locked";

    private const string ClaimOne =
        "select key from deadline where state = 'pending' and due_at <= $1 and key = $2 for no key update skip locked";

    private async Task<List<string>> ClaimAsync(UnitOfWork work, string sql, object which, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = which });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var keys = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            keys.Add(reader.GetString(0));
        }

        return keys;
    }

    private async Task<int> PassAsync(IServiceProvider services, UnitOfWork work, List<string> keys, CancellationToken cancellation)
    {
        if (keys.Count == 0)
        {
            return 0;
        }

        Failpoints.Reach(Claimed);
        var now = time.GetUtcNow();
        var deadlines = await work.Db.Deadlines.AsNoTracking().Where(d => keys.Contains(d.Key)).OrderBy(d => d.DueAt).ThenBy(d => d.Key)
            .ToListAsync(cancellation);
        var audit = services.GetRequiredService<AuditTrail>();
        foreach (var deadline in deadlines)
        {
            deadline.Pass(now);
            audit.Record(deadline.Subject, "deadline_passed", Actor.System, new
            {
                deadline = deadline.Key,
                dueOn = deadline.DueOn,
                lateBy = now - deadline.DueAt > TimeSpan.FromMinutes(1) ? (now - deadline.DueAt).ToString("c") : null,
            });
        }

        // One statement for all of them; the table's own conditions hold for each.
        await using (var mark = new NpgsqlCommand(
            "update deadline set state = 'passed', passed_at = $1 where key = any($2)", work.Connection))
        {
            mark.Parameters.Add(new NpgsqlParameter { Value = now });
            mark.Parameters.Add(new NpgsqlParameter { Value = deadlines.ConvertAll(deadline => deadline.Key).ToArray() });
            await mark.ExecuteNonQueryAsync(cancellation);
        }

        await services.GetRequiredService<DeadlinePeople>().TellPassedAsync(deadlines, cancellation);
        var awaited = await AwaitedAsync(work, deadlines, cancellation);
        foreach (var deadline in deadlines.Where(deadline => awaited.Contains(HashOf(deadline))))
        {
            await services.GetRequiredService<WorkflowEngine>().SendAsync(StimulusOf(deadline, Passed), cancellation);
        }

        Failpoints.Reach(Marked);
        return deadlines.Count;
    }

    /// <summary>Which of these ends some workflow waits for. Who begins to wait later reads the row and finds it passed.</summary>
    private static async Task<HashSet<string>> AwaitedAsync(
        UnitOfWork work, IEnumerable<Deadline> deadlines, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select hash from workflow_bookmark where hash = any($1) union select hash from workflow_trigger where hash = any($1)",
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = deadlines.Select(HashOf).ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var hashes = new HashSet<string>();
        while (await reader.ReadAsync(cancellation))
        {
            hashes.Add(reader.GetString(0));
        }

        return hashes;
    }

    private static string HashOf(Deadline deadline) =>
        StimulusHash.Of(Stimulus, StimulusHash.Canonical(WaitPayload(deadline.Key, Passed)));

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

    private async Task<int> InUnitOfWorkAsync(Func<IServiceProvider, UnitOfWork, Task<int>> body, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(_ => body(scope.ServiceProvider, work), cancellation);
    }

    // The database being away, or the pass being stopped, says nothing about the rows that were worked on.
    private static bool IsItsOwn(Exception error) =>
        error is not OperationCanceledException and (not NpgsqlException or PostgresException);
}
