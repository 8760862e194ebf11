using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>An administrator has a waiting or faulted activity left by a chosen outcome, without running it.</summary>
public sealed class SkipActivity(OperatorActs acts, WorkflowEngine engine)
{
    /// <param name="ActivityNumber">The execution, as the journal numbers it.</param>
    /// <param name="Outcome">One of the ways by which the activity can be left; see <see cref="WorkflowEngine.OutcomesOf"/>.</param>
    public sealed record Command(OperatorActs.By By, Guid InstanceId, long ActivityNumber, string? Outcome);

    /// <returns>Done, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>, <see cref="RepairIsRefused"/>.</returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.DoAsync(
        command.By,
        command.InstanceId,
        "workflow_step_skipped",
        new() { ["activity"] = command.ActivityNumber, ["outcome"] = command.Outcome },
        async () => OperatorActs.RefusalOf(
            await engine.SkipAsync(command.InstanceId, command.ActivityNumber, command.Outcome ?? "", cancellation)),
        cancellation);
}
