using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

/// <summary>Tally and conditions against a second reading of the rules that shares no code with them and tries every way to go on.</summary>
public sealed class PassConditionsTests
{
    private const int Cases = 12_000;
    private static readonly string?[] Sayings = [PositionKind.InFavour, PositionKind.Against, PositionKind.Abstain, null];

    [Fact]
    public void Tally_and_conditions_equal_an_enumeration_of_every_way_to_go_on()
    {
        var random = new Random(20121105);
        var ways = 0L;
        var perRule = MajorityRule.All.ToDictionary(rule => rule, _ => 0);
        for (var number = 0; number < Cases; number++)
        {
            var rules = AnyRules(random, MajorityRule.All[number % MajorityRule.All.Count]);
            var voters = AnyVoters(random);
            perRule[rules.Majority]++;
            var label = $"case {number}: {rules.ToJson()} {string.Join(' ', voters.Select(voter => $"{voter.Position}:{voter.Standing}:{voter.Blocks}:{voter.IsPresent}"))}";

            BallotTally.Count(voters, rules).Outcome.ShouldBe(ByTheBook(voters, rules), label);
            var open = voters.Where(voter => voter.Standing is null).ToList();
            var all = Completions(open).Select(added => (Added: added, Passes: ByTheBook(Merge(voters, added), rules) == "adopted")).ToList();
            ways += all.Count;

            var conditions = PassConditions.Of(voters, rules);
            conditions.CanPass.ShouldBe(all.Any(way => way.Passes), label);
            conditions.CanFail.ShouldBe(all.Any(way => !way.Passes), label);
            conditions.FewestInFavour.ShouldBe(
                Enumerable.Range(0, open.Count + 1).Select(more => (int?)more)
                    .FirstOrDefault(more => all.Where(way => Says(way.Added, more!.Value, 0)).All(way => way.Passes)),
                label);
            conditions.MostAgainst.ShouldBe(
                Enumerable.Range(0, open.Count + 1).Select(more => (int?)more)
                    .LastOrDefault(more => all.Where(way => Says(way.Added, open.Count - more!.Value, more.Value)).All(way => way.Passes)),
                label);
            conditions.MissingToQuorum.ShouldBe(Enumerable.Range(0, 100).First(more => voters.Count(voter => voter.Standing is not null || voter.IsPresent) + more >= conditions.Quorum), label);
        }

        perRule.Values.ShouldAllBe(count => count >= 1_000);
        TestContext.Current.SendDiagnosticMessage("{0} ballots under {1} majorities, {2} ways to go on", Cases, perRule.Count, ways);
    }

    [Fact]
    public void What_hidden_conditions_say_does_not_depend_on_what_anybody_said()
    {
        var random = new Random(7);
        for (var number = 0; number < 500; number++)
        {
            var rules = AnyRules(random, MajorityRule.All[number % MajorityRule.All.Count]);
            var voters = AnyVoters(random);
            var others = voters.Select(voter => voter with { Standing = Sayings[random.Next(4)], Blocks = false }).ToList();

            PassConditions.OfNobody(voters, rules).ShouldBe(PassConditions.OfNobody(others, rules));
        }
    }

    [Fact]
    public void With_silence_as_consent_one_position_against_or_one_objection_is_enough_to_stop_it()
    {
        var rules = TestRules.Written;
        Voter[] silent = [.. Enumerable.Range(1, 6).Select(place => new Voter(new Guid(place, 0, 0, new byte[8]), BodyPosition.Member, null))];

        BallotTally.CountTacit(silent, rules).ShouldSatisfyAllConditions(
            tally => tally.Outcome.ShouldBe(BallotOutcome.Adopted),
            tally => tally.Silent.ShouldBe(6),
            tally => tally.IsQuorate.ShouldBeTrue());
        BallotTally.CountTacit([.. silent[1..], silent[0] with { Standing = PositionKind.Against }], rules).Outcome.ShouldBe(BallotOutcome.NotAdopted);
        BallotTally.CountTacit([.. silent[1..], silent[0] with { Standing = PositionKind.InFavour, Blocks = true }], rules)
            .Outcome.ShouldBe(BallotOutcome.NotAdopted);
        BallotTally.CountTacit(silent[..2], rules).Outcome.ShouldBe(BallotOutcome.Inquorate);
    }

