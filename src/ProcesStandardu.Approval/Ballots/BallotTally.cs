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
public sealed record Voter(Guid PersonId, string Position, string? Standing);

/// <summary>The count of a ballot and what follows from it.</summary>
/// <param name="Entitled">How many may vote in the matter.</param>
/// <param name="Quorum">How many of them must have cast a position.</param>
/// <param name="CastingVoteById">Who settled a tie; null when there was none or nobody could settle it.</param>
/// <param name="Outcome">What the ballot decides if it closes now.</param>
public sealed record Tally(
    int Entitled, int Quorum, int InFavour, int Against, int Abstain, Guid? CastingVoteById, string Outcome)
{
    public int Cast => InFavour + Against + Abstain;

    public bool IsQuorate => Cast >= Quorum;

    /// <summary>How many more positions the quorum needs; 0 when it is there.</summary>
    public int MissingToQuorum => Math.Max(0, Quorum - Cast);
}

/// <summary>Counts positions under the rules of procedure; knows nothing of databases, clocks and pages.</summary>
public static class BallotTally
{
    /// <summary>How many of an electorate must cast a position: the rules' share, rounded up, and never less than their minimum.</summary>
    public static int QuorumOf(int entitled, RuleTerms rules) =>
        Math.Max(rules.QuorumMinimum, CeilingDivide(entitled * rules.QuorumNumerator, rules.QuorumDenominator));

    /// <summary>Counts the standing positions of those who may vote; recused members are not among them.</summary>
    public static Tally Count(IReadOnlyCollection<Voter> voters, RuleTerms rules)
    {
        var inFavour = voters.Count(voter => voter.Standing == PositionKind.InFavour);
        var against = voters.Count(voter => voter.Standing == PositionKind.Against);
        var abstain = voters.Count(voter => voter.Standing == PositionKind.Abstain);
        var quorum = QuorumOf(voters.Count, rules);

        var casting = inFavour == against && inFavour > 0 ? CastingVoter(voters, rules) : null;
        var adopted = inFavour > against || casting?.Standing == PositionKind.InFavour;
        var outcome = inFavour + against + abstain < quorum ? BallotOutcome.Inquorate
            : adopted ? BallotOutcome.Adopted
            : BallotOutcome.NotAdopted;
        return new Tally(
            voters.Count, quorum, inFavour, against, abstain,
            outcome == BallotOutcome.Inquorate ? null : casting?.PersonId, outcome);
    }

    /// <summary>
    /// The first of those named by the rules who cast a position. His own position settles the tie; when he abstained
    /// he leaves it, and the matter is not adopted.
    /// </summary>
    private static Voter? CastingVoter(IReadOnlyCollection<Voter> voters, RuleTerms rules)
    {
        var present = rules.CastingVote
            .Select(position => voters.FirstOrDefault(voter => voter.Position == position && voter.Standing is not null))
            .FirstOrDefault(voter => voter is not null);
        return present?.Standing is PositionKind.InFavour or PositionKind.Against ? present : null;
    }

    private static int CeilingDivide(int value, int by) => (value + by - 1) / by;
}
