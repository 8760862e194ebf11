using System.Globalization;
using System.Resources;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>Names the resources with the words of this slice: refusals, <c>State_…</c>, <c>Presence_…</c>, and the words of the minutes.</summary>
public sealed class MeetingTexts
{
    private static readonly ResourceManager Words = new(typeof(MeetingTexts));

    internal static CultureInfo PolishCulture { get; } = CultureInfo.GetCultureInfo("pl-PL");

    /// <summary>A text in Polish, whatever the reader's language: minutes are a Polish paper.</summary>
    internal static string Polish(string key, params object[] facts) =>
        string.Format(PolishCulture, Words.GetString(key, CultureInfo.InvariantCulture) ?? key, facts);
}
