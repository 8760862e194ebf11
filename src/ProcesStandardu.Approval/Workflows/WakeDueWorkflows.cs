using Microsoft.Extensions.DependencyInjection;
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
public sealed class WakeDueWorkflows(IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time)
{
    private const int Batch = 250;

    /// <summary>Waits that share a transaction when a whole batch is due.</summary>
    private const int Share = 20;

    /// <summary>What one pass did.</summary>
    public readonly record struct Counts(int Waits, int Triggers, int Repeated)
    {
        public int Total => Waits + Triggers + Repeated;
    }

    public async Task<Counts> RunOnceAsync(CancellationToken cancellation)
    {
        var waits = 0;
        List<Guid> due;
        do
        {
            due = await DueAsync(
                """
                select b.id from workflow_bookmark b join workflow_instance i on i.id = b.instance_id
                where b.due_at <= $1 and i.status = 'running'
                  and not exists (select from kept_delivery k where k.bookmark_id = b.id)
                order by b.due_at, b.id limit $2
                """,
                cancellation);
            var woken = 0;
            foreach (var chunk in due.Chunk(due.Count == Batch ? Share : 1))
            {
                woken += await InUnitOfWorkAsync(
                    async (work, engine) =>
                    {
                        var found = 0;
                        foreach (var id in chunk)
                        {
                            found += await WakeAsync(work, engine, id, cancellation) ? 1 : 0;
                        }

                        return found;
                    },
                    cancellation);
            }

            waits += woken;
            if (woken == 0)
            {
                break;
            }
        }
        while (due.Count == Batch);

        var triggers = 0;
        foreach (var trigger in await DueTriggersAsync(cancellation))
        {
            triggers += await InUnitOfWorkAsync(
                async (work, engine) => await FireAsync(work, engine, trigger, cancellation) ? 1 : 0, cancellation);
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
            repeated += await InUnitOfWorkAsync(
                async (work, engine) => await RepeatAsync(work, engine, id, cancellation) ? 1 : 0, cancellation);
        }

        return new Counts(waits, triggers, repeated);
    }

    private static async Task<bool> WakeAsync(UnitOfWork work, WorkflowEngine engine, Guid bookmarkId, CancellationToken cancellation) =>
        await RowLock.LockAsync(
            work,
            """
            select 1 from workflow_instance where id = (select instance_id from workflow_bookmark where id = $1)
            for no key update skip locked
            """,
            bookmarkId,
            cancellation)
        && (await engine.FireDueAsync(bookmarkId, cancellation)).Found;

    private static async Task<bool> FireAsync(UnitOfWork work, WorkflowEngine engine, StoredTrigger trigger, CancellationToken cancellation)
    {
        await using var claim = new NpgsqlCommand(
            """
            select 1 from workflow_trigger where definition_version_id = $1 and activity_id = $2 and due_at = $3
            for update skip locked
            """,
            work.Connection);
        AddKey(claim, trigger);
        claim.Parameters.Add(KeptRows.At(trigger.DueAt));
        if (await claim.ExecuteScalarAsync(cancellation) is null)
        {
            return false;
        }

        var next = await engine.FireTriggerAsync(trigger, cancellation);
        await using var update = new NpgsqlCommand(
            "update workflow_trigger set due_at = $3 where definition_version_id = $1 and activity_id = $2", work.Connection);
        AddKey(update, trigger);
        update.Parameters.Add(KeptRows.At(next));
        await update.ExecuteNonQueryAsync(cancellation);
        return true;
    }

    private static async Task<bool> RepeatAsync(UnitOfWork work, WorkflowEngine engine, Guid deliveryId, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(work.Connection);
        batch.BatchCommands.Add(StoredInstances.Command(
            $"select {KeptRows.Columns} from kept_delivery where id = $1 for update skip locked", deliveryId));
        if ((await KeptRows.ReadAsync(batch, cancellation)).SingleOrDefault() is not { } delivery)
        {
            return false;
        }

        await engine.RepeatAsync(delivery, cancellation);
        return true;
    }

    private async Task<int> InUnitOfWorkAsync(
        Func<UnitOfWork, WorkflowEngine, Task<int>> body, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            _ => body(work, scope.ServiceProvider.GetRequiredService<WorkflowEngine>()), cancellation);
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
