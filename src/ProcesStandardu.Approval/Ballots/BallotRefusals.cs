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

/// <summary>No ballot that the rules allow could reach its quorum.</summary>
public sealed record QuorumIsImpossible(int Entitled, int Quorum) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Entitled, Quorum];
}

/// <summary>The term asked for is shorter than the rules' minimum notice.</summary>
public sealed record NoticeIsTooShort(int Minimum) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Minimum];

    public override string Field => "WorkingDays";
}

/// <summary>Silence is consent only in matters marked editorial, and only where the rules say so.</summary>
public sealed record TacitApprovalIsNotAllowed : Refusal
{
    public override string Field => "Procedure";
}

/// <summary>Silence is a person's, so its ballot cannot be secret.</summary>
public sealed record TacitBallotIsOpen : Refusal
{
    public override string Field => "Secrecy";
}

/// <summary>Blocking objections tell who is against: the rules have them, so the ballot cannot be secret.</summary>
public sealed record SecretBallotHasNoObjections : Refusal
{
    public override string Field => "Secrecy";
}

/// <summary>The way of voting or of keeping positions has a name that nobody knows.</summary>
public sealed record BallotOptionIsUnknown(string Option) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Option];
}

/// <summary>The ballot ended without quorum and the chair has to choose first.</summary>
public sealed record BallotAwaitsTheChair : Refusal;

/// <summary>The rules allow no further extension.</summary>
public sealed record ExtensionsAreUsedUp(int Allowed) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Allowed];
}

/// <summary>There is no term to extend: it waits for the proof of the notices.</summary>
public sealed record TermDoesNotRun : Refusal;

/// <summary>The act needs a reason, which the record keeps.</summary>
public sealed record ReasonIsMissing : Refusal
{
    public override string Field => "Reason";
}

/// <summary>The secretary did not say how the member gave the position.</summary>
public sealed record GroundIsMissing : Refusal
{
    public override string Field => "Ground";
}

/// <summary>A blocking objection is part of a position against.</summary>
public sealed record ObjectionNeedsAgainst : Refusal
{
    public override string Field => "Objection";
}

/// <summary>The alternate has voted; the member may take the vote back and vote himself, if he says so.</summary>
public sealed record AlternateHasVoted(DateTimeOffset CastAt) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Warsaw.Local(CastAt)];
}

/// <summary>The member voted himself, which stands before anybody who acts for him.</summary>
public sealed record MemberHasVoted(DateTimeOffset CastAt) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Warsaw.Local(CastAt)];
}

/// <summary>The member is not entered as absent, or took the vote back.</summary>
public sealed record MemberVotesHimself : Refusal;

/// <summary>The alternate may not vote in this matter either.</summary>
public sealed record AlternateIsBarred(string Basis) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Basis];
}

/// <summary>Nobody stands in for two.</summary>
public sealed record AlternateStandsInForAnother : Refusal;

/// <summary>In a secret ballot a vote that was cast cannot be found again.</summary>
public sealed record SecretVoteIsFinal : Refusal;

/// <summary>Nobody votes for another in a secret ballot.</summary>
public sealed record SecretVoteIsOnesOwn : Refusal;

/// <summary>The page asked for an open position, the ballot is secret, or the other way round.</summary>
public sealed record BallotSecrecyDiffers : Refusal;

/// <summary>Not everybody has voted and the term runs: the ballot cannot be closed yet.</summary>
public sealed record BallotStillRuns(int Missing) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Missing];
}

/// <summary>Somebody closed the ballot before. Says when.</summary>
public sealed record BallotWasClosed(DateTimeOffset ClosedAt) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Warsaw.Local(ClosedAt)];
}

/// <summary>The result was announced before.</summary>
public sealed record ResultWasAnnounced(DateTimeOffset AnnouncedAt) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Warsaw.Local(AnnouncedAt)];
}

/// <summary>There is no result that waits to be announced.</summary>
public sealed record NothingToAnnounce : Refusal;

/// <summary>No newer revision has come since the ballot opened.</summary>
public sealed record NoNewerRevision : Refusal;

/// <summary>The ballot cannot be taken up again: it runs, was adopted, or was repeated already.</summary>
public sealed record BallotCannotBeReopened : Refusal;

/// <summary>The member is recused already.</summary>
public sealed record MemberIsRecused : Refusal;

/// <summary>The member's secret vote is in the urn and cannot be taken out; the ballot must be discontinued instead.</summary>
public sealed record SecretVoteCannotBeTakenOut : Refusal;

/// <summary>Nobody decides in his own matter.</summary>
public sealed record NobodyDecidesOnHimself : Refusal;

/// <summary>The term for dissenting opinions is over, or has not begun.</summary>
public sealed record DissentTermIsOver(DateOnly? Until) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Until];
}

/// <summary>The member filed a dissenting opinion before.</summary>
public sealed record DissentWasFiled(DateTimeOffset FiledAt) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Warsaw.Local(FiledAt)];
}

/// <summary>The ballot's notice needs no proof: its term does not depend on it.</summary>
public sealed record NoticeNeedsNoProof : Refusal;

/// <summary>So many act on this ballot at this moment that the wait would be too long. Nothing was done; the same form may be sent again.</summary>
public sealed record TooManyActAtOnce : Refusal;

/// <summary>The board sits today and nobody has written down who is there; the rules count those who are present.</summary>
public sealed record AttendanceIsMissing : Refusal;

/// <summary>The newer revision, or one between, says of itself that it changes the meaning.</summary>
public sealed record RevisionIsMaterial(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}

/// <summary>Silence was asked for on one text; another one needs another ballot.</summary>
public sealed record SilenceIsToOneText : Refusal;

/// <summary>The term ends before the time for objections to an editorial change would.</summary>
public sealed record EditorialChangeComesTooLate(DateOnly Until) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Until];
}

/// <summary>The ballot cannot close early while anybody may still say that a change of its text is not editorial.</summary>
public sealed record EditorialChangeMayBeContested(DateOnly Until) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Until];
}

/// <summary>There is no editorial change that could be contested now.</summary>
public sealed record NoEditorialChangeToContest : Refusal;
