using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>How a ballot is closed, announced, extended, and what may be done to its text meanwhile.</summary>
public sealed partial class Ballot
{
    /// <summary>Why the ballot closes now; null when it stays open.</summary>
    public string? ReasonToClose(DateTimeOffset now) =>
        !IsOpen ? null
        : now >= DueAt ? BallotCloseReason.Deadline
        : ClosesWhenAllVoted && !Missing().Any() && !MayBeContested(now) ? BallotCloseReason.AllVoted
        : null;

    /// <summary>
    /// Counts and ends the voting: with a result, without one, or, for lack of quorum, with the chair's choice to come. The
    /// closing instant of a term that ran out is the term's end, not the pass that noticed it.
    /// </summary>
    public Tally Close(string reason, RuleTerms rules, DateTimeOffset now, Guid? byId = null)
    {
        if (attendance is { } there)
        {
            electors.ForEach(elector => elector.NotePresence(there.Contains(elector.PersonId)));
        }

        var tally = Count(rules);
        var endedAt = reason == BallotCloseReason.Deadline ? DueAt!.Value : now;
        var isStopped = reason is BallotCloseReason.Discontinued or BallotCloseReason.NewRevision;
        if (!isStopped && tally.Outcome == BallotOutcome.Inquorate && rules.ChairDecidesInquorate)
        {
            State = BallotState.Undecided;
            UndecidedAt = endedAt;
            DecisionDueOn = WorkingCalendar.AddWorkingDays(Warsaw.DateOf(now), rules.InquorateDecisionWorkingDays);
            return tally;
        }

        Finish(isStopped ? BallotOutcome.Discontinued : tally.Outcome, reason, endedAt, byId);
        EntitledCount = tally.Entitled;
        Quorum = tally.Quorum;

        // A ballot without a result reveals none: the counts stay in the positions, which nobody is shown.
        if (HasResult)
        {
            InFavourCount = tally.InFavour;
            AgainstCount = tally.Against;
            AbstainCount = tally.Abstain;
            SilentCount = tally.Silent;
            BlockingCount = tally.Blocking;
            CastingVoteById = tally.CastingVoteById;
        }

        return tally;
    }

    /// <summary>The result takes effect.</summary>
    /// <param name="byId">Who announces it; null when the closing itself does.</param>
    public void Announce(Guid? byId, DateTimeOffset at) => (AnnouncedById, AnnouncedAt) = (byId, at);

    /// <summary>Gives an adopted ballot the number of its resolution.</summary>
    public void NumberResolution(string number) => ResolutionNumber = number;

    /// <summary>Puts an editorial change in the text's place; positions stand, each with the text that it was cast on.</summary>
    /// <param name="until">The last local day on which it may be contested; until then the ballot does not close early.</param>
    public Result<Done> TakeEditorial(Guid revisionId, DateOnly until, DateTimeOffset now)
    {
        if (!TakesPositions(now))
        {
            return new BallotIsClosed(ClosedAt, null);
        }

        if (Procedure == BallotProcedure.Tacit)
        {
            return new SilenceIsToOneText();
        }

        if (DueOn < until)
        {
            return new EditorialChangeComesTooLate(until);
        }

        (RevisionId, EditorialUntil) = (revisionId, until);
        return default(Done);
    }

    /// <summary>True while anybody on the roll may say that the last change of the text is not editorial.</summary>
    public bool MayBeContested(DateTimeOffset now) =>
        TakesPositions(now) && EditorialUntil is { } until && now < Warsaw.FirstInstantAfter(until);

    /// <summary>Opens the voting for a further term; positions cast so far stand.</summary>
    public Result<Done> Extend(DateOnly dueOn, RuleTerms rules, DateTimeOffset now)
    {
        if (State == BallotState.Closed || (IsOpen && now >= DueAt))
        {
            return new BallotIsClosed(ClosedAt, null);
        }

        if (Extensions >= rules.Extensions)
        {
            return new ExtensionsAreUsedUp(rules.Extensions);
        }

        if (DueOn is null)
        {
            return new TermDoesNotRun();
        }

        Extensions++;
        NoticeRound++;
        State = BallotState.Open;
        DecisionDueOn = null;
        RunUntil(dueOn > DueOn ? dueOn : DueOn);
        return default(Done);
    }

    /// <summary>The chair ends an undecided ballot without a decision, or to take it to a sitting.</summary>
    /// <param name="reason"><see cref="BallotCloseReason.ToSitting"/> or <see cref="BallotCloseReason.Ended"/>.</param>
    public void EndUndecided(string reason, RuleTerms rules, Guid byId, DateTimeOffset now)
    {
        var tally = Count(rules);
        Finish(BallotOutcome.Inquorate, reason, now, byId);
        EntitledCount = tally.Entitled;
        Quorum = tally.Quorum;
        DecisionDueOn = null;
    }

    private void Finish(string outcome, string reason, DateTimeOffset at, Guid? byId) =>
        (State, Outcome, CloseReason, ClosedAt, ClosedById) = (BallotState.Closed, outcome, reason, at, byId);
}
