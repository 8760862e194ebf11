using System.Globalization;
using System.Reflection;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Web.Forms;

namespace ProcesStandardu.Web.Bodies;

/// <summary>The terms of rules of procedure as fields: in groups, by the names of <see cref="RuleTerms"/>, from a form and back.</summary>
internal static class RuleFields
{
    /// <summary>Every term once, in the order in which people read them.</summary>
    public static readonly (string Group, string[] Terms)[] Groups =
    [
        ("GroupQuorum", [nameof(RuleTerms.QuorumNumerator), nameof(RuleTerms.QuorumDenominator), nameof(RuleTerms.QuorumMinimum), nameof(RuleTerms.MinimumElectorate)]),
        ("GroupMajority",
        [
            nameof(RuleTerms.Majority), nameof(RuleTerms.MajorityNumerator), nameof(RuleTerms.MajorityDenominator), nameof(RuleTerms.MajorityBase),
            nameof(RuleTerms.AgainstNumerator), nameof(RuleTerms.AgainstDenominator), nameof(RuleTerms.CastingVote),
        ]),
        ("GroupConduct",
        [
            nameof(RuleTerms.Secrecy), nameof(RuleTerms.ResultHiddenUntilClosed), nameof(RuleTerms.PositionsMayChange), nameof(RuleTerms.ClosesWhenAllVoted),
            nameof(RuleTerms.TacitApprovalForEditorial), nameof(RuleTerms.ObjectionsBlock), nameof(RuleTerms.Conflicts), nameof(RuleTerms.CommentsHiddenFromRecused), nameof(RuleTerms.AlternatesVote),
            nameof(RuleTerms.SecretaryEntersPositions), nameof(RuleTerms.ChairDecidesInquorate), nameof(RuleTerms.ResultIsAnnounced),
        ]),
        ("GroupTerms",
        [
            nameof(RuleTerms.WrittenProcedureWorkingDays), nameof(RuleTerms.MinimumNoticeWorkingDays), nameof(RuleTerms.TacitWorkingDays),
            nameof(RuleTerms.Extensions), nameof(RuleTerms.ExtensionWorkingDays), nameof(RuleTerms.DissentWorkingDays),
            nameof(RuleTerms.InquorateDecisionWorkingDays), nameof(RuleTerms.EditorialContestWorkingDays), nameof(RuleTerms.MeetingNoticeWorkingDays),
            nameof(RuleTerms.UndoWindowMinutes),
        ]),
        ("GroupPeople", [nameof(RuleTerms.MayOpen), nameof(RuleTerms.MayClose), nameof(RuleTerms.MayAnnounce)]),
    ];

    /// <summary>Whose holders may do something; the order of the boxes.</summary>
    public static readonly string[] Places = [BodyPosition.Chair, BodyPosition.ViceChair, BodyPosition.Secretary];

    /// <summary>The names that a term may have; null for numbers, yes or no, and lists.</summary>
    public static (IReadOnlyList<string> Names, string TextPrefix)? ChoicesOf(string term) => term switch
    {
        nameof(RuleTerms.Majority) => (MajorityRule.All, "Majority_"),
        nameof(RuleTerms.MajorityBase) => (MajorityBase.All, "MajorityBase_"),
        nameof(RuleTerms.Secrecy) => (BallotSecrecy.All, "Secrecy_"),
        nameof(RuleTerms.Conflicts) => (ConflictHandling.All, "Conflicts_"),
        _ => null,
    };

    public static bool IsYesOrNo(string term) => TypeOf(term) == typeof(bool);

    public static bool IsPlaces(string term) => term is nameof(RuleTerms.MayOpen) or nameof(RuleTerms.MayClose) or nameof(RuleTerms.MayAnnounce);

    public static object? ValueOf(RuleTerms terms, string term) => PropertyOf(term).GetValue(terms);

    /// <summary>The casting vote as one choice: <c>none</c>, <c>chair</c> or <c>chair_vice_chair</c>.</summary>
    public static string CastingOf(RuleTerms terms) => terms.CastingVote.Count == 0 ? "none" : string.Join('_', terms.CastingVote);

    /// <summary>
    /// The terms of a form. A number that is none is taken as -1, which no term allows, so that the contradiction is named; an empty
    /// term for silence means the written procedure's.
    /// </summary>
    public static RuleTerms Read(PostedForm form, RuleTerms before)
    {
        var terms = before with
        {
            CastingVote = form[nameof(RuleTerms.CastingVote)] switch
            {
                "chair" => [BodyPosition.Chair],
                "chair_vice_chair" => [BodyPosition.Chair, BodyPosition.ViceChair],
                _ => [],
            },
        };
        foreach (var term in Groups.SelectMany(group => group.Terms).Where(term => term != nameof(RuleTerms.CastingVote)))
        {
            object? value = TypeOf(term) switch
            {
                var type when type == typeof(bool) => form[term] == "tak",
                var type when type == typeof(int?) && form[term] is null => null,
                var type when type == typeof(int) || type == typeof(int?) =>
                    int.TryParse(form[term], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 10_000 ? number : -1,
                var type when type == typeof(string) => form[term] ?? "",
                _ => Places.Where(place => form.Has(term, place)).ToArray(),
            };

            // The record is this method's own copy: nobody else has seen it yet.
            PropertyOf(term).SetValue(terms, value);
        }

        return terms;
    }

    private static Type TypeOf(string term) => PropertyOf(term).PropertyType;

    private static PropertyInfo PropertyOf(string term) => typeof(RuleTerms).GetProperty(term)!;
}
