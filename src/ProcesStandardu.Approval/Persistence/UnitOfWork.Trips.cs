using Npgsql;

namespace ProcesStandardu.Approval.Persistence;

/// <content>
/// Trips to the server. Writes that need no answer are queued and travel with the next question or with the commit; so
/// an engine's burst costs one trip to lock and read and one to write and commit.
/// </content>
public sealed partial class UnitOfWork
{
    /// <summary>
    /// Queues a write that needs no answer. Everything that goes over this unit of work, be it EF's or by hand, comes after it.
    /// </summary>
    /// <remarks>Should it fail, the whole body is run again; then the part that it belongs to fails alone.</remarks>
    public void Queue(QueuedWrite write) => queue.Add(write);

    /// <summary>Queues one statement that needs no answer and has none.</summary>
    public void Queue(NpgsqlBatchCommand command) => queue.Add(new QueuedCommand(command));

    /// <summary>Sends what is queued and asks these questions in the same trip; the reader stands at the answer to the first.</summary>
    internal async Task<NpgsqlDataReader> AskAsync(CancellationToken cancellation, params IEnumerable<NpgsqlBatchCommand> questions)
    {
        var batch = new NpgsqlBatch(Open);
        queue.MoveTo(batch);
        var queued = batch.BatchCommands.Count;
        foreach (var question in questions)
        {
            batch.BatchCommands.Add(question);
        }

        try
        {
            // The reader passes over statements without rows, and so stands at the first question's.
            return await batch.ExecuteReaderAsync(cancellation);
        }
        catch (PostgresException error) when (queued > 0 && MayBeOfQueued(error))
        {
            throw new QueuedWriteException(error);
        }
    }

    /// <summary>Sends what is queued, if anything.</summary>
    internal async Task SendAsync(CancellationToken cancellation)
    {
        if (TakeQueued() is not { } batch)
        {
            return;
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException error) when (MayBeOfQueued(error))
        {
            throw new QueuedWriteException(error);
        }
    }

    /// <summary>The same for callers that cannot wait, such as a property.</summary>
    internal void Send()
    {
        if (TakeQueued() is not { } batch)
        {
            return;
        }

        try
        {
            batch.ExecuteNonQuery();
        }
        catch (PostgresException error) when (MayBeOfQueued(error))
        {
            throw new QueuedWriteException(error);
        }
    }

    private NpgsqlBatch? TakeQueued()
    {
        if (queue.IsEmpty)
        {
            return null;
        }

        var batch = new NpgsqlBatch(Open);
        queue.MoveTo(batch);
        return batch;
    }

    // The server does not say which statement it was: should it have been a question, to run again carefully is right all the same.
    private bool MayBeOfQueued(PostgresException error) => !IsCareful && !MustStartOver(error);
}
