namespace ProcesStandardu.Web.Deadlines;

/// <summary>Names the resources of the page of deadlines.</summary>
public sealed class DeadlinePageTexts;
