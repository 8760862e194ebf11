using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>One pass that closes the ballots whose term is over. Any number of nodes may run it; each ballot closes once.</summary>
public sealed class CloseDueBallots(IServiceScopeFactory scopes, NpgsqlDataSource dataSource, TimeProvider time)
{
    private const int Batch = 50;

    /// <returns>How many ballots this pass closed.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var closed = 0;
        foreach (var (ballotId, deliverableKey) in await DueAsync(cancellation))
        {
            await using var scope = scopes.CreateAsyncScope();
            closed += await CloseAsync(scope.ServiceProvider, ballotId, deliverableKey, cancellation) ? 1 : 0;
        }

        return closed;
    }

    /// <summary>
    /// The rows are found without a lock and locked one by one in the usual order, document before ballot; another
    /// node's document is left to it.
    /// </summary>
    private async Task<bool> CloseAsync(
        IServiceProvider services, Guid ballotId, string deliverableKey, CancellationToken cancellation)
    {
        var work = services.GetRequiredService<UnitOfWork>();
        var closing = services.GetRequiredService<BallotClosing>();
        return await work.RunAsync(
            async db =>
            {
                if (!await RowLock.LockAsync(
                    work, "select 1 from deliverable where key = $1 for no key update skip locked", deliverableKey, cancellation))
                {
                    return false;
                }

                var scene = await services.GetRequiredService<BallotActs>().LockedAsync(db, ballotId, time.GetUtcNow(), cancellation);
                if (scene.Ballot.ReasonToClose(scene.Now) is not { } reason)
                {
                    return false;
                }

                await closing.CloseAsync(scene.Ballot, reason, scene.Rules, scene.Now, cancellation);
                return true;
            },
            cancellation);
    }

    private async Task<List<(Guid BallotId, string DeliverableKey)>> DueAsync(CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            "select id, deliverable_key from ballot where state = 'open' and due_at <= $1 order by due_at limit $2");
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = Batch });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<(Guid, string)>();
        while (await reader.ReadAsync(cancellation))
        {
            due.Add((reader.GetGuid(0), reader.GetString(1)));
        }

        return due;
    }
}
