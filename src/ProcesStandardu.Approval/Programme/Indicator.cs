namespace ProcesStandardu.Approval.Programme;

/// <summary>Something the programme counts towards a target. Two indicators are never added up, however alike their targets.</summary>
public sealed class Indicator
{
    public string Key { get; private set; } = "";

    public string Title { get; private set; } = "";

    /// <summary>What one of the count is, in Polish: „osoba”, „sesja”.</summary>
    public string Unit { get; private set; } = "";

    /// <summary>Who or what is counted, in Polish.</summary>
    public string Population { get; private set; } = "";

    public decimal Target { get; private set; }

    /// <summary>True when the source says „około”: the target is shown so, and reached as if it were exact.</summary>
    public bool IsApproximate { get; private set; }

    /// <summary>True when the programme cannot end on time below the target.</summary>
    public bool IsRequired { get; private set; }

    public string? TaskKey { get; private set; }

    public string? WorkKey { get; private set; }

    public string? PilotKey { get; private set; }

    /// <summary>The deadline's key; null for a number that is never due.</summary>
    public string? DueDeadlineKey { get; private set; }

    public int Ordinal { get; private set; }

    public string SourceKey { get; private set; } = "";

    public Source Source { get; private set; } = null!;

    /// <summary>Whether a value meets the target.</summary>
    public bool IsReachedBy(decimal value) => value >= Target;
}

/// <summary>A reported value of an indicator. Values are added, never overwritten.</summary>
public sealed class IndicatorValue
{
    private IndicatorValue()
    {
    }

    public IndicatorValue(
        Guid id,
        string indicatorKey,
        decimal value,
        DateOnly asOfOn,
        string evidence,
        Guid reportedById,
        DateTimeOffset reportedAt)
    {
        Id = id;
        IndicatorKey = indicatorKey;
        Value = value;
        AsOfOn = asOfOn;
        Evidence = evidence;
        ReportedById = reportedById;
        ReportedAt = reportedAt;
    }

    public Guid Id { get; private set; }

    public string IndicatorKey { get; private set; } = "";

    public decimal Value { get; private set; }

    /// <summary>The day at whose end the value held.</summary>
    public DateOnly AsOfOn { get; private set; }

    /// <summary>What proves it, in Polish: an attendance list, a report.</summary>
    public string Evidence { get; private set; } = "";

    public Guid ReportedById { get; private set; }

    public DateTimeOffset ReportedAt { get; private set; }

    /// <summary>The current value among those reported: the newest by day, then by report. Null when nothing was reported.</summary>
    public static IndicatorValue? Current(IEnumerable<IndicatorValue> values) =>
        values.OrderBy(value => value.AsOfOn).ThenBy(value => value.ReportedAt).LastOrDefault();
}
