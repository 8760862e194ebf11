using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>The definition was changed by somebody else since the sender's copy was read.</summary>
/// <param name="By">Who saved in between; null when the system did.</param>
public sealed record DefinitionWasChangedMeanwhile(string? By, DateTimeOffset At, int Version) : Refusal
{
    public override string Key => By is null ? "DefinitionWasChangedBySystem" : nameof(DefinitionWasChangedMeanwhile);

    public override IReadOnlyList<object?> Arguments => By is null ? [At, Version] : [By, At, Version];
}

/// <summary>What was sent lacks activities that its sender could not see.</summary>
public sealed record SaveWouldLoseActivities(IReadOnlyList<string> Ids) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [string.Join(", ", Ids)];
}

/// <summary>What was sent is empty where the definition has activities.</summary>
public sealed record SaveWouldEmptyDefinition(int Activities) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Activities];
}

/// <summary>The draft was begun on a version that is no longer the newest.</summary>
public sealed record DraftRestsOnOlderVersion(string BasedOn, int Newest) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [BasedOn, Newest];
}

/// <summary>There is no such definition or version (any more).</summary>
public sealed record DefinitionDoesNotExist(string Id) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Id];
}

/// <summary>The root of the definition is of a kind that this engine does not run.</summary>
public sealed record RootIsNotSupported(string Type) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Type];
}

/// <summary>What was sent is no workflow definition.</summary>
public sealed record TextIsNoDefinition : Refusal;

/// <summary>The definition is not published, so there is nothing to withdraw or to start.</summary>
public sealed record DefinitionIsNotPublished(string Name) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name];
}

/// <summary>Only published versions start; the latest is a draft.</summary>
public sealed record DraftCannotBeStarted(string Name) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name];
}

/// <summary>Cases run or ran by the version: it must stay readable.</summary>
public sealed record VersionHasInstances(string Name, long Instances) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name, Instances];
}

/// <summary>The version is the published one.</summary>
public sealed record VersionIsPublished(string Name, int Version) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name, Version];
}

/// <summary>Other workflows start or contain this one.</summary>
public sealed record DefinitionIsUsed(string Name, IReadOnlyList<string> By) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name, string.Join(", ", By)];
}

/// <summary>The instance still runs: it is cancelled first.</summary>
public sealed record InstanceIsRunning : Refusal;

/// <summary>The instance belongs to the history of a document and stays.</summary>
public sealed record InstanceIsPartOfHistory : Refusal;
