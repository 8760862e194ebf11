using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Programme;

/// <summary>No file declares a phase with this key.</summary>
public sealed record PhaseIsUnknown(string PhaseKey) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [PhaseKey];
}

/// <summary>A phase cannot be completed before it was started.</summary>
public sealed record PhaseWasNotStarted(string Title) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Title];
}

/// <summary>An indicator's value is a number from 0 with at most two decimal places.</summary>
public sealed record ValueIsNotACount : Refusal
{
    public override string Field => "Value";
}

/// <summary>A value cannot hold on a day that has not come.</summary>
public sealed record DayIsInTheFuture : Refusal
{
    public override string Field => "AsOfOn";
}

/// <summary>The registers are empty: the programme's files were not taken over yet.</summary>
public sealed record ProgrammeIsNotImported : Refusal;

/// <summary>Names the resources that hold the slice's texts.</summary>
public sealed class ProgrammeTexts;

internal static class ProgrammeLocks
{
    /// <summary>Locks a phase. False when there is none with this key.</summary>
    public static Task<bool> LockPhaseAsync(this UnitOfWork work, string key, CancellationToken cancellation) =>
        RowLock.LockAsync(work, "select 1 from phase where key = $1 for no key update", key, cancellation);
}
