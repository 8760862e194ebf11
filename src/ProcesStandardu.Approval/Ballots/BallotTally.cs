using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>What a member may say: the stored names of positions.</summary>
public static class PositionKind
{
    public const string InFavour = "in_favour";
    public const string Against = "against";
    public const string Abstain = "abstain";

    /// <summary>In the order in which they are offered.</summary>
    public static IReadOnlyList<string> All { get; } = [InFavour, Against, Abstain];
}

/// <summary>The stored names of a ballot's outcomes; they are the outcomes of the workflow activity too.</summary>
public static class BallotOutcome
{
    public const string Adopted = "adopted";
    public const string NotAdopted = "not_adopted";
    public const string Inquorate = "inquorate";
    public const string Discontinued = "discontinued";
}

/// <summary>A member who may vote in the matter, and what he says now.</summary>
/// <param name="PersonId">Whose vote it is.</param>
/// <param name="Position">The place in the board, see <see cref="BodyPosition"/>.</param>
/// <param name="Standing">The standing position; null while there is none.</param>
/// <param name="Blocks">True while a blocking objection of his stands.</param>
/// <param name="IsPresent">True when he, or his alternate, is at the sitting at which the ballot is taken.</param>
public sealed record Voter(Guid PersonId, string Position, string? Standing, bool Blocks = false, bool IsPresent = false);

/// <summary>How many said what, without who.</summary>
/// <param name="Entitled">How many may vote in the matter.</param>
/// <param name="Blocking">Blocking objections that stand.</param>
/// <param name="PresentSilent">Those at the sitting without a position: they count as abstaining.</param>
public readonly record struct Votes(int Entitled, int InFavour, int Against, int Abstain, int Blocking = 0, int PresentSilent = 0)
{
    public int Cast => InFavour + Against + Abstain;

    /// <summary>Those who take part: whoever has a position, and at a sitting whoever is there.</summary>
    public int TakePart => Cast + PresentSilent;

    /// <summary>How many of those entitled have no position.</summary>
    public int Remaining => Entitled - Cast;

    /// <summary>Counts standing positions.</summary>
    public static Votes Of(IReadOnlyCollection<Voter> voters)
    {
        int inFavour = 0, against = 0, abstain = 0, blocking = 0, silent = 0;
        foreach (var voter in voters)
        {
            inFavour += voter.Standing == PositionKind.InFavour ? 1 : 0;
            against += voter.Standing == PositionKind.Against ? 1 : 0;
            abstain += voter.Standing == PositionKind.Abstain ? 1 : 0;
            blocking += voter.Blocks ? 1 : 0;
            silent += voter is { Standing: null, IsPresent: true } ? 1 : 0;
        }

        return new Votes(voters.Count, inFavour, against, abstain, blocking, silent);
    }
}

/// <summary>The count of a ballot and what follows from it.</summary>
/// <param name="Entitled">How many may vote in the matter.</param>
/// <param name="Quorum">How many of them must have cast a position or, at a sitting, be there.</param>
/// <param name="CastingVoteById">Who settled a tie; null when there was none or nobody could settle it.</param>
/// <param name="Outcome">What the ballot decides if it closes now.</param>
/// <param name="Silent">Those whose proven silence counts as consent; 0 unless approval is tacit.</param>
/// <param name="Blocking">Blocking objections that stand.</param>
/// <param name="PresentSilent">Those at the sitting without a position, who count as abstaining.</param>
public sealed record Tally(
    int Entitled, int Quorum, int InFavour, int Against, int Abstain, Guid? CastingVoteById, string Outcome,
    int Silent = 0, int Blocking = 0, int PresentSilent = 0)
{
    public int Cast => InFavour + Against + Abstain;

    public bool IsQuorate => MissingToQuorum == 0;

    /// <summary>How many more the quorum needs; 0 when it is there.</summary>
    public int MissingToQuorum => Math.Max(0, Quorum - Cast - Silent - PresentSilent);
}

/// <summary>Counts positions under the rules of procedure; knows nothing of databases, clocks and pages.</summary>
public static class BallotTally
{
    /// <summary>How many of an electorate must cast a position: the rules' share, rounded up, and never less than their minimum.</summary>
    public static int QuorumOf(int entitled, RuleTerms rules) =>
        Math.Max(rules.QuorumMinimum, CeilingDivide(entitled * rules.QuorumNumerator, rules.QuorumDenominator));

