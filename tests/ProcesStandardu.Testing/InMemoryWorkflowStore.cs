using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Journal;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Testing;

/// <summary>
/// A workflow store for tests of the engine alone: it holds to the same contract as the real one, for one caller at a time.
/// What is written goes through text where the real one's does, so that nothing survives in memory that a database would lose.
/// </summary>
public sealed class InMemoryWorkflowStore : IWorkflowStore
{
    private Dictionary<Guid, InstanceRecord> _instances = [];
    private Dictionary<Guid, List<JournalEntry>> _journal = [];
    private Dictionary<Guid, (UserTask Task, ClosedTask? Closed)> _tasks = [];
    private Dictionary<Guid, (KeptDelivery Delivery, bool IsParked)> _kept = [];
    private List<Incident> _incidents = [];
    private HashSet<string> _received = [];

    /// <summary>Triggers of published versions, set by whoever publishes.</summary>
    public List<StoredTrigger> Triggers { get; } = [];

    /// <summary>All instances, oldest first.</summary>
    public IReadOnlyList<InstanceRecord> Instances => [.. _instances.Values.OrderBy(instance => instance.Id)];

    public IReadOnlyList<Incident> Incidents => _incidents;

    /// <summary>Kept deliveries that are not parked, oldest first.</summary>
    public IReadOnlyList<KeptDelivery> Kept => [.. _kept.Values.Where(kept => !kept.IsParked).Select(kept => kept.Delivery)];

    public IReadOnlyList<KeptDelivery> Parked => [.. _kept.Values.Where(kept => kept.IsParked).Select(kept => kept.Delivery)];

    /// <summary>Tasks that nobody has completed yet, oldest first.</summary>
    public IReadOnlyList<UserTask> OpenTasks => [.. _tasks.Values.Where(task => task.Closed is null).Select(task => task.Task)];

    /// <summary>Thrown by the next write, once; for tests of what a failing burst leaves behind.</summary>
    public Exception? NextWriteThrows { get; set; }

    public IReadOnlyList<JournalEntry> JournalOf(Guid instanceId) => _journal.GetValueOrDefault(instanceId) ?? [];

    public ValueTask<InstanceRecord?> LockAsync(Guid instanceId, CancellationToken cancellation) =>
        ValueTask.FromResult(_instances.GetValueOrDefault(instanceId));

    public ValueTask<InstanceRecord?> LockByBookmarkAsync(Guid bookmarkId, CancellationToken cancellation) =>
        ValueTask.FromResult(_instances.Values.FirstOrDefault(instance =>
            instance.Bookmarks.Any(bookmark => bookmark.Id == bookmarkId)));

    public ValueTask<(InstanceRecord Instance, Guid BookmarkId)?> LockByTaskAsync(Guid taskId, CancellationToken cancellation) =>
        ValueTask.FromResult<(InstanceRecord, Guid)?>(
            _tasks.TryGetValue(taskId, out var task) && task.Closed is null
                ? (_instances[task.Task.InstanceId], task.Task.BookmarkId)
                : null);

    public ValueTask<IReadOnlyList<(InstanceRecord Instance, IReadOnlyList<Guid> Bookmarks)>> LockDueAsync(
        DateTimeOffset now, IReadOnlyCollection<Guid> bookmarkIds, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<(InstanceRecord, IReadOnlyList<Guid>)>>(
        [
            .. _instances.Values.Where(instance => instance.Status == WorkflowStatus.Running)
                .SelectMany(instance => instance.Bookmarks.Select(bookmark => (Instance: instance, Bookmark: bookmark)))
                .Where(due => due.Bookmark.DueAt <= now && bookmarkIds.Contains(due.Bookmark.Id)
                    && _kept.Values.All(kept => kept.Delivery.BookmarkId != due.Bookmark.Id))
                .OrderBy(due => due.Bookmark.DueAt).ThenBy(due => due.Bookmark.Id)
                .GroupBy(due => due.Instance)
                .Select(due => (due.Key, (IReadOnlyList<Guid>)[.. due.Select(one => one.Bookmark.Id)])),
        ]);

    public ValueTask<StimulusMatch> MatchAsync(StimulusQuery query, CancellationToken cancellation) =>
        ValueTask.FromResult(new StimulusMatch(
            [.. Instances
                .Where(instance => query.InstanceId is null || instance.Id == query.InstanceId)
                .Where(instance => query.CorrelationId is null || instance.CorrelationId == query.CorrelationId)
                .Select(instance => (Instance: instance, Bookmarks: (IReadOnlyList<Guid>)[.. instance.Bookmarks
                    .Where(bookmark => bookmark.Name == query.Name && bookmark.Hash == query.Hash)
                    .Select(bookmark => bookmark.Id)]))
                .Where(match => match.Bookmarks.Count > 0)],
            query.InstanceId is null
                ? [.. Triggers.Where(trigger => trigger.Name == query.Name && trigger.Hash == query.Hash && trigger.DueAt is null)]
                : []));

    public ValueTask<IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)>> WriteAsync(
        IReadOnlyList<InstanceChanges> changes, CancellationToken cancellation)
    {
        if (NextWriteThrows is { } failure)
        {
            NextWriteThrows = null;
            throw failure;
        }

        var fitting = new List<(Bookmark, KeptDelivery)>();
        foreach (var change in changes)
        {
            var instance = change.Instance;
            if (change.IsNew == _instances.ContainsKey(instance.Id))
            {
                throw new InvalidOperationException($"Instance {instance.Id} is inserted twice or updated before it exists.");
            }

            _instances[instance.Id] = instance with { Bookmarks = [.. instance.Bookmarks] };
            var journal = _journal.TryGetValue(instance.Id, out var known) ? known : _journal[instance.Id] = [];
            foreach (var entry in change.Journal)
            {
                if (entry.Sequence != journal.Count + 1)
                {
                    throw new InvalidOperationException($"Journal entry {entry.Sequence} does not follow {journal.Count}.");
                }

                journal.Add(entry);
            }

            _incidents.AddRange(change.Incidents);
            foreach (var task in change.AddedTasks)
            {
                _tasks[task.Id] = (task, null);
            }

            foreach (var closed in change.ClosedTasks)
            {
                _tasks[closed.Id] = (_tasks[closed.Id].Task, closed);
            }

            foreach (var bookmark in change.AddedBookmarks.Concat(change.RecheckedBookmarks))
            {
                var kept = _kept.Values.FirstOrDefault(candidate => !candidate.IsParked
                    && candidate.Delivery is { Kind: DeliveryKind.Stimulus, Attempts: 0 } delivery
                    && delivery.Name == bookmark.Name && delivery.Hash == bookmark.Hash
                    && (delivery.InstanceId is null || delivery.InstanceId == instance.Id)
                    && (delivery.CorrelationId is null || delivery.CorrelationId == instance.CorrelationId)).Delivery;
                if (kept is not null)
                {
                    _kept.Remove(kept.Id);
                    fitting.Add((bookmark, kept));
                }
            }

            if (instance.Status == WorkflowStatus.Finished && instance.SubStatus != WorkflowSubStatus.Faulted)
            {
                foreach (var pointless in _kept.Values.Where(kept => kept.Delivery.InstanceId == instance.Id).ToArray())
                {
                    _kept.Remove(pointless.Delivery.Id);
                }
            }
        }

        return ValueTask.FromResult<IReadOnlyList<(Bookmark, KeptDelivery)>>(fitting);
    }

