using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Engine;

/// <summary>Something happened that workflows may wait for or be started by.</summary>
/// <param name="Name">Name of the stimulus; for Elsa's own activities the activity type, such as <c>Elsa.Event</c>.</param>
/// <param name="Payload">
/// What is compared with the payload of waits and triggers: any object that serialises to JSON; the order of
/// properties does not matter, everything else does. Null matches only waits without payload.
/// </param>
public sealed record Stimulus(string Name, object? Payload = null)
{
    /// <summary>What the resumed activity receives; null when nothing.</summary>
    public JsonNode? Input { get; init; }

    /// <summary>Limits delivery to instances with this correlation id, and is given to instances it starts; null does not limit.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>Limits delivery to one instance, and starts none; null does not limit.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>A second stimulus with the same id is not delivered again; null when senders never repeat themselves.</summary>
    public string? Id { get; init; }

    /// <summary>Whether a stimulus that nothing waits for yet is stored and delivered to the first wait that fits.</summary>
    public bool KeepWhenUnmatched { get; init; } = true;
}

/// <summary>A wish to start one instance.</summary>
public sealed record StartWorkflow
{
    /// <summary>Starts the published version of this definition; ignored when <see cref="VersionId"/> is given.</summary>
    public string? DefinitionId { get; init; }

    /// <summary>Starts exactly this version.</summary>
    public string? VersionId { get; init; }

    public IReadOnlyDictionary<string, JsonNode?> Input { get; init; } = new Dictionary<string, JsonNode?>();

    public string? CorrelationId { get; init; }

    /// <summary>Name people recognise the instance by; null when none is known yet.</summary>
    public string? Name { get; init; }

    /// <summary>The id the instance shall have; null lets the engine choose one.</summary>
    public Guid? InstanceId { get; init; }

    /// <summary>The instance that this one is a child of; it is cancelled with it.</summary>
    public Guid? ParentInstanceId { get; init; }

    /// <summary>The activity, by id, to start from; null starts where the definition says.</summary>
    public string? TriggerActivityId { get; init; }

    /// <summary>What the trigger receives; null when the instance is not started by a trigger.</summary>
    internal Resumption? StartedBy { get; init; }

    internal int Depth { get; init; }
}

/// <summary>How a start ended.</summary>
public enum StartOutcome
{
    /// <summary>The instance exists and has run as far as it could.</summary>
    Started,

    /// <summary>The first burst failed unexpectedly and was undone; the start is stored and a pass repeats it.</summary>
    Deferred,

    /// <summary>No such version, or the definition has no published one.</summary>
    DefinitionNotFound,

    /// <summary>The definition allows one running instance (of its kind or correlation id) and there is one.</summary>
    AlreadyRunning,

    /// <summary>An instance with the wished id exists; nothing was changed.</summary>
    InstanceExists,
}

/// <summary>Answer to <see cref="WorkflowEngine.StartAsync"/>.</summary>
/// <param name="InstanceId">Id of the new instance; of no meaning when the outcome is a refusal.</param>
public sealed record StartResult(
    StartOutcome Outcome, Guid InstanceId, WorkflowStatus Status, WorkflowSubStatus SubStatus);

/// <summary>Answer to <see cref="WorkflowEngine.SendAsync"/>.</summary>
/// <param name="Started">Instances started by triggers.</param>
/// <param name="Resumed">Instances of which a wait was resumed, once for each wait.</param>
/// <param name="Kept">True when the stimulus is stored for a wait to come, or for a faulted instance to be repaired.</param>
/// <param name="Deferred">Bursts that failed unexpectedly, were undone and will be repeated by a pass.</param>
/// <param name="IsRepeated">True when a stimulus of this id was received before; nothing was done.</param>
public sealed record SendResult(
    IReadOnlyList<Guid> Started, IReadOnlyList<Guid> Resumed, bool Kept, int Deferred, bool IsRepeated)
{
    /// <summary>Faulted instances with a fitting wait: the stimulus is stored for each until it is repaired.</summary>
    public IReadOnlyList<Guid> Held { get; init; } = [];

    /// <summary>How many instances the stimulus reached, counted as Elsa counts runs: a faulted one is reached, too.</summary>
    public int Runs => Started.Count + Resumed.Count + Held.Count;
}

/// <summary>Answer to calls on one existing instance.</summary>
/// <param name="Found">False when there is no such instance, bookmark, task or faulted activity (any more); nothing was done.</param>
/// <param name="Deferred">True when the burst failed unexpectedly, was undone and will be repeated by a pass.</param>
public sealed record RunResult(
    bool Found, Guid InstanceId, WorkflowStatus Status, WorkflowSubStatus SubStatus, bool Deferred = false);
