using System.Globalization;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>What the mails about one ballot have in common.</summary>
/// <param name="Number">For example <c>G-2012/07</c>.</param>
/// <param name="Revision">The label of the revision under ballot, for example <c>1.0</c>.</param>
/// <param name="DueOn">The last local day of the voting; null while the term does not run yet.</param>
public sealed record BallotCase(Guid Id, string Number, string Title, string DeliverableKey, string Revision, DateOnly? DueOn);

/// <summary>A mail about a ballot; all mails about one document gather under the document.</summary>
public abstract record BallotMail(BallotCase Ballot) : OutboundMail
{
    public override string Cause => Subjects.Ballot(Ballot.Id);

    public override string CaseKey => Subjects.Deliverable(Ballot.DeliverableKey);

    public override string Path => SitePaths.Ballot(Ballot.Id);

    /// <summary>The end of the voting in words; says so when the term does not run yet.</summary>
    protected string EndInWords(MailTexts texts) =>
        Ballot.DueOn is { } day ? texts.DateAndTime(Warsaw.EndOf(day)) : texts["BallotTermNotRunning"];

    protected KeyValuePair<string, string> DocumentFact(MailTexts texts) =>
        Fact(texts["FactDocument"], texts["DocumentWithRevision", Ballot.Title, Ballot.Revision]);
}

/// <summary>The notice of a ballot, to everyone in the electorate.</summary>
/// <param name="Round">Which notice it is: 1 at the opening, one more with each extension.</param>
/// <param name="InPlaceOf">The member for whom the recipient votes; null for members.</param>
/// <param name="ForInformation">True for a member whose alternate is asked.</param>
/// <param name="SilenceConsents">True when silence within the term is consent.</param>
/// <param name="Again">How many notices the recipient had before when this one is sent once more; 0 for a round's own.</param>
public sealed record BallotNotice(
    BallotCase Ballot, int Round = 1, string? InPlaceOf = null, bool ForInformation = false, bool SilenceConsents = false,
    int Again = 0) : BallotMail(Ballot)
{
    public override string Kind => MailKinds.BallotNotice;

    public override string Occurrence =>
        (Round == 1 ? "" : Round.ToString(CultureInfo.InvariantCulture)) + (Again == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"+{Again}"));

    public override ValidWhile ValidWhile => ValidWhile.BallotIsOpen(Ballot.Id);

    public override MailContent ToMail(MailTexts texts) => new(
        Ballot.DueOn is { } day
            ? texts["BallotNoticeSubject", texts.ShortDateAndTime(Warsaw.EndOf(day)), Ballot.Number, Ballot.Title]
            : texts["BallotNoticeSubjectWithoutTerm", Ballot.Number, Ballot.Title],
        texts["BallotNoticeHeading", Ballot.Number],
        [
            InPlaceOf is { } member ? texts["BallotNoticeInPlaceOf", member]
                : ForInformation ? texts["BallotNoticeForInformation"]
                : texts["BallotNoticeWhat"],
            .. Round > 1 ? [texts["BallotNoticeExtended"]] : Array.Empty<string>(),
            .. SilenceConsents ? [texts["BallotNoticeSilence"]] : Array.Empty<string>(),
            texts["BallotMayChange"],
        ],
        [DocumentFact(texts), Fact(texts["FactVotingEnds"], EndInWords(texts))],
        texts["ButtonBallot"],
        texts["ReasonElector"]);

    public override IReadOnlyList<MailAttachment> Attachments(MailTexts texts) => Ballot.DueOn is { } day
        ? [CalendarFile.Attachment([CalendarEvent.Ballot(Ballot.Id, $"{Ballot.Number}: {Ballot.Title}", day)])]
        : [];
}

/// <summary>A reminder to one who has not voted yet; it is dropped when he votes before it leaves.</summary>
/// <param name="Step">Which of the reminders it is, for example <c>T-2</c>.</param>
public sealed record BallotReminder(BallotCase Ballot, string Step) : BallotMail(Ballot)
{
    public override string Kind => MailKinds.BallotReminder;

    // The end belongs to it: when the voting is prolonged its reminders come anew.
    public override string Occurrence =>
        Step + "@" + Ballot.DueOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public override ValidWhile ValidWhile => ValidWhile.BallotAwaitsVote(Ballot.Id);

    public override MailContent ToMail(MailTexts texts) => new(
        Ballot.DueOn is { } day
            ? texts["BallotReminderSubject", texts.ShortDateAndTime(Warsaw.EndOf(day)), Ballot.Number, Ballot.Title]
            : texts["BallotReminderSubjectWithoutTerm", Ballot.Number, Ballot.Title],
        texts["BallotReminderHeading", Ballot.Number],
        [texts["BallotReminderWhat"]],
        [DocumentFact(texts), Fact(texts["FactVotingEnds"], EndInWords(texts))],
        texts["ButtonBallot"],
        texts["ReasonElectorWithoutVote"]);
}

