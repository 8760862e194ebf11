using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>An administrator gives a wait for the clock another time; its earlier attempts are forgotten.</summary>
public sealed class RescheduleWait(OperatorActs acts, UnitOfWork work, WorkflowEngine engine)
{
    /// <param name="DueAt">When it is to fire; a moment that has passed fires with the next pass.</param>
    public sealed record Command(OperatorActs.By By, Guid InstanceId, Guid BookmarkId, DateTimeOffset? DueAt);

    /// <returns>Done, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>, <see cref="DueDateIsMissing"/>, <see cref="RepairIsRefused"/>.</returns>
    public async Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation)
    {
        if (command.DueAt is not { } dueAt)
        {
            return new DueDateIsMissing();
        }

        return await acts.DoAsync(
            command.By,
            command.InstanceId,
            "workflow_rescheduled",
            new() { ["wait"] = command.BookmarkId, ["dueAt"] = dueAt.ToUniversalTime() },
            async () =>
            {
                var refusal = OperatorActs.RefusalOf(
                    await engine.RescheduleAsync(command.InstanceId, command.BookmarkId, dueAt, cancellation));
                if (refusal is null)
                {
                    await using var forget = new NpgsqlCommand(
                        "delete from kept_delivery where bookmark_id = $1 and (request->>'isDue')::boolean", work.Connection);
                    forget.Parameters.Add(new NpgsqlParameter { Value = command.BookmarkId });
                    await forget.ExecuteNonQueryAsync(cancellation);
                }

                return refusal;
            },
            cancellation);
    }
}