    public async ValueTask<Exception?> RunBurstAsync(Func<ValueTask> burst, CancellationToken cancellation)
    {
        var (instances, journal, tasks) = (new Dictionary<Guid, InstanceRecord>(_instances),
            _journal.ToDictionary(pair => pair.Key, pair => pair.Value.ToList()), new Dictionary<Guid, (UserTask, ClosedTask?)>(_tasks));
        var (kept, incidents, received) = (new Dictionary<Guid, (KeptDelivery, bool)>(_kept), _incidents.ToList(), _received.ToHashSet());
        try
        {
            await burst();
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            (_instances, _journal, _tasks) = (instances, journal, tasks);
            (_kept, _incidents, _received) = (kept, incidents, received);
            return exception;
        }
    }

    public ValueTask<bool> TryReceiveAsync(string stimulusId, DateTimeOffset now, CancellationToken cancellation) =>
        ValueTask.FromResult(_received.Add(stimulusId));

    public ValueTask KeepAsync(KeptDelivery delivery, bool isParked, CancellationToken cancellation)
    {
        _kept[delivery.Id] = (delivery, isParked);
        return ValueTask.CompletedTask;
    }

    public ValueTask RemoveKeptAsync(Guid deliveryId, CancellationToken cancellation)
    {
        _kept.Remove(deliveryId);
        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<Guid>> RunningChildrenAsync(Guid parentInstanceId, CancellationToken cancellation) =>
        ValueTask.FromResult<IReadOnlyList<Guid>>([.. Instances
            .Where(instance => instance.ParentInstanceId == parentInstanceId && instance.Status == WorkflowStatus.Running)
            .Select(instance => instance.Id)]);

    public ValueTask<bool> IsAnyRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellation) =>
        ValueTask.FromResult(_instances.Values.Any(instance => instance.Status == WorkflowStatus.Running
            && (definitionId is null || instance.DefinitionId == definitionId)
            && (correlationId is null || instance.CorrelationId == correlationId)));
}

/// <summary>Definitions of a test, every one published; those used as activities must be added before their users.</summary>
public sealed class InMemoryDefinitions(ActivityRegistry registry) : IDefinitionSource
{
    private readonly Dictionary<string, WorkflowDefinition> _versions = [];
    private readonly Dictionary<string, WorkflowDefinition> _published = [];

    /// <summary>Reads a definition and publishes it.</summary>
    /// <exception cref="InvalidOperationException">It has problems; the message names them.</exception>
    public WorkflowDefinition Publish(string json)
    {
        var reading = new DefinitionReader(registry).Read(
            json, (id, version) => version is null ? _published.GetValueOrDefault(id) : _versions.GetValueOrDefault(version));
        if (reading.Definition is not { } definition)
        {
            throw new InvalidOperationException(string.Join('\n', reading.Problems.Select(problem => problem.Describe())));
        }

        _versions[definition.VersionId] = definition;
        _published[definition.DefinitionId] = definition;
        return definition;
    }

    public ValueTask<WorkflowDefinition?> FindVersionAsync(string versionId, CancellationToken cancellation) =>
        ValueTask.FromResult(_versions.GetValueOrDefault(versionId));

    public ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellation) =>
        ValueTask.FromResult(_published.GetValueOrDefault(definitionId));
}
