using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

public sealed class BallotTallyTests
{
    private static readonly RuleTerms Rules = TestRules.Written;

    [Theory]
    [InlineData(9, 5)]
    [InlineData(7, 4)]
    [InlineData(6, 3)]
    [InlineData(5, 3)]
    [InlineData(3, 3)]
    public void The_quorum_is_half_of_the_electorate_and_at_least_three(int entitled, int quorum) =>
        BallotTally.QuorumOf(entitled, Rules).ShouldBe(quorum);

    [Fact]
    public void A_tie_is_settled_by_the_chairs_position()
    {
        var tally = BallotTally.Count(Votes("+ch", "+", "+", "-vc", "-", "-", "0"), Rules);

        tally.Outcome.ShouldBe(BallotOutcome.Adopted);
        (tally.InFavour, tally.Against, tally.Abstain).ShouldBe((3, 3, 1));
        tally.CastingVoteById.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(BallotOutcome.NotAdopted, ".ch", "-vc", "+", "+", "-", ".", ".")]
    [InlineData(BallotOutcome.Adopted, ".ch", "+vc", "+", "-", "-", ".", ".")]
    [InlineData(BallotOutcome.NotAdopted, "0ch", "+vc", "+", "-", "-", ".", ".")]
    [InlineData(BallotOutcome.NotAdopted, "0ch", "0vc", "0", "0", ".", ".", ".")]
    [InlineData(BallotOutcome.Inquorate, "+ch", "+vc", "+", ".", ".", ".", ".")]
    [InlineData(BallotOutcome.Adopted, "+ch", "0vc", "0", "0", ".", ".", ".")]
    public void The_vice_chair_settles_a_tie_only_in_the_chairs_absence(string outcome, params string[] votes) =>
        BallotTally.Count(Votes(votes), Rules).Outcome.ShouldBe(outcome);

    [Fact]
    public void Every_vote_of_a_small_board_agrees_with_a_plain_reading_of_the_rules()
    {
        string[] says = [".", "+", "-", "0"];
        var cases = 0;
        for (var code = 0; code < 1024; code++)
        {
            string[] votes =
            [
                says[code & 3] + "ch", says[(code >> 2) & 3] + "vc", says[(code >> 4) & 3], says[(code >> 6) & 3], says[(code >> 8) & 3],
            ];
            BallotTally.Count(Votes(votes), Rules).Outcome.ShouldBe(ByTheBook(votes), string.Join(' ', votes));
            cases++;
        }

        cases.ShouldBe(1024);
    }

    /// <summary>The rules read aloud: three of five must vote; more in favour than against; a tie is the chair's, or the vice-chair's while she is absent.</summary>
    private static string ByTheBook(string[] votes)
    {
        if (votes.Count(vote => vote[0] != '.') < 3)
        {
            return BallotOutcome.Inquorate;
        }

        var difference = votes.Sum(vote => vote[0] switch { '+' => 1, '-' => -1, _ => 0 });
        if (difference == 0)
        {
            var settles = votes[0][0] != '.' ? votes[0] : votes[1];
            difference = settles[0] switch { '+' => 1, '-' => -1, _ => -1 };
            if (votes.All(vote => vote[0] is '.' or '0'))
            {
                difference = -1;
            }
        }

        return difference > 0 ? BallotOutcome.Adopted : BallotOutcome.NotAdopted;
    }

    private static Voter[] Votes(params string[] votes) =>
        [.. votes.Select((vote, place) => new Voter(
            new Guid(place + 1, 0, 0, new byte[8]),
            vote[1..] switch { "ch" => BodyPosition.Chair, "vc" => BodyPosition.ViceChair, _ => BodyPosition.Member },
            vote[0] switch
            {
                '+' => PositionKind.InFavour,
                '-' => PositionKind.Against,
                '0' => PositionKind.Abstain,
                _ => null,
            }))];
}
