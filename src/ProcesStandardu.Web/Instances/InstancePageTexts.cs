namespace ProcesStandardu.Web.Instances;

/// <summary>Names the resources with the words of the pages about running workflows.</summary>
public sealed class InstancePageTexts;
