using System.Globalization;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>What the mails about one deadline have in common.</summary>
/// <param name="Key">The deadline's key.</param>
/// <param name="Subject">What is owed, see <c>Audit.Subjects</c>; its mails gather under it.</param>
/// <param name="Path">The page of what is owed, one of <see cref="SitePaths"/>.</param>
/// <param name="Moves">How often its date was moved so far: calendars tell a newer event from an older one by it.</param>
public sealed record DeadlineCase(string Key, string Title, string Subject, DateOnly DueOn, string Path, int Moves = 0);

/// <summary>A reminder to one who still owes something; it is dropped when the deadline is met or moved before it leaves.</summary>
/// <param name="Step">Which of the reminders it is, for example <c>T-7</c>.</param>
public sealed record DeadlineReminder(DeadlineCase Deadline, string Step) : OutboundMail
{
    public override string Kind => MailKinds.DeadlineReminder;

    public override string Cause => MailKinds.DeadlineCause(Deadline.Key);

    // The date belongs to it: when the deadline is moved its reminders come anew.
    public override string Occurrence => Step + "@" + Deadline.DueOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public override ValidWhile ValidWhile => ValidWhile.DeadlineRuns(Deadline.Key, Deadline.DueOn);

    public override string CaseKey => Deadline.Subject;

    public override string Path => Deadline.Path;

    public override MailContent ToMail(MailTexts texts) => new(
        texts["DeadlineReminderSubject", texts.ShortDate(Deadline.DueOn), Deadline.Title],
        texts["DeadlineReminderHeading"],
        [texts["DeadlineReminderWhat"]],
        [
            Fact(texts["FactDeadline"], Deadline.Title),
            Fact(texts["FactDueOn"], texts.DateAndTime(Warsaw.EndOf(Deadline.DueOn))),
        ],
        texts["ButtonCase"],
        texts["ReasonOwes"]);

    public override IReadOnlyList<MailAttachment> Attachments(MailTexts texts) =>
        [CalendarFile.Attachment([CalendarEvent.Deadline(Deadline.Key, Deadline.Title, Deadline.DueOn, Deadline.Moves)])];
}

/// <summary>A deadline ran out, to those who owe and those who watch.</summary>
/// <param name="Awaited">Who or what is still awaited, in words.</param>
public sealed record DeadlinePassed(DeadlineCase Deadline, string Awaited) : OutboundMail
{
    public override string Kind => MailKinds.DeadlinePassed;

    public override string Cause => MailKinds.DeadlineCause(Deadline.Key);

    public override string Occurrence => Deadline.DueOn.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public override string CaseKey => Deadline.Subject;

    public override string Path => Deadline.Path;

    public override MailContent ToMail(MailTexts texts) => new(
        texts["DeadlinePassedSubject", texts.ShortDate(Deadline.DueOn), Deadline.Title],
        texts["DeadlinePassedHeading"],
        [texts["DeadlinePassedWhat"]],
        [
            Fact(texts["FactDeadline"], Deadline.Title),
            Fact(texts["FactDueOn"], texts.DateAndTime(Warsaw.EndOf(Deadline.DueOn))),
            Fact(texts["FactAwaited"], Awaited),
        ],
        texts["ButtonCase"],
        texts["ReasonCase"]);
}

/// <summary>What was owed has still not come, to the next one above those who owe it; it is dropped when it comes before the mail leaves.</summary>
/// <param name="Awaited">Who or what is still awaited, in words.</param>
/// <param name="Level">0 the lead, 1 the secretary, 2 the chair; each is told once about one end.</param>
/// <param name="WorkingDaysLate">Working days since the end.</param>
public sealed record DeadlineEscalation(DeadlineCase Deadline, string Awaited, int Level, int WorkingDaysLate) : OutboundMail
{
    public override string Kind => MailKinds.DeadlineEscalation;

    public override string Cause => MailKinds.DeadlineCause(Deadline.Key);

    public override string Occurrence =>
        string.Create(CultureInfo.InvariantCulture, $"E{Level}@{Deadline.DueOn:yyyy-MM-dd}");

    public override ValidWhile ValidWhile => ValidWhile.DeadlineIsOverdue(Deadline.Key, Deadline.DueOn);

    public override string CaseKey => Deadline.Subject;

    public override string Path => Deadline.Path;

    public override MailContent ToMail(MailTexts texts) => new(
        texts["DeadlineEscalationSubject", texts.ShortDate(Deadline.DueOn), Deadline.Title],
        texts["DeadlineEscalationHeading"],
        [texts["DeadlineEscalationWhat_" + Level.ToString(CultureInfo.InvariantCulture)]],
        [
            Fact(texts["FactDeadline"], Deadline.Title),
            Fact(texts["FactDueOn"], texts.DateAndTime(Warsaw.EndOf(Deadline.DueOn))),
            Fact(texts["FactWorkingDaysLate"], WorkingDaysLate.ToString(CultureInfo.InvariantCulture)),
            Fact(texts["FactAwaited"], Awaited),
        ],
        texts["ButtonCase"],
        texts["ReasonCase"]);
}

/// <summary>An approved amendment of the agreement moved dates: one mail to each person, with all of them.</summary>
/// <param name="Number">The document's number.</param>
public sealed record DatesMoved(Guid AmendmentId, string Number, DateOnly DatedOn, IReadOnlyList<DatesMoved.Move> Moves) : OutboundMail
{
    /// <summary>One deadline's date as it was and as it is.</summary>
    /// <param name="Moves">How often its date was moved, this time included.</param>
    public sealed record Move(string DeadlineKey, string Title, DateOnly From, DateOnly To, int Moves);

    public override string Kind => MailKinds.DatesMoved;

    public override string Cause => Audit.Subjects.Amendment(AmendmentId);

    public override string Path => SitePaths.Amendment(AmendmentId);

    public override MailContent ToMail(MailTexts texts) => new(
        texts["DatesMovedSubject", Number],
        texts["DatesMovedHeading", Number],
        [texts["DatesMovedWhat", Number, texts.Date(DatedOn)]],
        [.. Moves.Select(move => Fact(move.Title, texts["DatesMovedFromTo", texts.Date(move.From), texts.Date(move.To)]))],
        texts["ButtonAmendment"],
        texts["ReasonAgreement"]);

    public override IReadOnlyList<MailAttachment> Attachments(MailTexts texts) =>
        [CalendarFile.Attachment([.. Moves.Select(move => CalendarEvent.Deadline(move.DeadlineKey, move.Title, move.To, move.Moves))])];
}
