namespace ProcesStandardu.Web.Resolutions;

/// <summary>Names the resources of the pages of resolutions.</summary>
public sealed class ResolutionPageTexts;
