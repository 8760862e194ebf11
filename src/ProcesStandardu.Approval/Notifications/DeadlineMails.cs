using System.Globalization;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>What the mails about one deadline have in common.</summary>
/// <param name="Key">The deadline's key.</param>
/// <param name="Subject">What is owed, see <c>Audit.Subjects</c>; its mails gather under it.</param>
/// <param name="Path">The page of what is owed, one of <see cref="SitePaths"/>.</param>
public sealed record DeadlineCase(string Key, string Title, string Subject, DateOnly DueOn, string Path);

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

    public override MailContent ToMail(MailRecipient person, MailTexts texts) => new(
        texts["DeadlineReminderSubject", texts.ShortDate(Deadline.DueOn), Deadline.Title],
        texts["DeadlineReminderHeading"],
        [texts["DeadlineReminderWhat"]],
        [
            Fact(texts["FactDeadline"], Deadline.Title),
            Fact(texts["FactDueOn"], texts.DateAndTime(Warsaw.EndOf(Deadline.DueOn))),
        ],
        texts["ButtonCase"],
        texts["ReasonOwes"]);
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

    public override MailContent ToMail(MailRecipient person, MailTexts texts) => new(
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
