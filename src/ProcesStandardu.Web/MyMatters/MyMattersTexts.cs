namespace ProcesStandardu.Web.MyMatters;

/// <summary>Names the resources of the start page.</summary>
public sealed class MyMattersTexts;
