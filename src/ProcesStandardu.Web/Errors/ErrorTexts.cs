namespace ProcesStandardu.Web.Errors;

/// <summary>Names the resources of the error pages.</summary>
public sealed class ErrorTexts;
