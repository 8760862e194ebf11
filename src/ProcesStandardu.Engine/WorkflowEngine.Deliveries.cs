using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine;

/// <content>How one delivery is made: behind a savepoint, and kept when it fails.</content>
public sealed partial class WorkflowEngine
{
    private async Task<RunResult> ResumeAsync(
        Guid bookmarkId, JsonNode? input, bool isDue, CancellationToken cancellation)
    {
        if (await store.LockByBookmarkAsync(bookmarkId, cancellation) is not { } record)
        {
            return NotFound(Guid.Empty);
        }

        var result = await ResumeOneAsync(record, bookmarkId, input, isDue, attempts: 0, cancellation);
        await FollowAsync(cancellation);
        return result;
    }

    private async ValueTask<StartResult> StartOneAsync(
        StartWorkflow request, CancellationToken cancellation, int attempts = 0, Guid? deliveryId = null)
    {
        var definition = request.VersionId is { } versionId
            ? await definitions.FindVersionAsync(versionId, cancellation)
            : await definitions.FindPublishedAsync(request.DefinitionId ?? "", cancellation);
        if (definition is null)
        {
            return Refused(StartOutcome.DefinitionNotFound);
        }

        if (request.InstanceId is { } wished && await store.LockAsync(wished, cancellation) is not null)
        {
            return Refused(StartOutcome.InstanceExists);
        }

        if (await IsRefusedAsync(definition, request.CorrelationId, cancellation))
        {
            return Refused(StartOutcome.AlreadyRunning);
        }

        var now = time.GetUtcNow();
        var instanceId = request.InstanceId ?? Guid.CreateVersion7(now);
        var (burst, failure) = await RunAsync(
            async faults =>
            {
                var trigger = request.TriggerActivityId is { } named ? definition.FindActivity(named) : null;
                var started = new Burst(this, instanceId, definition, null, now, faults)
                {
                    ParentInstanceId = request.ParentInstanceId,
                    CorrelationId = request.CorrelationId,
                    InstanceName = request.Name,
                    Depth = request.Depth,
                    TriggerNode = trigger,
                    // Whoever names a trigger starts from it as if what it waits for had come.
                    StartedBy = request.StartedBy ?? (trigger is null ? null : new Resumption(trigger.Type, null, null, IsDue: false)),
                };
                await started.StartAsync(request.Input, cancellation);
                return started;
            },
            cancellation);
        if (failure is not null)
        {
            await KeepFailedAsync(
                DeliveryKind.Start, definition.DefinitionId, KeptRequest.Of(request with { VersionId = definition.VersionId, InstanceId = instanceId }),
                null, null, attempts, failure, deliveryId, now, cancellation);
            return new StartResult(StartOutcome.Deferred, instanceId, WorkflowStatus.Running, WorkflowSubStatus.Pending);
        }

        return new StartResult(StartOutcome.Started, instanceId, burst!.Status, burst.SubStatus);

        static StartResult Refused(StartOutcome outcome) =>
            new(outcome, Guid.Empty, WorkflowStatus.Finished, WorkflowSubStatus.Pending);
    }

    private async ValueTask<SendResult> SendOneAsync(Stimulus stimulus, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (stimulus.Id is { } id && !await store.TryReceiveAsync(id, now, cancellation))
        {
            return new SendResult([], [], Kept: false, 0, IsRepeated: true);
        }

        var canonical = StimulusHash.Canonical(stimulus.Payload);
        var hash = StimulusHash.Of(stimulus.Name, canonical);
        options.Reached?.Invoke(BurstPlaces.BeforeLock);
        var match = await store.MatchAsync(
            new StimulusQuery(stimulus.Name, hash, stimulus.CorrelationId, stimulus.InstanceId), cancellation);
        options.Reached?.Invoke(BurstPlaces.Locked);
        List<Guid> started = [], resumed = [], held = [];
        var deferred = 0;
        var isKept = false;
        foreach (var trigger in match.Triggers)
        {
            var payload = canonical is null ? null : JsonNode.Parse(canonical);
            var start = await StartOneAsync(
                new StartWorkflow
                {
                    VersionId = trigger.DefinitionVersionId,
                    TriggerActivityId = trigger.ActivityId,
                    CorrelationId = stimulus.CorrelationId,
                    StartedBy = new Resumption(stimulus.Name, payload, stimulus.Input, IsDue: false),
                },
                cancellation);
            if (start.Outcome == StartOutcome.Started)
            {
                started.Add(start.InstanceId);
            }

            deferred += start.Outcome == StartOutcome.Deferred ? 1 : 0;
        }

        foreach (var (instance, bookmarks) in match.Instances)
        {
            var record = instance;
            foreach (var bookmark in bookmarks)
            {
                record ??= await store.LockAsync(instance.Id, cancellation);
                if (record is null)
                {
                    break;
                }

                if (record.Status == WorkflowStatus.Finished)
                {
                    // Faulted, and may be repaired: the stimulus is stored and finds the wait again then.
                    await KeepAsync(stimulus with { InstanceId = record.Id }, hash, now, cancellation);
                    isKept = true;
                    held.Add(record.Id);
                    break;
                }

                var run = await ResumeOneAsync(record, bookmark, stimulus.Input, isDue: false, attempts: 0, cancellation);
                if (run is { Found: true, Deferred: false })
                {
                    resumed.Add(record.Id);
                }

                deferred += run.Deferred ? 1 : 0;
                record = null;
            }
        }

        if (match.Triggers.Count == 0 && resumed.Count == 0 && deferred == 0 && !isKept && stimulus.KeepWhenUnmatched)
        {
            await KeepAsync(stimulus, hash, now, cancellation);
            options.Reached?.Invoke(BurstPlaces.SignalKept);
            isKept = true;
        }

        return new SendResult(started, resumed, isKept, deferred, IsRepeated: false) { Held = held };
    }

