using System.Runtime.CompilerServices;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// The one place that begins and commits: a use case's rows, the engine's state, the history and the outgoing mail are
/// one PostgreSQL transaction. Scoped: one unit of work per request or pass.
/// </summary>
/// <remarks>
/// The body may run twice: when PostgreSQL asks for it (deadlock, serialisation), and when something that was queued to
/// be written with the commit fails there. It must therefore keep nothing outside its context. A unit of work inside
/// another joins it. A refusal rolls everything back.
/// </remarks>
public sealed partial class UnitOfWork(NpgsqlDataSource dataSource, TimeProvider time) : IAsyncDisposable
{
    private const int Attempts = 4;

    private readonly WriteQueue queue = new();
    private readonly List<Action> afterCommit = [];
    private NpgsqlConnection? connection;
    private NpgsqlTransaction? transaction;
    private ProcesDbContext? db;

    /// <summary>True between begin and commit.</summary>
    public bool IsActive => transaction is not null;

    /// <summary>The context of the transaction that runs; made when it is first asked for.</summary>
    /// <exception cref="InvalidOperationException">No transaction runs.</exception>
    public ProcesDbContext Db => db ??= ProcesDbContext.In(this, Open, transaction!);

    /// <summary>The connection of the transaction that runs, for statements that need their answer; what is queued is sent first.</summary>
    /// <exception cref="InvalidOperationException">No transaction runs.</exception>
    public NpgsqlConnection Connection
    {
        get
        {
            Send();
            return Open;
        }
    }

    /// <summary>
    /// True in the second run of a body whose queued writes failed in the first: each part now writes before it ends, so
    /// that the one at fault is undone alone, and nothing is taken on trust.
    /// </summary>
    internal bool IsCareful { get; private set; }

    /// <summary>Entries of the history that are numbered and written at the commit.</summary>
    internal List<HistoryEntry> PendingHistory { get; } = [];

    private NpgsqlConnection Open => transaction is null
        ? throw new InvalidOperationException("This must run inside UnitOfWork.RunAsync.")
        : connection!;

    private bool IsBroken => connection is null || connection.FullState.HasFlag(System.Data.ConnectionState.Broken)
        || !connection.FullState.HasFlag(System.Data.ConnectionState.Open);

    /// <summary>Runs <paramref name="body"/> for acts that may be refused; see the overload that does the work.</summary>
    public Task<Result<T>> RunAsync<T>(Func<ProcesDbContext, Task<Result<T>>> body, CancellationToken cancellation) =>
        RunAsync<Result<T>>(() => body(Db), cancellation);

    /// <summary>Runs <paramref name="body"/> with the context; see the overload that does the work.</summary>
    [OverloadResolutionPriority(1)]
    public Task<T> RunAsync<T>(Func<ProcesDbContext, Task<T>> body, CancellationToken cancellation) =>
        RunAsync(() => body(Db), cancellation);

