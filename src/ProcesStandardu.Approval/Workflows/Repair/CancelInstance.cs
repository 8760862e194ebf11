using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>An administrator ends a running workflow and its running children; what they asked for is withdrawn.</summary>
public sealed class CancelInstance(OperatorActs acts, WorkflowEngine engine)
{
    public sealed record Command(OperatorActs.By By, Guid InstanceId);

    /// <returns>Done, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>, <see cref="RepairIsRefused"/>.</returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.DoAsync(
        command.By,
        command.InstanceId,
        "workflow_cancelled",
        [],
        async () => OperatorActs.RefusalOf(await engine.CancelByOperatorAsync(command.InstanceId, cancellation)),
        cancellation);
}
