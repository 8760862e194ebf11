using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Conformance;

/// <summary>Passes everything on and notes the variables that each burst left, those that are never stored included.</summary>
internal sealed class RecordingStore(
    IWorkflowStore inner, Dictionary<Guid, IReadOnlyDictionary<string, JsonNode?>> variables) : IWorkflowStore
{
    public ValueTask<InstanceRecord?> LockAsync(Guid instanceId, CancellationToken cancellation) =>
        inner.LockAsync(instanceId, cancellation);

    public ValueTask<InstanceRecord?> LockByBookmarkAsync(Guid bookmarkId, CancellationToken cancellation) =>
        inner.LockByBookmarkAsync(bookmarkId, cancellation);

    public ValueTask<(InstanceRecord Instance, Guid BookmarkId)?> LockByTaskAsync(Guid taskId, CancellationToken cancellation) =>
        inner.LockByTaskAsync(taskId, cancellation);

    public ValueTask<IReadOnlyList<(InstanceRecord Instance, IReadOnlyList<Guid> Bookmarks)>> LockDueAsync(
        DateTimeOffset now, IReadOnlyCollection<Guid> bookmarkIds, CancellationToken cancellation) => inner.LockDueAsync(now, bookmarkIds, cancellation);

    public ValueTask<StimulusMatch> MatchAsync(StimulusQuery query, CancellationToken cancellation) =>
        inner.MatchAsync(query, cancellation);

    public ValueTask<IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)>> WriteAsync(
        IReadOnlyList<InstanceChanges> changes, CancellationToken cancellation)
    {
        foreach (var change in changes)
        {
            variables[change.Instance.Id] = change.Variables;
        }

        return inner.WriteAsync(changes, cancellation);
    }

    public ValueTask<Exception?> RunBurstAsync(Func<ValueTask> burst, CancellationToken cancellation) =>
        inner.RunBurstAsync(burst, cancellation);

    public ValueTask<bool> TryReceiveAsync(string stimulusId, DateTimeOffset now, CancellationToken cancellation) =>
        inner.TryReceiveAsync(stimulusId, now, cancellation);

    public ValueTask KeepAsync(KeptDelivery delivery, bool isParked, CancellationToken cancellation) =>
        inner.KeepAsync(delivery, isParked, cancellation);

    public ValueTask RemoveKeptAsync(Guid deliveryId, CancellationToken cancellation) =>
        inner.RemoveKeptAsync(deliveryId, cancellation);

    public ValueTask<IReadOnlyList<Guid>> RunningChildrenAsync(Guid parentInstanceId, CancellationToken cancellation) =>
        inner.RunningChildrenAsync(parentInstanceId, cancellation);

    public ValueTask<bool> IsAnyRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellation) =>
        inner.IsAnyRunningAsync(definitionId, correlationId, cancellation);
}
