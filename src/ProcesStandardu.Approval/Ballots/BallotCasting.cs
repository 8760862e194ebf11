using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>What somebody wants to be recorded.</summary>
/// <param name="ElectorId">Whose vote it is.</param>
/// <param name="CastById">Who casts it.</param>
/// <param name="Capacity">See <see cref="CastingCapacity"/>.</param>
/// <param name="ContentHash">The hash of the text that the person was shown.</param>
/// <param name="IsStoodInFor">True while the member is entered as absent and the alternate is to vote.</param>
/// <param name="TakesBack">True when the member knows that the alternate has voted and votes himself all the same.</param>
/// <param name="UpholdsId">The position on an earlier revision that is upheld; null for others.</param>
public sealed record Casting(
    Guid ElectorId, Guid CastById, string Capacity, string? Kind, string? Reason, string? Objection, string? Ground,
    byte[] ContentHash, bool IsStoodInFor = false, bool TakesBack = false, Guid? UpholdsId = null);

/// <summary>Who may cast what, when; what a second position does.</summary>
public sealed partial class Ballot
{
    /// <summary>Adds a member's position; an earlier one stays on record, superseded.</summary>
    /// <param name="revisionHash">The hash of the text under ballot.</param>
    /// <returns>The new position, or the standing one when nothing would change.</returns>
    public Result<BallotPosition> Cast(Casting casting, byte[] revisionHash, RuleTerms rules, DateTimeOffset now)
    {
        if (MayCast(casting, revisionHash, now) is { } refusal)
        {
            return refusal;
        }

        var elector = electors.Single(candidate => candidate.PersonId == casting.ElectorId);
        var standing = StandingOf(casting.ElectorId);
        var reason = Trimmed(casting.Reason);
        var objection = Trimmed(casting.Objection);
        if (objection is not null && casting.Kind != PositionKind.Against)
        {
            return new ObjectionNeedsAgainst();
        }

        var inTheWay = casting.Capacity switch
        {
            CastingCapacity.Alternate => AgainstAlternate(casting, elector, standing, rules),
            CastingCapacity.Secretary => AgainstSecretary(casting, standing, rules),
            _ => standing is { Capacity: CastingCapacity.Alternate } && !casting.TakesBack
                ? new AlternateHasVoted(standing.CastAt)
                : null,
        };
        if (inTheWay is not null)
        {
            return inTheWay;
        }

        if (standing is not null && standing.Capacity == casting.Capacity && standing.CastById == casting.CastById)
        {
            if (standing.Kind == casting.Kind && standing.Reason == reason && standing.Objection == objection)
            {
                return standing;
            }

            if (!rules.PositionsMayChange)
            {
                return new PositionMayNotChange();
            }
        }

        if (casting.Capacity == CastingCapacity.Self && standing is { Capacity: CastingCapacity.Alternate })
        {
            elector.RevokeAlternate(now);
        }

        var position = new BallotPosition
        {
            Id = Guid.CreateVersion7(now),
            BallotId = Id,
            ElectorId = casting.ElectorId,
            CastById = casting.CastById,
            Capacity = casting.Capacity,
            Ground = Trimmed(casting.Ground),
            Kind = casting.Kind!,
            Reason = reason,
            Objection = objection,
            UpholdsId = casting.UpholdsId,
            RevisionId = RevisionId,
            ContentHash = casting.ContentHash,
            CastAt = now,
        };
        standing?.Supersede(position.Id);
        positions.Add(position);
        return position;
    }

    /// <summary>Drops a position into the urn. It is final: nothing says later which one it was.</summary>
    public Result<Done> CastSecretly(Casting casting, byte[] revisionHash, DateTimeOffset now)
    {
        if (MayCast(casting, revisionHash, now) is { } refusal)
        {
            return refusal;
        }

        if (casting.Capacity != CastingCapacity.Self)
        {
            return new SecretVoteIsOnesOwn();
        }

        var elector = electors.Single(candidate => candidate.PersonId == casting.ElectorId);
        if (elector.VotedSecretly)
        {
            return new SecretVoteIsFinal();
        }

        elector.NoteSecretVote();
        Urn!.Drop(casting.Kind!);
        return default(Done);
    }

    private Refusal? MayCast(Casting casting, byte[] revisionHash, DateTimeOffset now)
    {
        var elector = electors.SingleOrDefault(candidate => candidate.PersonId == casting.ElectorId);
        return elector is null ? new YouAreNotAnElector()
            : elector.RecusalBasis is { } basis ? new YouAreRecused(basis)
            : State == BallotState.Undecided ? new BallotAwaitsTheChair()
            : !TakesPositions(now) ? new BallotIsClosed(ClosedAt, StandingOf(casting.ElectorId)?.CastAt)
            : casting.Kind is null || !PositionKind.All.Contains(casting.Kind) ? new PositionIsMissing()
            : !casting.ContentHash.AsSpan().SequenceEqual(revisionHash) ? new TextUnderBallotDiffers()
            : null;
    }

    private Refusal? AgainstAlternate(Casting casting, Elector elector, BallotPosition? standing, RuleTerms rules) =>
        elector.AlternateId != casting.CastById || !rules.AlternatesVote ? new YouAreNotAnElector()
        : elector.AlternateBarredBasis is { } basis ? new AlternateIsBarred(basis)
        : standing is { Capacity: not CastingCapacity.Alternate } ? new MemberHasVoted(standing.CastAt)
        : elector.AlternateRevokedAt is not null || !casting.IsStoodInFor ? new MemberVotesHimself()
        : positions.Any(position => position.CastById == casting.CastById && position.ElectorId != casting.ElectorId
            && position.SupersededById is null) ? new AlternateStandsInForAnother()
        : null;

    private static Refusal? AgainstSecretary(Casting casting, BallotPosition? standing, RuleTerms rules) =>
        !rules.SecretaryEntersPositions ? new ActIsNotYours()
        : string.IsNullOrWhiteSpace(casting.Ground) ? new GroundIsMissing()
        : standing is { Capacity: not CastingCapacity.Secretary } ? new MemberHasVoted(standing.CastAt)
        : null;

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
