namespace ProcesStandardu.Approval.Programme;

/// <summary>One of the programme's six tasks („zadanie”): work of some partners under one title.</summary>
public sealed class ProgrammeTask
{
    private readonly List<TaskPartner> partners = [];

    public string Key { get; private set; } = "";

    public string ProgrammeKey { get; private set; } = "";

    public int Number { get; private set; }

    public string Title { get; private set; } = "";

    public string Goal { get; private set; } = "";

    public string SourceKey { get; private set; } = "";

    public Source Source { get; private set; } = null!;

    public IReadOnlyList<TaskPartner> Partners => partners;
}

public enum TaskPartnerRole
{
    Lead,
    Partner,
}

/// <summary>An organisation carries out a task. Several may lead together.</summary>
public sealed class TaskPartner
{
    public string TaskKey { get; private set; } = "";

    public string OrganisationKey { get; private set; } = "";

    public Organisation Organisation { get; private set; } = null!;

    public TaskPartnerRole Role { get; private set; }

    public string SourceKey { get; private set; } = "";
}
