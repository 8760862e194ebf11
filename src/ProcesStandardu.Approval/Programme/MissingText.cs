using System.Globalization;
using System.Resources;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Says in words what the programme's end lacks, for pages and for the mails of workflows.</summary>
public sealed class MissingText
{
    private readonly ResourceManager resources = new(typeof(ProgrammeTexts));

    /// <summary>One thing: „nieprzyjęty produkt: …”.</summary>
    /// <param name="culture">The reader's language; null takes that of the request.</param>
    public string Of(MissingThing thing, CultureInfo? culture = null)
    {
        culture ??= CultureInfo.CurrentUICulture;
        string Number(decimal? value) => (value ?? 0).ToString("0.##", culture);
        return string.Format(
            culture,
            resources.GetString(
                thing.Kind switch
                {
                    MissingKind.Deliverable => "Missing_deliverable",
                    MissingKind.Phase => "Missing_phase",
                    _ => "Missing_indicator",
                },
                culture)!,
            thing.Title,
            Number(thing.Value),
            Number(thing.Target));
    }

    /// <summary>All of them, a line each; empty when nothing is missing.</summary>
    public string Of(IEnumerable<MissingThing> things, CultureInfo? culture = null) =>
        string.Join('\n', things.Select(thing => "– " + Of(thing, culture)));
}
