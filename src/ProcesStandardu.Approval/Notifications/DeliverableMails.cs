using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>A deliverable is asked for, to those who owe it.</summary>
/// <param name="DueOn">The last local day; null when none is set.</param>
/// <param name="RequestKey">What asks, for example the id of the workflow's wait: each request is mailed once.</param>
public sealed record DeliverableRequested(string DeliverableKey, string Title, DateOnly? DueOn, string RequestKey) : OutboundMail
{
    public override string Kind => MailKinds.DeliverableRequested;

    public override string Cause => Subjects.Deliverable(DeliverableKey);

    public override string Occurrence => RequestKey;

    public override ValidWhile ValidWhile => ValidWhile.DeliverableIsAwaited(DeliverableKey);

    public override string Path => SitePaths.Deliverable(DeliverableKey);

    public override MailContent ToMail(MailTexts texts) => new(
        DueOn is { } day
            ? texts["DeliverableRequestedSubject", texts.ShortDate(day), Title]
            : texts["DeliverableRequestedSubjectWithoutTerm", Title],
        texts["DeliverableRequestedHeading"],
        [texts["DeliverableRequestedWhat"]],
        [
            Fact(texts["FactDocument"], Title),
            .. DueOn is { } end ? new[] { Fact(texts["FactDueOn"], texts.DateAndTime(Warsaw.EndOf(end))) } : [],
        ],
        texts["ButtonDeliverable"],
        texts["ReasonOwes"]);
}

/// <summary>A revision came in, to the secretary and to those who follow the document.</summary>
/// <param name="Revision">Its label, for example <c>1.0</c>.</param>
/// <param name="FileHash">SHA-256 of the file as hexadecimal digits; the first 16 are shown.</param>
public sealed record RevisionSubmitted(
    string DeliverableKey, string Title, Guid RevisionId, string Revision, string SubmittedBy, DateTimeOffset SubmittedAt,
    string FileHash) : OutboundMail
{
    public override string Kind => MailKinds.RevisionSubmitted;

    public override string Cause => Subjects.Deliverable(DeliverableKey);

    public override string Occurrence => RevisionId.ToString("D");

    public override string Path => SitePaths.Deliverable(DeliverableKey);

    public override MailContent ToMail(MailTexts texts) => new(
        texts["RevisionSubmittedSubject", Revision, Title],
        texts["RevisionSubmittedHeading"],
        [texts["RevisionSubmittedWhat"]],
        [
            Fact(texts["FactDocument"], texts["DocumentWithRevision", Title, Revision]),
            Fact(texts["FactSubmittedBy"], SubmittedBy),
            Fact(texts["FactSubmittedAt"], texts.DateAndTime(SubmittedAt)),
            Fact(texts["FactFileHash"], FileHash[..Math.Min(16, FileHash.Length)]),
        ],
        texts["ButtonDeliverable"],
        texts["ReasonCase"]);
}

/// <summary>A revision that the recipient was told of does not count any more; its content is gone.</summary>
/// <param name="Ground">The stored name of why.</param>
public sealed record RevisionWithdrawn(
    string DeliverableKey, string Title, Guid RevisionId, string Revision, string Ground, DateTimeOffset WithdrawnAt) : OutboundMail
{
    public override string Kind => MailKinds.RevisionWithdrawn;

    public override string Cause => Subjects.Deliverable(DeliverableKey);

    public override string Occurrence => RevisionId.ToString("D");

    public override string Path => SitePaths.Deliverable(DeliverableKey);

    public override MailContent ToMail(MailTexts texts) => new(
        texts["RevisionWithdrawnSubject", Revision, Title],
        texts["RevisionWithdrawnHeading"],
        [texts["RevisionWithdrawnWhat"]],
        [
            Fact(texts["FactDocument"], texts["DocumentWithRevision", Title, Revision]),
            Fact(texts["FactWithdrawalGround"], texts["WithdrawalGround_" + Ground]),
            Fact(texts["FactWithdrawnAt"], texts.DateAndTime(WithdrawnAt)),
        ],
        texts["ButtonDeliverable"],
        texts["ReasonCase"]);
}
