using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>The stored states of a sitting.</summary>
public static class MeetingState
{
    /// <summary>A date, a place and an agenda; nobody has been told.</summary>
    public const string Planned = "planned";

    /// <summary>The convocation went out.</summary>
    public const string Convened = "convened";

    public const string Held = "held";

    public const string Cancelled = "cancelled";
}

/// <summary>The stored names of how a member was at a sitting.</summary>
public static class Presence
{
    public const string Present = "present";

    /// <summary>The permanent alternate sat in his place.</summary>
    public const string Represented = "represented";

    public const string Excused = "excused";

    public const string Absent = "absent";

    public static IReadOnlyList<string> All { get; } = [Present, Represented, Excused, Absent];
}

/// <summary>A sitting („posiedzenie”) of a board.</summary>
public sealed class Meeting
{
    public required Guid Id { get; init; }

    public required string BodyKey { get; init; }

    /// <summary>For example <c>3/2013</c>, given with the convocation; null before.</summary>
    public string? Number { get; private set; }

    /// <summary>The version of the rules that was in force when it was planned.</summary>
    public required int RulesVersion { get; init; }

    public required DateTimeOffset StartsAt { get; set; }

    public required string Place { get; set; }

    /// <summary>See <see cref="MeetingState"/>.</summary>
    public string State { get; private set; } = MeetingState.Planned;

    /// <summary>How often time, place or agenda were changed.</summary>
    public int Revisions { get; private set; }

    public required Guid PlannedById { get; init; }

    public required DateTimeOffset PlannedAt { get; init; }

    public Guid? ConvenedById { get; private set; }

    public DateTimeOffset? ConvenedAt { get; private set; }

    /// <summary>Why it does not take place; null unless cancelled.</summary>
    public string? Cancellation { get; private set; }

    /// <summary>When its attendance was recorded for the first time; null until then.</summary>
    public DateTimeOffset? HeldAt { get; private set; }

    /// <summary>What the minutes say beyond the items of the agenda; may be empty.</summary>
    public string Minutes { get; private set; } = "";

    public Guid? MinutesApprovedById { get; private set; }

    public DateTimeOffset? MinutesApprovedAt { get; private set; }

    internal void Revise(DateTimeOffset startsAt, string place) => (StartsAt, Place, Revisions) = (startsAt, place, Revisions + 1);

    internal void Convene(string number, Guid byId, DateTimeOffset now) =>
        (Number, ConvenedById, ConvenedAt, State) = (number, byId, now, MeetingState.Convened);

    internal void Cancel(string reason) => (Cancellation, State) = (reason, MeetingState.Cancelled);

    internal void Hold(DateTimeOffset now) => (HeldAt, State) = (HeldAt ?? now, MeetingState.Held);

    internal void Write(string minutes) => Minutes = minutes;

    internal void Approve(Guid byId, DateTimeOffset now) => (MinutesApprovedById, MinutesApprovedAt) = (byId, now);
}

/// <summary>One item of a sitting's agenda.</summary>
public sealed class AgendaItem
{
    public required Guid Id { get; init; }

    public required Guid MeetingId { get; init; }

    /// <summary>The place on the agenda, from 1.</summary>
    public required int Ordinal { get; init; }

    public required string Title { get; init; }

    /// <summary>The document that it is about; null for others.</summary>
    public string? DeliverableKey { get; init; }

    /// <summary>The vote taken on it at the sitting; null when there was none.</summary>
    public Guid? BallotId { get; private set; }

    /// <summary>What was said and settled; empty until the minutes are written.</summary>
    public string Course { get; private set; } = "";

    internal void Write(string course, Guid? ballotId) => (Course, BallotId) = (course, ballotId);
}

/// <summary>One line of the attendance list.</summary>
public sealed class Attendance
{
    public required Guid MeetingId { get; init; }

    /// <summary>The member, also where the alternate sat in his place.</summary>
    public required Guid PersonId { get; init; }

    public required string Position { get; init; }

    public required int Ordinal { get; init; }

    /// <summary>See <see cref="Meetings.Presence"/>.</summary>
    public required string Presence { get; set; }

    /// <summary>Who sat in the member's place; null unless represented.</summary>
    public Guid? AlternateId { get; set; }

    public required Guid RecordedById { get; set; }

    public required DateTimeOffset RecordedAt { get; set; }
}

/// <summary>The sitting would be sooner than the rules' notice allows.</summary>
public sealed record MeetingIsTooSoon(DateOnly Earliest, int WorkingDays) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Earliest, WorkingDays];
}

/// <summary>A sitting needs a day and an hour.</summary>
public sealed record MeetingTimeIsMissing : Refusal
{
    public override string Field => "Day";
}

/// <summary>A sitting needs at least one item on its agenda.</summary>
public sealed record AgendaIsEmpty : Refusal
{
    public override string Field => "Agenda";
}

/// <summary>Everybody was told the day; another one is another sitting.</summary>
public sealed record ConvenedDayStands : Refusal
{
    public override string Field => "Day";
}

/// <summary>The act does not fit what the sitting is now.</summary>
public sealed record MeetingIsOtherwise(string State) : Refusal
{
    public override string Key => $"{nameof(MeetingIsOtherwise)}_{State}";
}

/// <summary>The sitting has not begun.</summary>
public sealed record MeetingHasNotBegun : Refusal;

/// <summary>The minutes are approved and settled.</summary>
public sealed record MinutesAreApproved : Refusal;
