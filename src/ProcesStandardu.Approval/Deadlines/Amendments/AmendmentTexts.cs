namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>Names the resources with the texts of the slice's refusals.</summary>
public sealed class AmendmentTexts;
