namespace ProcesStandardu.Web.Outward;

/// <summary>Names the resources of what can still be taken back.</summary>
public sealed class OutwardPageTexts;
