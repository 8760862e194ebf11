using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Journal;

namespace ProcesStandardu.Engine.Storage;

/// <summary>One workflow instance as it is stored between bursts.</summary>
public sealed record InstanceRecord
{
    public required Guid Id { get; init; }

    public required string DefinitionId { get; init; }

    /// <summary>The immutable version the instance is pinned to.</summary>
    public required string DefinitionVersionId { get; init; }

    public required int Version { get; init; }

    public required WorkflowStatus Status { get; init; }

    public required WorkflowSubStatus SubStatus { get; init; }

    public string? CorrelationId { get; init; }

    public string? Name { get; init; }

    public Guid? ParentInstanceId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Null while the instance is running.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    public int IncidentCount { get; init; }

    /// <summary>JSON that <see cref="InstanceState"/> reads.</summary>
    public required string State { get; init; }

    /// <summary>Open waits, oldest first.</summary>
    public IReadOnlyList<Bookmark> Bookmarks { get; init; } = [];
}

/// <summary>What one burst changed in one instance; written as a whole.</summary>
public sealed record InstanceChanges
{
    public required InstanceRecord Instance { get; init; }

    /// <summary>True inserts the instance, false updates it.</summary>
    public required bool IsNew { get; init; }

    /// <summary>True when the instance goes on by another version from now on; else its version is not written.</summary>
    public bool IsMoved { get; init; }

    public IReadOnlyList<Guid> RemovedBookmarks { get; init; } = [];

    public IReadOnlyList<Bookmark> AddedBookmarks { get; init; } = [];

    /// <summary>Older waits that kept stimuli may fit now, because the instance was brought back or its correlation id changed.</summary>
    public IReadOnlyList<Bookmark> RecheckedBookmarks { get; init; } = [];

    /// <summary>1, 2, 3 … within the instance: which of its bursts this was.</summary>
    public required int Burst { get; init; }

    /// <summary>The number of the newest entry of the instance's journal.</summary>
    public required long LastSequence { get; init; }

    public IReadOnlyList<JournalEntry> Journal { get; init; } = [];

    /// <summary>Executions that are new or changed; those numbered up to <see cref="KnownExecutions"/> were stored before.</summary>
    public IReadOnlyList<ActivityContext> Executions { get; init; } = [];

    public long KnownExecutions { get; init; }

    public IReadOnlyList<Incident> Incidents { get; init; } = [];

    public IReadOnlyList<UserTask> AddedTasks { get; init; } = [];

    /// <summary>Tasks that were completed or are no longer wanted.</summary>
    public IReadOnlyList<ClosedTask> ClosedTasks { get; init; } = [];

    /// <summary>Workflow variables by name as the burst left them, those that are not stored included.</summary>
    public required IReadOnlyDictionary<string, JsonNode?> Variables { get; init; }

    public required IReadOnlyDictionary<string, JsonNode?> Output { get; init; }
}

/// <summary>Work asked of the host application or of a person by a RunTask activity.</summary>
/// <param name="Payload">JSON; null when none.</param>
public sealed record UserTask(
    Guid Id, Guid InstanceId, Guid BookmarkId, long ActivityNumber, string ActivityId, string Name, string? Payload,
    DateTimeOffset CreatedAt);

/// <summary>A task that is no longer open.</summary>
/// <param name="IsCompleted">False when it was withdrawn because its activity was cancelled.</param>
/// <param name="Result">JSON; null when none.</param>
public sealed record ClosedTask(Guid Id, bool IsCompleted, string? Result, DateTimeOffset At);

/// <summary>How a stored delivery came to be stored.</summary>
public enum DeliveryKind
{
    /// <summary>A stimulus that nothing waited for, or whose burst failed.</summary>
    Stimulus,

    /// <summary>A start whose first burst failed.</summary>
    Start,

    /// <summary>The resumption of one bookmark whose burst failed.</summary>
    Resume,
}

/// <summary>A delivery that could not be made yet; it waits for a fitting wait or for its next attempt.</summary>
/// <param name="Hash">See <see cref="StimulusHash"/>; null for starts.</param>
/// <param name="Request">JSON that the engine reads back when it repeats the delivery.</param>
/// <param name="InstanceId">The only instance it may be delivered to; null when any.</param>
/// <param name="BookmarkId">The wait it resumes; null when it is looked for.</param>
/// <param name="Attempts">Bursts that failed so far; zero means it merely waits for a wait.</param>
public sealed record KeptDelivery(
    Guid Id,
    DeliveryKind Kind,
    string Name,
    string? Hash,
    string Request,
    string? CorrelationId,
    Guid? InstanceId,
    Guid? BookmarkId,
    int Attempts,
    string? LastError,
    DateTimeOffset KeptAt);
