using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Migration;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine;

/// <summary>How an operator's act on an instance ended; anything but <see cref="Done"/> changed nothing.</summary>
public enum RepairOutcome
{
    Done,

    /// <summary>No such instance.</summary>
    InstanceIsUnknown,

    /// <summary>It has finished or was cancelled; only a faulted one can be repaired.</summary>
    InstanceIsFinished,

    /// <summary>The activity has gone on meanwhile: it neither waits nor is faulted.</summary>
    ActivityIsNotLiving,

    /// <summary>Others rely on it, as on a ballot that was announced: it ends only by its own act.</summary>
    ActivityIsCommitted,

    /// <summary>The activity cannot be left that way.</summary>
    OutcomeIsUnknown,

    /// <summary>The place to go is not in the same flowchart.</summary>
    TargetIsElsewhere,

    /// <summary>There is a token at that place already.</summary>
    TargetRunsAlready,

    VariableIsUnknown,

    /// <summary>The value says nothing of the variable's type.</summary>
    ValueDoesNotFit,

    /// <summary>It does not wait for the clock.</summary>
    WaitHasNoTerm,
}

/// <summary>Answer to a migration of one instance.</summary>
/// <param name="Forecast">Made under the instance's lock, right before the move; null when there is no such instance or version.</param>
/// <param name="IsMoved">True when the instance goes on by the new version now.</param>
public sealed record MigrationResult(MigrationForecast? Forecast, bool IsMoved);

/// <content>What operators do: repair an instance, or take it to another version. Each act is in the instance's journal.</content>
public sealed partial class WorkflowEngine
{
    /// <summary>What a migration would do to an instance as it was read; changes nothing, and needs no lock.</summary>
    /// <exception cref="InstanceStateException">The instance's state cannot be read.</exception>
    public MigrationForecast PredictMigration(InstanceRecord instance, WorkflowDefinition from, WorkflowDefinition to, MigrationPlan plan) =>
        InstanceMove.Predict(InstanceState.Load(this, instance, from, time.GetUtcNow(), null), to, plan);

    /// <summary>
    /// Takes an instance to another version, if under its lock the forecast still says that it can be moved. No finished
    /// activity runs again; waits stay as they are.
    /// </summary>
    /// <exception cref="InvalidOperationException">What was to begin anew failed as a whole; nothing may be committed.</exception>
    public async Task<MigrationResult> MigrateAsync(
        Guid instanceId, string targetVersionId, MigrationPlan plan, CancellationToken cancellation)
    {
        MigrationForecast? forecast = null;
        if (await definitions.FindVersionAsync(targetVersionId, cancellation) is not { } target)
        {
            return new MigrationResult(null, false);
        }

        var outcome = await ActAsync(
            instanceId,
            async burst =>
            {
                (forecast, var moved) = await InstanceMove.ApplyAsync(burst, target, plan, cancellation);
                return (moved is null ? RepairOutcome.ActivityIsNotLiving : RepairOutcome.Done, moved);
            },
            allowsFinished: true,
            cancellation);
        return new MigrationResult(forecast, outcome == RepairOutcome.Done);
    }

    /// <summary>Completes a waiting or faulted activity with an outcome, without running it; what it asked for is withdrawn.</summary>
    /// <param name="activityNumber">The execution, as the journal numbers it.</param>
    public Task<RepairOutcome> SkipAsync(Guid instanceId, long activityNumber, string outcome, CancellationToken cancellation) =>
        ActAsync(instanceId, async burst => (await burst.SkipAsync(activityNumber, outcome, cancellation), burst), false, cancellation);

    /// <summary>Withdraws a waiting or faulted activity of a flowchart and lets another of the same flowchart begin.</summary>
    public Task<RepairOutcome> MoveTokenAsync(Guid instanceId, long activityNumber, string activityId, CancellationToken cancellation) =>
        ActAsync(instanceId, async burst => (await burst.MoveTokenAsync(activityNumber, activityId, cancellation), burst), false, cancellation);

    /// <summary>Sets a variable of the workflow, or of one living container of it, to a value of its type.</summary>
    /// <param name="containerNumber">The container's execution; null for the workflow's own variables.</param>
    public Task<RepairOutcome> SetVariableAsync(
        Guid instanceId, long? containerNumber, string name, JsonNode? value, CancellationToken cancellation) =>
        ActAsync(instanceId, burst => ValueTask.FromResult((burst.SetVariable(containerNumber, name, value), (Burst?)burst)), false, cancellation);

    /// <summary>Gives a wait for the clock another due time; one that has passed fires with the next pass.</summary>
    public Task<RepairOutcome> RescheduleAsync(Guid instanceId, Guid bookmarkId, DateTimeOffset dueAt, CancellationToken cancellation) =>
        ActAsync(instanceId, burst => ValueTask.FromResult((burst.Reschedule(bookmarkId, dueAt), (Burst?)burst)), false, cancellation);

    /// <summary>Ends a running or faulted instance and its running children as cancelled, with an operator's entry in the journal.</summary>
    public async Task<RepairOutcome> CancelByOperatorAsync(Guid instanceId, CancellationToken cancellation)
    {
        var outcome = await ActAsync(
            instanceId,
            async burst =>
            {
                burst.Intervene("cancel");
                await burst.CancelAsync(cancellation);
                return (RepairOutcome.Done, burst);
            },
            false,
            cancellation);
        if (outcome == RepairOutcome.Done)
        {
            foreach (var child in await store.RunningChildrenAsync(instanceId, cancellation))
            {
                await CancelByOperatorAsync(child, cancellation);
            }
        }

        return outcome;
    }

    /// <summary>Ways by which an activity of a definition can be left, for an operator to choose from.</summary>
    public static IReadOnlyList<string> OutcomesOf(ActivityNode node) => Burst.OutcomesOf(node);

    private async Task<RepairOutcome> ActAsync(
        Guid instanceId, Func<Burst, ValueTask<(RepairOutcome Outcome, Burst? Written)>> act, bool allowsFinished, CancellationToken cancellation)
    {
        if (await store.LockAsync(instanceId, cancellation) is not { } record)
        {
            return RepairOutcome.InstanceIsUnknown;
        }

        if (!allowsFinished && record is { Status: WorkflowStatus.Finished, SubStatus: not WorkflowSubStatus.Faulted })
        {
            return RepairOutcome.InstanceIsFinished;
        }

        var outcome = RepairOutcome.Done;
        var (_, failure) = await RunAsync(
            async faults =>
            {
                (outcome, var written) = await act(await LoadAsync(record, faults, cancellation));
                return outcome == RepairOutcome.Done ? written : null;
            },
            cancellation);
        if (failure is not null)
        {
            throw new InvalidOperationException($"The act on instance {instanceId} failed: {failure.Message}", failure);
        }

        await FollowAsync(cancellation);
        return outcome;
    }
}
