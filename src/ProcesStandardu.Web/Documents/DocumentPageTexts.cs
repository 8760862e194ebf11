namespace ProcesStandardu.Web.Documents;

/// <summary>Names the resources of the pages of deliverables.</summary>
public sealed class DocumentPageTexts;
