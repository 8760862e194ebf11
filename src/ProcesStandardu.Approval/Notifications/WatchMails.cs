using ProcesStandardu.Approval.Audit;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The watch found that something did not happen; one mail for all that one pass found.</summary>
/// <param name="FindingId">The first of the findings; each is told once.</param>
/// <param name="Silences">At least one.</param>
public sealed record WatchAlarm(Guid FindingId, IReadOnlyList<WatchAlarm.Silence> Silences) : OutboundMail
{
    /// <summary>More than these are only counted.</summary>
    private const int Told = 20;

    /// <param name="Kind">The end of the text's key <c>Watch_…</c>.</param>
    public sealed record Silence(string Kind, string Title, DateTimeOffset Since);

    public override string Kind => MailKinds.WatchAlarm;

    public override string Cause => Subjects.Watch;

    public override string Occurrence => FindingId.ToString("D");

    public override string Path => SitePaths.Watch;

    public override MailContent ToMail(MailRecipient person, MailTexts texts) => new(
        texts["WatchAlarmSubject", texts["Watch_" + Silences[0].Kind]],
        texts["WatchAlarmHeading"],
        [texts["WatchAlarmWhat"], .. Silences.Count > Told ? new[] { texts["WatchAlarmMore", Silences.Count] } : []],
        [.. Silences.Take(Told).Select(silence =>
            Fact(texts["Watch_" + silence.Kind], $"{silence.Title}; {texts["FactSince"]}: {texts.DateAndTime(silence.Since)}"))],
        texts["ButtonWatch"],
        texts["ReasonAdministrator"]);
}
