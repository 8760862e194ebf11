using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Journal;

namespace ProcesStandardu.Engine.Execution;

/// <content>What operators do to an instance, and how it goes over to another version.</content>
internal sealed partial class Burst
{
    /// <summary>The same instance, still without its activities, under another version.</summary>
    public Burst Under(WorkflowDefinition definition) => new(Engine, InstanceId, definition, _stored, Now, KnownFaults)
    {
        Depth = Depth,
        LastNumber = LastNumber,
        LastSequence = LastSequence,
        Number = Number,
        LastResult = LastResult,
        _known = _known,
    };

    /// <summary>Ends a living execution without a completion, as if it had never been asked; what it asked for is withdrawn.</summary>
    public ValueTask WithdrawAsync(ActivityContext context, CancellationToken cancellation) =>
        CancelAsync(context, inJournal: true, cancellation);

    /// <summary>Goes on from what the same instance did under its old version, and lets begin what begins anew.</summary>
    public async ValueTask TakeOverAsync(
        Burst old, string message, IReadOnlyList<(ActivityContext Old, ActivityContext Container, ActivityNode Target)> begun,
        CancellationToken cancellation)
    {
        _journal.AddRange(old._journal);
        _touched.AddRange(old._touched);
        _closedTasks.AddRange(old._closedTasks);
        Outgoing.AddRange(old.Outgoing);
        LastSequence = old.LastSequence;
        foreach (var burned in old._removed)
        {
            _bookmarks.RemoveAll(bookmark => bookmark.Id == burned);
            _removed.Add(burned);
        }

        Record(Root, JournalEvent.Migrated, message);
        foreach (var (ended, container, target) in begun)
        {
            ForgetFaults(container, ended.FaultCount);
            Schedule(target, container, null);
        }

        if (begun.Count > 0)
        {
            await GoOnAsync(cancellation);
        }
    }

    /// <summary>Says of the waits of one execution which activity of another version they belong to.</summary>
    public void Rename(long number, ActivityNode node)
    {
        for (var index = 0; index < _bookmarks.Count; index++)
        {
            var bookmark = _bookmarks[index];
            if (bookmark.ActivityNumber == number && (bookmark.ActivityId != node.Id || bookmark.ActivityNodeId != node.NodeId))
            {
                Replace(index, bookmark with { ActivityId = node.Id, ActivityNodeId = node.NodeId });
            }
        }
    }

    /// <summary>Completes a waiting or faulted activity with an outcome, without running it.</summary>
    public async ValueTask<RepairOutcome> SkipAsync(long number, string outcome, CancellationToken cancellation)
    {
        if (Find(Root, number) is not { Status: not ActivityStatus.Completed } context || context.Parent is null)
        {
            return RepairOutcome.ActivityIsNotLiving;
        }

        if (context is { Waits: > 0, Node.Descriptor.IsCommitted: true })
        {
            return RepairOutcome.ActivityIsCommitted;
        }

        if (!OutcomesOf(context.Node).Contains(outcome))
        {
            return RepairOutcome.OutcomeIsUnknown;
        }

        Record(context, JournalEvent.Intervened, "skip");
        if (context.Waits > 0)
        {
            await context.Node.Activity.CancelAsync(context, cancellation);
        }

        if (context.Status == ActivityStatus.Faulted)
        {
            ForgetFaults(context, context.FaultCount);
            context.Status = ActivityStatus.Running;
        }

        Reopen();
        context.Complete(outcome);
        await CompleteAsync(context, cancellation);
        await GoOnAsync(cancellation);
        return RepairOutcome.Done;
    }

