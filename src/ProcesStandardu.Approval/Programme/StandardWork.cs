namespace ProcesStandardu.Approval.Programme;

public enum WorkKind
{
    ServiceStandard,
    InstitutionModel,
}

/// <summary>A standard of a service or a model of an institution that the programme registers under one key, whatever its sources call it.</summary>
public sealed class StandardWork
{
    public string Key { get; private set; } = "";

    public string Title { get; private set; } = "";

    public string ShortTitle { get; private set; } = "";

    public WorkKind Kind { get; private set; }

    /// <summary>The other names that the sources use for the same work.</summary>
    public string[] Aliases { get; private set; } = [];

    public string Description { get; private set; } = "";

    public string TaskKey { get; private set; } = "";

    public ProgrammeTask Task { get; private set; } = null!;

    public int Ordinal { get; private set; }

    public string SourceKey { get; private set; } = "";
}
