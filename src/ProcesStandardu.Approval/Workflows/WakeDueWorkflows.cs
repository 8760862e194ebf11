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
/// Each is one transaction, unless very many waits are due: then some share one. Rows that another node works on are left to it.
/// </remarks>
public sealed class WakeDueWorkflows(
    FireDueWaits waits, EngineScopes scopes, NpgsqlDataSource dataSource, TimeProvider time, EngineOptions options,
    ILogger<WakeDueWorkflows> logger)
{
    private const int Batch = 250;

    /// <summary>Seconds until a delivery whose attempt never ended is tried again, times its attempts.</summary>
    private const double UncountedPause = 60;

    /// <summary>What one pass did.</summary>
    public readonly record struct Counts(int Waits, int Triggers, int Repeated)
    {
        public int Total => Waits + Triggers + Repeated;
    }

    public async Task<Counts> RunOnceAsync(CancellationToken cancellation)
    {
        var fired = await waits.RunAsync(cancellation);
        var triggers = 0;
        foreach (var trigger in await DueTriggersAsync(cancellation))
        {
            try
            {
                triggers += await scopes.RunAsync(
                    async (work, engine) => await FireAsync(work, engine, trigger, cancellation) ? 1 : 0, cancellation);
            }
            catch (Exception error) when (EngineScopes.IsItsOwn(error))
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

        return new Counts(fired, triggers, repeated);
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
            return await scopes.RunAsync(
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
        catch (Exception error) when (EngineScopes.IsItsOwn(error))
        {
            logger.LogError(error, "The delivery {Delivery} could not be repeated.", deliveryId);
            return false;
        }
    }

    /// <summary>Counts one more attempt; parks instead when there were too many. False when another node was quicker.</summary>
    private Task<bool> CountAttemptAsync(Guid deliveryId, CancellationToken cancellation) => scopes.RunAsync(
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
