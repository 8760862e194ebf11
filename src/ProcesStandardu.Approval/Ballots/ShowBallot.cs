using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>One ballot as this person may see it now.</summary>
public sealed class ShowBallot(UnitOfWork work, Rights rights, BallotViews views)
{
    /// <param name="Reference">The ballot's id or its number.</param>
    public sealed record Query(string Reference, Guid PersonId);

    /// <returns>Null when there is no such ballot or it is not for this person.</returns>
    public Task<BallotView?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            if (!person.Observes)
            {
                return null;
            }

            var id = Guid.TryParse(query.Reference, out var parsed) ? parsed : Guid.Empty;
            var found = await views.OfAsync(
                db, db.Ballots.AsNoTracking().Where(b => b.Id == id || b.Number == query.Reference).OrderBy(b => b.Id).Take(1),
                person, cancellation);
            return found.SingleOrDefault();
        },
        cancellation);

    /// <summary>A ballot ready to be rendered.</summary>
    /// <param name="State">
    /// One of <see cref="BallotState"/>, or <see cref="AwaitsAnnouncement"/>: closed with a result that nobody has announced yet.
    /// </param>
    /// <param name="DueOn">Null while the term does not run.</param>
    /// <param name="TakesPositions">True while a position sent now would count.</param>
    /// <param name="Outcome">Null until there is one, and until it is announced for all but those who may announce it.</param>
    /// <param name="WorkingDaysLeft">Working days after today up to the end; 0 on the last day and without an end.</param>
    /// <param name="IsElector">True when the reader may vote in the matter.</param>
    /// <param name="RecusalBasis">Why the reader, a member, does not vote; null when he does or is no member.</param>
    /// <param name="Own">The reader's standing position; null while he has none, and in a secret ballot.</param>
    /// <param name="HasVoted">True once the reader's vote is in, also secretly or by another for him.</param>
    /// <param name="Result">The counts; null while hidden or when there is no result.</param>
    /// <param name="Conditions">What must happen; of hidden positions it tells nothing.</param>
    /// <param name="May">What the reader may do with the ballot now, by the names of <see cref="BallotAct"/>.</param>
    public sealed record BallotView(
        Guid Id, string Number, string Title, string BodyKey, string BodyName, string DeliverableKey, Guid RevisionId,
        string Revision, string ContentHash, string FileName, long FileLength, string State, string Procedure, string Secrecy,
        DateTimeOffset NoticedAt, DateOnly? DueOn, DateTimeOffset? DueAt, bool TakesPositions, DateTimeOffset? ClosedAt,
        string? Outcome, string? CloseReason, DateTimeOffset? AnnouncedAt, string? ResolutionNumber, int RulesVersion, RuleTerms Rules,
        bool ClosesWhenAllVoted, bool ResultIsHidden,
        WhatMustHappen WhatMustHappen, PassConditions? Conditions, int WorkingDaysLeft, bool IsElector, string? RecusalBasis,
        OwnPosition? Own, bool HasVoted, IReadOnlyList<ElectorView> Electors, Result? Result, IReadOnlySet<string> May,
        DateOnly? DecisionDueOn, int Extensions, Related? Before, Related? After, Upholding? ToUphold,
        IReadOnlyList<StandIn> StandsInFor, string? NewerRevision, DateOnly? DissentUntil, IReadOnlyList<Dissent> Dissents,
        IReadOnlyList<Notice> Notices, IReadOnlyList<Editorial> EditorialChanges)
    {
        /// <summary>The state of a ballot whose result waits for its announcement.</summary>
        public const string AwaitsAnnouncement = "awaits_announcement";

        public bool IsSecret => Secrecy == BallotSecrecy.Secret;

        /// <summary>True until the ballot is over for everybody.</summary>
        public bool IsRunning => State != BallotState.Closed;
    }

    /// <summary>The numbers of the sentence „co musi się stać”; nothing in it tells how anybody voted.</summary>
    /// <param name="YourPositionClosesQuorum">True when the reader has not voted and his position alone is missing to the quorum.</param>
    /// <param name="Present">How many of the electorate are at the sitting; null elsewhere, and while nobody has written it down.</param>
    /// <param name="PresentSilent">How many of those have no position: they count as abstaining.</param>
    public sealed record WhatMustHappen(
        int Cast, int Entitled, int Quorum, int MissingToQuorum, bool YourPositionClosesQuorum, int? Present = null, int PresentSilent = 0);

    /// <summary>The reader's own standing position.</summary>
    /// <param name="CastBy">Who cast it for him; null when he did himself.</param>
    public sealed record OwnPosition(
        Guid PositionId, string Kind, string? Reason, DateTimeOffset CastAt, string ContentHash, string Capacity, string? CastBy,
        string? Objection);

    /// <summary>A member on the roll.</summary>
    /// <param name="Standing">The position; null while hidden or when there is none.</param>
    /// <param name="CastBy">Who cast it for the member; null when he did himself, or while hidden.</param>
    /// <param name="Conflict">A fact that was put to him; null when there is none.</param>
    public sealed record ElectorView(
        Guid PersonId, string Name, string Position, string? Organisation, string? RecusalBasis, string? Standing, string? Reason,
        string? RecusalReason = null, string? CastBy = null, string? Objection = null, string? Conflict = null, string? Declaration = null,
        string? DeclarationText = null, bool AwaitsDecision = false, string? Alternate = null, string? AlternateBarredBasis = null,
        string? Away = null);

    /// <summary>The counts of a ballot with a result.</summary>
    /// <param name="CastingVoteBy">Who settled the tie; null when there was none.</param>
    public sealed record Result(int InFavour, int Against, int Abstain, string? CastingVoteBy, int Silent = 0, int Blocking = 0);

    /// <summary>The ballot before or after this one.</summary>
    public sealed record Related(Guid Id, string Number, string Relation, Guid RevisionId, string Revision);

    /// <summary>What the reader said on the earlier revision, to uphold or change.</summary>
    public sealed record Upholding(string Kind, string? Reason, string? Objection, string Number, Guid RevisionId, string Revision);

    /// <summary>A member for whom the reader votes.</summary>
    /// <param name="Standing">What the reader said for him; null while nothing.</param>
    public sealed record StandIn(Guid MemberId, string Name, string? Standing, bool MayNow, string? BarredBasis);

    /// <summary>A revision that took the text's place while the votes stood.</summary>
    /// <param name="BeforeHash">SHA-256 of the text before, as hexadecimal digits.</param>
    /// <param name="MayBeContested">True while anybody on the roll may say that it is not editorial.</param>
    /// <param name="ContestedBy">Who said so; null while nobody has.</param>
    public sealed record Editorial(
        Guid RevisionId, string Revision, Guid BeforeId, string Before, string BeforeHash, DateTimeOffset ConfirmedAt, string Reason,
        DateOnly Until, bool MayBeContested, string? ContestedBy, string? Contest);

    public sealed record Dissent(string Name, string Text, DateTimeOffset FiledAt);

    /// <summary>The proof of a notice, for those who keep it.</summary>
    /// <param name="ProvenAt">Null while it is not.</param>
    /// <param name="Problem">The state of the mail that has not reached him; null when it is only on its way, or proven.</param>
    public sealed record Notice(Guid PersonId, string Name, DateTimeOffset? ProvenAt, string? Problem);
}

/// <summary>What may be done with a ballot.</summary>
public static class BallotAct
{
    public const string Extend = "extend";
    public const string Close = "close";
    public const string Discontinue = "discontinue";
    public const string Announce = "announce";
    public const string Repeat = "repeat";
    public const string Reopen = "reopen";
    public const string DecideInquorate = "decide_inquorate";
    public const string Recuse = "recuse";
    public const string DecideRecusal = "decide_recusal";
    public const string EnterVote = "enter_vote";
    public const string ProveNotice = "prove_notice";
    public const string Dissent = "dissent";
    public const string ConfirmEditorial = "confirm_editorial";
    public const string ContestEditorial = "contest_editorial";
}
