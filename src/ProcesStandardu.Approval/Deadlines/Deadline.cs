using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>A date by which something is owed. It fires exactly once: the first pass after its last second marks it passed.</summary>
public sealed class Deadline
{
    private Deadline()
    {
    }

    /// <param name="rule">How the date follows from another deadline's; null for a date of its own.</param>
    public Deadline(
        string key, string title, string subject, DateOnly dueOn, string precision, string source, bool isDemo, DerivedDate? rule = null)
    {
        Key = key;
        Title = title;
        Subject = subject;
        Precision = precision;
        Source = source;
        IsDemo = isDemo;
        RuleBaseKey = rule?.BaseKey;
        RuleDays = rule?.WorkingDays;
        DueOn = dueOn;
        DueAt = Warsaw.FirstInstantAfter(dueOn);
    }

    public string Key { get; private init; } = "";

    public string Title { get; set; } = "";

    /// <summary>What is owed: <c>deliverable:…</c>, <c>phase:…</c>, <c>indicator:…</c> or <c>programme:…</c>.</summary>
    public string Subject { get; private init; } = "";

    /// <summary>The last local day; the deadline ends that day at 23:59:59 in Warsaw.</summary>
    public DateOnly DueOn { get; private set; }

    /// <summary>How exactly the source gives the date: <c>day</c>, <c>month</c> (its last day is taken) or <c>year</c>.</summary>
    public string Precision { get; set; } = "day";

    /// <summary>The deadline that this one's date follows from; null for a date of its own.</summary>
    public string? RuleBaseKey { get; private set; }

    /// <summary>Working days after the base's date; before it where negative, the same day where zero. Null like <see cref="RuleBaseKey"/>.</summary>
    public int? RuleDays { get; private set; }

    /// <summary>The amendment of the agreement that gave it its present date; null while it has the source's.</summary>
    public Guid? AmendmentId { get; private set; }

    /// <summary>When the present date was decided; null where the source had it from the beginning.</summary>
    public DateTimeOffset? DatedAt { get; private set; }

    public string Zone { get; private init; } = "Europe/Warsaw";

    /// <summary>The first instant that is too late, in UTC: local midnight after <see cref="DueOn"/>.</summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>Where the date comes from: a source's key.</summary>
    public string Source { get; set; } = "";

    /// <summary>One of <see cref="DeadlineState"/>.</summary>
    public string State { get; private set; } = DeadlineState.Pending;

    public DateTimeOffset? MetAt { get; private set; }

    public DateTimeOffset? PassedAt { get; private set; }

    public bool IsDemo { get; private init; }

    /// <summary>What was owed came in. In time: the deadline is met. Too late: it stays passed and the record says both.</summary>
    /// <returns>False when there was nothing to change.</returns>
    public bool Meet(DateTimeOffset now)
    {
        if (MetAt is not null || State == DeadlineState.Cancelled)
        {
            return false;
        }

        MetAt = now;
        if (State == DeadlineState.Pending && now < DueAt)
        {
            State = DeadlineState.Met;
        }

        return true;
    }

    /// <summary>The last second is over and nothing came.</summary>
    /// <exception cref="InvalidOperationException">It is too early, or the deadline does not wait any more.</exception>
    public void Pass(DateTimeOffset now)
    {
        if (State != DeadlineState.Pending || now < DueAt)
        {
            throw new InvalidOperationException($"The deadline {Key} is {State} and due at {DueAt:O}.");
        }

        State = DeadlineState.Passed;
        PassedAt = now;
    }

    /// <summary>Takes over a corrected date from the programme's files while nothing has happened yet and no amendment gave it another.</summary>
    public void CorrectTo(DateOnly dueOn, DerivedDate? rule = null)
    {
        if (State == DeadlineState.Pending && AmendmentId is null)
        {
            RuleBaseKey = rule?.BaseKey;
            RuleDays = rule?.WorkingDays;
            SetDate(dueOn);
        }
    }

    /// <summary>Gives it the date that an approved amendment says or that follows from it. What is met or passed stays so.</summary>
    /// <returns>False when there was nothing to move.</returns>
    public bool MoveTo(DateOnly dueOn, Guid amendmentId, DateTimeOffset now)
    {
        if (State != DeadlineState.Pending || dueOn == DueOn)
        {
            return false;
        }

        AmendmentId = amendmentId;
        DatedAt = now;
        Precision = "day";
        SetDate(dueOn);
        return true;
    }

    private void SetDate(DateOnly dueOn)
    {
        if (dueOn != DueOn)
        {
            DueOn = dueOn;
            DueAt = Warsaw.FirstInstantAfter(dueOn);
        }
    }
}

/// <summary>A date that follows from another deadline's by working days: after it, before it where negative, the same day where zero.</summary>
public sealed record DerivedDate(string BaseKey, int WorkingDays)
{
    /// <summary>The date that follows from the base's.</summary>
    public DateOnly From(DateOnly baseDay) => WorkingCalendar.AddWorkingDays(baseDay, WorkingDays);
}

/// <summary>One date that a deadline had; the newest is its present one.</summary>
public sealed class DeadlineDate
{
    public string DeadlineKey { get; private set; } = "";

    /// <summary>From 1 without gaps within a deadline.</summary>
    public int Ordinal { get; private set; }

    public DateOnly DueOn { get; private set; }

    public string Precision { get; private set; } = "";

    public string Source { get; private set; } = "";

    /// <summary>The amendment that gave it; null for the source's own.</summary>
    public Guid? AmendmentId { get; private set; }

    /// <summary>When it was decided; null where the source had it from the beginning.</summary>
    public DateTimeOffset? DatedAt { get; private set; }

    /// <summary>The date that held at the end of a day: the last one decided by then, at least the first.</summary>
    /// <param name="dates">All dates of one deadline, in any order.</param>
    public static DeadlineDate AsOf(IEnumerable<DeadlineDate> dates, DateOnly day)
    {
        var ordered = dates.OrderBy(date => date.Ordinal).ToList();
        return ordered.LastOrDefault(date => date.DatedAt is null || Warsaw.DateOf(date.DatedAt.Value) <= day) ?? ordered[0];
    }
}

/// <summary>The stored states of a deadline.</summary>
public static class DeadlineState
{
    public const string Pending = "pending";
    public const string Met = "met";
    public const string Passed = "passed";
    public const string Cancelled = "cancelled";
}
