using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>A vote of a board on one revision of one document, under one version of its rules of procedure.</summary>
public sealed class Ballot
{
    private readonly List<Elector> electors = [];
    private readonly List<BallotPosition> positions = [];

    private Ballot()
    {
    }

    /// <summary>Opens a ballot; the electorate and the version of the rules are fixed with it.</summary>
    /// <param name="noticedAt">The notice: the term of working days runs from the day after it.</param>
    /// <param name="dueOn">The last local day of the term.</param>
    public Ballot(
        Guid id, string number, RulesOfProcedure rules, string deliverableKey, Guid revisionId, string title,
        DateTimeOffset noticedAt, DateOnly dueOn, bool closesWhenAllVoted, IEnumerable<Elector> electorate)
    {
        Id = id;
        Number = number;
        BodyKey = rules.BodyKey;
        RulesVersion = rules.Version;
        DeliverableKey = deliverableKey;
        RevisionId = revisionId;
        Title = title;
        NoticedAt = noticedAt;
        DueOn = dueOn;
        DueAt = Warsaw.FirstInstantAfter(dueOn);
        ClosesWhenAllVoted = closesWhenAllVoted;
        electors.AddRange(electorate);
    }

    public Guid Id { get; private init; }

    /// <summary>For example <c>G-2012/07</c>; unique within the board.</summary>
    public string Number { get; private init; } = "";

    public string BodyKey { get; private init; } = "";

    public int RulesVersion { get; private init; }

    public string DeliverableKey { get; private init; } = "";

    public Guid RevisionId { get; private init; }

    public string Title { get; private init; } = "";

    /// <summary><c>open</c> or <c>closed</c>. Closing is this state, not a test of the time.</summary>
    public string State { get; private set; } = BallotState.Open;

    /// <summary>See <see cref="BallotOutcome"/>; null while open.</summary>
    public string? Outcome { get; private set; }

    /// <summary>See <see cref="BallotCloseReason"/>; null while open.</summary>
    public string? CloseReason { get; private set; }

    public bool ClosesWhenAllVoted { get; private init; }

    public DateTimeOffset NoticedAt { get; private init; }

    /// <summary>The last local day; positions count until 23:59:59 in Warsaw.</summary>
    public DateOnly DueOn { get; private init; }

    /// <summary>The first instant that is too late, in UTC.</summary>
    public DateTimeOffset DueAt { get; private init; }

    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>For example <c>7/2012</c>; null unless adopted.</summary>
    public string? ResolutionNumber { get; private set; }

    public int? EntitledCount { get; private set; }

    public int? Quorum { get; private set; }

    public int? InFavourCount { get; private set; }

    public int? AgainstCount { get; private set; }

    public int? AbstainCount { get; private set; }

    /// <summary>Who settled a tie; null when nobody had to.</summary>
    public Guid? CastingVoteById { get; private set; }

    /// <summary>Everybody on the roll, the recused included, in the board's order.</summary>
    public IReadOnlyList<Elector> Electors => electors;

    /// <summary>Every position ever cast; those superseded stay.</summary>
    public IReadOnlyList<BallotPosition> Positions => positions;

    public bool IsOpen => State == BallotState.Open;

    /// <summary>Those who may vote in the matter, with what they say now.</summary>
    public IReadOnlyList<Voter> Voters() =>
        [.. electors.Where(elector => !elector.IsRecused)
            .OrderBy(elector => elector.Ordinal)
            .Select(elector => new Voter(elector.PersonId, elector.Position, StandingOf(elector.PersonId)?.Kind))];

    /// <summary>The member's position that counts; null while he has none.</summary>
    public BallotPosition? StandingOf(Guid personId) =>
        positions.SingleOrDefault(position => position.ElectorId == personId && position.SupersededById is null);

