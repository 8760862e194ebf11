namespace ProcesStandardu.Approval.Notifications;

/// <summary>The stored names of the kinds of mail; each has its text <c>Kind_…</c> among the mail texts.</summary>
public static class MailKinds
{
    public const string BallotNotice = "ballot_notice";
    public const string BallotReminder = "ballot_reminder";
    public const string VoteRecorded = "vote_recorded";
    public const string BallotClosed = "ballot_closed";
    public const string BallotNews = "ballot_news";
    public const string DeliverableRequested = "deliverable_requested";
    public const string RevisionSubmitted = "revision_submitted";
    public const string RevisionWithdrawn = "revision_withdrawn";
    public const string DeadlineReminder = "deadline_reminder";
    public const string DeadlinePassed = "deadline_passed";
    public const string DeadlineEscalation = "deadline_escalation";
    public const string DatesMoved = "dates_moved";
    public const string WatchAlarm = "watch_alarm";
    public const string WorkflowNotice = "workflow_notice";
    public const string CommentsDecided = "comments_decided";
    public const string MeetingConvocation = "meeting_convocation";
    public const string MeetingCancelled = "meeting_cancelled";
    public const string ActWasRefused = "act_was_refused";
    public const string DailyDigest = "daily_digest";

    /// <summary>Every kind that the product sends.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        BallotNotice, BallotReminder, VoteRecorded, BallotClosed, BallotNews, DeliverableRequested, RevisionSubmitted,
        RevisionWithdrawn,
        DeadlineReminder, DeadlinePassed, DeadlineEscalation, DatesMoved, WatchAlarm, WorkflowNotice, CommentsDecided,
        MeetingConvocation, MeetingCancelled, ActWasRefused, DailyDigest,
    ];

    /// <summary>News, of which a person chooses whether it comes at once or in the daily digest; all else is a duty and comes at once.</summary>
    public static IReadOnlyList<string> Choosable { get; } =
        [BallotReminder, DeadlineReminder, BallotNews, DeadlinePassed, BallotClosed, RevisionSubmitted, CommentsDecided];

    /// <summary>News that a person may do without: nobody waits for anything because of it.</summary>
    public static IReadOnlyList<string> Dispensable { get; } = [BallotClosed, RevisionSubmitted, CommentsDecided];

    /// <summary>What a mail program may end with one press: the digest and what is dispensable.</summary>
    internal static bool MayBeEnded(string kind) => kind == DailyDigest || Dispensable.Contains(kind);

    internal static string DeadlineCause(string key) => "deadline:" + key;
}
