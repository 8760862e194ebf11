using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>No date is changed without the document that changes it.</summary>
public sealed record AmendmentNeedsItsDocument : Refusal
{
    public override string Field => "File";
}

/// <summary>No deadline and date was chosen.</summary>
public sealed record AmendmentChangesNothing : Refusal
{
    public override string Field => "Deadline0";
}

/// <summary>The deadline was met, passed or cancelled: its date is history.</summary>
public sealed record DeadlineIsOver(string Title) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Title];
}

/// <summary>The new date lies before today.</summary>
public sealed record NewDateIsOver(DateOnly Day) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Day];
}

/// <summary>The deadline has this date already.</summary>
public sealed record DateIsTheSame(string Title, DateOnly Day) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Title, Day];
}

/// <summary>A date would lie after the programme's end, which only a change of the agreement about that end could allow.</summary>
public sealed record ProgrammeEndExceeded(string Title, DateOnly Day, DateOnly End) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Title, Day, End];
}

public sealed record PhaseWouldEndBeforeItsStart(string Title, DateOnly Day) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Title, Day];
}

/// <summary>Another amendment with this number is proposed or approved.</summary>
public sealed record AmendmentNumberIsTaken(string Number) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Number];

    public override string Field => "Number";
}

/// <summary>The document bears a date that is not over yet.</summary>
public sealed record DocumentIsFromTheFuture(DateOnly Day) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Day];

    public override string Field => "DatedOn";
}

/// <summary>Who proposed a change does not approve it.</summary>
public sealed record SecondPersonIsNeeded : Refusal;

/// <summary>The amendment is decided, or not yet proposed.</summary>
public sealed record AmendmentIsNotOpen : Refusal;

/// <summary>Since the preview was shown its effects have become others; the differences stand in one text, a line each.</summary>
public sealed record ImpactHasChanged(string Differences) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Differences];
}