    private async ValueTask<RunResult> ResumeOneAsync(
        InstanceRecord record, Guid bookmarkId, JsonNode? input, bool isDue, int attempts, CancellationToken cancellation,
        Guid? deliveryId = null)
    {
        if (record.Status == WorkflowStatus.Finished || record.Bookmarks.All(bookmark => bookmark.Id != bookmarkId))
        {
            return new RunResult(false, record.Id, record.Status, record.SubStatus);
        }

        var (burst, failure) = await RunAsync(
            async faults =>
            {
                var loaded = await LoadAsync(record, faults, cancellation);
                return await loaded.ResumeAsync(bookmarkId, input, isDue, cancellation) ? loaded : null;
            },
            cancellation);
        if (failure is not null)
        {
            var bookmark = record.Bookmarks.First(candidate => candidate.Id == bookmarkId);
            await KeepFailedAsync(
                DeliveryKind.Resume, bookmark.Name, new KeptRequest { BookmarkId = bookmarkId, Input = input?.DeepClone(), IsDue = isDue },
                record.Id, bookmarkId, attempts, failure, deliveryId, time.GetUtcNow(), cancellation);
            return new RunResult(true, record.Id, record.Status, record.SubStatus, Deferred: true);
        }

        return burst is null ? new RunResult(false, record.Id, record.Status, record.SubStatus) : Result(burst);
    }

    // Runs a burst behind a savepoint. When an activity of the product threw, the burst is undone and run once more with
    // that fault in the activity's place, so that the incident stands and nothing half-done does.
    private async ValueTask<(Burst? Burst, Exception? Failure)> RunAsync(
        Func<IReadOnlyDictionary<string, Exception>?, ValueTask<Burst?>> run, CancellationToken cancellation)
    {
        Dictionary<string, Exception>? faults = null;
        while (true)
        {
            Burst? burst = null;
            IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)> early = [];
            List<Stimulus> sent = [];
            var failure = await store.RunBurstAsync(
                async () =>
                {
                    _sentInside = sent;
                    try
                    {
                        burst = await run(faults);
                    }
                    finally
                    {
                        _sentInside = null;
                    }

                    early = burst is null ? [] : await WriteAsync(burst, cancellation);
                },
                cancellation);
            if (failure is null)
            {
                if (burst is not null)
                {
                    AddFollowUps(burst, sent, early);
                }

                return (burst, null);
            }

            if (failure is not ActivityThrewException threw || faults?.Count >= 100
                || !(faults ??= []).TryAdd(threw.Execution, threw.InnerException!))
            {
                return (null, failure);
            }
        }
    }

    private async ValueTask<IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)>> WriteAsync(
        Burst burst, CancellationToken cancellation)
    {
        options.Reached?.Invoke(BurstPlaces.BeforeWrite);
        var early = await store.WriteAsync([.. All(burst).Select(one => one.Changes())], cancellation);
        options.Reached?.Invoke(BurstPlaces.Written);
        return early;
    }

    private async ValueTask<Burst> LoadAsync(
        InstanceRecord record, IReadOnlyDictionary<string, Exception>? faults, CancellationToken cancellation)
    {
        var definition = await definitions.FindVersionAsync(record.DefinitionVersionId, cancellation)
            ?? throw new InvalidOperationException($"Definition version {record.DefinitionVersionId} is gone.");
        var burst = InstanceState.Load(this, record, definition, time.GetUtcNow(), faults);
        options.Reached?.Invoke(BurstPlaces.Loaded);
        return burst;
    }

    private async ValueTask<bool> IsRefusedAsync(
        WorkflowDefinition definition, string? correlationId, CancellationToken cancellation) => definition.Activation switch
        {
            ActivationStrategy.Singleton => await store.IsAnyRunningAsync(definition.DefinitionId, null, cancellation),
            ActivationStrategy.Correlation when correlationId is not null =>
                await store.IsAnyRunningAsync(null, correlationId, cancellation),
            ActivationStrategy.CorrelatedSingleton when correlationId is not null =>
                await store.IsAnyRunningAsync(definition.DefinitionId, correlationId, cancellation),
            _ => false,
        };

    private ValueTask KeepAsync(Stimulus stimulus, string hash, DateTimeOffset now, CancellationToken cancellation) =>
        store.KeepAsync(
            new KeptDelivery(
                Guid.CreateVersion7(now), DeliveryKind.Stimulus, stimulus.Name, hash, KeptRequest.Of(stimulus).ToJson(),
                stimulus.CorrelationId, stimulus.InstanceId, null, 0, null, now),
            isParked: false,
            cancellation);

    private ValueTask KeepFailedAsync(
        DeliveryKind kind, string name, KeptRequest request, Guid? instanceId, Guid? bookmarkId, int attempts, Exception failure,
        Guid? deliveryId, DateTimeOffset now, CancellationToken cancellation) =>
        store.KeepAsync(
            new KeptDelivery(
                deliveryId ?? Guid.CreateVersion7(now), kind, name, null, request.ToJson(), request.CorrelationId, instanceId,
                bookmarkId, attempts + 1, failure.ToString(), now),
            isParked: attempts + 1 >= options.Attempts,
            cancellation);

    private static IEnumerable<Burst> All(Burst burst) => burst.Inline.SelectMany(All).Prepend(burst);

    private static RunResult Result(Burst burst) => new(true, burst.InstanceId, burst.Status, burst.SubStatus);

    private static RunResult NotFound(Guid instanceId) =>
        new(false, instanceId, WorkflowStatus.Finished, WorkflowSubStatus.Pending);
}
