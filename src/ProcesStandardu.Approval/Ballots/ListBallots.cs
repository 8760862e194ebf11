using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>The ballots as lists: those that wait for this person's position, those of a document, all of them.</summary>
public sealed class ListBallots(UnitOfWork work, Rights rights, ShowBallot show)
{
    /// <param name="OnlyToVoteOn">True: open ballots in which this person may vote, voted or not, the earliest end first.</param>
    /// <param name="DeliverableKey">Only ballots on this document; null for all.</param>
    /// <param name="WorkKey">Only ballots on documents of this standard or model; null for all.</param>
    public sealed record Query(Guid PersonId, bool OnlyToVoteOn = false, string? DeliverableKey = null, string? WorkKey = null);

    /// <returns>Empty for people who may not know of ballots.</returns>
    public Task<IReadOnlyList<ShowBallot.BallotView>> HandleAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<ShowBallot.BallotView>>(
            async db =>
            {
                if (!(await rights.OfAsync(query.PersonId, cancellation)).Observes)
                {
                    return [];
                }

                var ballots = db.Ballots.AsNoTracking();
                if (query.OnlyToVoteOn)
                {
                    ballots = ballots.Where(ballot => ballot.State == BallotState.Open && ballot.Electors.Any(
                        elector => elector.PersonId == query.PersonId && elector.RecusalBasis == null));
                }

                if (query.DeliverableKey is { } deliverable)
                {
                    ballots = ballots.Where(ballot => ballot.DeliverableKey == deliverable);
                }

                if (query.WorkKey is { } standard)
                {
                    ballots = ballots.Where(ballot => db.Deliverables.Any(d => d.Key == ballot.DeliverableKey && d.WorkKey == standard));
                }

                var numbers = await ballots.OrderBy(ballot => ballot.State == BallotState.Open ? 0 : 1)
                    .ThenBy(ballot => ballot.State == BallotState.Open ? ballot.DueAt : DateTimeOffset.MaxValue)
                    .ThenByDescending(ballot => ballot.NoticedAt)
                    .Select(ballot => ballot.Id).Take(200).ToListAsync(cancellation);
                var views = new List<ShowBallot.BallotView>(numbers.Count);
                foreach (var id in numbers)
                {
                    if (await show.HandleAsync(new ShowBallot.Query(id.ToString("D"), query.PersonId), cancellation) is { } view)
                    {
                        views.Add(view);
                    }
                }

                return query.OnlyToVoteOn ? [.. views.Where(view => view.TakesPositions)] : views;
            },
            cancellation);
}
