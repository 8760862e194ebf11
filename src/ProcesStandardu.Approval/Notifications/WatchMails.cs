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

    public override MailContent ToMail(MailTexts texts) => new(
        texts["WatchAlarmSubject", texts["Watch_" + Silences[0].Kind]],
        texts["WatchAlarmHeading"],
        [texts["WatchAlarmWhat"], .. Silences.Count > Told ? new[] { texts["WatchAlarmMore", Silences.Count] } : []],
        [.. Silences.Take(Told).Select(silence =>
            Fact(texts["Watch_" + silence.Kind], $"{silence.Title}; {texts["FactSince"]}: {texts.DateAndTime(silence.Since)}"))],
        texts["ButtonWatch"],
        texts["ReasonAdministrator"]);
}

/// <summary>What a person asked for, held for a while and then could not be done, to that person.</summary>
/// <param name="ActKind">The act's stored name, the end of the text's key <c>Act_…</c>.</param>
/// <param name="Title">What it was about.</param>
public sealed record ActWasRefused(Guid ActId, string ActKind, string Title, string Subject, string PagePath) : OutboundMail
{
    public override string Kind => MailKinds.ActWasRefused;

    public override string Cause => Subject;

    public override string Occurrence => ActId.ToString("D");

    public override string Path => PagePath;

    public override MailContent ToMail(MailTexts texts) => new(
        texts["ActWasRefusedSubject", texts["Act_" + ActKind], Title],
        texts["ActWasRefusedHeading"],
        [texts["ActWasRefusedWhat"]],
        [Fact(texts["FactAct"], texts["Act_" + ActKind]), Fact(texts["FactCase"], Title)],
        texts["ButtonCase"],
        texts["ReasonYourAct"]);
}
