using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>An administrator has a faulted activity run again, or a parked delivery made again.</summary>
public sealed class RetryActivity(OperatorActs acts, UnitOfWork work, WorkflowEngine engine, TimeProvider time)
{
    /// <param name="ActivityNumber">The faulted execution; null for all of the instance.</param>
    public sealed record Command(OperatorActs.By By, Guid InstanceId, long? ActivityNumber);

    /// <param name="DeliveryId">The delivery that was parked after too many attempts.</param>
    public sealed record DeliveryCommand(OperatorActs.By By, Guid InstanceId, Guid DeliveryId);

    /// <returns>Done, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>, <see cref="NothingIsToBeRetried"/>.</returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.DoAsync(
        command.By,
        command.InstanceId,
        "workflow_retried",
        new() { ["activity"] = command.ActivityNumber },
        async () => (await engine.RetryAsync(command.InstanceId, command.ActivityNumber, cancellation, isIntervention: true)).Found
            ? null
            : new NothingIsToBeRetried(),
        cancellation);

    /// <summary>The next pass makes the delivery; when it fails again it is counted from one.</summary>
    /// <returns>Done, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>, <see cref="NothingIsToBeRetried"/>.</returns>
    public Task<Result<Done>> HandleAsync(DeliveryCommand command, CancellationToken cancellation) => acts.DoAsync(
        command.By,
        command.InstanceId,
        "workflow_delivery_retried",
        new() { ["delivery"] = command.DeliveryId },
        async () =>
        {
            await using var update = new NpgsqlCommand(
                """
                update kept_delivery set attempts = 1, parked_at = null, next_attempt_at = $2
                where id = $1 and parked_at is not null
                  and (instance_id = $3 or bookmark_id in (select id from workflow_bookmark where instance_id = $3)
                    or request->>'instanceId' = $3::text)
                """,
                work.Connection);
            update.Parameters.Add(new NpgsqlParameter { Value = command.DeliveryId });
            update.Parameters.Add(SqlValue.At(time.GetUtcNow()));
            update.Parameters.Add(new NpgsqlParameter { Value = command.InstanceId });
            return await update.ExecuteNonQueryAsync(cancellation) == 1 ? null : new NothingIsToBeRetried();
        },
        cancellation);
}
