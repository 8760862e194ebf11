namespace ProcesStandardu.Web.Studio;

/// <summary>Names the resources of the frame around Elsa Studio.</summary>
public sealed class StudioTexts;
