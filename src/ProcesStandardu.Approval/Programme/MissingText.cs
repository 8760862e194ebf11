using System.Globalization;
using Microsoft.Extensions.Localization;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Says in words what the programme's end lacks, for pages and for the mails of workflows.</summary>
public sealed class MissingText(IStringLocalizer<ProgrammeTexts> texts)
{
    /// <summary>One thing, in the language of the request or pass: „produkt „…” nie jest przyjęty”.</summary>
    public string Of(MissingThing thing) => thing.Kind switch
    {
        MissingKind.Deliverable => texts["Missing_deliverable", thing.Title],
        MissingKind.Phase => texts["Missing_phase", thing.Title],
        _ => texts["Missing_indicator", thing.Title, Number(thing.Value), Number(thing.Target)],
    };

    /// <summary>All of them, one a line; empty when nothing is missing.</summary>
    public string Of(IEnumerable<MissingThing> things) => string.Join('\n', things.Select(thing => "– " + Of(thing)));

    private static string Number(decimal? value) => (value ?? 0).ToString("0.##", CultureInfo.CurrentCulture);
}
