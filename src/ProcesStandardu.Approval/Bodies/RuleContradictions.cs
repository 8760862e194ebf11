using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Bodies;

/// <summary>Two terms that cannot both hold, or one that no ballot could follow.</summary>
/// <param name="Name">The contradiction's name, which makes the key of its text: <c>RulesContradict_…</c>.</param>
/// <param name="FieldName">The term to correct, by its field in the form.</param>
public sealed record RulesContradict(string Name, string FieldName) : Refusal
{
    public override string Key => "RulesContradict_" + Name;

    public override string? Field => FieldName;
}

/// <summary>Finds what is wrong with a set of terms before anybody votes by it; knows nothing of databases.</summary>
public static class RuleContradictions
{
    /// <summary>Every contradiction, in the order of the form; empty for terms that can be followed.</summary>
    public static IReadOnlyList<RulesContradict> Of(RuleTerms terms) =>
        [.. Found(terms).Where(found => found.Holds).Select(found => new RulesContradict(found.Name, found.Field))];

    private static IEnumerable<(bool Holds, string Name, string Field)> Found(RuleTerms terms)
    {
        yield return (
            terms.QuorumDenominator < 1 || terms.QuorumNumerator < 0, "quorum_is_no_fraction", nameof(terms.QuorumNumerator));
        yield return (
            terms.QuorumDenominator >= 1 && terms.QuorumNumerator > terms.QuorumDenominator,
            "quorum_exceeds_electorate", nameof(terms.QuorumNumerator));
        yield return (terms.QuorumMinimum < 1, "quorum_of_nobody", nameof(terms.QuorumMinimum));
        yield return (
            terms.QuorumMinimum > terms.MinimumElectorate, "quorum_exceeds_least_electorate", nameof(terms.MinimumElectorate));
        yield return (!MajorityRule.All.Contains(terms.Majority), "majority_is_unknown", nameof(terms.Majority));
        foreach (var found in FractionsOf(terms))
        {
            yield return found;
        }

        yield return (
            terms.CastingVote.Count > 0 && terms.Majority != MajorityRule.Simple,
            "casting_vote_without_tie", nameof(terms.CastingVote));
        yield return (
            terms.CastingVote.Any(place => place is not (BodyPosition.Chair or BodyPosition.ViceChair))
                || terms.CastingVote.Distinct().Count() < terms.CastingVote.Count,
            "casting_vote_of_others", nameof(terms.CastingVote));
        foreach (var found in SecrecyOf(terms))
        {
            yield return found;
        }

        yield return (terms.WrittenProcedureWorkingDays < 1, "term_is_empty", nameof(terms.WrittenProcedureWorkingDays));
        yield return (
            terms.MinimumNoticeWorkingDays < 1 || terms.MinimumNoticeWorkingDays > terms.WrittenProcedureWorkingDays,
            "notice_exceeds_term", nameof(terms.MinimumNoticeWorkingDays));
        yield return (
            terms.TacitApprovalForEditorial && terms.TacitTerm < terms.MinimumNoticeWorkingDays,
            "tacit_term_is_too_short", nameof(terms.TacitWorkingDays));
        yield return (
            terms.Extensions < 0 || (terms.Extensions > 0 && terms.ExtensionWorkingDays < 1),
            "extension_without_term", nameof(terms.ExtensionWorkingDays));
        yield return (terms.DissentWorkingDays < 0 || terms.UndoWindowMinutes < 0 || terms.EditorialContestWorkingDays < 0, "length_is_negative", nameof(terms.DissentWorkingDays));
        yield return (terms.InquorateDecisionWorkingDays < 1, "decision_without_term", nameof(terms.InquorateDecisionWorkingDays));
        yield return (!ConflictHandling.All.Contains(terms.Conflicts), "conflicts_are_unknown", nameof(terms.Conflicts));
        yield return (NobodyOf(terms.MayOpen), "nobody_may_open", nameof(terms.MayOpen));
        yield return (NobodyOf(terms.MayClose), "nobody_may_close", nameof(terms.MayClose));
        yield return (
            terms.ResultIsAnnounced ? NobodyOf(terms.MayAnnounce) : terms.MayAnnounce.Any(place => !Places.Contains(place)),
            "nobody_may_announce", nameof(terms.MayAnnounce));
    }

    private static readonly string[] Places = [BodyPosition.Chair, BodyPosition.ViceChair, BodyPosition.Secretary];

    private static bool NobodyOf(IReadOnlyList<string> places) => places.Count == 0 || places.Any(place => !Places.Contains(place));

    private static IEnumerable<(bool Holds, string Name, string Field)> FractionsOf(RuleTerms terms)
    {
        if (terms.Majority is not (MajorityRule.Qualified or MajorityRule.QualifiedWithLimit))
        {
            yield break;
        }

        // At most half would let a matter pass against as many as are for it.
        yield return (
            terms.MajorityDenominator < 1 || terms.MajorityNumerator * 2 <= terms.MajorityDenominator
                || terms.MajorityNumerator > terms.MajorityDenominator,
            "majority_is_no_majority", nameof(terms.MajorityNumerator));
        yield return (!MajorityBase.All.Contains(terms.MajorityBase), "base_is_unknown", nameof(terms.MajorityBase));
        if (terms.Majority != MajorityRule.QualifiedWithLimit)
        {
            yield break;
        }

        var isFraction = terms.AgainstDenominator >= 1 && terms.AgainstNumerator >= 0
            && terms.AgainstNumerator < terms.AgainstDenominator;
        yield return (!isFraction, "limit_is_no_fraction", nameof(terms.AgainstNumerator));

        // Without abstentions whoever is not for is against: of the two conditions one never matters.
        yield return (
            isFraction && terms is { MajorityBase: MajorityBase.Decided, MajorityDenominator: >= 1 }
                && (long)(terms.AgainstDenominator - terms.AgainstNumerator) * terms.MajorityDenominator
                    != (long)terms.MajorityNumerator * terms.AgainstDenominator,
            "limit_and_fraction_overlap", nameof(terms.MajorityBase));
    }

    private static IEnumerable<(bool Holds, string Name, string Field)> SecrecyOf(RuleTerms terms)
    {
        yield return (!BallotSecrecy.All.Contains(terms.Secrecy), "secrecy_is_unknown", nameof(terms.Secrecy));
        if (terms.Secrecy != BallotSecrecy.Secret)
        {
            yield break;
        }

        // What needs to know whose a position is cannot be had.
        yield return (terms.CastingVote.Count > 0, "secret_with_casting_vote", nameof(terms.CastingVote));
        yield return (terms.PositionsMayChange, "secret_with_changes", nameof(terms.PositionsMayChange));
        yield return (!terms.ResultHiddenUntilClosed, "secret_with_partial_result", nameof(terms.ResultHiddenUntilClosed));
        yield return (terms.ObjectionsBlock, "secret_with_objections", nameof(terms.ObjectionsBlock));
    }
}
