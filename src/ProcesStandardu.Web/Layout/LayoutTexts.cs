namespace ProcesStandardu.Web.Layout;

/// <summary>Names the resources of the frame of every page.</summary>
public sealed class LayoutTexts;