/// <summary>The receipt of a vote, to the voter.</summary>
/// <param name="PositionId">The position that was recorded; each gets its own receipt.</param>
/// <param name="CastAt">When it was recorded.</param>
/// <param name="FileHash">SHA-256 of the file the voter was shown, as hexadecimal digits; the first 16 are shown.</param>
/// <param name="Position">
/// The voter's own position by its stored name, or null: while results are hidden it must stay null, since those who
/// keep the outbox can read it.
/// </param>
public sealed record VoteRecorded(
    BallotCase Ballot, Guid PositionId, DateTimeOffset CastAt, string FileHash, string? Position) : BallotMail(Ballot)
{
    public override string Kind => MailKinds.VoteRecorded;

    public override string Occurrence => PositionId.ToString("D");

    public override MailContent ToMail(MailTexts texts) => new(
        texts["VoteRecordedSubject", Ballot.Number, Ballot.Title],
        texts["VoteRecordedHeading", Ballot.Number],
        [
            texts["VoteRecordedWhat"],
            Ballot.DueOn is { } day ? texts["VoteMayChangeUntil", texts.DateAndTime(Warsaw.EndOf(day))] : texts["BallotMayChange"],
        ],
        [
            DocumentFact(texts),
            .. Position is null ? [] : new[] { Fact(texts["FactPosition"], texts["Position_" + Position]) },
            Fact(texts["FactCastAt"], texts.DateAndTime(CastAt)),
            Fact(texts["FactFileHash"], FileHash[..Math.Min(16, FileHash.Length)]),
            Fact(texts["FactReceipt"], PositionId.ToString("D")),
        ],
        texts["ButtonBallot"],
        texts["ReasonVoter"]);
}

/// <summary>The result of a ballot, to the board and the authors.</summary>
/// <param name="Outcome">The outcome's stored name, for example <c>adopted</c>.</param>
/// <param name="ResolutionNumber">For example <c>7/2012</c>; null when there is no resolution.</param>
public sealed record BallotClosed(
    BallotCase Ballot, string Outcome, string? ResolutionNumber, DateTimeOffset ClosedAt) : BallotMail(Ballot)
{
    public override string Kind => MailKinds.BallotClosed;

    public override MailContent ToMail(MailTexts texts) => new(
        texts["BallotClosedSubject", Ballot.Number, texts["Outcome_" + Outcome], Ballot.Title],
        texts["BallotClosedHeading", Ballot.Number],
        [texts["BallotClosedWhat_" + Outcome]],
        [
            DocumentFact(texts),
            Fact(texts["FactOutcome"], texts["Outcome_" + Outcome]),
            .. ResolutionNumber is null ? [] : new[] { Fact(texts["FactResolution"], ResolutionNumber) },
            Fact(texts["FactClosedAt"], texts.DateAndTime(ClosedAt.AddTicks(-1))),
        ],
        texts["ButtonBallotResult"],
        texts["ReasonCase"]);
}

/// <summary>Something happened to a ballot that somebody should know; each happening has its own texts.</summary>
/// <param name="What">One of <see cref="BallotNewsOf"/>.</param>
/// <param name="Mark">Tells apart happenings of one sort in one ballot, for example the new end.</param>
/// <param name="Words">Whose words or names belong to it; null when it is said without any.</param>
public sealed record BallotNews(BallotCase Ballot, string What, string Mark, string? Words = null) : BallotMail(Ballot)
{
    public override string Kind => MailKinds.BallotNews;

    public override string Occurrence => What + ":" + Mark;

    public override MailContent ToMail(MailTexts texts) => new(
        texts["BallotNewsSubject_" + What, Ballot.Number, Ballot.Title],
        texts["BallotNewsSubject_" + What, Ballot.Number, Ballot.Title],
        [texts["BallotNewsWhat_" + What]],
        [
            DocumentFact(texts),
            .. What == BallotNewsOf.Discontinued ? [] : new[] { Fact(texts["FactVotingEnds"], EndInWords(texts)) },
            .. Words is null ? [] : new[] { Fact(texts["FactWords"], Words) },
        ],
        texts["ButtonBallot"],
        texts["ReasonCase"]);
}

/// <summary>The stored names of what may happen to a ballot.</summary>
public static class BallotNewsOf
{
    public const string Undecided = "undecided";
    public const string UndecidedStill = "undecided_still";
    public const string AwaitsAnnouncement = "awaits_announcement";
    public const string Discontinued = "discontinued";
    public const string TermRuns = "term_runs";
    public const string NoticeNotProven = "notice_not_proven";
    public const string VoteTakenBack = "vote_taken_back";
    public const string ConflictProposed = "conflict_proposed";
    public const string ConflictToDecide = "conflict_to_decide";
    public const string Recused = "recused";
    public const string NewRevision = "new_revision";
    public const string EditorialChange = "editorial_change";
    public const string EditorialContested = "editorial_contested";

    public static IReadOnlyList<string> All { get; } =
    [
        Undecided, UndecidedStill, AwaitsAnnouncement, Discontinued, TermRuns, NoticeNotProven, VoteTakenBack, ConflictProposed,
        ConflictToDecide, Recused, NewRevision, EditorialChange, EditorialContested,
    ];
}
