namespace ProcesStandardu.Approval.Bodies;

/// <summary>Names the resources with the words of boards and their rules.</summary>
public sealed class BodyTexts;
