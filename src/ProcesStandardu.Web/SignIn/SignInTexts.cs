namespace ProcesStandardu.Web.SignIn;

/// <summary>Names the resources of the sign-in page.</summary>
public sealed class SignInTexts;
