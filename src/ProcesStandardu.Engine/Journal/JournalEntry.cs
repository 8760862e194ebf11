using ProcesStandardu.Engine.Definitions;

namespace ProcesStandardu.Engine.Journal;

/// <summary>What can happen to an activity; the names are stored, and Elsa's but for the last two.</summary>
public enum JournalEvent
{
    Started,
    Suspended,
    Resumed,
    Completed,
    Faulted,
    Canceled,

    /// <summary>The instance went on by another version; the message says from which to which.</summary>
    Migrated,

    /// <summary>An operator did something to it; the message says what, the history says who and why.</summary>
    Intervened,
}

/// <summary>One thing that happened in an instance.</summary>
/// <param name="Sequence">1, 2, 3 … without gaps within the instance.</param>
/// <param name="ActivityNumber">Which execution of an activity in the instance; see <see cref="ActivityInstanceId"/>.</param>
/// <param name="ParentNumber">The execution it ran inside; null for the workflow itself.</param>
/// <param name="Message">The fault's message, or what was done to the instance; otherwise null.</param>
/// <param name="Outcomes">Outcomes the activity named; null when it completed with the default <c>Done</c>.</param>
public readonly record struct JournalEntry(
    long Sequence,
    long ActivityNumber,
    long? ParentNumber,
    ActivityNode Activity,
    JournalEvent Event,
    DateTimeOffset At,
    string? Message,
    IReadOnlyList<string>? Outcomes);

/// <summary>The public id of one execution of an activity: instance id and number in it.</summary>
public static class ActivityInstanceId
{
    public static string Format(Guid instanceId, long number) => $"{instanceId:N}-{number}";

    /// <summary>The parts of an id that <see cref="Format"/> made; null for any other text.</summary>
    public static (Guid InstanceId, long Number)? Parse(string? text) =>
        text is { Length: > 33 } && text[32] == '-'
        && Guid.TryParseExact(text.AsSpan(0, 32), "N", out var instanceId)
        && long.TryParse(text.AsSpan(33), out var number)
            ? (instanceId, number)
            : null;
}

/// <summary>A fault of an activity that an operator may want to see and repeat.</summary>
/// <param name="Code">Stable code of the fault: the one the activity gave, or the exception's type name.</param>
public sealed record Incident(
    Guid Id,
    Guid InstanceId,
    long ActivityNumber,
    string ActivityId,
    string ActivityNodeId,
    string ActivityType,
    string Code,
    string Message,
    string? Details,
    DateTimeOffset At);
