using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// One pass that lets silence run as its notices are proven, and reminds vice-chair and secretary of a ballot without quorum on
/// which the chair has not decided in time.
/// </summary>
public sealed class WatchBallots(IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <returns>How many terms changed and how many reminders went out.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var moved = 0;
        foreach (var (ballotId, deliverableKey) in await WatchedAsync(cancellation))
        {
            await using var scope = scopes.CreateAsyncScope();
            moved += await WatchAsync(scope.ServiceProvider, ballotId, deliverableKey, cancellation) ? 1 : 0;
        }

        return moved;
    }

    private async Task<bool> WatchAsync(IServiceProvider services, Guid ballotId, string deliverableKey, CancellationToken cancellation)
    {
        var work = services.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async db =>
            {
                if (!await RowLock.LockAsync(
                    work, "select 1 from deliverable where key = $1 for no key update skip locked", deliverableKey, cancellation))
                {
                    return false;
                }

                var scene = await services.GetRequiredService<BallotActs>().LockedAsync(db, ballotId, time.GetUtcNow(), cancellation);
                return scene.Ballot switch
                {
                    // What had run out before a notice came back has run out.
                    { Procedure: BallotProcedure.Tacit } ballot when ballot.TakesPositions(scene.Now) =>
                        await services.GetRequiredService<NoticeProof>().ApplyAsync(scene, cancellation),
                    { State: BallotState.Undecided, DecisionDueOn: { } until } ballot when scene.Now >= Warsaw.FirstInstantAfter(until) =>
                        await services.GetRequiredService<Outbox>().AddAsync(
                            new BallotNews(scene.Case, BallotNewsOf.UndecidedStill, ballot.NoticeRound.ToString(System.Globalization.CultureInfo.InvariantCulture)),
                            await scene.HoldersAsync([BodyPosition.ViceChair, BodyPosition.Secretary], cancellation), cancellation) > 0,
                    _ => false,
                };
            },
            cancellation);
    }

    /// <summary>Open ballots by silence whose proofs may have changed, and undecided ones past their day.</summary>
    private async Task<List<(Guid BallotId, string DeliverableKey)>> WatchedAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            select id, deliverable_key from ballot
            where (state = 'open' and procedure = 'tacit') or (state = 'undecided' and decision_due_on < $1)
            order by id
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = Warsaw.DateOf(time.GetUtcNow()) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var watched = new List<(Guid, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            watched.Add((reader.GetGuid(0), reader.GetString(1)));
        }

        return watched;
    }
}
