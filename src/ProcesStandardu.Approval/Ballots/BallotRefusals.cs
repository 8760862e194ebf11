using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>The ballot closed before the position arrived. Says what counts for this member.</summary>
/// <param name="ClosedAt">When it closed; null when its term is over and the closing is under way.</param>
/// <param name="StandingCastAt">When the member's counted position was cast; null when he has none.</param>
public sealed record BallotIsClosed(DateTimeOffset? ClosedAt, DateTimeOffset? StandingCastAt) : Refusal
{
    public override string Key => StandingCastAt is null ? "BallotIsClosed" : "BallotIsClosedYourPositionCounts";

    public override IReadOnlyList<object?> Arguments =>
        [ClosedAt is { } closed ? Warsaw.Local(closed) : null, StandingCastAt is { } cast ? Warsaw.Local(cast) : null];
}

/// <summary>The person does not belong to those who vote in this matter.</summary>
public sealed record YouAreNotAnElector : Refusal;

/// <summary>The member is recused in this matter.</summary>
public sealed record YouAreRecused(string Basis) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Basis];
}

/// <summary>No position was chosen, or one that does not exist.</summary>
public sealed record PositionIsMissing : Refusal
{
    public override string Field => "Position";
}

/// <summary>The rules let nobody change a position, and this member has cast one.</summary>
public sealed record PositionMayNotChange : Refusal;

/// <summary>The page showed another text than the one under ballot.</summary>
public sealed record TextUnderBallotDiffers : Refusal;

/// <summary>Too few members may vote in the matter for the rules to allow a ballot.</summary>
public sealed record ElectorateIsTooSmall(int Entitled, int Minimum) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Entitled, Minimum];
}

/// <summary>A ballot on this document is open already.</summary>
public sealed record BallotIsOpenAlready(string Number) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Number];
}

/// <summary>There is no revision to vote on.</summary>
public sealed record NothingToVoteOn : Refusal;

/// <summary>The board has no rules of procedure in force on this day.</summary>
public sealed record NoRulesInForce(DateOnly Day) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Day];
}
