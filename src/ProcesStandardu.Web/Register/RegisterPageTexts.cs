namespace ProcesStandardu.Web.Register;

/// <summary>Names the resources of the public register.</summary>
public sealed class RegisterPageTexts;