    /// <summary>
    /// Runs <paramref name="body"/> in one transaction and commits it unless it answers with a refusal, or joins the one that
    /// runs already.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> body, CancellationToken cancellation)
    {
        if (IsActive)
        {
            return await body();
        }

        IsCareful = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(body, cancellation);
            }
            catch (Exception error) when (attempt < Attempts && MustStartOver(error))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5 * attempt), time, cancellation);
            }
            catch (Exception error) when (!IsCareful && Find<QueuedWriteException>(error) is not null)
            {
                IsCareful = true;
            }
        }
    }

    /// <summary>
    /// Runs a part that may fail on its own: when it throws, its changes are undone and the rest of the transaction
    /// stands. Everything tracked so far is saved first.
    /// </summary>
    /// <returns>Null when the part succeeded; otherwise what it threw.</returns>
    public async Task<Exception?> TryPartAsync(Func<Task> part, CancellationToken cancellation)
    {
        await SaveAsync(cancellation);
        var history = PendingHistory.Count;
        var actions = afterCommit.Count;
        var savepoint = new QueuedSavepoint();
        queue.Add(savepoint);
        try
        {
            await part();
            await SaveAsync(cancellation);
            if (IsCareful)
            {
                await SendAsync(cancellation);
            }

            if (savepoint.IsSent)
            {
                Queue(new NpgsqlBatchCommand("release savepoint part"));
            }
            else
            {
                queue.Remove(savepoint);
            }

            return null;
        }
        catch (Exception error) when (error is not OperationCanceledException && !MustStartOver(error)
            && Find<QueuedWriteException>(error) is null && !IsBroken)
        {
            if (savepoint.IsSent)
            {
                queue.Clear();
                await using var undo = new NpgsqlBatch(connection)
                {
                    // Released as well: an outer part's savepoint has the same name.
                    BatchCommands = { new("rollback to savepoint part"), new("release savepoint part") },
                };
                await undo.ExecuteNonQueryAsync(CancellationToken.None);
            }
            else
            {
                queue.Truncate(savepoint);
            }

            PendingHistory.RemoveRange(history, PendingHistory.Count - history);
            afterCommit.RemoveRange(actions, afterCommit.Count - actions);

            // What was loaded may now differ from the rows: forget it, the next question reads again.
            db?.ChangeTracker.Clear();
            return error;
        }
    }

    /// <summary>Something to do once the commit is certain, such as a hint to listeners. It must not fail.</summary>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    public async ValueTask DisposeAsync() => await CloseAsync();

    private async Task<T> AttemptAsync<T>(Func<Task<T>> body, CancellationToken cancellation)
    {
        connection = await dataSource.OpenConnectionAsync(cancellation);
        T result;
        Action[] actions;
        try
        {
            // Nothing is sent yet: BEGIN goes with the first statement.
            transaction = await connection.BeginTransactionAsync(cancellation);
            Failpoints.Reach(Failpoints.Begun);
            result = await body();
            if (result is IOutcome { Succeeded: false })
            {
                await transaction.RollbackAsync(cancellation);
                return result;
            }

            await SaveAsync(cancellation);
            if (PendingHistory.Count > 0)
            {
                await AuditTrail.WriteAsync(this, PendingHistory, cancellation);
            }

            Failpoints.Reach(Failpoints.BeforeCommit);
            await CommitAsync();
            actions = [.. afterCommit];
        }
        finally
        {
            await CloseAsync();
        }

        Failpoints.Reach(Failpoints.AfterCommit);
        foreach (var action in actions)
        {
            action();
        }

        return result;
    }

    private async Task SaveAsync(CancellationToken cancellation)
    {
        if (db is not null)
        {
            await db.SaveChangesAsync(cancellation);
        }
    }

    /// <summary>
    /// Commits, in one trip with what is queued, and without a cancellation token: a cancelled COMMIT may have happened.
    /// Any end but the server's own word is unknown.
    /// </summary>
    private async Task CommitAsync()
    {
        Queue(new NpgsqlBatchCommand("commit"));
        try
        {
            await SendAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is not (PostgresException or QueuedWriteException) && receipt is not null)
        {
            throw new CommitIsUnknownException(error);
        }
    }

    private async Task CloseAsync()
    {
        queue.Clear();
        PendingHistory.Clear();
        afterCommit.Clear();
        if (transaction is not null)
        {
            // Rolls back what was not committed.
            await transaction.DisposeAsync();
            transaction = null;
        }

        if (db is not null)
        {
            await db.DisposeAsync();
            db = null;
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
            connection = null;
        }
    }

    /// <summary>PostgreSQL undid the transaction for a reason that a second run settles: 40001, 40P01.</summary>
    private static bool MustStartOver(Exception error) =>
        Find<PostgresException>(error) is
        {
            SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected,
        };

    private static T? Find<T>(Exception? error)
        where T : Exception
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is T found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>COMMIT was sent and its answer did not come.</summary>
    private sealed class CommitIsUnknownException(Exception inner) : Exception("The commit's fate is unknown.", inner);

    /// <summary>Something queued could not be written; who queued it has gone on. The body is run again, carefully.</summary>
    private sealed class QueuedWriteException(PostgresException inner) : Exception("A queued write failed.", inner);
}
