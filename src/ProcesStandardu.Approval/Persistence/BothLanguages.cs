using System.Globalization;
using System.Resources;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// Texts for the person at the console, one line in Polish and one in English: nobody has signed in yet, so their language is not known.
/// </summary>
public static class BothLanguages
{
    /// <summary>The text <paramref name="key"/>, filled with its facts, in both languages.</summary>
    public static string Say(ResourceManager texts, string key, params object[] facts) =>
        string.Join(
            Environment.NewLine,
            new[] { "pl", "en" }.Select(language =>
            {
                var culture = CultureInfo.GetCultureInfo(language);
                return string.Format(culture, texts.GetString(key, culture)!, facts);
            }));
}
