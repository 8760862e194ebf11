using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>
/// Fires the waits whose time has come. What is about to be fired is noted first, all of it, so that a wait that takes its
/// process along is known afterwards (see <see cref="WakeAttempts"/>).
/// </summary>
/// <remarks>
/// A few are fired one by one, each in a transaction of its own. Very many share transactions, and those go on side by side:
/// while one waits for the disk another works. Where such a transaction fails, each of its waits is fired alone.
/// </remarks>
public sealed class FireDueWaits(EngineScopes scopes, WakeAttempts attempts, TimeProvider time, ILogger<FireDueWaits> logger)
{
    /// <summary>Waits that are noted at a time.</summary>
    private const int Noted = 1000;

    /// <summary>Up to so many due waits each has a transaction of its own.</summary>
    private const int Few = 20;

    /// <summary>Waits that share a transaction, where the time suffices for them.</summary>
    private const int Shared = 125;

    /// <summary>Transactions that go on side by side.</summary>
    private const int Lanes = 3;

    /// <summary>How long a shared transaction goes on taking up waits, while others may wait for its locks.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(100);

    /// <summary>After so long what is left is noted anew: the note must not run out while its pass works.</summary>
    private static readonly TimeSpan Longest = WakeAttempts.Lease / 3;

    /// <summary>Fires what is due until nothing is left that nobody else works on.</summary>
    /// <returns>How many waits were fired.</returns>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        await attempts.CollectAsync(cancellation);
        var fired = 0;
        while (true)
        {
            var (attempt, due) = await attempts.BeginAsync(Noted, cancellation);
            if (due.Count == 0)
            {
                return fired;
            }

            var now = 0;
            try
            {
                Failpoints.Reach(Failpoints.TimersClaimed);
                now = await FireAsync(due, cancellation);
            }
            finally
            {
                // Whatever failed is stored by itself; only a process that is gone leaves its note.
                await attempts.EndAsync(attempt, CancellationToken.None);
            }

            fired += now;
            if (now == 0 || due.Count <= Few)
            {
                return fired;
            }
        }
    }

    private async Task<int> FireAsync(IReadOnlyList<Guid> due, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        var (fired, alone) = due.Count > Few ? await FireTogetherAsync(due, began, cancellation) : (0, due);
        foreach (var wait in alone)
        {
            if (time.GetElapsedTime(began) > Longest)
            {
                break;
            }

            fired += await FireOneAsync(wait, cancellation) ? 1 : 0;
        }

        return fired;
    }

    private async Task<(int Fired, IReadOnlyList<Guid> Failed)> FireTogetherAsync(
        IReadOnlyList<Guid> due, long began, CancellationToken cancellation)
    {
        var parts = new ConcurrentQueue<IReadOnlyList<Guid>>(due.Chunk(Shared));
        var failed = new ConcurrentQueue<Guid>();
        var fired = await Task.WhenAll(Enumerable.Range(0, Lanes).Select(async _ =>
        {
            var count = 0;
            while (time.GetElapsedTime(began) < Longest && parts.TryDequeue(out var part))
            {
                try
                {
                    var (now, left) = await scopes.RunAsync(
                        (_, engine) => engine.FireAllDueAsync(part, Hold, cancellation), cancellation);
                    count += now;
                    if (left.Count > 0)
                    {
                        parts.Enqueue(left);
                    }
                }
                catch (Exception error) when (EngineScopes.IsItsOwn(error))
                {
                    logger.LogWarning(error, "Waits that are due could not be fired together; each is fired alone.");
                    foreach (var wait in part)
                    {
                        failed.Enqueue(wait);
                    }
                }
            }

            return count;
        }));
        return (fired.Sum(), [.. failed]);
    }

    // One that fails as a whole must not hold up those behind it: it is put off, counted and in the end parked.
    private async Task<bool> FireOneAsync(Guid bookmarkId, CancellationToken cancellation)
    {
        try
        {
            return await scopes.RunAsync((work, engine) => FireAsync(work, engine, bookmarkId, cancellation), cancellation);
        }
        catch (Exception error) when (EngineScopes.IsItsOwn(error))
        {
            await scopes.RunAsync(
                async (_, engine) =>
                {
                    await engine.PutOffAsync(bookmarkId, error, cancellation);
                    return true;
                },
                cancellation);
            return false;
        }
    }

    private static async Task<bool> FireAsync(UnitOfWork work, WorkflowEngine engine, Guid bookmarkId, CancellationToken cancellation)
    {
        if (!await RowLock.LockAsync(
            work,
            """
            select 1 from workflow_instance where id = (select instance_id from workflow_bookmark where id = $1)
            for no key update skip locked
            """,
            bookmarkId,
            cancellation))
        {
            return false;
        }

        Failpoints.Reach(Failpoints.TimerLocked);
        var isFound = (await engine.FireDueAsync(bookmarkId, cancellation)).Found;
        Failpoints.Reach(Failpoints.TimerFired);
        return isFound;
    }
}
