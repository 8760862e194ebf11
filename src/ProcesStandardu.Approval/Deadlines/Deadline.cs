using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>A date by which something is owed. It fires exactly once: the first pass after its last second marks it passed.</summary>
public sealed class Deadline
{
    private Deadline()
    {
    }

    public Deadline(string key, string title, string subject, DateOnly dueOn, string precision, string source, bool isDemo)
    {
        Key = key;
        Title = title;
        Subject = subject;
        Precision = precision;
        Source = source;
        IsDemo = isDemo;
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

    /// <summary>Takes over a corrected date from the programme's files while nothing has happened yet.</summary>
    public void CorrectTo(DateOnly dueOn)
    {
        if (State == DeadlineState.Pending && dueOn != DueOn)
        {
            DueOn = dueOn;
            DueAt = Warsaw.FirstInstantAfter(dueOn);
        }
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
