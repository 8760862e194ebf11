using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// A vote of a board on one revision of one document, under one version of its rules of procedure. Who may cast what is in
/// <c>BallotCasting.cs</c>, what it counts to in <c>BallotCounting.cs</c>, how it ends in <c>BallotEnding.cs</c>.
/// </summary>
public sealed partial class Ballot
{
    private readonly List<Elector> electors = [];
    private readonly List<BallotPosition> positions = [];
    private IReadOnlySet<Guid>? attendance;

    private Ballot()
    {
    }

    /// <summary>Opens a ballot; the electorate and the version of the rules are fixed with it.</summary>
    /// <param name="noticedAt">The notice: the term of working days runs from the day after it.</param>
    /// <param name="dueOn">The last local day of the term; null while silence is to be consent and a notice is not proven.</param>
    public Ballot(
        Guid id, string number, RulesOfProcedure rules, string deliverableKey, Guid revisionId, string title,
        DateTimeOffset noticedAt, DateOnly? dueOn, bool closesWhenAllVoted, IEnumerable<Elector> electorate)
    {
        Id = id;
        Number = number;
        BodyKey = rules.BodyKey;
        RulesVersion = rules.Version;
        DeliverableKey = deliverableKey;
        RevisionId = revisionId;
        Title = title;
        NoticedAt = noticedAt;
        RunUntil(dueOn);
        ClosesWhenAllVoted = closesWhenAllVoted;
        electors.AddRange(electorate);
    }

    public Guid Id { get; private init; }

    /// <summary>For example <c>G-2012/07</c>; unique within the board.</summary>
    public string Number { get; private init; } = "";

    public string BodyKey { get; private init; } = "";

    public int RulesVersion { get; private init; }

    public string DeliverableKey { get; private init; } = "";

    /// <summary>The text under ballot. Only a change that the chair confirms as editorial puts another in its place.</summary>
    public Guid RevisionId { get; private set; }

    public string Title { get; private init; } = "";

    /// <summary>See <see cref="BallotProcedure"/>.</summary>
    public string Procedure { get; init; } = BallotProcedure.Written;

    /// <summary>See <see cref="BallotSecrecy"/>; fixed when the ballot opens.</summary>
    public string Secrecy { get; init; } = BallotSecrecy.Open;

    /// <summary>See <see cref="BallotState"/>.</summary>
    public string State { get; private set; } = BallotState.Open;

    /// <summary>See <see cref="BallotOutcome"/>; null until it closes.</summary>
    public string? Outcome { get; private set; }

    /// <summary>See <see cref="BallotCloseReason"/>; null until it closes.</summary>
    public string? CloseReason { get; private set; }

    public bool ClosesWhenAllVoted { get; private init; }

    public DateTimeOffset NoticedAt { get; private init; }

    /// <summary>The last local day; positions count until 23:59:59 in Warsaw. Null while the term does not run.</summary>
    public DateOnly? DueOn { get; private set; }

    /// <summary>The first instant that is too late, in UTC; null while the term does not run.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>The last proven notice, from which silence runs; null while one is missing, and in other procedures.</summary>
    public DateTimeOffset? TermStartedAt { get; private set; }

    /// <summary>Which notice the electorate has: 1 from the opening, one more with each extension.</summary>
    public int NoticeRound { get; private set; } = 1;

    /// <summary>How often it was extended.</summary>
    public int Extensions { get; private set; }

    /// <summary>The last local day on which an editorial change may be contested; null while there was none.</summary>
    public DateOnly? EditorialUntil { get; private set; }

    /// <summary>When it ended without quorum and was put to the chair; null when it never was.</summary>
    public DateTimeOffset? UndecidedAt { get; private set; }

    /// <summary>The last local day for the chair's choice; null unless undecided.</summary>
    public DateOnly? DecisionDueOn { get; private set; }

    /// <summary>The ballot that this one follows; null for a first one.</summary>
    public Guid? PredecessorId { get; init; }

    /// <summary>See <see cref="BallotRelation"/>; null for a first one.</summary>
    public string? Relation { get; init; }

    /// <summary>The ballot that a workflow waits for: the first of a row of repeated ones; null for this one.</summary>
    public Guid? AwaitedAsId { get; init; }

    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Who closed it by hand; null when time or the last position did.</summary>
    public Guid? ClosedById { get; private set; }

    /// <summary>When the result was announced and took effect; null before, and without a result.</summary>
    public DateTimeOffset? AnnouncedAt { get; private set; }

    /// <summary>Who announced it; null when the closing itself did.</summary>
    public Guid? AnnouncedById { get; private set; }

    /// <summary>For example <c>7/2012</c>; null unless adopted and announced.</summary>
    public string? ResolutionNumber { get; private set; }

    public int? EntitledCount { get; private set; }

    public int? Quorum { get; private set; }

    public int? InFavourCount { get; private set; }

    public int? AgainstCount { get; private set; }

    public int? AbstainCount { get; private set; }

    /// <summary>Those whose proven silence was consent; 0 unless approval was tacit, null without a result.</summary>
    public int? SilentCount { get; private set; }

    /// <summary>Blocking objections that stood at the end; null without a result.</summary>
    public int? BlockingCount { get; private set; }

    /// <summary>Who settled a tie; null when nobody had to.</summary>
    public Guid? CastingVoteById { get; private set; }

    /// <summary>Everybody on the roll, the recused included, in the board's order.</summary>
    public IReadOnlyList<Elector> Electors => electors;

    /// <summary>
    /// Positions as they were loaded: those that stand, or every one ever cast, since superseded ones stay on record. Empty in a secret
    /// ballot.
    /// </summary>
    public IReadOnlyList<BallotPosition> Positions => positions;

    /// <summary>The counts of a secret ballot; null in an open one.</summary>
    public BallotUrn? Urn { get; init; }

    public bool IsOpen => State == BallotState.Open;

    public bool IsSecret => Secrecy == BallotSecrecy.Secret;

    /// <summary>True when it closed with a result, announced or not.</summary>
    public bool HasResult => Outcome is BallotOutcome.Adopted or BallotOutcome.NotAdopted;

    /// <summary>Silence runs from the last proven notice, or stands still.</summary>
    /// <param name="provenAt">Null while the notice to somebody is not proven.</param>
    /// <returns>True when the term is another than before.</returns>
    public bool RunSilence(DateTimeOffset? provenAt, RuleTerms rules)
    {
        if (provenAt == TermStartedAt)
        {
            return false;
        }

        var before = DueOn;
        TermStartedAt = provenAt;
        RunUntil(provenAt is { } start ? WorkingCalendar.AddWorkingDays(Warsaw.DateOf(start), rules.TacitTerm) : null);
        return before != DueOn;
    }

    private void RunUntil(DateOnly? dueOn)
    {
        DueOn = dueOn;
        DueAt = dueOn is { } day ? Warsaw.FirstInstantAfter(day) : null;
    }
}
