using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Persistence;

/// <summary>
/// The one place that begins and commits: a use case's rows, the engine's state, the history and the outgoing mail are
/// one PostgreSQL transaction. Scoped: one unit of work per request or pass.
/// </summary>
/// <remarks>
/// The body may run twice, when PostgreSQL asks for it (deadlock, serialisation); it must therefore keep nothing
/// outside its context. A unit of work inside another joins it. A refusal rolls everything back.
/// </remarks>
public sealed class UnitOfWork(NpgsqlDataSource dataSource, TimeProvider time) : IAsyncDisposable
{
    private const int Attempts = 4;

    private NpgsqlConnection? connection;
    private ProcesDbContext? db;
    private readonly List<Action> afterCommit = [];
    private (Guid Actor, string Key)? receipt;

    /// <summary>True between begin and commit.</summary>
    public bool IsActive => db is not null;

    /// <summary>The context of the transaction that runs.</summary>
    /// <exception cref="InvalidOperationException">No transaction runs.</exception>
    public ProcesDbContext Db => db ?? throw new InvalidOperationException("This must run inside UnitOfWork.RunAsync.");

    /// <summary>The connection of the transaction that runs, for batches and locks.</summary>
    /// <exception cref="InvalidOperationException">No transaction runs.</exception>
    public NpgsqlConnection Connection =>
        connection ?? throw new InvalidOperationException("This must run inside UnitOfWork.RunAsync.");

    /// <summary>Entries of the history that are numbered and written at the commit.</summary>
    internal List<HistoryEntry> PendingHistory { get; } = [];

    /// <summary>Runs <paramref name="body"/> for acts that may be refused; see the overload that does the work.</summary>
    public Task<Result<T>> RunAsync<T>(Func<ProcesDbContext, Task<Result<T>>> body, CancellationToken cancellation) =>
        RunAsync<Result<T>>(body, cancellation);

