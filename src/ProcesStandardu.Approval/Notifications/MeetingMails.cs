using System.Globalization;
using ProcesStandardu.Approval.Audit;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The convocation of a sitting, to everybody in the board and its secretary.</summary>
/// <param name="Number">For example <c>3/2013</c>.</param>
/// <param name="Agenda">The items in their order.</param>
public sealed record MeetingConvocation(
    Guid MeetingId, string Number, DateTimeOffset StartsAt, string Place, IReadOnlyList<string> Agenda) : OutboundMail
{
    public override string Kind => MailKinds.MeetingConvocation;

    public override string Cause => Subjects.Meeting(MeetingId);

    public override string Path => SitePaths.Meeting(MeetingId);

    public override MailContent ToMail(MailTexts texts) => new(
        texts["MeetingConvocationSubject", texts.ShortDateAndTime(StartsAt), Number],
        texts["MeetingConvocationHeading", Number],
        [
            texts["MeetingConvocationWhat"],
            string.Join('\n', Agenda.Select((item, i) => $"{(i + 1).ToString(CultureInfo.InvariantCulture)}. {item}")),
        ],
        [Fact(texts["FactMeetingStarts"], texts.DateAndTime(StartsAt)), Fact(texts["FactMeetingPlace"], Place)],
        texts["ButtonMeeting"],
        texts["ReasonBoard"]);
}
