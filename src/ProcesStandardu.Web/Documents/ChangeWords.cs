using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Documents;

namespace ProcesStandardu.Web.Documents;

/// <summary>What a difference is called, and its place in the page of the comparison.</summary>
internal static class ChangeWords
{
    public static string Heading(ClauseChange change, IStringLocalizer<DocumentPageTexts> texts)
    {
        var place = change.ReferenceAfter ?? change.ReferenceBefore;
        return string.IsNullOrEmpty(place) ? texts["BeforeFirstClause"]
            : change.ReferenceBefore is { Length: > 0 } before && change.ReferenceAfter is { Length: > 0 } after && before != after
                ? texts["MovedFrom", after, before]
                : place;
    }

    /// <summary>Removed places have a sign of their own, since their number may be another clause's now.</summary>
    public static string Anchor(ClauseChange change) =>
        change.ReferenceAfter is { } after ? "zm-" + Clauses.Anchor(after) : "zm-byl-" + Clauses.Anchor(change.ReferenceBefore ?? "");
}