    /// <summary>Takes the token from a waiting or faulted activity of a flowchart to another activity of it.</summary>
    public async ValueTask<RepairOutcome> MoveTokenAsync(long number, string activityId, CancellationToken cancellation)
    {
        if (Find(Root, number) is not { Parent: { } container, Status: not ActivityStatus.Completed } context)
        {
            return RepairOutcome.ActivityIsNotLiving;
        }

        if (container.Node.Activity is not Flowchart
            || container.Node.Children.FirstOrDefault(child => child.Id == activityId) is not { } target)
        {
            return RepairOutcome.TargetIsElsewhere;
        }

        if (context is { Waits: > 0, Node.Descriptor.IsCommitted: true })
        {
            return RepairOutcome.ActivityIsCommitted;
        }

        if (container.Children!.Exists(child => child.Node == target && child != context))
        {
            return RepairOutcome.TargetRunsAlready;
        }

        Record(context, JournalEvent.Intervened, "move:" + activityId);
        Reopen();
        ForgetFaults(container, context.FaultCount);
        await WithdrawAsync(context, cancellation);
        await Flowchart.MoveTokenAsync(container, context.Node, target, cancellation);
        await GoOnAsync(cancellation);
        return RepairOutcome.Done;
    }

    /// <summary>Sets a variable of the workflow or of one living container.</summary>
    public RepairOutcome SetVariable(long? number, string name, JsonNode? value)
    {
        if ((number is null ? Root : Find(Root, number.Value)) is not { } context)
        {
            return RepairOutcome.ActivityIsNotLiving;
        }

        var declared = (context.State is WorkflowScope scope ? scope.Definition.Variables : context.Node.Variables)
            .FirstOrDefault(variable => variable.Name == name || variable.Id == name);
        if (declared is null)
        {
            return RepairOutcome.VariableIsUnknown;
        }

        if (!ValueConversion.Fits(value, declared.Shape, Options.TimeZone))
        {
            return RepairOutcome.ValueDoesNotFit;
        }

        (context.Variables ??= [])[declared.Id] = value is null ? null : ValueConversion.To(value, declared.Shape);
        Touch(context);
        Record(context, JournalEvent.Intervened, "variable:" + declared.Name);
        return RepairOutcome.Done;
    }

    /// <summary>Gives a wait for the clock another due time.</summary>
    public RepairOutcome Reschedule(Guid bookmarkId, DateTimeOffset dueAt)
    {
        var index = _bookmarks.FindIndex(bookmark => bookmark.Id == bookmarkId);
        if (index < 0 || Find(Root, _bookmarks[index].ActivityNumber) is not { } context)
        {
            return RepairOutcome.ActivityIsNotLiving;
        }

        if (_bookmarks[index].DueAt is null)
        {
            return RepairOutcome.WaitHasNoTerm;
        }

        Replace(index, _bookmarks[index] with { DueAt = dueAt.ToUniversalTime() });
        Record(context, JournalEvent.Intervened, "reschedule");
        return RepairOutcome.Done;
    }

    /// <summary>Notes in the journal that an operator did something to the whole instance.</summary>
    public void Intervene(string what) => Record(Root, JournalEvent.Intervened, what);

    /// <summary>Ways by which an activity can be left: those its JSON tells and those that connections name; Done where there are none.</summary>
    public static IReadOnlyList<string> OutcomesOf(ActivityNode node)
    {
        List<string> outcomes = [.. (node.Parent is null ? [] : Flowchart.PortsOf(node)).Concat(node.Outcomes ?? []).Distinct()];
        return outcomes.Count > 0 ? outcomes : TokenFlow.Done;
    }

    private void Replace(int index, Storage.Bookmark replacement)
    {
        var replaced = _bookmarks[index];
        _bookmarks[index] = replacement;
        if (!_added.Remove(replaced))
        {
            _removed.Add(replaced.Id);
        }

        _added.Add(replacement);
    }

    private void ForgetFaults(ActivityContext from, int faults)
    {
        for (var scope = from; faults > 0 && scope is not null; scope = scope.Parent)
        {
            scope.FaultCount -= faults;
            Touch(scope);
        }
    }

    // A faulted instance that is repaired runs again; whether it stays so the burst decides.
    private void Reopen()
    {
        Status = WorkflowStatus.Running;
        SubStatus = WorkflowSubStatus.Executing;
    }

    private async ValueTask GoOnAsync(CancellationToken cancellation)
    {
        Reopen();
        IsFaulted = Definition.Incidents == IncidentStrategy.Fault
            && Live(Root).Any(context => context.Status == ActivityStatus.Faulted);
        await DrainAsync(cancellation);
    }
}
