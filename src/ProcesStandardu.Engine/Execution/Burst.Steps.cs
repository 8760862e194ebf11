using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Journal;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine.Execution;

/// <content>The steps: run, settle, complete, fault, cancel, and what is recorded of each.</content>
internal sealed partial class Burst
{
    private async ValueTask DrainAsync(CancellationToken cancellation)
    {
        var steps = 0;
        while (!IsFinishing && _queue.TryDequeue(out var work))
        {
            var owner = work.Owner!;
            owner.Scheduled--;
            if (owner.Status == ActivityStatus.Canceled || (owner.IsEnding && owner.Node.Activity is not Flowchart))
            {
                continue;
            }

            // What a completed container had scheduled runs all the same, as in Elsa; nothing follows it.

            if (++steps > Options.ActivitiesPerBurst)
            {
                _queue.Clear();
                Fault(Begin(work.Node, owner, work.Variables), new ActivityFault(
                    "BurstIsEndless", EngineTexts.Get("BurstIsEndless", Options.ActivitiesPerBurst), null));
                IsFaulted = true;
                break;
            }

            await RunActivityAsync(Begin(work.Node, owner, work.Variables), null, cancellation);
        }

        if (IsCancelling)
        {
            await CancelAsync(cancellation);
        }
        else if (IsFinishing)
        {
            await AbandonAsync(cancellation);
            Root.Status = ActivityStatus.Completed;
            Record(Root, JournalEvent.Completed);
            End(WorkflowSubStatus.Finished);
        }
        else if (IsFaulted)
        {
            End(WorkflowSubStatus.Faulted);
        }
        else if (Root.Status == ActivityStatus.Completed)
        {
            End(WorkflowSubStatus.Finished);
        }
        else
        {
            SubStatus = WorkflowSubStatus.Suspended;
        }
    }

    private ActivityContext Begin(ActivityNode node, ActivityContext? owner, Dictionary<string, JsonNode?>? variables)
    {
        var context = new ActivityContext(this, node, owner, ++LastNumber) { StartedAt = Now, Variables = variables };
        context.DeclareVariables(node.Variables);
        if (owner is not null)
        {
            (owner.Children ??= []).Add(context);
        }

        if (StartedBy is not null && node == TriggerNode)
        {
            context.StartedBy = node.Descriptor.Kind == ActivityKind.Trigger ? StartedBy : null;
            StartedBy = null;
        }

        Touch(context);
        Record(context, JournalEvent.Started);
        return context;
    }

    private async ValueTask RunActivityAsync(
        ActivityContext context, Resumption? resumption, CancellationToken cancellation)
    {
        Options.Reached?.Invoke(BurstPlaces.BeforeActivity);
        var activity = context.Node.Activity;
        var waits = _added.Count;
        if (KnownFaults is not null && KnownFaults.TryGetValue(Path + context.Number, out var known))
        {
            Fault(context, FaultOf(known));
            return;
        }

        var hasBegun = resumption is not null;
        try
        {
            if (resumption is null)
            {
                context.EvaluateInputs();
                hasBegun = true;
                await activity.ExecuteAsync(context, cancellation);
            }
            else
            {
                context.ClearRequests();
                await activity.ResumeAsync(context, resumption, cancellation);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException
            and not ActivityThrewException && !Options.IsInfrastructureFailure(exception))
        {
            if (hasBegun && activity is not BuiltInActivity)
            {
                // Rows may be half changed: undo the burst, and run it again with this fault in its place.
                throw new ActivityThrewException(Path + context.Number, exception);
            }

            Fault(context, FaultOf(exception));
            return;
        }

        await SettleAsync(context, _added.Count > waits, cancellation);
        Options.Reached?.Invoke(BurstPlaces.AfterActivity);
    }

    private async ValueTask SettleAsync(ActivityContext context, bool hasNewWaits, CancellationToken cancellation)
    {
        if (context.Status == ActivityStatus.Canceled)
        {
            if (context.Workflow.IsCompleting)
            {
                await CompleteAsync(context.Workflow, cancellation);
            }
        }
        else if (context.Failure is { } failure)
        {
            Fault(context, failure);
        }
        else if (context.IsCompleting)
        {
            await CompleteAsync(context, cancellation);
        }
        else if (hasNewWaits)
        {
            Record(context, JournalEvent.Suspended);
            if (Orphaned(context) is { } orphan)
            {
                // Its container has completed: nobody is left for whom it could wait.
                await CancelAsync(orphan, inJournal: true, cancellation);
            }
        }
        else if (context.Waits == 0 && context.Node.Activity is not ControlActivity)
        {
            context.Complete();
            await CompleteAsync(context, cancellation);
        }
    }

    private async ValueTask CompleteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (context.Status != ActivityStatus.Running)
        {
            return;
        }

        if (context.Children is { Count: > 0 } children)
        {
            foreach (var child in children.ToArray())
            {
                if (child.Status is ActivityStatus.Running or ActivityStatus.Faulted)
                {
                    await CancelAsync(child, inJournal: true, cancellation);
                }
            }
        }

        BurnAll(context);
        context.Status = ActivityStatus.Completed;
        context.CompletedAt = Now;
        Touch(context);
        Record(context, JournalEvent.Completed, outcomes: context.Outcomes);
        Remember(context);

        var parent = context.Parent;
        if (parent is null || IsFinishing)
        {
            // Once the whole workflow is to finish, no container is told any more: nothing follows.
            return;
        }

        parent.Children!.Remove(context);
        if (parent.Status != ActivityStatus.Running)
        {
            return;
        }

        try
        {
            await ((ControlActivity)parent.Node.Activity).OnChildCompletedAsync(parent, context, cancellation);
        }
        catch (Exception exception) when (exception is FlowException or ExpressionException)
        {
            parent.Children.Add(context);
            Fault(context, FaultOf(exception));
            return;
        }

        await SettleAsync(parent, hasNewWaits: false, cancellation);
    }