    /// <summary>The rules read aloud, with exact fractions instead of products.</summary>
    private static string ByTheBook(List<Voter> everybody, RuleTerms rules)
    {
        // Whoever sits there and says nothing abstains.
        var voters = everybody.ConvertAll(voter => voter is { Standing: null, IsPresent: true } ? voter with { Standing = "abstain" } : voter);
        decimal entitled = voters.Count;
        var voted = voters.Where(voter => voter.Standing != null).ToArray();
        var needed = Math.Max(rules.QuorumMinimum, Math.Ceiling(entitled * rules.QuorumNumerator / rules.QuorumDenominator));
        if (voted.Length < needed)
        {
            return "inquorate";
        }

        decimal yes = 0, no = 0;
        foreach (var voter in voted)
        {
            if (voter.Standing == "in_favour")
            {
                yes++;
            }
            else if (voter.Standing == "against")
            {
                no++;
            }
        }

        if (rules.ObjectionsBlock && voters.Any(voter => voter.Blocks))
        {
            return "not_adopted";
        }

        if (yes == 0)
        {
            return "not_adopted";
        }

        var whole = rules.MajorityBase switch { "decided" => yes + no, "cast" => voted.Length, _ => entitled };
        var passes = rules.Majority switch
        {
            "simple" => yes > no || (yes == no && ChairSays(voted, rules) == "in_favour"),
            "absolute" => yes / voted.Length > 0.5m,
            "absolute_of_electorate" => yes / entitled > 0.5m,
            "qualified" => Reaches(yes, whole, rules.MajorityNumerator, rules.MajorityDenominator),
            "qualified_with_limit" => Reaches(yes, whole, rules.MajorityNumerator, rules.MajorityDenominator)
                && !Exceeds(no, whole, rules.AgainstNumerator, rules.AgainstDenominator),
            "unanimity" => voted.All(voter => voter.Standing == "in_favour"),
            "no_opposition" => voted.All(voter => voter.Standing != "against"),
            _ => throw new ArgumentOutOfRangeException(nameof(rules)),
        };
        return passes ? "adopted" : "not_adopted";
    }

    /// <summary>Smallest whole number not below the fraction.</summary>
    private static bool Reaches(decimal part, decimal whole, int numerator, int denominator)
    {
        var least = 0;
        while (least * (decimal)denominator < whole * numerator)
        {
            least++;
        }

        return part >= least;
    }

    private static bool Exceeds(decimal part, decimal whole, int numerator, int denominator)
    {
        var most = 0;
        while ((most + 1) * (decimal)denominator <= whole * numerator)
        {
            most++;
        }

        return part > most;
    }

    private static string? ChairSays(Voter[] voted, RuleTerms rules)
    {
        foreach (var place in rules.CastingVote)
        {
            if (Array.Find(voted, voter => voter.Position == place) is { } present)
            {
                return present.Standing;
            }
        }

        return null;
    }

    private static List<string?[]> Completions(List<Voter> open)
    {
        var all = new List<string?[]> { Array.Empty<string?>() };
        foreach (var _ in open)
        {
            all = [.. all.SelectMany(done => Sayings.Select(saying => (string?[])[.. done, saying]))];
        }

        return all;
    }

    private static List<Voter> Merge(List<Voter> voters, string?[] added)
    {
        var next = 0;
        return [.. voters.Select(voter => voter.Standing is null ? voter with { Standing = added[next++] } : voter)];
    }

    private static bool Says(string?[] added, int inFavour, int against) =>
        added.Count(saying => saying == "in_favour") == inFavour && added.Count(saying => saying == "against") == against
        && !added.Contains("abstain");

    private static RuleTerms AnyRules(Random random, string majority)
    {
        var denominator = random.Next(2, 6);
        return TestRules.Written with
        {
            Majority = majority,
            MajorityBase = MajorityBase.All[random.Next(3)],
            MajorityDenominator = denominator,
            MajorityNumerator = random.Next((denominator / 2) + 1, denominator + 1),
            AgainstNumerator = random.Next(0, 3),
            AgainstDenominator = random.Next(3, 6),
            QuorumNumerator = random.Next(0, 4),
            QuorumDenominator = 3,
            QuorumMinimum = random.Next(1, 4),
            ObjectionsBlock = random.Next(3) == 0,
            CastingVote = random.Next(3) switch
            {
                0 => [],
                1 => [BodyPosition.Chair],
                _ => [BodyPosition.Chair, BodyPosition.ViceChair],
            },
        };
    }

    private static List<Voter> AnyVoters(Random random)
    {
        var entitled = random.Next(1, 8);
        var left = random.Next(0, Math.Min(entitled, 4) + 1);
        var voters = Enumerable.Range(0, entitled).Select(place => new Voter(
            new Guid(place + 1, 0, 0, new byte[8]),
            place switch { 0 when entitled % 5 != 0 => BodyPosition.Chair, 1 => BodyPosition.ViceChair, _ => BodyPosition.Member },
            Sayings[random.Next(3)])).ToArray();
        random.Shuffle(voters);
        for (var place = 0; place < voters.Length; place++)
        {
            voters[place] = place < left
                ? voters[place] with { Standing = null }
                : voters[place] with { Blocks = random.Next(8) == 0 };
        }

        // Every second ballot is taken at a sitting, with whoever came.
        if (random.Next(2) == 0)
        {
            voters = Array.ConvertAll(voters, voter => voter with { IsPresent = random.Next(3) > 0 });
        }

        random.Shuffle(voters);
        return [.. voters];
    }
}
