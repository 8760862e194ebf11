using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>The ballots as lists: those that wait for this person's position, those of a document, all of them.</summary>
public sealed class ListBallots(UnitOfWork work, Rights rights, BallotViews views)
{
    /// <summary>The most ballots that one list shows.</summary>
    public const int Most = 200;

    /// <param name="OnlyToVoteOn">
    /// True: open ballots in which this person may vote, for himself or for an absent member, voted or not, the earliest end first.
    /// </param>
    /// <param name="DeliverableKey">Only ballots on this document; null for all.</param>
    /// <param name="WorkKey">Only ballots on documents of this standard or model; null for all.</param>
    public sealed record Query(Guid PersonId, bool OnlyToVoteOn = false, string? DeliverableKey = null, string? WorkKey = null);

    /// <returns>Empty for people who may not know of ballots.</returns>
    public Task<IReadOnlyList<ShowBallot.BallotView>> HandleAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<ShowBallot.BallotView>>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                if (!person.Observes)
                {
                    return [];
                }

                var ballots = db.Ballots.AsNoTracking();
                if (query.OnlyToVoteOn)
                {
                    ballots = ballots.Where(ballot => ballot.State == BallotState.Open && ballot.Electors.Any(elector =>
                        (elector.PersonId == query.PersonId || elector.AlternateId == query.PersonId) && elector.RecusalBasis == null));
                }

                if (query.DeliverableKey is { } deliverable)
                {
                    ballots = ballots.Where(ballot => ballot.DeliverableKey == deliverable);
                }

                if (query.WorkKey is { } standard)
                {
                    ballots = ballots.Where(ballot => db.Deliverables.Any(d => d.Key == ballot.DeliverableKey && d.WorkKey == standard));
                }

                var found = await views.OfAsync(
                    db,
                    ballots.OrderBy(ballot => ballot.State == BallotState.Closed ? 1 : 0)
                        .ThenBy(ballot => ballot.State != BallotState.Closed ? ballot.DueAt : null)
                        .ThenByDescending(ballot => ballot.NoticedAt).Take(Most),
                    person, cancellation);
                return query.OnlyToVoteOn
                    ? [.. found.Where(view => view.TakesPositions && (view.IsElector || view.StandsInFor.Any(stand => stand.MayNow)))]
                    : found;
            },
            cancellation);
}
