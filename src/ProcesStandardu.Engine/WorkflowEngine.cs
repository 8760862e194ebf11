using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine;

/// <summary>The only door to workflows: starts them, brings them what they wait for, cancels and repairs them.</summary>
/// <remarks>
/// Every call runs inside the caller's transaction and commits nothing. A burst that fails unexpectedly is undone to the
/// moment before it, so that the caller's own changes stand; its delivery is stored and a pass repeats it. What a burst
/// causes in other instances (events it publishes, children it starts, parents that wait for it) happens in the same call.
/// </remarks>
public sealed partial class WorkflowEngine(
    IWorkflowStore store, IDefinitionSource definitions, TimeProvider time, IServiceProvider services, EngineOptions options)
{
    /// <summary>Bursts that one call may cause one after another before the rest is stored for a pass.</summary>
    private const int MostFollowUps = 250;

    private readonly Queue<FollowUp> _followUps = new();
    private bool _isFollowing;
    private List<Stimulus>? _sentInside;

    internal IServiceProvider Services => services;

    internal EngineOptions Options => options;

    internal IDefinitionSource Definitions => definitions;

    /// <summary>Starts an instance and runs it until each branch waits or ends.</summary>
    /// <exception cref="InvalidOperationException">Called from inside a burst: an activity dispatches a child instead.</exception>
    public async Task<StartResult> StartAsync(StartWorkflow request, CancellationToken cancellation)
    {
        if (_sentInside is not null)
        {
            throw new InvalidOperationException("A workflow cannot be started from inside another's burst.");
        }

        var result = await StartOneAsync(request, cancellation);
        await FollowAsync(cancellation);
        return result;
    }

    /// <summary>
    /// Starts what the stimulus triggers and resumes every wait it fits; when it fits nothing it is kept for a later wait.
    /// </summary>
    /// <remarks>
    /// Called from inside a burst – a use case that an activity calls – it is delivered once that burst is written: until
    /// then the instance stands only in memory. The answer is empty then.
    /// </remarks>
    public async Task<SendResult> SendAsync(Stimulus stimulus, CancellationToken cancellation)
    {
        if (_sentInside is not null)
        {
            _sentInside.Add(stimulus);
            return new SendResult([], [], Kept: false, 0, IsRepeated: false);
        }

        var result = await SendOneAsync(stimulus, cancellation);
        await FollowAsync(cancellation);
        return result;
    }

    /// <summary>Fires one wait by its id, as its stimulus would.</summary>
    public Task<RunResult> ResumeBookmarkAsync(Guid bookmarkId, JsonNode? input, CancellationToken cancellation) =>
        ResumeAsync(bookmarkId, input, isDue: false, cancellation);

    /// <summary>Fires one wait whose due time has come.</summary>
    public Task<RunResult> FireDueAsync(Guid bookmarkId, CancellationToken cancellation) =>
        ResumeAsync(bookmarkId, null, isDue: true, cancellation);

    /// <summary>
    /// Fires those of these waits that are due, until the time is up: many share the caller's transaction, which should not hold
    /// its locks for long. What others work on is left to them.
    /// </summary>
    /// <returns>How many were fired, and those that the time did not suffice for.</returns>
    public async Task<(int Fired, IReadOnlyList<Guid> Left)> FireAllDueAsync(
        IReadOnlyCollection<Guid> bookmarkIds, TimeSpan limit, CancellationToken cancellation)
    {
        var fired = 0;
        var due = await store.LockDueAsync(time.GetUtcNow(), bookmarkIds, cancellation);
        var began = time.GetTimestamp();
        for (var place = 0; place < due.Count; place++)
        {
            if (place > 0 && time.GetElapsedTime(began) > limit)
            {
                return (fired, [.. due.Skip(place).SelectMany(one => one.Bookmarks)]);
            }

            InstanceRecord? record = due[place].Instance;
            foreach (var bookmark in due[place].Bookmarks)
            {
                // Of several waits of one instance each finds it as the one before left it.
                if ((record ?? await store.LockAsync(due[place].Instance.Id, cancellation)) is { } found
                    && (await ResumeOneAsync(found, bookmark, null, isDue: true, attempts: 0, cancellation)).Found)
                {
                    fired++;
                    await FollowAsync(cancellation);
                }

                record = null;
            }
        }

        return (fired, []);
    }

    /// <summary>Completes a task that a RunTask activity asked for.</summary>
    public async Task<RunResult> CompleteTaskAsync(Guid taskId, JsonNode? result, CancellationToken cancellation)
    {
        if (await store.LockByTaskAsync(taskId, cancellation) is not var (record, bookmarkId))
        {
            return NotFound(Guid.Empty);
        }

        var run = await ResumeOneAsync(record, bookmarkId, result, isDue: false, attempts: 0, cancellation);
        await FollowAsync(cancellation);
        return run;
    }

    /// <summary>Ends a running instance and its running children as cancelled; a finished one stays as it is.</summary>
    public async Task<RunResult> CancelAsync(Guid instanceId, CancellationToken cancellation)
    {
        if (await store.LockAsync(instanceId, cancellation) is not { } record)
        {
            return NotFound(instanceId);
        }

        if (record.Status == WorkflowStatus.Finished)
        {
            return new RunResult(true, instanceId, record.Status, record.SubStatus);
        }

        var burst = await LoadAsync(record, null, cancellation);
        await burst.CancelAsync(cancellation);
        AddFollowUps(burst, [], await WriteAsync(burst, cancellation));
        foreach (var child in await store.RunningChildrenAsync(instanceId, cancellation))
        {
            await CancelAsync(child, cancellation);
        }

        await FollowAsync(cancellation);
        return Result(burst);
    }

    /// <summary>Runs faulted activities of an instance again, or one of them by the number of its execution.</summary>
    /// <param name="isIntervention">True notes in the journal that an operator did it.</param>
    public async Task<RunResult> RetryAsync(
        Guid instanceId, long? activityNumber, CancellationToken cancellation, bool isIntervention = false)
    {
        if (await store.LockAsync(instanceId, cancellation) is not { } record)
        {
            return NotFound(instanceId);
        }

        var found = false;
        var (burst, failure) = await RunAsync(
            async faults =>
            {
                var loaded = await LoadAsync(record, faults, cancellation);
                if (isIntervention)
                {
                    loaded.Intervene("retry");
                }

                found = await loaded.RetryAsync(activityNumber, cancellation);
                return found ? loaded : null;
            },
            cancellation);
        if (failure is not null)
        {
            throw new InvalidOperationException($"Retry of instance {instanceId} failed.", failure);
        }

        await FollowAsync(cancellation);
        return burst is null ? new RunResult(false, instanceId, record.Status, record.SubStatus) : Result(burst);
    }

    /// <summary>Stores a due wait whose firing failed as a whole, so that it is repeated later and parked after too many attempts.</summary>
    public async Task PutOffAsync(Guid bookmarkId, Exception failure, CancellationToken cancellation) =>
        await KeepFailedAsync(
            DeliveryKind.Resume, "", new KeptRequest { BookmarkId = bookmarkId, IsDue = true }, null, bookmarkId, 0, failure, null,
            time.GetUtcNow(), cancellation);

    /// <summary>
    /// Makes a stored delivery once more: removed when it succeeds or has become pointless, else stored with one more
    /// attempt and parked when there were too many. True when nothing is left to do.
    /// </summary>
    /// <param name="delivery">Its attempts are those before this one.</param>
    public async Task<bool> RepeatAsync(KeptDelivery delivery, CancellationToken cancellation)
    {
        var request = KeptRequest.Parse(delivery.Request);
        await store.RemoveKeptAsync(delivery.Id, cancellation);
        bool isDone;
        switch (delivery.Kind)
        {
            case DeliveryKind.Start:
                isDone = (await StartOneAsync(request.ToStart(), cancellation, delivery.Attempts, delivery.Id)).Outcome != StartOutcome.Deferred;
                break;
            case DeliveryKind.Resume:
                var record = await store.LockByBookmarkAsync(request.BookmarkId!.Value, cancellation);
                isDone = record is null || !(await ResumeOneAsync(
                    record, request.BookmarkId.Value, request.Input, request.IsDue, delivery.Attempts, cancellation, delivery.Id)).Deferred;
                break;
            default:
                await SendOneAsync(request.ToStimulus(), cancellation);
                isDone = true;
                break;
        }

        await FollowAsync(cancellation);
        return isDone;
    }

    /// <summary>Starts the published version that a due trigger belongs to.</summary>
    /// <returns>When the trigger is due next; null for never.</returns>
    public async Task<DateTimeOffset?> FireTriggerAsync(StoredTrigger trigger, CancellationToken cancellation)
    {
        await StartAsync(
            new StartWorkflow
            {
                VersionId = trigger.DefinitionVersionId,
                TriggerActivityId = trigger.ActivityId,
                StartedBy = new Resumption(trigger.Name, null, null, IsDue: true),
            },
            cancellation);
        var definition = await definitions.FindVersionAsync(trigger.DefinitionVersionId, cancellation);
        var next = definition is null
            ? null
            : TriggersOf(definition).FirstOrDefault(candidate => candidate.ActivityId == trigger.ActivityId)?.DueAt;
        return next > trigger.DueAt ? next : null;
    }

    /// <summary>The ways to start a version, with their inputs evaluated now; to be stored when it is published.</summary>
    /// <exception cref="TriggerException">A trigger's inputs cannot be evaluated or say nothing that it could wait for.</exception>
    public IReadOnlyList<StoredTrigger> TriggersOf(WorkflowDefinition definition)
    {
        var burst = new Burst(this, Guid.Empty, definition, null, time.GetUtcNow(), null);
        var root = new ActivityContext(burst, definition.Workflow, null, 0)
        {
            State = new WorkflowScope(definition, new Dictionary<string, JsonNode?>()),
        };
        root.DeclareVariables(definition.Variables);
        var triggers = new List<StoredTrigger>();
        foreach (var node in definition.Nodes.Values.Where(node =>
            node.CanStartWorkflow && node.Descriptor.Kind == ActivityKind.Trigger && node.Definition == definition))
        {
            var context = new ActivityContext(burst, node, root, 0);
            try
            {
                context.EvaluateInputs();
                foreach (var trigger in node.Activity.GetTriggers(context))
                {
                    var canonical = StimulusHash.Canonical(trigger.Payload);
                    triggers.Add(new StoredTrigger(
                        definition.VersionId, node.Id, trigger.Name, canonical, StimulusHash.Of(trigger.Name, canonical), trigger.DueAt));
                }
            }
            catch (Exception exception) when (exception is FlowException or ExpressionException)
            {
                throw new TriggerException(node.Id, exception);
            }
        }

        return triggers;
    }

    /// <summary>Runs a child inside its parent's burst; it is written with the parent.</summary>
    internal async ValueTask<Burst> RunInsideAsync(
        Burst parent, WorkflowDefinition definition, StartWorkflow request, CancellationToken cancellation)
    {
        if (await IsRefusedAsync(definition, request.CorrelationId, cancellation))
        {
            throw new FlowException("WorkflowIsAlreadyRunning", EngineTexts.Get("WorkflowIsAlreadyRunning", definition.Name));
        }

        var child = new Burst(this, request.InstanceId!.Value, definition, null, parent.Now, parent.KnownFaults)
        {
            ParentInstanceId = parent.InstanceId,
            CorrelationId = request.CorrelationId,
            InstanceName = request.Name,
            Depth = parent.Depth + 1,
            Path = $"{parent.Path}{parent.Inline.Count}/",
        };
        parent.Inline.Add(child);
        await child.StartAsync(request.Input, cancellation);
        return child;
    }

    /// <summary>What a parent learns of a child, in the form Elsa gives it.</summary>
    internal static JsonObject EndOf(Burst child) => new()
    {
        ["WorkflowDefinitionVersionId"] = null,
        ["WorkflowInstanceId"] = child.InstanceId.ToString(),
        ["CorrelationId"] = child.CorrelationId,
        ["Status"] = (int)child.Status,
        ["SubStatus"] = (int)child.SubStatus,
        ["Output"] = new JsonObject(((WorkflowScope)child.Root.State!).Outputs.Select(output =>
            KeyValuePair.Create(output.Key, output.Value?.DeepClone()))),
    };
}

/// <summary>A way to start a definition cannot be worked out, so that the definition cannot be published.</summary>
public sealed class TriggerException(string activityId, Exception cause) : Exception(cause.Message, cause)
{
    public string ActivityId { get; } = activityId;
}