    // The outermost execution around this one whose container has completed without it; null when it has its place.
    private static ActivityContext? Orphaned(ActivityContext context)
    {
        ActivityContext? orphan = null;
        for (var scope = context; scope.Parent is { } parent; scope = parent)
        {
            orphan = parent.Status == ActivityStatus.Completed ? scope : orphan;
        }

        return orphan;
    }

    private void Fault(ActivityContext context, ActivityFault fault)
    {
        context.Status = ActivityStatus.Faulted;
        context.FaultMessage = fault.Message;
        BurnAll(context);
        Record(context, JournalEvent.Faulted, fault.Message);
        Touch(context);
        for (var scope = context; scope is not null; scope = scope.Parent)
        {
            scope.FaultCount++;
            Touch(scope);
        }

        _incidents.Add(new Incident(
            Guid.CreateVersion7(Now), InstanceId, context.Number, context.Node.Id, context.Node.NodeId, context.Node.Type,
            fault.Code, fault.Message, fault.Exception?.ToString(), Now));
        IsFaulted |= Definition.Incidents == IncidentStrategy.Fault;
    }

    private static ActivityFault FaultOf(Exception exception) => exception is FlowException flow
        ? new ActivityFault(flow.Code, flow.Message, exception)
        : new ActivityFault(exception.GetType().Name, exception.Message, exception);

    // Ends everything without a word in the journal, as Elsa does when a workflow is finished or cancelled from outside.
    private async ValueTask AbandonAsync(CancellationToken cancellation)
    {
        _queue.Clear();
        if (Root.Status == ActivityStatus.Running)
        {
            await CancelAsync(Root, inJournal: false, cancellation);
        }

        foreach (var bookmark in _bookmarks.ToArray())
        {
            Remove(bookmark);
        }
    }

    private void End(WorkflowSubStatus subStatus)
    {
        Status = WorkflowStatus.Finished;
        SubStatus = subStatus;
    }

    private void BurnAll(ActivityContext context)
    {
        for (var index = _bookmarks.Count - 1; context.Waits > 0 && index >= 0; index--)
        {
            if (_bookmarks[index].ActivityNumber == context.Number)
            {
                Burn(_bookmarks[index], context, null, isCompleted: false);
            }
        }
    }

    private void Burn(Bookmark bookmark, ActivityContext context, JsonNode? result, bool isCompleted)
    {
        context.Waits--;
        Remove(bookmark);
        if (RunTask.TaskIdOf(bookmark) is { } taskId)
        {
            _closedTasks.Add(new ClosedTask(taskId, isCompleted, result?.ToJsonString(), Now));
        }
    }

    private void Remove(Bookmark bookmark)
    {
        _bookmarks.Remove(bookmark);
        if (!_added.Remove(bookmark))
        {
            _removed.Add(bookmark.Id);
        }
    }

    private void Remember(ActivityContext context)
    {
        if (!Definition.RemembersOutputs || context.Produced is not { } produced)
        {
            return;
        }

        Remembered[context.Node.Id] = new JsonObject(produced.Select(output =>
            KeyValuePair.Create(output.Key, output.Value?.DeepClone())));
        LastResult = produced.Values.LastOrDefault();
    }

    private void Touch(ActivityContext context)
    {
        if (!context.IsRecorded)
        {
            context.IsRecorded = true;
            _touched.Add(context);
        }
    }

    private void Record(
        ActivityContext context, JournalEvent what, string? message = null, IReadOnlyList<string>? outcomes = null)
    {
        // What an entry is about is told by its execution, which therefore goes along.
        Touch(context);
        _journal.Add(new JournalEntry(
            ++LastSequence, context.Number, context.Parent?.Number, context.Node, what, Now, message, outcomes));
    }

    private static ActivityContext? Find(ActivityContext context, long number)
    {
        if (context.Number == number)
        {
            return context;
        }

        foreach (var child in context.Children ?? [])
        {
            if (Find(child, number) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static IEnumerable<ActivityContext> Live(ActivityContext context)
    {
        yield return context;
        foreach (var descendant in (context.Children ?? []).ToArray().SelectMany(Live))
        {
            yield return descendant;
        }
    }
}
