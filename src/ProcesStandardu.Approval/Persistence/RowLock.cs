using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// Locks rows in a statement of its own; what the act needs is read afterwards, in a statement that sees what those
/// before it committed. The order is always document, ballot, workflow instance.
/// </summary>
public static class RowLock
{
    /// <summary>Locks a deliverable. False when there is none with this key.</summary>
    public static Task<bool> LockDeliverableAsync(this UnitOfWork work, string key, CancellationToken cancellation) =>
        LockAsync(work, "select 1 from deliverable where key = $1 for no key update", key, cancellation);

    /// <summary>Locks a ballot. False when there is none with this id.</summary>
    public static Task<bool> LockBallotAsync(this UnitOfWork work, Guid id, CancellationToken cancellation) =>
        LockAsync(work, "select 1 from ballot where id = $1 for no key update", id, cancellation);

    /// <summary>Locks a deliverable and then a ballot on it, in one trip; each is a statement of its own.</summary>
    public static async Task LockBallotAndItsDeliverableAsync(
        this UnitOfWork work, string deliverableKey, Guid ballotId, CancellationToken cancellation)
    {
        await using var locked = await work.AskAsync(
            cancellation,
            One("select 1 from deliverable where key = $1 for no key update", deliverableKey),
            One("select 1 from ballot where id = $1 for no key update", ballotId));
        while (await locked.NextResultAsync(cancellation))
        {
            // The second answer says that both are held.
        }

        static NpgsqlBatchCommand One(string sql, object key)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new NpgsqlParameter { Value = key });
            return command;
        }
    }

    /// <summary>Locks one row chosen by a statement with one parameter. False when it finds none.</summary>
    public static async Task<bool> LockAsync(UnitOfWork work, string sql, object key, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        return await command.ExecuteScalarAsync(cancellation) is not null;
    }
}
