using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Journal;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine.Execution;

/// <summary>
/// One instance in memory while its activities run: from a start or a fired wait until each branch waits or ends.
/// </summary>
/// <remarks>
/// Scheduled activities run one after another from one queue, so siblings run breadth-first. Nothing is written here;
/// <see cref="Changes"/> says what the burst changed.
/// </remarks>
internal sealed partial class Burst
{
    private readonly record struct Work(ActivityNode Node, ActivityContext? Owner, Dictionary<string, JsonNode?>? Variables);

    private readonly Queue<Work> _queue = new();
    private readonly List<JournalEntry> _journal = [];
    private readonly List<ActivityContext> _touched = [];
    private readonly List<Bookmark> _bookmarks;
    private readonly List<Bookmark> _added = [];
    private readonly List<Guid> _removed = [];
    private readonly List<Incident> _incidents = [];
    private readonly List<UserTask> _addedTasks = [];
    private readonly List<ClosedTask> _closedTasks = [];
    private readonly InstanceRecord? _stored;
    private long _known;

    public Burst(
        WorkflowEngine engine, Guid instanceId, WorkflowDefinition definition, InstanceRecord? stored,
        DateTimeOffset now, IReadOnlyDictionary<string, Exception>? knownFaults)
    {
        Engine = engine;
        InstanceId = instanceId;
        Definition = definition;
        Now = now;
        KnownFaults = knownFaults;
        _stored = stored;
        _bookmarks = stored is null ? [] : [.. stored.Bookmarks];
        CorrelationId = stored?.CorrelationId;
        InstanceName = stored?.Name;
        ParentInstanceId = stored?.ParentInstanceId;
        Status = stored?.Status ?? WorkflowStatus.Running;
        SubStatus = stored?.SubStatus ?? WorkflowSubStatus.Executing;
    }

    public WorkflowEngine Engine { get; }

    public Guid InstanceId { get; }

    public WorkflowDefinition Definition { get; }

    public DateTimeOffset Now { get; }

    public IServiceProvider Services => Engine.Services;

    public EngineOptions Options => Engine.Options;

    public string? CorrelationId { get; set; }

    public string? InstanceName { get; set; }

    public Guid? ParentInstanceId { get; init; }

    /// <summary>How many workflows are above this one in a chain of workflows that start workflows.</summary>
    public int Depth { get; set; }

    /// <summary>Faults of activities that threw when this burst was run before; see <see cref="Path"/>.</summary>
    public IReadOnlyDictionary<string, Exception>? KnownFaults { get; }

    /// <summary>Tells a burst inside another from its neighbours, the same in every run; with a number it names an execution.</summary>
    public string Path { get; init; } = "";

    public WorkflowStatus Status { get; private set; }

    public WorkflowSubStatus SubStatus { get; private set; }

    public ActivityContext Root { get; set; } = null!;

    public long LastNumber { get; set; }

    public long LastSequence { get; set; }

    /// <summary>1, 2, 3 … within the instance.</summary>
    public int Number { get; set; } = 1;

    public ActivityNode? TriggerNode { get; set; }

    public Resumption? StartedBy { get; set; }

    /// <summary>Outputs of completed activities by activity id, when the definition's scripts ask for them.</summary>
    public Dictionary<string, JsonObject> Remembered { get; set; } = [];

    public JsonNode? LastResult { get; set; }

    /// <summary>Stimuli to send once the burst is written.</summary>
    public List<Stimulus> Outgoing { get; } = [];

    /// <summary>Children to start once the burst is written.</summary>
    public List<StartWorkflow> Dispatched { get; } = [];

    /// <summary>Bursts of children that ran inside this one and are written after it.</summary>
    public List<Burst> Inline { get; } = [];

    public IReadOnlyList<Bookmark> Bookmarks => _bookmarks;

    public bool JustFinished => Status == WorkflowStatus.Finished && _stored?.Status != WorkflowStatus.Finished;

    private bool IsFaulted { get; set; }

    private bool IsFinishing { get; set; }

    private bool IsCancelling { get; set; }

    /// <summary>Starts the instance and runs it as far as it goes.</summary>
    public async ValueTask StartAsync(IReadOnlyDictionary<string, JsonNode?> input, CancellationToken cancellation)
    {
        Root = Begin(Definition.Workflow, null, null);
        Root.State = new WorkflowScope(Definition, input);
        Root.DeclareVariables(Definition.Variables);
        await RunActivityAsync(Root, null, cancellation);
        await DrainAsync(cancellation);
    }

    /// <summary>Fires one wait and runs the instance as far as it goes; false when the wait is gone.</summary>
    public async ValueTask<bool> ResumeAsync(
        Guid bookmarkId, JsonNode? input, bool isDue, CancellationToken cancellation)
    {
        var bookmark = _bookmarks.Find(candidate => candidate.Id == bookmarkId);
        if (bookmark is null || Find(Root, bookmark.ActivityNumber) is not { Status: ActivityStatus.Running } context)
        {
            return false;
        }

        Burn(bookmark, context, input, isCompleted: true);
        Record(context, JournalEvent.Resumed);
        Touch(context);
        var payload = bookmark.Payload is null ? null : JsonNode.Parse(bookmark.Payload);
        await RunActivityAsync(context, new Resumption(bookmark.Name, payload, input, isDue), cancellation);
        await DrainAsync(cancellation);
        return true;
    }

