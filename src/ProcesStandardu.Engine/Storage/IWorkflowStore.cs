using ProcesStandardu.Engine.Definitions;

namespace ProcesStandardu.Engine.Storage;

/// <summary>Where instances, waits and journals live. Every call runs in the caller's transaction; none commits.</summary>
/// <remarks>
/// The calls are batch-shaped: one that locks and reads, one that writes. A locked instance stays locked until the
/// caller's transaction ends.
/// </remarks>
public interface IWorkflowStore
{
    /// <summary>Locks and reads one instance; null when there is none.</summary>
    ValueTask<InstanceRecord?> LockAsync(Guid instanceId, CancellationToken cancellation);

    /// <summary>Locks and reads the instance that owns a bookmark; null when the bookmark is gone.</summary>
    ValueTask<InstanceRecord?> LockByBookmarkAsync(Guid bookmarkId, CancellationToken cancellation);

    /// <summary>Locks and reads the instance that owns an open task, with the task's bookmark; null when it is not open.</summary>
    ValueTask<(InstanceRecord Instance, Guid BookmarkId)?> LockByTaskAsync(Guid taskId, CancellationToken cancellation);

    /// <summary>
    /// Locks and reads the instances of those of these waits that are due, and says which are, the longest due first: none of an
    /// instance that somebody else works on, nor one whose firing failed and is to be repeated.
    /// </summary>
    ValueTask<IReadOnlyList<(InstanceRecord Instance, IReadOnlyList<Guid> Bookmarks)>> LockDueAsync(
        DateTimeOffset now, IReadOnlyCollection<Guid> bookmarkIds, CancellationToken cancellation);

    /// <summary>Locks and reads every instance with a wait that a stimulus fits, in the order of instance ids, and finds triggers.</summary>
    ValueTask<StimulusMatch> MatchAsync(StimulusQuery query, CancellationToken cancellation);

    /// <summary>
    /// Writes what bursts changed, in order, and answers which kept stimuli fit the added bookmarks. Such a stimulus is
    /// locked and removed: the caller must deliver it or keep it again.
    /// </summary>
    ValueTask<IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)>> WriteAsync(
        IReadOnlyList<InstanceChanges> changes, CancellationToken cancellation);

    /// <summary>
    /// Runs one burst behind a savepoint. When it throws, everything it changed is undone and the exception is returned
    /// instead of thrown; null means success. Exceptions that make the whole transaction worthless are thrown.
    /// </summary>
    ValueTask<Exception?> RunBurstAsync(Func<ValueTask> burst, CancellationToken cancellation);

    /// <summary>Notes the id of a received stimulus; false when it was received before.</summary>
    ValueTask<bool> TryReceiveAsync(string stimulusId, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Stores a delivery, or stores it again after another attempt.</summary>
    ValueTask KeepAsync(KeptDelivery delivery, bool isParked, CancellationToken cancellation);

    /// <summary>Removes a kept delivery that has been made; unknown ids are ignored.</summary>
    ValueTask RemoveKeptAsync(Guid deliveryId, CancellationToken cancellation);

    /// <summary>Ids of running children of an instance.</summary>
    ValueTask<IReadOnlyList<Guid>> RunningChildrenAsync(Guid parentInstanceId, CancellationToken cancellation);

    /// <summary>
    /// Whether an instance is running of this definition (null: any) with this correlation id (null: any). Holds off
    /// others who ask the same until the transaction ends, so that two of them cannot both be told no.
    /// </summary>
    ValueTask<bool> IsAnyRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellation);
}

/// <summary>What to look for: waits and triggers with this name and hash, limited where the limits are not null.</summary>
public sealed record StimulusQuery(string Name, string Hash, string? CorrelationId, Guid? InstanceId);

/// <summary>What a stimulus fits.</summary>
/// <param name="Instances">Locked instances with the ids of their fitting bookmarks, oldest first.</param>
/// <param name="Triggers">Published definitions that it starts; empty when the query was limited to an instance.</param>
public sealed record StimulusMatch(
    IReadOnlyList<(InstanceRecord Instance, IReadOnlyList<Guid> Bookmarks)> Instances,
    IReadOnlyList<StoredTrigger> Triggers);

/// <summary>A way to start a published version.</summary>
/// <param name="DueAt">When the clock starts it next; null when only its stimulus does.</param>
public sealed record StoredTrigger(
    string DefinitionVersionId, string ActivityId, string Name, string? Payload, string Hash, DateTimeOffset? DueAt);

/// <summary>Gives parsed, immutable definition versions.</summary>
public interface IDefinitionSource
{
    /// <summary>The version with this id, published or not; null when there is none.</summary>
    ValueTask<WorkflowDefinition?> FindVersionAsync(string versionId, CancellationToken cancellation);

    /// <summary>The published version of a definition; null when there is none.</summary>
    ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellation);
}
