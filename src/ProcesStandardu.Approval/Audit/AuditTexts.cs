using System.Globalization;
using System.Resources;

namespace ProcesStandardu.Approval.Audit;

/// <summary>Names the resources with the words of the history's check.</summary>
public sealed class AuditTexts
{
    private static readonly ResourceManager Words = new(typeof(AuditTexts));
    private static readonly CultureInfo PolishCulture = CultureInfo.GetCultureInfo("pl-PL");

    /// <summary>A text in Polish: the check speaks at a console, where no reader's language is known.</summary>
    public static string Polish(string key, params object[] facts) =>
        string.Format(PolishCulture, Words.GetString(key, CultureInfo.InvariantCulture) ?? key, facts);
}
