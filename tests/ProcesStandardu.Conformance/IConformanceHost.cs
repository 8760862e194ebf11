using System.Text.Json.Nodes;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Conformance;

/// <summary>Where a scenario runs: the engine over one of its stores, each call a transaction of its own.</summary>
internal interface IConformanceHost : IAsyncDisposable
{
    /// <summary>Lines written by WriteLine since they were last cleared; null text is <c>&lt;null&gt;</c>.</summary>
    List<string> Lines { get; }

    /// <summary>Workflow variables by name as the last burst of each instance left them.</summary>
    Dictionary<Guid, IReadOnlyDictionary<string, JsonNode?>> Variables { get; }

    Task<WorkflowDefinition> PublishAsync(string json);

    Task<T> RunAsync<T>(Func<WorkflowEngine, Task<T>> act);

    Task<IReadOnlyList<InstanceRecord>> InstancesAsync();

    Task<IReadOnlyList<LoggedEntry>> JournalAsync(Guid instanceId);

    Task<IReadOnlyList<(Guid InstanceId, string ActivityId)>> IncidentsAsync();

    Task<IReadOnlyList<(Guid Id, string Name)>> OpenTasksAsync();

    /// <summary>Moves the clock on and fires what is due.</summary>
    Task WaitAsync(TimeSpan length);
}

/// <summary>One journal entry as far as scenarios compare it.</summary>
internal sealed record LoggedEntry(string ActivityId, string ActivityType, long Number, string Event, IReadOnlyList<string> Outcomes);
