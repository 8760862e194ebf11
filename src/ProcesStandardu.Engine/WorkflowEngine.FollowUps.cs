using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine;

/// <content>What a burst causes in other instances: stimuli it sends, children it starts, the parent that waits for its end.</content>
public sealed partial class WorkflowEngine
{
    private void AddFollowUps(
        Burst burst, IReadOnlyList<Stimulus> sent, IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)> early)
    {
        foreach (var one in All(burst))
        {
            foreach (var stimulus in one == burst ? one.Outgoing.Concat(sent) : one.Outgoing)
            {
                _followUps.Enqueue(new FollowUp(
                    DeliveryKind.Stimulus, KeptRequest.Of(stimulus), async token => await SendOneAsync(stimulus, token)));
            }

            foreach (var start in one.Dispatched)
            {
                var request = start with { Depth = one.Depth + 1 };
                _followUps.Enqueue(new FollowUp(
                    DeliveryKind.Start, KeptRequest.Of(request), async token => await StartChildAsync(request, token)));
            }
        }

        if (burst is { JustFinished: true, ParentInstanceId: { } parentId })
        {
            _followUps.Enqueue(new FollowUp(
                DeliveryKind.Resume, null, token => TellParentAsync(parentId, burst.InstanceId, EndOf(burst), token)));
        }

        foreach (var (bookmark, delivery) in early)
        {
            var request = KeptRequest.Parse(delivery.Request) with { BookmarkId = bookmark.Id };
            _followUps.Enqueue(new FollowUp(
                DeliveryKind.Resume,
                request,
                async token =>
                {
                    if (await store.LockByBookmarkAsync(bookmark.Id, token) is { } record)
                    {
                        await ResumeOneAsync(record, bookmark.Id, request.Input, isDue: false, attempts: 0, token);
                    }
                    else
                    {
                        await store.KeepAsync(delivery, isParked: false, token);
                    }
                }));
        }
    }

    private async ValueTask FollowAsync(CancellationToken cancellation)
    {
        if (_isFollowing)
        {
            return;
        }

        _isFollowing = true;
        try
        {
            for (var done = 0; _followUps.TryDequeue(out var followUp); done++)
            {
                if (done < MostFollowUps || followUp.Request is not { } request)
                {
                    await followUp.RunAsync(cancellation);
                    continue;
                }

                // Workflows that answer each other without end must not take the act down with them.
                await KeepFailedAsync(
                    followUp.Kind, request.Name ?? "", request, null, request.BookmarkId, 0,
                    new InvalidOperationException("Too much follows from one act."), null, time.GetUtcNow(), cancellation);
            }
        }
        finally
        {
            _isFollowing = false;
            _followUps.Clear();
        }
    }

    private async ValueTask StartChildAsync(StartWorkflow request, CancellationToken cancellation)
    {
        var result = await StartOneAsync(request, cancellation);
        if (result.Outcome is not (StartOutcome.Started or StartOutcome.Deferred))
        {
            // A parent must not wait for a child that was never born.
            await TellParentAsync(
                request.ParentInstanceId!.Value, request.InstanceId!.Value,
                new JsonObject
                {
                    ["WorkflowInstanceId"] = request.InstanceId.Value.ToString(),
                    ["Status"] = (int)WorkflowStatus.Finished,
                    ["SubStatus"] = (int)WorkflowSubStatus.Cancelled,
                    ["Output"] = new JsonObject(),
                },
                cancellation);
        }
    }

    private async ValueTask TellParentAsync(
        Guid parentId, Guid childId, JsonObject end, CancellationToken cancellation)
    {
        if (await store.LockAsync(parentId, cancellation) is not { } parent)
        {
            return;
        }

        var payload = StimulusHash.Canonical(Children.Payload(childId));
        var bookmark = parent.Bookmarks.FirstOrDefault(candidate => candidate.Payload == payload
            && candidate.Name is Children.DispatchName or Children.ExecuteName or Children.BulkName);
        if (bookmark is null)
        {
            return;
        }

        if (parent.Status == WorkflowStatus.Finished)
        {
            await KeepAsync(
                new Stimulus(bookmark.Name, Children.Payload(childId)) { Input = end, InstanceId = parentId },
                bookmark.Hash, time.GetUtcNow(), cancellation);
            return;
        }

        await ResumeOneAsync(parent, bookmark.Id, end, isDue: false, attempts: 0, cancellation);
    }

    /// <summary>Something a burst caused in another instance; it can be stored instead when its request is known.</summary>
    private sealed record FollowUp(DeliveryKind Kind, KeptRequest? Request, Func<CancellationToken, ValueTask> RunAsync);
}
