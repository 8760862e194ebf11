namespace ProcesStandardu.Approval.Refusals;

/// <summary>Names the resources that hold the texts of the general refusals.</summary>
public sealed class RefusalTexts;
