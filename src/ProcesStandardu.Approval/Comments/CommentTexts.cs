using System.Globalization;
using System.Resources;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// Names the resources with the words of this slice: its refusals by their keys, labels as <c>CommentKind_…</c>,
/// <c>Disposition_…</c>, <c>Response_…</c>, <c>State_…</c>, <c>RowProblem_…</c>, and the words of the papers it writes.
/// </summary>
public sealed class CommentTexts
{
    private static readonly ResourceManager Words = new(typeof(CommentTexts));

    /// <summary>A text in Polish, whatever the reader's language: the papers of a Polish office are Polish.</summary>
    internal static string Polish(string key, params object[] facts) =>
        string.Format(PolishCulture, Words.GetString(key, CultureInfo.InvariantCulture) ?? key, facts);

    internal static CultureInfo PolishCulture { get; } = CultureInfo.GetCultureInfo("pl-PL");
}
