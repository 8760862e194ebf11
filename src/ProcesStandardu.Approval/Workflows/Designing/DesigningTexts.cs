namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>Names the resources that hold the refusals and problems that designers read.</summary>
public sealed class DesigningTexts;
