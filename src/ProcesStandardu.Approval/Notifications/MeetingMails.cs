using System.Globalization;
using ProcesStandardu.Approval.Audit;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The convocation of a sitting, to everybody in the board and its secretary.</summary>
/// <param name="Number">For example <c>3/2013</c>.</param>
/// <param name="Agenda">The items in their order.</param>
/// <param name="Revision">0 for the convocation itself, otherwise which change of it this is.</param>
public sealed record MeetingConvocation(
    Guid MeetingId, string Number, DateTimeOffset StartsAt, string Place, IReadOnlyList<string> Agenda, int Revision = 0) : OutboundMail
{
    public override string Kind => MailKinds.MeetingConvocation;

    public override string Occurrence => Revision == 0 ? "" : Revision.ToString(CultureInfo.InvariantCulture);

    public override string Cause => Subjects.Meeting(MeetingId);

    public override string Path => SitePaths.Meeting(MeetingId);

    public override MailContent ToMail(MailTexts texts) => new(
        texts[Revision == 0 ? "MeetingConvocationSubject" : "MeetingConvocationSubjectChanged", texts.ShortDateAndTime(StartsAt), Number],
        texts["MeetingConvocationHeading", Number],
        [
            texts[Revision == 0 ? "MeetingConvocationWhat" : "MeetingConvocationChanged"],
            string.Join('\n', Agenda.Select((item, i) => $"{(i + 1).ToString(CultureInfo.InvariantCulture)}. {item}")),
        ],
        [Fact(texts["FactMeetingStarts"], texts.DateAndTime(StartsAt)), Fact(texts["FactMeetingPlace"], Place)],
        texts["ButtonMeeting"],
        texts["ReasonBoard"]);
}

/// <summary>A sitting that was convened does not take place; to everybody in the board and its secretary.</summary>
public sealed record MeetingCancelled(Guid MeetingId, string Number, DateTimeOffset StartsAt, string Why) : OutboundMail
{
    public override string Kind => MailKinds.MeetingCancelled;

    public override string Cause => Subjects.Meeting(MeetingId);

    public override string Path => SitePaths.Meeting(MeetingId);

    public override MailContent ToMail(MailTexts texts) => new(
        texts["MeetingCancelledSubject", texts.ShortDateAndTime(StartsAt), Number],
        texts["MeetingCancelledHeading", Number],
        [texts["MeetingCancelledWhat", texts.DateAndTime(StartsAt)]],
        [Fact(texts["FactWords"], Why)],
        texts["ButtonMeeting"],
        texts["ReasonBoard"]);
}
