using System.Globalization;
using System.Resources;

namespace ProcesStandardu.Approval.Resolutions;

/// <summary>
/// Names the resources with the words of this slice: refusals, the words of the papers, and of the check: <c>Finding_…</c>,
/// <c>Step_…</c>, <c>Section_…</c>, <c>Field_…</c>.
/// </summary>
public sealed class ResolutionTexts
{
    private static readonly ResourceManager Words = new(typeof(ResolutionTexts));

    internal static CultureInfo PolishCulture { get; } = CultureInfo.GetCultureInfo("pl-PL");

    /// <summary>A text in Polish, whatever the reader's language: a resolution is a Polish paper.</summary>
    public static string Polish(string key, params object[] facts) =>
        string.Format(PolishCulture, Words.GetString(key, CultureInfo.InvariantCulture) ?? key, facts);

    /// <summary>The Polish word under a key; the stored name itself where there is none.</summary>
    internal static string Word(string prefix, string name) => Words.GetString(prefix + name, CultureInfo.InvariantCulture) ?? name;
}
