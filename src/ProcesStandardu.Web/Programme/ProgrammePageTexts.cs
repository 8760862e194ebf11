namespace ProcesStandardu.Web.Programme;

/// <summary>Names the resources of the pages of the programme, its standards and indicators.</summary>
public sealed class ProgrammePageTexts;
