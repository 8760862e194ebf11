namespace ProcesStandardu.Approval.Outward;

/// <summary>Names the resources with the refusals of acts that can be taken back.</summary>
public sealed class OutwardTexts;
