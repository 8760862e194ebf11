using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>One sentence: its text's key, what fills its places, and the count that chooses its plural.</summary>
/// <param name="Count">Null for texts without a counted noun; otherwise it fills {0} and chooses <c>_one</c>, <c>_few</c> or <c>_many</c>.</param>
public sealed record SentencePart(string Key, int? Count = null, params IReadOnlyList<object> Places);

/// <summary>„Co musi się stać, żeby przeszło”: which sentences are true of an open ballot, in the order in which they are said.</summary>
public static class PassSentence
{
    /// <summary>How many voted and what the quorum needs; for lists.</summary>
    public static IEnumerable<SentencePart> Quorum(ShowBallot.WhatMustHappen must)
    {
        yield return new SentencePart("Cast", must.Cast);
        if (must.Present is { } present)
        {
            yield return new SentencePart("Present", present);
        }

        yield return must.MissingToQuorum == 0
            ? new SentencePart("QuorumIsThere", null, must.Quorum)
            : new SentencePart("MissingToQuorum", must.MissingToQuorum);
        if (must.YourPositionClosesQuorum)
        {
            yield return new SentencePart("YoursClosesQuorum");
        }
    }

    /// <summary>What carries it. Of hidden positions nothing is said: then the rule is told in this electorate's numbers.</summary>
    /// <param name="isAttended">True when it is known who is at the sitting.</param>
    /// <param name="isHidden">True when <paramref name="conditions"/> were read as if nobody had voted yet.</param>
    public static IEnumerable<SentencePart> Majority(PassConditions conditions, RuleTerms rules, bool isTacit, bool isHidden, bool isAttended = false) =>
        isTacit ? [new SentencePart("Passes_tacit")]
        :
        [
            .. isHidden ? ByTheRule(conditions, rules) : ByThePositions(conditions),
            .. isAttended ? [new SentencePart("SilenceOfPresentAbstains")] : Array.Empty<SentencePart>(),
        ];

    private static IEnumerable<SentencePart> ByTheRule(PassConditions conditions, RuleTerms rules)
    {
        yield return rules.Majority is MajorityRule.Qualified or MajorityRule.QualifiedWithLimit
            ? new SentencePart("Passes_qualified_" + rules.MajorityBase, null, rules.MajorityNumerator, rules.MajorityDenominator)
            : new SentencePart("Passes_" + rules.Majority);
        if (rules.Majority == MajorityRule.QualifiedWithLimit)
        {
            yield return new SentencePart("PassesLimit", null, rules.AgainstNumerator, rules.AgainstDenominator);
        }

        if (rules is { Majority: MajorityRule.Simple, CastingVote.Count: > 0 })
        {
            yield return new SentencePart("PassesTie_chair");
        }

        if (!conditions.CanPass)
        {
            yield return new SentencePart("CannotPass");
        }
        else if (conditions.MostAgainst is { } most)
        {
            yield return most == 0 ? new SentencePart("SurvivesNone") : new SentencePart("SurvivesAtFull", most);
        }
    }

    private static IEnumerable<SentencePart> ByThePositions(PassConditions conditions)
    {
        if (conditions.Blocking > 0)
        {
            yield return new SentencePart("BlockedBy", conditions.Blocking);
        }
        else if (!conditions.CanPass)
        {
            yield return new SentencePart("CannotPass");
        }
        else if (!conditions.CanFail)
        {
            yield return new SentencePart("CannotFail");
        }
        else
        {
            yield return conditions.FewestInFavour switch
            {
                0 => new SentencePart("PassesAsItStands"),
                { } more => new SentencePart("NeedsInFavour", more),
                null => new SentencePart("DependsOnTie"),
            };
        }
    }
}
