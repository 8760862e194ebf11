using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>One ballot as this person may see it now.</summary>
public sealed class ShowBallot(UnitOfWork work, Rights rights, TimeProvider time)
{
    /// <param name="Reference">The ballot's id or its number.</param>
    public sealed record Query(string Reference, Guid PersonId);

    /// <returns>Null when there is no such ballot or it is not for this person.</returns>
    public Task<BallotView?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            if (!(await rights.OfAsync(query.PersonId, cancellation)).Observes)
            {
                return null;
            }

            var id = Guid.TryParse(query.Reference, out var parsed) ? parsed : Guid.Empty;
            var ballot = await db.Ballots.AsNoTracking().Include(b => b.Electors).Include(b => b.Positions)
                .FirstOrDefaultAsync(b => b.Id == id || b.Number == query.Reference, cancellation);
            return ballot is null ? null : await ViewAsync(db, ballot, query.PersonId, cancellation);
        },
        cancellation);

    private async Task<BallotView> ViewAsync(ProcesDbContext db, Ballot ballot, Guid personId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var rules = await db.RulesOfProcedure.AsNoTracking()
            .SingleAsync(r => r.BodyKey == ballot.BodyKey && r.Version == ballot.RulesVersion, cancellation);
        var terms = rules.Read();
        var body = await db.Bodies.AsNoTracking().SingleAsync(b => b.Key == ballot.BodyKey, cancellation);
        var revision = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
        var file = await db.StoredFiles.AsNoTracking().SingleAsync(f => f.Id == revision.FileId, cancellation);
        var ids = ballot.Electors.Select(elector => elector.PersonId).ToList();
        var people = await db.People.AsNoTracking().Where(person => ids.Contains(person.Id))
            .ToDictionaryAsync(person => person.Id, cancellation);
        var organisations = await db.Organisations.AsNoTracking()
            .ToDictionaryAsync(organisation => organisation.Key, organisation => organisation.Name, cancellation);

        var takesPositions = ballot.IsOpen && now < ballot.DueAt;
        var revealed = Reveals(ballot, terms);
        var own = ballot.StandingOf(personId);
        var voter = ballot.Voters().SingleOrDefault(candidate => candidate.PersonId == personId);
        var tally = BallotTally.Count(ballot.Voters(), terms);

        return new BallotView(
            ballot.Id, ballot.Number, ballot.Title, body.Key, body.Name, ballot.DeliverableKey, ballot.RevisionId,
            revision.Number.ToString(), Convert.ToHexStringLower(file.Sha256), file.FileName, file.Length,
            ballot.NoticedAt, ballot.DueOn, ballot.DueAt, takesPositions, ballot.ClosedAt,
            ballot.Outcome, ballot.CloseReason, ballot.ResolutionNumber, rules.Version, ballot.ClosesWhenAllVoted, terms.ResultHiddenUntilClosed,
            new WhatMustHappen(
                tally.Cast, tally.Entitled, tally.Quorum, tally.MissingToQuorum,
                takesPositions && voter is { Standing: null } && tally.MissingToQuorum == 1),
            WorkingCalendar.WorkingDaysBetween(Warsaw.DateOf(now), ballot.DueOn),
            voter is not null,
            ballot.Electors.SingleOrDefault(elector => elector.PersonId == personId)?.RecusalBasis,
            own is null ? null : new OwnPosition(own.Id, own.Kind, own.Reason, own.CastAt, Convert.ToHexStringLower(own.ContentHash)),
            [.. ballot.Electors.OrderBy(elector => elector.Ordinal).Select(elector =>
            {
                var person = people[elector.PersonId];
                return new ElectorView(
                    person.Id, person.DisplayName, elector.Position,
                    person.OrganisationKey is { } key ? organisations.GetValueOrDefault(key, key) : null,
                    elector.RecusalBasis,
                    revealed ? ballot.StandingOf(person.Id)?.Kind : null,
                    revealed ? ballot.StandingOf(person.Id)?.Reason : null);
            })],
            ballot is { InFavourCount: { } inFavour, AgainstCount: { } against, AbstainCount: { } abstain } && revealed
                ? new Result(inFavour, against, abstain, ballot.CastingVoteById is { } by ? people[by].DisplayName : null)
                : null);
    }

    /// <summary>
    /// Who voted how is shown once there is a result; an open ballot of a board that hides results, and one that ended
    /// without a result, show it to nobody.
    /// </summary>
    private static bool Reveals(Ballot ballot, RuleTerms terms) =>
        ballot.IsOpen ? !terms.ResultHiddenUntilClosed : ballot.Outcome is BallotOutcome.Adopted or BallotOutcome.NotAdopted;

    /// <summary>A ballot ready to be rendered.</summary>
    /// <param name="TakesPositions">True while a position sent now would count.</param>
    /// <param name="WorkingDaysLeft">Working days after today up to the end; 0 on the last day.</param>
    /// <param name="IsElector">True when the reader may vote in the matter.</param>
    /// <param name="RecusalBasis">Why the reader, a member, does not vote; null when he does or is no member.</param>
    /// <param name="Own">The reader's standing position; null while he has none.</param>
    /// <param name="Result">The counts; null while hidden or when there is no result.</param>
    public sealed record BallotView(
        Guid Id, string Number, string Title, string BodyKey, string BodyName, string DeliverableKey, Guid RevisionId,
        string Revision, string ContentHash, string FileName, long FileLength,
        DateTimeOffset NoticedAt, DateOnly DueOn, DateTimeOffset DueAt, bool TakesPositions, DateTimeOffset? ClosedAt,
        string? Outcome, string? CloseReason, string? ResolutionNumber, int RulesVersion, bool ClosesWhenAllVoted, bool ResultIsHidden,
        WhatMustHappen WhatMustHappen, int WorkingDaysLeft, bool IsElector, string? RecusalBasis, OwnPosition? Own,
        IReadOnlyList<ElectorView> Electors, Result? Result);

    /// <summary>The numbers of the sentence „co musi się stać”; nothing in it tells how anybody voted.</summary>
    /// <param name="YourPositionClosesQuorum">True when the reader has not voted and his position alone is missing to the quorum.</param>
    public sealed record WhatMustHappen(int Cast, int Entitled, int Quorum, int MissingToQuorum, bool YourPositionClosesQuorum);

    /// <summary>The reader's own standing position.</summary>
    public sealed record OwnPosition(Guid PositionId, string Kind, string? Reason, DateTimeOffset CastAt, string ContentHash);

    /// <summary>A member on the roll.</summary>
    /// <param name="Standing">The position; null while hidden or when there is none.</param>
    public sealed record ElectorView(
        Guid PersonId, string Name, string Position, string? Organisation, string? RecusalBasis, string? Standing, string? Reason);

    /// <summary>The counts of a ballot with a result.</summary>
    /// <param name="CastingVoteBy">Who settled the tie; null when there was none.</param>
    public sealed record Result(int InFavour, int Against, int Abstain, string? CastingVoteBy);
}
