namespace ProcesStandardu.Engine.Migration;

/// <summary>How running instances are to go on by another version of their definition.</summary>
/// <param name="Mappings">Where the activities that the new version lacks, or names otherwise, are to go; the rest is found by id.</param>
/// <param name="AllowsSkipping">
/// True moves also those instances that would pass over a new step because it lies behind the place where they wait;
/// false leaves them on their version.
/// </param>
public sealed record MigrationPlan(IReadOnlyList<ActivityMapping> Mappings, bool AllowsSkipping = false)
{
    /// <summary>Everything goes to the activity with its own id, and nothing new is passed over.</summary>
    public static MigrationPlan ById { get; } = new([]);
}

/// <summary>Where one activity goes.</summary>
/// <param name="From">Id of the activity in the version that the instance runs by.</param>
/// <param name="To">Id of the activity in the new version, in the same container.</param>
/// <param name="BeginsAnew">
/// False carries the wait over as it stands, with its term and what it asked for; both activities must be of one type.
/// True withdraws the wait and begins the other activity, of whatever type.
/// </param>
public sealed record ActivityMapping(string From, string To, bool BeginsAnew = false);

/// <summary>What a migration would do to one instance.</summary>
public enum MigrationFate
{
    /// <summary>It goes on by the new version; what it waits for stays as it is.</summary>
    CanMove,

    /// <summary>It ends on its own version, as it should: it loses nothing by that, and would lose something by moving.</summary>
    Stays,

    /// <summary>It cannot be moved unless somebody decides how, by a mapping; until then it stays as it is.</summary>
    MustNotMove,
}

/// <summary>Why an instance has its fate, or what is worth knowing of its move.</summary>
/// <param name="Key">A stable name such as <c>ActivityIsRemoved</c>; <c>Migration.</c> and this is the key of its text in <see cref="EngineTexts"/>.</param>
/// <param name="Fate">The fate it speaks for; <see cref="MigrationFate.CanMove"/> when it is merely worth knowing.</param>
/// <param name="ActivityId">The activity it is about, in the old version unless the key says otherwise; null when about the whole.</param>
/// <param name="Arguments">What the text names: names of activities, versions, dates.</param>
public sealed record MigrationReason(string Key, MigrationFate Fate, string? ActivityId, IReadOnlyList<string> Arguments)
{
    /// <summary>The reason as a sentence in the reader's language.</summary>
    public string Describe() => EngineTexts.Get("Migration." + Key, [.. Arguments]);
}

/// <summary>Where one living activity of an instance goes.</summary>
/// <param name="ActivityNumber">Its execution.</param>
/// <param name="From">Its id in the old version.</param>
/// <param name="FromName">What people call it: its name, else its id.</param>
/// <param name="To">Its id in the new version; null when it has no place there.</param>
/// <param name="ToName">What people call that; null when <paramref name="To"/> is.</param>
/// <param name="Change">What happens to it.</param>
/// <param name="IsWaiting">True when it waits for something itself, false for one that merely contains others, or has faulted.</param>
/// <param name="Candidates">When it has no place: ids of activities of the new version that it could be mapped to.</param>
public sealed record ActivityMove(
    long ActivityNumber, string From, string FromName, string? To, string? ToName, ActivityChange Change, bool IsWaiting,
    IReadOnlyList<string> Candidates);

/// <summary>What a migration does to one living activity.</summary>
public enum ActivityChange
{
    /// <summary>It is the same activity, in the same place.</summary>
    Same,

    /// <summary>It goes on under another id.</summary>
    Renamed,

    /// <summary>It is withdrawn and another begins in its stead.</summary>
    BegunAnew,

    /// <summary>The new version has no place for it.</summary>
    Removed,

    /// <summary>The new version has several places for it.</summary>
    Ambiguous,
}

/// <summary>The predicted fate of one instance.</summary>
/// <param name="Sequence">How far its journal was when this was predicted: another number means that it has gone on since.</param>
/// <param name="Reasons">Why; empty when nothing speaks against moving.</param>
/// <param name="Notes">What is worth knowing if it is moved.</param>
/// <param name="Activities">Its living activities, outermost first.</param>
public sealed record MigrationForecast(
    Guid InstanceId, string FromVersionId, int FromVersion, string ToVersionId, int ToVersion, long Sequence, MigrationFate Fate,
    IReadOnlyList<MigrationReason> Reasons, IReadOnlyList<MigrationReason> Notes, IReadOnlyList<ActivityMove> Activities);