    /// <summary>Adds a member's position; an earlier one stays on record, superseded.</summary>
    /// <param name="contentHash">The hash of the text that the member was shown.</param>
    /// <param name="revisionHash">The hash of the text under ballot.</param>
    public Result<BallotPosition> Cast(
        Guid electorId, Guid castById, string? kind, string? reason, byte[] contentHash, byte[] revisionHash,
        RuleTerms rules, DateTimeOffset now)
    {
        var elector = electors.SingleOrDefault(candidate => candidate.PersonId == electorId);
        if (elector is null)
        {
            return new YouAreNotAnElector();
        }

        if (elector.RecusalBasis is { } basis)
        {
            return new YouAreRecused(basis);
        }

        var standing = StandingOf(electorId);
        if (!IsOpen || now >= DueAt)
        {
            return new BallotIsClosed(ClosedAt, standing?.CastAt);
        }

        if (kind is null || !PositionKind.All.Contains(kind))
        {
            return new PositionIsMissing();
        }

        if (!contentHash.AsSpan().SequenceEqual(revisionHash))
        {
            return new TextUnderBallotDiffers();
        }

        if (standing is not null)
        {
            if (standing.Kind == kind && standing.Reason == reason)
            {
                return standing;
            }

            if (!rules.PositionsMayChange)
            {
                return new PositionMayNotChange();
            }
        }

        var position = new BallotPosition
        {
            Id = Guid.CreateVersion7(now),
            BallotId = Id,
            ElectorId = electorId,
            CastById = castById,
            Kind = kind,
            Reason = string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(),
            RevisionId = RevisionId,
            ContentHash = contentHash,
            CastAt = now,
        };
        standing?.Supersede(position.Id);
        positions.Add(position);
        return position;
    }

    /// <summary>Why the ballot closes now; null when it stays open.</summary>
    public string? ReasonToClose(DateTimeOffset now) =>
        !IsOpen ? null
        : now >= DueAt ? BallotCloseReason.Deadline
        : ClosesWhenAllVoted && Voters().All(voter => voter.Standing is not null) ? BallotCloseReason.AllVoted
        : null;

    /// <summary>Counts and closes. The closing instant of a term that ran out is the term's end, not the pass that noticed it.</summary>
    public Tally Close(string reason, RuleTerms rules, DateTimeOffset now)
    {
        var tally = BallotTally.Count(Voters(), rules);
        State = BallotState.Closed;
        CloseReason = reason;
        ClosedAt = reason == BallotCloseReason.Deadline ? DueAt : now;
        Outcome = reason == BallotCloseReason.Discontinued ? BallotOutcome.Discontinued : tally.Outcome;
        EntitledCount = tally.Entitled;
        Quorum = tally.Quorum;

        // A ballot without a result reveals none: the counts stay in the positions, which nobody is shown.
        if (Outcome is BallotOutcome.Adopted or BallotOutcome.NotAdopted)
        {
            InFavourCount = tally.InFavour;
            AgainstCount = tally.Against;
            AbstainCount = tally.Abstain;
            CastingVoteById = tally.CastingVoteById;
        }

        return tally;
    }

    /// <summary>Gives an adopted ballot the number of its resolution.</summary>
    public void NumberResolution(string number) => ResolutionNumber = number;
}

/// <summary>A member on the roll of a ballot.</summary>
public sealed class Elector
{
    public required Guid BallotId { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>The place in the board when the ballot opened, see <see cref="BodyPosition"/>.</summary>
    public required string Position { get; init; }

    public required int Ordinal { get; init; }

    /// <summary>Why the member does not vote in this matter, as a stored name; null when he does.</summary>
    public string? RecusalBasis { get; init; }

    public bool IsRecused => RecusalBasis is not null;
}

/// <summary>One position as it was cast: never changed afterwards, at most superseded.</summary>
public sealed class BallotPosition
{
    public required Guid Id { get; init; }

    public required Guid BallotId { get; init; }

    /// <summary>Whose vote it is.</summary>
    public required Guid ElectorId { get; init; }

    /// <summary>Who cast it: the member himself, or whoever acted for him.</summary>
    public required Guid CastById { get; init; }

    public required string Kind { get; init; }

    /// <summary>The member's own words; null when he gave none.</summary>
    public string? Reason { get; init; }

    public required Guid RevisionId { get; init; }

    /// <summary>SHA-256 of the file that the member was shown.</summary>
    public required byte[] ContentHash { get; init; }

    public required DateTimeOffset CastAt { get; init; }

    /// <summary>The position that took this one's place; null while it stands.</summary>
    public Guid? SupersededById { get; private set; }

    internal void Supersede(Guid byId) => SupersededById = byId;
}

/// <summary>The stored states of a ballot.</summary>
public static class BallotState
{
    public const string Open = "open";
    public const string Closed = "closed";
}

/// <summary>The stored reasons why a ballot closed.</summary>
public static class BallotCloseReason
{
    public const string Deadline = "deadline";
    public const string AllVoted = "all_voted";
    public const string Discontinued = "discontinued";
}

/// <summary>The stored grounds on which a member does not vote.</summary>
public static class RecusalBasis
{
    /// <summary>The member's organisation is an author of the deliverable.</summary>
    public const string OrganisationIsAuthor = "organisation_is_author";
}
