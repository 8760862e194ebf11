namespace ProcesStandardu.Approval.Programme;

/// <summary>How exactly a source gives a date. A start known to the month is its first day, an end its last.</summary>
public enum DatePrecision
{
    Day,
    Month,
    Year,
}