    /// <summary>
    /// Runs <paramref name="body"/> in one transaction and commits it unless it answers with a refusal, or joins the one that
    /// runs already.
    /// </summary>
    [OverloadResolutionPriority(1)]
    public async Task<T> RunAsync<T>(Func<ProcesDbContext, Task<T>> body, CancellationToken cancellation)
    {
        if (IsActive)
        {
            return await body(Db);
        }

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
        }
    }

    /// <summary>
    /// Runs a person's command once: the same key again, also at the same moment on another node, gets the answer of
    /// the first. When the commit's fate is unknown the key tells it.
    /// </summary>
    /// <param name="actorId">The person who sends the form.</param>
    /// <param name="key">Made when the form was shown; null or empty runs the body without a receipt.</param>
    /// <param name="request">What was asked, to recognise the same key with other contents.</param>
    public async Task<Result<T>> OnceAsync<T>(
        Guid actorId, string? key, object request, Func<ProcesDbContext, Task<Result<T>>> body, CancellationToken cancellation)
    {
        if (string.IsNullOrEmpty(key))
        {
            return await RunAsync<T>(body, cancellation);
        }

        if (key.Length > 200)
        {
            return new FormWasAlreadyUsed();
        }

        var requestHash = System.Security.Cryptography.SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request));
        try
        {
            return await RunAsync<T>(
                async context =>
                {
                    receipt = (actorId, key);
                    if (!await TryClaimReceiptAsync(actorId, key, requestHash, cancellation))
                    {
                        return await ReadReceiptAsync<T>(Connection, actorId, key, requestHash, cancellation);
                    }

                    var result = await body(context);
                    if (result.Succeeded)
                    {
                        await context.SaveChangesAsync(cancellation);
                        await StoreReceiptAsync(actorId, key, result.Value, cancellation);
                    }

                    return result;
                },
                cancellation);
        }
        catch (CommitIsUnknownException)
        {
            await using var fresh = await dataSource.OpenConnectionAsync(cancellation);
            var answer = await ReadReceiptAsync<T>(fresh, actorId, key, requestHash, cancellation);
            return answer.Refusal is FormWasAlreadyUsed ? new OutcomeIsUnknown() : answer;
        }
        finally
        {
            receipt = null;
        }
    }

    /// <summary>
    /// Runs a part that may fail on its own: when it throws, its changes are undone and the rest of the transaction
    /// stands. Everything tracked so far is saved first.
    /// </summary>
    /// <returns>Null when the part succeeded; otherwise what it threw.</returns>
    public async Task<Exception?> TryPartAsync(Func<Task> part, CancellationToken cancellation)
    {
        await Db.SaveChangesAsync(cancellation);
        var history = PendingHistory.Count;
        var actions = afterCommit.Count;
        await ExecuteAsync("savepoint part", cancellation);
        try
        {
            await part();
            await Db.SaveChangesAsync(cancellation);
            await ExecuteAsync("release savepoint part", cancellation);
            return null;
        }
        catch (Exception error) when (error is not OperationCanceledException && !MustStartOver(error) && !IsBroken)
        {
            await ExecuteAsync("rollback to savepoint part", CancellationToken.None);
            PendingHistory.RemoveRange(history, PendingHistory.Count - history);
            afterCommit.RemoveRange(actions, afterCommit.Count - actions);

            // What was loaded may now differ from the rows: forget it, the next question reads again.
            Db.ChangeTracker.Clear();
            return error;
        }
    }

    /// <summary>Something to do once the commit is certain, such as a hint to listeners. It must not fail.</summary>
    public void AfterCommit(Action action) => afterCommit.Add(action);

    public async ValueTask DisposeAsync() => await CloseAsync();

    private bool IsBroken => connection is null || connection.FullState.HasFlag(System.Data.ConnectionState.Broken)
        || !connection.FullState.HasFlag(System.Data.ConnectionState.Open);

    private async Task<T> AttemptAsync<T>(Func<ProcesDbContext, Task<T>> body, CancellationToken cancellation)
    {
        connection = await dataSource.OpenConnectionAsync(cancellation);
        NpgsqlTransaction? transaction = null;
        T result;
        List<Action> actions;
        try
        {
            transaction = await connection.BeginTransactionAsync(cancellation);
            db = new ProcesDbContext(new DbContextOptionsBuilder<ProcesDbContext>().UseNpgsql(connection).Options);
            await db.Database.UseTransactionAsync(transaction, cancellation);

            result = await body(db);
            if (result is IOutcome { Succeeded: false })
            {
                await transaction.RollbackAsync(cancellation);
                return result;
            }

            await db.SaveChangesAsync(cancellation);
            await AuditTrail.FlushAsync(connection, PendingHistory, cancellation);
            Failpoints.Reach(Failpoints.BeforeCommit);
            await CommitAsync(transaction);
            actions = [.. afterCommit];
        }
        finally
        {
            if (transaction is not null)
            {
                await transaction.DisposeAsync();
            }

            await CloseAsync();
        }

        Failpoints.Reach(Failpoints.AfterCommit);
        foreach (var action in actions)
        {
            action();
        }

        return result;
    }

    /// <summary>
    /// Commits without a cancellation token: a cancelled COMMIT may have happened. Any end but the server's own word is
    /// unknown.
    /// </summary>
    private async Task CommitAsync(NpgsqlTransaction transaction)
    {
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception error) when (error is not PostgresException && receipt is not null)
        {
            throw new CommitIsUnknownException(error);
        }
    }

    private async Task CloseAsync()
    {
        PendingHistory.Clear();
        afterCommit.Clear();
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
    private static bool MustStartOver(Exception error) => error switch
    {
        PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected } => true,
        { InnerException: { } inner } => MustStartOver(inner),
        _ => false,
    };

    private async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, Connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<bool> TryClaimReceiptAsync(Guid actorId, string key, byte[] requestHash, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "insert into command_receipt (actor_id, key, request_hash, created_at) values ($1, $2, $3, $4) on conflict do nothing",
            Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = actorId });
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        command.Parameters.Add(new NpgsqlParameter { Value = requestHash });
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private static async Task<Result<T>> ReadReceiptAsync<T>(
        NpgsqlConnection on, Guid actorId, string key, byte[] requestHash, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select request_hash, response from command_receipt where actor_id = $1 and key = $2", on);
        command.Parameters.Add(new NpgsqlParameter { Value = actorId });
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation) || !reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(requestHash))
        {
            return new FormWasAlreadyUsed();
        }

        return JsonSerializer.Deserialize<T>(reader.GetString(1))!;
    }

    private async Task StoreReceiptAsync<T>(Guid actorId, string key, T response, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "update command_receipt set response = $3 where actor_id = $1 and key = $2", Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = actorId });
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(response), NpgsqlDbType = NpgsqlDbType.Jsonb });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>COMMIT was sent and its answer did not come.</summary>
    private sealed class CommitIsUnknownException(Exception inner) : Exception("The commit's fate is unknown.", inner);
}