    /// <summary>Counts the standing positions of those who may vote; recused members are not among them.</summary>
    public static Tally Count(IReadOnlyCollection<Voter> voters, RuleTerms rules) =>
        Count(Votes.Of(voters), CastingVoter(voters, rules), rules);

    /// <summary>Counts positions that are known without their persons: nobody settles a tie.</summary>
    public static Tally Count(Votes votes, RuleTerms rules) => Count(votes, null, rules);

    /// <summary>
    /// Counts with silence as consent: adopted when nobody is against and no objection stands; a position against, or an
    /// objection, sends the matter to a sitting.
    /// </summary>
    public static Tally CountTacit(IReadOnlyCollection<Voter> voters, RuleTerms rules)
    {
        var votes = Votes.Of(voters);
        var quorum = QuorumOf(votes.Entitled, rules);
        var outcome = votes.Entitled < quorum ? BallotOutcome.Inquorate
            : votes is { Against: 0, Blocking: 0 } && votes.InFavour + votes.Remaining > 0 ? BallotOutcome.Adopted
            : BallotOutcome.NotAdopted;
        return new Tally(
            votes.Entitled, quorum, votes.InFavour, votes.Against, votes.Abstain, null, outcome, votes.Remaining, votes.Blocking);
    }

    /// <summary>
    /// True when these positions make the rules' majority by themselves; quorum, ties and objections are other questions. Where the
    /// rules speak of those who vote, a sitting means those who are there.
    /// </summary>
    public static bool IsMajority(Votes votes, RuleTerms rules)
    {
        var (inFavour, against, takePart) = (votes.InFavour, votes.Against, votes.TakePart);
        return inFavour > 0 && rules.Majority switch
        {
            MajorityRule.Simple => inFavour > against,
            MajorityRule.Absolute => inFavour * 2 > takePart,
            MajorityRule.AbsoluteOfElectorate => inFavour * 2 > votes.Entitled,
            MajorityRule.Qualified => ReachesFraction(votes, rules),
            MajorityRule.QualifiedWithLimit => ReachesFraction(votes, rules)
                && against * rules.AgainstDenominator <= BaseOf(votes, rules) * rules.AgainstNumerator,
            MajorityRule.Unanimity => inFavour == takePart,
            MajorityRule.NoOpposition => against == 0,
            _ => throw new InvalidOperationException($"The majority {rules.Majority} is unknown."),
        };
    }

    private static Tally Count(Votes votes, Voter? casting, RuleTerms rules)
    {
        var quorum = QuorumOf(votes.Entitled, rules);
        var settles = rules.Majority == MajorityRule.Simple && votes.InFavour == votes.Against && votes.InFavour > 0 ? casting : null;
        var adopted = (IsMajority(votes, rules) || settles?.Standing == PositionKind.InFavour)
            && !(rules.ObjectionsBlock && votes.Blocking > 0);
        var outcome = votes.TakePart < quorum ? BallotOutcome.Inquorate
            : adopted ? BallotOutcome.Adopted
            : BallotOutcome.NotAdopted;
        return new Tally(
            votes.Entitled, quorum, votes.InFavour, votes.Against, votes.Abstain,
            outcome == BallotOutcome.Inquorate ? null : settles?.PersonId, outcome, 0, votes.Blocking, votes.PresentSilent);
    }

    private static bool ReachesFraction(Votes votes, RuleTerms rules) =>
        votes.InFavour * rules.MajorityDenominator >= BaseOf(votes, rules) * rules.MajorityNumerator;

    private static int BaseOf(Votes votes, RuleTerms rules) => rules.MajorityBase switch
    {
        MajorityBase.Decided => votes.InFavour + votes.Against,
        MajorityBase.Cast => votes.TakePart,
        MajorityBase.Electorate => votes.Entitled,
        _ => throw new InvalidOperationException($"The base {rules.MajorityBase} is unknown."),
    };

    /// <summary>
    /// The first of those named by the rules who takes part. His own position settles the tie; when he abstained, or sits there and says
    /// nothing, he leaves it, and the matter is not adopted.
    /// </summary>
    private static Voter? CastingVoter(IReadOnlyCollection<Voter> voters, RuleTerms rules)
    {
        var present = rules.CastingVote
            .Select(position => voters.FirstOrDefault(voter => voter.Position == position && (voter.Standing is not null || voter.IsPresent)))
            .FirstOrDefault(voter => voter is not null);
        return present?.Standing is PositionKind.InFavour or PositionKind.Against ? present : null;
    }

    private static int CeilingDivide(int value, int by) => (value + by - 1) / by;
}
