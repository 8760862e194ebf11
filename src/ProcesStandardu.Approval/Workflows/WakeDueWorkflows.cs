using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>
/// One pass that wakes workflows whose time has come: waits that are due, triggers that are due, deliveries that failed
/// and may be tried again, and stimuli that were kept at the very moment in which their wait was made.
/// </summary>
/// <remarks>
/// Each is one transaction, unless very many are due: then some share one. Rows that another node works on are left to it.
/// </remarks>
public sealed class WakeDueWorkflows(
    IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time, EngineOptions options, WakeAttempts attempts,
    ILogger<WakeDueWorkflows> logger)
{
    private const int Batch = 250;

    /// <summary>Up to so many due waits each has a transaction of its own.</summary>
    private const int Few = 20;

    /// <summary>Transactions that go on side by side when more are due: while one waits for the disk the other works.</summary>
    private const int Lanes = 2;

    /// <summary>How long a shared transaction goes on taking up waits, while others may wait for its locks.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(100);

    /// <summary>Seconds until a delivery whose attempt never ended is tried again, times its attempts.</summary>
    private const double UncountedPause = 60;

    /// <summary>What one pass did.</summary>
    public readonly record struct Counts(int Waits, int Triggers, int Repeated)
    {
        public int Total => Waits + Triggers + Repeated;
    }

    public async Task<Counts> RunOnceAsync(CancellationToken cancellation)
    {
        var waits = await WakeWaitsAsync(cancellation);
        var triggers = 0;
        foreach (var trigger in await DueTriggersAsync(cancellation))
        {
            try
            {
                triggers += await InUnitOfWorkAsync(
                    async (work, engine) => await FireAsync(work, engine, trigger, cancellation) ? 1 : 0, cancellation);
            }
            catch (Exception error) when (IsItsOwn(error))
            {
                // It stays due and comes again with the next pass; the others must not wait for it.
                logger.LogError(error, "The trigger {Activity} of {Version} could not be fired.", trigger.ActivityId, trigger.DefinitionVersionId);
            }
        }

        var repeated = 0;
        foreach (var id in await DueAsync(
            """
            (select id from kept_delivery where next_attempt_at <= $1 order by next_attempt_at, id limit $2)
            union all
            (select k.id from kept_delivery k where k.attempts = 0 and k.kind = 'stimulus' and exists (
               select from workflow_bookmark b join workflow_instance i on i.id = b.instance_id and i.status = 'running'
               where b.hash = k.hash and b.name = k.name and (k.instance_id is null or k.instance_id = i.id)
                 and (k.correlation_id is null or k.correlation_id = i.correlation_id))
             order by k.kept_at, k.id limit $2)
            """,
            cancellation))
        {
            repeated += await RepeatAsync(id, cancellation) ? 1 : 0;
        }

        return new Counts(waits, triggers, repeated);
    }

    private static async Task<bool> WakeAsync(UnitOfWork work, WorkflowEngine engine, Guid bookmarkId, CancellationToken cancellation)
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

    private static async Task<bool> FireAsync(UnitOfWork work, WorkflowEngine engine, StoredTrigger trigger, CancellationToken cancellation)
    {
        await using var claim = new NpgsqlCommand(
            """
            select 1 from workflow_trigger where definition_version_id = $1 and activity_id = $2 and due_at = $3
            for update skip locked
            """,
            work.Connection);
        AddKey(claim, trigger);
        claim.Parameters.Add(SqlValue.At(trigger.DueAt));
        if (await claim.ExecuteScalarAsync(cancellation) is null)
        {
            return false;
        }

        var next = await engine.FireTriggerAsync(trigger, cancellation);
        await using var update = new NpgsqlCommand(
            "update workflow_trigger set due_at = $3 where definition_version_id = $1 and activity_id = $2", work.Connection);
        AddKey(update, trigger);
        update.Parameters.Add(SqlValue.At(next));
        await update.ExecuteNonQueryAsync(cancellation);
        return true;
    }

    private async Task<int> WakeWaitsAsync(CancellationToken cancellation)
    {
        await attempts.CollectAsync(cancellation);
        var waits = 0;
        while (true)
        {
            var due = await DueAsync(
                """
                select b.id from workflow_bookmark b join workflow_instance i on i.id = b.instance_id
                where b.due_at <= $1 and i.status = 'running'
                  and not exists (select from kept_delivery k where k.bookmark_id = b.id)
                  and not exists (select from wake_attempt a where b.id = any(a.bookmark_ids))
                order by b.due_at, b.id limit $2
                """,
                cancellation);
            if (due.Count == 0)
            {
                return waits;
            }

            var (attempt, isAlone) = await attempts.BeginAsync(due, cancellation);
            var woken = 0;
            try
            {
                Failpoints.Reach(Failpoints.TimersClaimed);

                // Together only while no other note stands: what killed its process must not be fired again before it is counted.
                if (due.Count > Few && isAlone)
                {
                    woken = (await Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => WakeManyAsync(cancellation)))).Sum();
                }

                if (woken == 0)
                {
                    foreach (var id in due)
                    {
                        woken += await WakeOneAsync(id, cancellation) ? 1 : 0;
                    }
                }
            }
            finally
            {
                // Whatever failed is stored by itself; only a process that is gone leaves its note.
                await attempts.EndAsync(attempt, CancellationToken.None);
            }

            waits += woken;
            if (woken == 0 || due.Count <= Few)
            {
                return waits;
            }
        }
    }

    // When very many are due they share transactions. One that fails fails for all its company: then each is woken alone.
    private async Task<int> WakeManyAsync(CancellationToken cancellation)
    {
        var woken = 0;
        try
        {
            while (true)
            {
                var fired = await InUnitOfWorkAsync((_, engine) => engine.FireAllDueAsync(Batch, Hold, cancellation), cancellation);
                if (fired == 0)
                {
                    return woken;
                }

                woken += fired;
            }
        }
        catch (Exception error) when (IsItsOwn(error))
        {
            logger.LogWarning(error, "Waits that are due could not be woken together; each is woken alone.");
            return woken;
        }
    }

    // One that fails as a whole must not hold up those behind it: it is put off, counted and in the end parked.
    private async Task<bool> WakeOneAsync(Guid bookmarkId, CancellationToken cancellation)
    {
        try
        {
            return await InUnitOfWorkAsync((work, engine) => WakeAsync(work, engine, bookmarkId, cancellation), cancellation);
        }
        catch (Exception error) when (IsItsOwn(error))
        {
            await InUnitOfWorkAsync(
                async (_, engine) =>
                {
                    await engine.PutOffAsync(bookmarkId, error, cancellation);
                    return true;
                },
                cancellation);
            return false;
        }
    }

    private async Task<bool> RepeatAsync(Guid deliveryId, CancellationToken cancellation)
    {
        // Counted and committed before it is made: one that takes the process down with it is parked all the same.
        if (!await CountAttemptAsync(deliveryId, cancellation))
        {
            return false;
        }

        Failpoints.Reach(Failpoints.AttemptCounted);
        try
        {
            return await InUnitOfWorkAsync(
                async (work, engine) =>
                {
                    var kept = await KeptRows.ReadAsync(
                        work,
                        StoredInstances.Command(
                            $"select {KeptRows.Columns} from kept_delivery where id = $1 for update skip locked", deliveryId),
                        cancellation);
                    if (kept.SingleOrDefault() is not { } delivery)
                    {
                        return 0;
                    }

                    await engine.RepeatAsync(delivery with { Attempts = delivery.Attempts - 1 }, cancellation);
                    return 1;
                },
                cancellation) == 1;
        }
        catch (Exception error) when (IsItsOwn(error))
        {
            logger.LogError(error, "The delivery {Delivery} could not be repeated.", deliveryId);
            return false;
        }
    }

    /// <summary>Counts one more attempt; parks instead when there were too many. False when another node was quicker.</summary>
    private Task<bool> CountAttemptAsync(Guid deliveryId, CancellationToken cancellation) => InUnitOfWorkAsync(
        async (work, _) =>
        {
            await using var command = new NpgsqlCommand(
                """
                update kept_delivery set attempts = attempts + 1, last_error = coalesce(last_error, 'not ended'),
                  next_attempt_at = case when attempts < $3 then $2::timestamptz + make_interval(secs => $4 * (attempts + 1)) end,
                  parked_at = case when attempts < $3 then null else $2::timestamptz end
                where id = $1 and parked_at is null and (next_attempt_at is null or next_attempt_at <= $2)
                returning parked_at is null
                """,
                work.Connection);
            command.Parameters.Add(new NpgsqlParameter { Value = deliveryId });
            command.Parameters.Add(SqlValue.At(time.GetUtcNow()));
            command.Parameters.Add(new NpgsqlParameter { Value = options.Attempts });
            command.Parameters.Add(new NpgsqlParameter { Value = UncountedPause });
            var isToBeMade = await command.ExecuteScalarAsync(cancellation) as bool?;
            if (isToBeMade == false)
            {
                work.Queue(ParkedDeliveries.Incident(deliveryId, time.GetUtcNow()));
            }

            return isToBeMade == true;
        },
        cancellation);

    // The database being away, or the pass being stopped, says nothing about the row that was worked on.
    private static bool IsItsOwn(Exception error) =>
        error is not OperationCanceledException and (not NpgsqlException or PostgresException);

    private async Task<T> InUnitOfWorkAsync<T>(
        Func<UnitOfWork, WorkflowEngine, Task<T>> body, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            () => body(work, scope.ServiceProvider.GetRequiredService<WorkflowEngine>()), cancellation);
    }

    private async Task<List<Guid>> DueAsync(string sql, CancellationToken cancellation)
    {
        await using var command = DueCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
        {
            due.Add(reader.GetGuid(0));
        }

        return due;
    }

    private async Task<List<StoredTrigger>> DueTriggersAsync(CancellationToken cancellation)
    {
        await using var command = DueCommand(
            """
            select definition_version_id, activity_id, name, payload, hash, due_at from workflow_trigger
            where due_at <= $1 order by due_at, definition_version_id, activity_id limit $2
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<StoredTrigger>();
        while (await reader.ReadAsync(cancellation))
        {
            due.Add(StoredInstances.ReadTrigger(reader));
        }

        return due;
    }

    private NpgsqlCommand DueCommand(string sql)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = Batch });
        return command;
    }

    private static void AddKey(NpgsqlCommand command, StoredTrigger trigger)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = trigger.DefinitionVersionId });
        command.Parameters.Add(new NpgsqlParameter { Value = trigger.ActivityId });
    }
}
