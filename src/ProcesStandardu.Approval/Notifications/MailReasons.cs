namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// The product's own stored reasons why a mail was not sent or is in doubt; each has its text <c>Reason_…</c> among the
/// mail texts. Beside them the transport's own words are stored as it said them.
/// </summary>
public static class MailReasons
{
    public const string BallotIsClosed = "ballot_is_closed";
    public const string RecipientHasVoted = "recipient_has_voted";
    public const string DeliverableCameIn = "deliverable_came_in";
    public const string DeadlineDoesNotRun = "deadline_does_not_run";
    public const string DeadlineIsNotOverdue = "deadline_is_not_overdue";
    public const string RecipientHasLeft = "recipient_has_left";
    public const string AddressHasChanged = "address_has_changed";
    public const string AddressIsUnusable = "address_is_unusable";

    /// <summary>A later digest holds all that this one said.</summary>
    public const string NewerDigest = "newer_digest";

    /// <summary>The process that was sending it ended without a word.</summary>
    public const string SenderWasLost = "sender_was_lost";

    /// <summary>A newer build queued it under a condition that this one does not know.</summary>
    public const string ConditionIsUnknown = "condition_is_unknown";

    public static IReadOnlyList<string> All { get; } =
    [
        BallotIsClosed, RecipientHasVoted, DeliverableCameIn, DeadlineDoesNotRun, DeadlineIsNotOverdue, RecipientHasLeft, AddressHasChanged,
        AddressIsUnusable, SenderWasLost, ConditionIsUnknown, NewerDigest,
    ];
}
