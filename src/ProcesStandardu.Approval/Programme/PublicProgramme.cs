namespace ProcesStandardu.Approval.Programme;

public enum ProgrammeStatus
{
    Running,
    ConcludedOnTime,

    /// <summary>Its last day is past and something is still missing.</summary>
    Overdue,
    ConcludedLate,
}

/// <summary>The programme as a whole: its purpose, its span and whether it has ended.</summary>
public sealed class PublicProgramme
{
    public string Key { get; private set; } = "";

    public string Title { get; private set; } = "";

    public string ShortTitle { get; private set; } = "";

    public string Goal { get; private set; } = "";

    /// <summary>The operational programme, priority and measure it belongs to.</summary>
    public string Framework { get; private set; } = "";

    public string Funding { get; private set; } = "";

    public string? Website { get; private set; }

    public DateOnly StartsOn { get; private set; }

    /// <summary>The last day; an act counts as on time until 23:59:59 of it in Warsaw.</summary>
    public DateOnly EndsOn { get; private set; }

    public string SourceKey { get; private set; } = "";

    public ProgrammeStatus Status { get; private set; }

    /// <summary>When the status was last changed by an evaluation; null while it has been running from its start.</summary>
    public DateTimeOffset? StatusSince { get; private set; }

    /// <summary>When it was concluded; null while it is running or overdue.</summary>
    public DateTimeOffset? ConcludedAt { get; private set; }

    /// <summary>Gives the programme the end that an amendment of the agreement says.</summary>
    public void MoveEndTo(DateOnly day) => EndsOn = day;

    public bool IsConcluded => Status is ProgrammeStatus.ConcludedOnTime or ProgrammeStatus.ConcludedLate;

    /// <summary>Takes over what an evaluation found. A concluded programme stays as it was concluded.</summary>
    /// <returns>True when the status changed.</returns>
    public bool Follow(ProgrammeEnding ending, DateTimeOffset now)
    {
        if (IsConcluded || Status == ending.Status)
        {
            return false;
        }

        Status = ending.Status;
        StatusSince = now;
        ConcludedAt = ending.ConcludedAt;
        return true;
    }
}
