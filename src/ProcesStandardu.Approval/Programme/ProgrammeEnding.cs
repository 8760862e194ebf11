namespace ProcesStandardu.Approval.Programme;

/// <summary>What stands between the programme and its end: one thing and who owes it.</summary>
/// <param name="Kind">Whether a deliverable, a phase or an indicator is missing.</param>
/// <param name="Key">The key of the missing thing.</param>
/// <param name="Title">Its title, in Polish.</param>
/// <param name="TaskKey">The task that owes it; null when the programme as a whole does.</param>
/// <param name="Value">For an indicator, the current value; null otherwise.</param>
/// <param name="Target">For an indicator, its target; null otherwise.</param>
public sealed record MissingThing(
    MissingKind Kind, string Key, string Title, string? TaskKey, decimal? Value = null, decimal? Target = null);

public enum MissingKind
{
    Deliverable,
    Phase,
    Indicator,
}

/// <summary>A required deliverable, as far as the programme's end asks. <paramref name="AdoptedAt"/> is null until it is adopted.</summary>
public sealed record RequiredDeliverable(string Key, string Title, string? TaskKey, DateTimeOffset? AdoptedAt);

/// <summary>A phase, as far as the programme's end asks. <paramref name="CompletedAt"/> is null until it is completed.</summary>
public sealed record RequiredPhase(string Key, string Title, string TaskKey, DateTimeOffset? CompletedAt);

/// <summary>A required indicator, as far as the programme's end asks.</summary>
/// <param name="Value">The current value; zero when nothing was reported.</param>
/// <param name="ReachedAt">When a value that meets the target was first reported; null while the current one is below it.</param>
public sealed record RequiredIndicator(
    string Key, string Title, string? TaskKey, decimal Value, decimal Target, DateTimeOffset? ReachedAt);

/// <summary>
/// Whether the programme has ended. What counts is when the last thing came, not when somebody looked: an evaluation
/// after the last day still finds a programme that was complete before its end to be on time.
/// </summary>
/// <param name="Missing">What is owed, deliverables first; empty when the programme is complete.</param>
/// <param name="CompleteSince">When the last thing came; null while something is missing or nothing is required.</param>
/// <param name="ConcludedAt">The instant to record as the end; null unless concluded.</param>
public sealed record ProgrammeEnding(
    ProgrammeStatus Status, IReadOnlyList<MissingThing> Missing, DateTimeOffset? CompleteSince, DateTimeOffset? ConcludedAt)
{
    /// <param name="tooLateFrom">The first instant after the programme's last day, in Warsaw's time.</param>
    public static ProgrammeEnding Evaluate(
        IReadOnlyCollection<RequiredDeliverable> deliverables,
        IReadOnlyCollection<RequiredPhase> phases,
        IReadOnlyCollection<RequiredIndicator> indicators,
        DateTimeOffset tooLateFrom,
        DateTimeOffset now)
    {
        List<MissingThing> missing =
        [
            .. deliverables.Where(deliverable => deliverable.AdoptedAt is null)
                .Select(deliverable => new MissingThing(
                    MissingKind.Deliverable, deliverable.Key, deliverable.Title, deliverable.TaskKey)),
            .. phases.Where(phase => phase.CompletedAt is null)
                .Select(phase => new MissingThing(MissingKind.Phase, phase.Key, phase.Title, phase.TaskKey)),
            .. indicators.Where(indicator => indicator.ReachedAt is null)
                .Select(indicator => new MissingThing(
                    MissingKind.Indicator, indicator.Key, indicator.Title, indicator.TaskKey, indicator.Value, indicator.Target)),
        ];
        if (missing.Count > 0)
        {
            var status = now < tooLateFrom ? ProgrammeStatus.Running : ProgrammeStatus.Overdue;
            return new ProgrammeEnding(status, missing, null, null);
        }

        var completeSince = deliverables.Select(deliverable => deliverable.AdoptedAt)
            .Concat(phases.Select(phase => phase.CompletedAt))
            .Concat(indicators.Select(indicator => indicator.ReachedAt))
            .Max();
        var concludedAt = now < tooLateFrom ? now : completeSince ?? now;
        return new ProgrammeEnding(
            concludedAt < tooLateFrom ? ProgrammeStatus.ConcludedOnTime : ProgrammeStatus.ConcludedLate,
            missing,
            completeSince,
            concludedAt);
    }
}
