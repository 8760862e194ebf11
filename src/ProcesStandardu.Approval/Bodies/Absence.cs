using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Bodies;

/// <summary>A period in which a member is away, and who votes then. It never changes a quorum.</summary>
public sealed class Absence
{
    public required Guid Id { get; init; }

    public required Guid PersonId { get; init; }

    public required DateOnly StartsOn { get; init; }

    /// <summary>The last day; the alternate's right ends with it by itself.</summary>
    public required DateOnly EndsOn { get; init; }

    /// <summary>One of <see cref="AbsenceMode"/>.</summary>
    public required string Mode { get; init; }

    public required Guid RecordedById { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>When the member was back before the end; null while he was not.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>True while the member is away at this instant.</summary>
    public bool Covers(DateTimeOffset now)
    {
        var day = Warsaw.DateOf(now);
        return StartsOn <= day && day <= EndsOn && !(now >= EndedAt);
    }

    /// <summary>Back from this instant on, never from an earlier one.</summary>
    public void End(DateTimeOffset now) => EndedAt ??= now;
}

/// <summary>The stored ways in which a member's vote is cast while he is away.</summary>
public static class AbsenceMode
{
    /// <summary>The permanent alternate votes.</summary>
    public const string Alternate = "alternate";

    /// <summary>The member votes himself, from where he is.</summary>
    public const string Remote = "remote";

    /// <summary>Nobody votes for him.</summary>
    public const string None = "none";

    public static IReadOnlyList<string> All { get; } = [Alternate, Remote, None];
}
