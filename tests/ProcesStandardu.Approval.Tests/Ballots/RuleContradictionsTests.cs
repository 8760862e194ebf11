using ProcesStandardu.Approval.Bodies;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

public sealed class RuleContradictionsTests
{
    private static readonly RuleTerms Rules = TestRules.Written;

    /// <summary>Terms with one thing wrong, and the name under which it is refused.</summary>
    private static readonly (RuleTerms Terms, string Name)[] Wrong =
    [
        (Rules with { QuorumDenominator = 0 }, "quorum_is_no_fraction"),
        (Rules with { QuorumNumerator = 3 }, "quorum_exceeds_electorate"),
        (Rules with { QuorumMinimum = 0 }, "quorum_of_nobody"),
        (Rules with { QuorumMinimum = 4 }, "quorum_exceeds_least_electorate"),
        (Rules with { Majority = "loudest" }, "majority_is_unknown"),
        (Qualified with { MajorityNumerator = 1, MajorityDenominator = 2 }, "majority_is_no_majority"),
        (Qualified with { MajorityNumerator = 4, MajorityDenominator = 3 }, "majority_is_no_majority"),
        (Qualified with { MajorityBase = "all" }, "base_is_unknown"),
        (Limited with { AgainstNumerator = 4 }, "limit_is_no_fraction"),
        (Limited with { MajorityBase = MajorityBase.Decided }, "limit_and_fraction_overlap"),
        (Rules with { Majority = MajorityRule.Absolute }, "casting_vote_without_tie"),
        (Rules with { CastingVote = [BodyPosition.Secretary] }, "casting_vote_of_others"),
        (Rules with { Secrecy = "whispered" }, "secrecy_is_unknown"),
        (Secret with { CastingVote = [BodyPosition.Chair] }, "secret_with_casting_vote"),
        (Secret with { PositionsMayChange = true }, "secret_with_changes"),
        (Secret with { ResultHiddenUntilClosed = false }, "secret_with_partial_result"),
        (Secret with { ObjectionsBlock = true }, "secret_with_objections"),
        (Rules with { WrittenProcedureWorkingDays = 0, MinimumNoticeWorkingDays = 1, TacitApprovalForEditorial = false }, "term_is_empty"),
        (Rules with { MinimumNoticeWorkingDays = 6, TacitApprovalForEditorial = false }, "notice_exceeds_term"),
        (Rules with { MinimumNoticeWorkingDays = 3, TacitWorkingDays = 2 }, "tacit_term_is_too_short"),
        (Rules with { ExtensionWorkingDays = 0 }, "extension_without_term"),
        (Rules with { DissentWorkingDays = -1 }, "length_is_negative"),
        (Rules with { InquorateDecisionWorkingDays = 0 }, "decision_without_term"),
        (Rules with { Conflicts = "ignored" }, "conflicts_are_unknown"),
        (Rules with { MayOpen = [] }, "nobody_may_open"),
        (Rules with { MayClose = ["member"] }, "nobody_may_close"),
        (Rules with { ResultIsAnnounced = true, MayAnnounce = [] }, "nobody_may_announce"),
    ];

    private static RuleTerms Qualified => Rules with { Majority = MajorityRule.Qualified, CastingVote = [] };

    private static RuleTerms Limited => Qualified with { Majority = MajorityRule.QualifiedWithLimit };

    private static RuleTerms Secret => Rules with { Secrecy = BallotSecrecy.Secret, CastingVote = [], PositionsMayChange = false };

    [Fact]
    public void Each_contradiction_is_named()
    {
        foreach (var (terms, name) in Wrong)
        {
            RuleContradictions.Of(terms).Select(found => found.Name).ShouldContain(name);
        }
    }

    [Fact]
    public void Terms_that_can_be_followed_contradict_nothing()
    {
        foreach (var terms in new[]
        {
            Rules, Qualified, Limited, Secret, Limited with { MajorityBase = MajorityBase.Electorate },
            Rules with { Majority = MajorityRule.NoOpposition, CastingVote = [] },
        })
        {
            RuleContradictions.Of(terms).ShouldBeEmpty();
        }
    }

    [Fact]
    public void Stored_terms_read_back_as_they_were_written()
    {
        RuleTerms.Parse(Limited.ToJson()).ToJson().ShouldBe(Limited.ToJson());
        RuleTerms.Parse(Limited.ToJson()).Majority.ShouldBe(MajorityRule.QualifiedWithLimit);
    }

    [Fact]
    public void Terms_of_the_first_version_mean_what_they_meant()
    {
        var first = RuleTerms.Parse(
            """
            {"quorum_numerator":1,"quorum_denominator":2,"quorum_minimum":3,"majority":"simple","casting_vote":["chair","vice_chair"],
             "minimum_electorate":3,"written_procedure_working_days":5,"result_hidden_until_closed":true,"positions_may_change":true,
             "closes_when_all_voted":false,"tacit_approval_for_editorial":true,"extensions":1,"extension_working_days":5,
             "dissent_working_days":3,"undo_window_minutes":10}
            """);

        first.Secrecy.ShouldBe(BallotSecrecy.Open);
        first.Conflicts.ShouldBe(ConflictHandling.Automatic);
        first.ResultIsAnnounced.ShouldBeFalse();
        first.ChairDecidesInquorate.ShouldBeFalse();
        RuleContradictions.Of(first).ShouldBeEmpty();
    }
}
