using System.Text.Json.Nodes;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Conformance;

/// <summary>The engine over the store in memory.</summary>
internal sealed class InMemoryHost : IConformanceHost, IServiceProvider
{
    private readonly InMemoryWorkflowStore _store = new();
    private readonly InMemoryDefinitions _definitions;
    private readonly TestClock _clock = new();
    private readonly WorkflowEngine _engine;

    public InMemoryHost()
    {
        _definitions = new InMemoryDefinitions(BuiltIn.AddTo(new ActivityRegistry()));
        _engine = new WorkflowEngine(
            new RecordingStore(_store, Variables), _definitions, _clock, this,
            new EngineOptions { WriteLine = (_, text) => Lines.Add(text ?? "<null>") });
    }

    public List<string> Lines { get; } = [];

    public Dictionary<Guid, IReadOnlyDictionary<string, JsonNode?>> Variables { get; } = [];

    public Task<WorkflowDefinition> PublishAsync(string json)
    {
        var definition = _definitions.Publish(json);
        _store.Triggers.AddRange(_engine.TriggersOf(definition));
        return Task.FromResult(definition);
    }

    public Task<T> RunAsync<T>(Func<WorkflowEngine, Task<T>> act) => act(_engine);

    public Task<IReadOnlyList<InstanceRecord>> InstancesAsync() => Task.FromResult(_store.Instances);

    public Task<IReadOnlyList<LoggedEntry>> JournalAsync(Guid instanceId) =>
        Task.FromResult<IReadOnlyList<LoggedEntry>>([.. _store.JournalOf(instanceId).Select(entry => new LoggedEntry(
            entry.Activity.Id, entry.Activity.Type, entry.ActivityNumber, entry.Event.ToString(), entry.Outcomes ?? []))]);

    public Task<IReadOnlyList<(Guid InstanceId, string ActivityId)>> IncidentsAsync() =>
        Task.FromResult<IReadOnlyList<(Guid, string)>>([.. _store.Incidents.Select(incident => (incident.InstanceId, incident.ActivityId))]);

    public Task<IReadOnlyList<(Guid Id, string Name)>> OpenTasksAsync() =>
        Task.FromResult<IReadOnlyList<(Guid, string)>>([.. _store.OpenTasks.Select(task => (task.Id, task.Name))]);

    public async Task WaitAsync(TimeSpan length)
    {
        _clock.Advance(length);
        foreach (var bookmark in _store.Instances.SelectMany(instance => instance.Bookmarks)
            .Where(bookmark => bookmark.DueAt <= _clock.GetUtcNow()).ToArray())
        {
            await _engine.FireDueAsync(bookmark.Id, CancellationToken.None);
        }
    }

    public object? GetService(Type serviceType) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
