using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Outbox;

/// <summary>Says how a mail fares.</summary>
internal static class OutboxWords
{
    /// <summary>A stored reason in words; what a mail server said stays as it said it.</summary>
    public static string Reason(IStringLocalizer<MailTexts> texts, string stored) =>
        texts["Reason_" + stored] is { ResourceNotFound: false } reason ? reason.Value : stored;

    /// <summary>How news of a kind may come, for a list to choose from; the first takes a choice back.</summary>
    public static IReadOnlyList<Field.Choice> Deliveries(IStringLocalizer<MailTexts> texts, string kind, string none) =>
        [new("", none), .. MailDelivery.All.Where(way => MailDelivery.Suits(kind, way)).Select(way => new Field.Choice(way, texts["Delivery_" + way]))];

    public static Tone ToneOf(string state) => state switch
    {
        MailState.Sent => Tone.Done,
        MailState.Dead => Tone.Alert,
        MailState.Ambiguous or MailState.Retry => Tone.Waiting,
        MailState.Suppressed => Tone.Stopped,
        MailState.Sending => Tone.Running,
        _ => Tone.Quiet,
    };
}
