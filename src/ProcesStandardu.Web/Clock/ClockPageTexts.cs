namespace ProcesStandardu.Web.Clock;

/// <summary>Names the resources of the page of the clock.</summary>
public sealed class ClockPageTexts;