    /// <summary>Runs faulted activities again, or only the one with this number; false when there is none.</summary>
    public async ValueTask<bool> RetryAsync(long? number, CancellationToken cancellation)
    {
        var faulted = Live(Root).Where(context => context.Status == ActivityStatus.Faulted
            && (number is null || context.Number == number)).OrderBy(context => context.Number).ToList();
        if (faulted.Count == 0)
        {
            return false;
        }

        Reopen();
        foreach (var context in faulted)
        {
            var parent = context.Parent;
            parent?.Children!.Remove(context);
            for (var scope = parent; scope is not null; scope = scope.Parent)
            {
                scope.FaultCount -= context.FaultCount;
                Touch(scope);
            }

            if (parent is null)
            {
                return false;
            }

            // Another execution takes its place.
            context.Status = ActivityStatus.Canceled;
            context.CompletedAt = Now;
            Touch(context);
            Schedule(context.Node, parent, context.Variables);
        }

        await GoOnAsync(cancellation);
        return true;
    }

    /// <summary>Ends the instance as cancelled; what waited is asked to withdraw what it asked for.</summary>
    public async ValueTask CancelAsync(CancellationToken cancellation)
    {
        await AbandonAsync(cancellation);
        Record(Root, JournalEvent.Canceled);
        End(WorkflowSubStatus.Cancelled);
    }

    public void Schedule(ActivityNode node, ActivityContext owner, Dictionary<string, JsonNode?>? variables)
    {
        owner.Scheduled++;
        _queue.Enqueue(new Work(node, owner, variables));
    }

    public void Add(Bookmark bookmark, ActivityContext context)
    {
        _bookmarks.Add(bookmark);
        _added.Add(bookmark);
        context.Waits++;
    }

    public void Add(UserTask task) => _addedTasks.Add(task);

    /// <summary>Asks that the whole workflow ends at once, whatever else is scheduled or waiting.</summary>
    public void Finish(bool asCancelled = false)
    {
        IsFinishing = true;
        IsCancelling |= asCancelled;
    }

    public JsonNode? RememberedOutput(string activity, string? output)
    {
        foreach (var (id, outputs) in Remembered)
        {
            if (id == activity || Definition.FindActivity(id)?.Name == activity)
            {
                return output is null ? outputs.FirstOrDefault().Value : outputs[output];
            }
        }

        return null;
    }

    /// <summary>Cancels an execution with everything inside it.</summary>
    public async ValueTask CancelAsync(ActivityContext context, bool inJournal, CancellationToken cancellation)
    {
        foreach (var child in context.Children?.ToArray() ?? [])
        {
            if (child.Status is ActivityStatus.Running or ActivityStatus.Faulted)
            {
                await CancelAsync(child, inJournal, cancellation);
            }
        }

        if (context.Waits > 0)
        {
            await context.Node.Activity.CancelAsync(context, cancellation);
            BurnAll(context);
        }

        context.Status = ActivityStatus.Canceled;
        context.CompletedAt = Now;
        context.Parent?.Children?.Remove(context);
        Touch(context);
        if (inJournal)
        {
            Record(context, JournalEvent.Canceled);
        }
    }

    /// <summary>What the burst changed, to be written as a whole.</summary>
    public InstanceChanges Changes()
    {
        var scope = (WorkflowScope)Root.State!;
        return new InstanceChanges
        {
            Instance = new InstanceRecord
            {
                Id = InstanceId,
                DefinitionId = Definition.DefinitionId,
                DefinitionVersionId = Definition.VersionId,
                Version = Definition.Version,
                Status = Status,
                SubStatus = SubStatus,
                CorrelationId = CorrelationId,
                Name = InstanceName,
                ParentInstanceId = ParentInstanceId,
                CreatedAt = _stored?.CreatedAt ?? Now,
                UpdatedAt = Now,
                FinishedAt = Status != WorkflowStatus.Finished ? null : JustFinished ? Now : _stored?.FinishedAt,
                IncidentCount = (_stored?.IncidentCount ?? 0) + _incidents.Count,
                State = InstanceState.Save(this),
                Bookmarks = _bookmarks,
            },
            IsNew = _stored is null,
            IsMoved = _stored is not null && _stored.DefinitionVersionId != Definition.VersionId,
            RemovedBookmarks = _removed,
            AddedBookmarks = _added,
            // Waits that could not be reached before may fit stimuli that came too early for them.
            RecheckedBookmarks = _stored is not null && Status == WorkflowStatus.Running
                && (_stored.Status == WorkflowStatus.Finished || _stored.CorrelationId != CorrelationId)
                    ? [.. _bookmarks.Except(_added)]
                    : [],
            Burst = Number,
            LastSequence = LastSequence,
            Journal = _journal,
            Executions = _touched,
            KnownExecutions = _known,
            Incidents = _incidents,
            AddedTasks = _addedTasks,
            ClosedTasks = _closedTasks,
            Variables = Definition.Variables.ToDictionary(
                variable => variable.Name, variable => Root.Variables?.GetValueOrDefault(variable.Id), StringComparer.Ordinal),
            Output = scope.Outputs,
        };
    }

    public void MarkLoaded() => _known = LastNumber;
}
