namespace ProcesStandardu.Approval.Deadlines.Watch;

/// <summary>Something that should have happened by the data's own word and did not. Told once; gone when its cause is.</summary>
public sealed class WatchFinding
{
    public required Guid Id { get; init; }

    /// <summary>What it is and about what, for example <c>deadline_not_fired:osl-wnioski-1-termin</c>; one stands at a time.</summary>
    public required string Key { get; init; }

    /// <summary>One of <see cref="WatchKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is about, in words.</summary>
    public required string Title { get; init; }

    /// <summary>The page where one can look; null where there is none.</summary>
    public string? Path { get; init; }

    /// <summary>Since when it should have happened.</summary>
    public required DateTimeOffset Since { get; init; }

    public required DateTimeOffset FoundAt { get; init; }

    /// <summary>Null while it stands.</summary>
    public DateTimeOffset? GoneAt { get; private set; }

    /// <summary>Its cause is gone.</summary>
    public void End(DateTimeOffset now) => GoneAt = now > FoundAt ? now : FoundAt;
}

/// <summary>The stored kinds of findings.</summary>
public static class WatchKind
{
    public const string DeadlineNotFired = "deadline_not_fired";
    public const string BallotNotClosed = "ballot_not_closed";
    public const string ReminderNotSent = "reminder_not_sent";
    public const string MailTooOld = "mail_too_old";
    public const string WaitNotFired = "wait_not_fired";
    public const string PassSilent = "pass_silent";

    public static IReadOnlyList<string> All { get; } =
        [DeadlineNotFired, BallotNotClosed, ReminderNotSent, MailTooOld, WaitNotFired, PassSilent];
}
