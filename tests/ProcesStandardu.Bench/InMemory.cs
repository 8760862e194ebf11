using System.Diagnostics;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Bench;

/// <summary>How many trivial activities one core runs in a second when nothing is stored.</summary>
internal sealed class InMemory : IWorkflowStore, IDefinitionSource, IServiceProvider
{
    private const int Steps = 1_000;

    private readonly WorkflowDefinition _definition =
        new DefinitionReader(BuiltIn.AddTo(new ActivityRegistry()).Add(new BenchProduct.Step())).Read(Definitions.Steps(Steps), (_, _) => null).Definition
        ?? throw new InvalidOperationException("The definition of the bench cannot be read.");

    private int _entries;

    /// <summary>Activities in a second: the best of the rounds, as nothing but disturbance makes one slower than another.</summary>
    public double Measure(int rounds, TimeSpan length)
    {
        var best = 0.0;
        for (var round = 0; round < rounds; round++)
        {
            var done = 0;
            var began = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(began) < length)
            {
                // Nothing here waits for anything, so all of it runs on this thread.
                var started = new WorkflowEngine(this, this, TimeProvider.System, this, new EngineOptions())
                    .StartAsync(new StartWorkflow { DefinitionId = _definition.DefinitionId }, CancellationToken.None);
                if (!started.IsCompletedSuccessfully || started.Result.SubStatus != WorkflowSubStatus.Finished)
                {
                    throw new InvalidOperationException("The steps did not run to their end at once.");
                }

                done += Steps;
            }

            best = Math.Max(best, done / Stopwatch.GetElapsedTime(began).TotalSeconds);
        }

        return _entries > 0 ? best : 0;
    }

    public ValueTask<IReadOnlyList<(Bookmark Bookmark, KeptDelivery Delivery)>> WriteAsync(
        IReadOnlyList<InstanceChanges> changes, CancellationToken cancellation)
    {
        _entries = changes[0].Journal.Count;
        return ValueTask.FromResult<IReadOnlyList<(Bookmark, KeptDelivery)>>([]);
    }

    public async ValueTask<Exception?> RunBurstAsync(Func<ValueTask> burst, CancellationToken cancellation)
    {
        await burst();
        return null;
    }

    public ValueTask<WorkflowDefinition?> FindVersionAsync(string versionId, CancellationToken cancellation) => new(_definition);

    public ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellation) => new(_definition);

    public ValueTask<InstanceRecord?> LockAsync(Guid instanceId, CancellationToken cancellation) => new((InstanceRecord?)null);

    public ValueTask<InstanceRecord?> LockByBookmarkAsync(Guid bookmarkId, CancellationToken cancellation) => new((InstanceRecord?)null);

    public ValueTask<(InstanceRecord Instance, Guid BookmarkId)?> LockByTaskAsync(Guid taskId, CancellationToken cancellation) =>
        new(((InstanceRecord, Guid)?)null);

    public ValueTask<IReadOnlyList<(InstanceRecord Instance, IReadOnlyList<Guid> Bookmarks)>> LockDueAsync(
        DateTimeOffset now, IReadOnlyCollection<Guid> bookmarkIds, CancellationToken cancellation) => new([]);

    public ValueTask<StimulusMatch> MatchAsync(StimulusQuery query, CancellationToken cancellation) => new(new StimulusMatch([], []));

    public ValueTask<bool> TryReceiveAsync(string stimulusId, DateTimeOffset now, CancellationToken cancellation) => new(true);

    public ValueTask KeepAsync(KeptDelivery delivery, bool isParked, CancellationToken cancellation) =>
        throw new InvalidOperationException(delivery.LastError);

    public ValueTask RemoveKeptAsync(Guid deliveryId, CancellationToken cancellation) => default;

    public ValueTask<IReadOnlyList<Guid>> RunningChildrenAsync(Guid parentInstanceId, CancellationToken cancellation) => new([]);

    public ValueTask<bool> IsAnyRunningAsync(string? definitionId, string? correlationId, CancellationToken cancellation) => new(false);

    public object? GetService(Type serviceType) => null;
}
