using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Workflows.Repair;
using ProcesStandardu.Web.Layout;
using ProcesStandardu.Web.Wording;

namespace ProcesStandardu.Web.Instances;

/// <summary>Says how an instance stands and what it waits for.</summary>
internal static class InstanceWords
{
    /// <summary>„Czeka na odpowiedź (sekretarz): „Czy …?”, od 5.11.2012, 9:00, najpóźniej do 9.11.2012, 23:59”.</summary>
    public static string Of(IStringLocalizer<InstancePageTexts> texts, InstanceWait wait)
    {
        var who = wait.Role is { } role ? texts["Role_" + role].Value : "";
        var words = texts["Wait_" + wait.Kind, wait.What ?? "", who].Value + ", " + texts["Since", Spoken.ShortInstant(wait.Since)];
        return wait.DueAt is { } due ? words + ", " + texts["Until", Spoken.ShortInstant(due)] : words;
    }

    public static Tone ToneOf(string condition) => condition switch
    {
        InstanceCondition.Waiting => Tone.Waiting,
        InstanceCondition.Ended => Tone.Done,
        _ => Tone.Alert,
    };

    /// <summary>How a step's latest run stands; quiet when it never ran.</summary>
    public static Tone ToneOfStep(string? state) => state switch
    {
        "running" => Tone.Running,
        "completed" => Tone.Done,
        "faulted" => Tone.Alert,
        "canceled" => Tone.Stopped,
        _ => Tone.Quiet,
    };
}
