using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>An administrator withdraws a waiting or faulted activity and lets another of the same flowchart begin.</summary>
public sealed class MoveToken(OperatorActs acts, WorkflowEngine engine)
{
    /// <param name="ActivityNumber">The execution that holds the token.</param>
    /// <param name="Target">Id of the activity that is to begin.</param>
    public sealed record Command(OperatorActs.By By, Guid InstanceId, long ActivityNumber, string? Target);

    /// <returns>Done, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>, <see cref="RepairIsRefused"/>.</returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.DoAsync(
        command.By,
        command.InstanceId,
        "workflow_token_moved",
        new() { ["activity"] = command.ActivityNumber, ["target"] = command.Target },
        async () => OperatorActs.RefusalOf(
            await engine.MoveTokenAsync(command.InstanceId, command.ActivityNumber, command.Target ?? "", cancellation)),
        cancellation);
}
