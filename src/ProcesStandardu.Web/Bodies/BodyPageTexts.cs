namespace ProcesStandardu.Web.Bodies;

/// <summary>Names the resources of the pages of boards: their rules and their members' absences.</summary>
public sealed class BodyPageTexts;
