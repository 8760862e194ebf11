using ProcesStandardu.Approval.Audit;

namespace ProcesStandardu.Approval.Programme;

public enum PhaseStatus
{
    Planned,
    Running,
    Completed,
}

/// <summary>
/// A stretch of a path – of a standard, a task or a pilot. Its dates are the plan from the sources; its status follows
/// from acts. Phases of one path may overlap: a gate closes a phase's results, not the calendar.
/// </summary>
public sealed class Phase
{
    public string Key { get; private set; } = "";

    /// <summary>The path it is numbered in: 'osl', 'zadanie-2', 'pilotaz-gdansk'.</summary>
    public string Path { get; private set; } = "";

    public int Ordinal { get; private set; }

    public string Title { get; private set; } = "";

    public string Description { get; private set; } = "";

    public string TaskKey { get; private set; } = "";

    public string? WorkKey { get; private set; }

    public string? PilotKey { get; private set; }

    /// <summary>The planned first day; null where no source gives it.</summary>
    public DateOnly? StartsOn { get; private set; }

    public DatePrecision? StartsPrecision { get; private set; }

    /// <summary>The planned last day; null where no source gives it. It does not move when it falls on a day off.</summary>
    public DateOnly? EndsOn { get; private set; }

    public DatePrecision? EndsPrecision { get; private set; }

    /// <summary>True when a date was chosen for trying the system out and stands in no source.</summary>
    public bool IsTestDatum { get; private set; }

    /// <summary>True when the programme cannot end before this phase is completed.</summary>
    public bool IsRequired { get; private set; }

    public string SourceKey { get; private set; } = "";

    public Source Source { get; private set; } = null!;

    public PhaseStatus Status { get; private set; }

    /// <summary>Null until the phase is started.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>True when it was started while the phase before it was still open: a named derogation.</summary>
    public bool StartedBeforeGate { get; private set; }

    /// <summary>Null until the phase is completed.</summary>
    public DateTimeOffset? CompletedAt { get; private set; }

    /// <summary>What the phase's entries in the history are about: its work, or its task where it belongs to none.</summary>
    public string HistorySubject => WorkKey is null ? Subjects.Task(TaskKey) : Subjects.Work(WorkKey);

    /// <summary>Starts the phase. A phase that was started before stays as it is.</summary>
    /// <param name="earlier">The phase before it in the path; null for the first.</param>
    /// <returns>True when it was started now.</returns>
    public bool Start(Phase? earlier, DateTimeOffset now)
    {
        if (Status != PhaseStatus.Planned)
        {
            return false;
        }

        Status = PhaseStatus.Running;
        StartedAt = now;
        StartedBeforeGate = earlier is { Status: not PhaseStatus.Completed };
        return true;
    }

    /// <summary>Gives the phase the planned end that an amendment of the agreement says.</summary>
    public void MoveEndTo(DateOnly day)
    {
        EndsOn = day;
        EndsPrecision = DatePrecision.Day;
    }

    /// <summary>Completes a running phase. A completed one stays as it is; a planned one is refused.</summary>
    /// <returns>True when it was completed now.</returns>
    /// <exception cref="InvalidOperationException">The phase was not started.</exception>
    public bool Complete(DateTimeOffset now)
    {
        switch (Status)
        {
            case PhaseStatus.Completed:
                return false;
            case PhaseStatus.Planned:
                throw new InvalidOperationException($"Phase {Key} was not started.");
            default:
                Status = PhaseStatus.Completed;
                CompletedAt = now;
                return true;
        }
    }
}
