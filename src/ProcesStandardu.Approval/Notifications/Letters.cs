using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>
/// Mails that an act owes and does not finish itself: facts and people, written in the act's transaction. They become finished
/// mails in one of their own, each letter once, before anything of them is sent.
/// </summary>
public sealed class Letters(UnitOfWork work, TimeProvider time)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { IgnoreReadOnlyProperties = true };

    /// <summary>The kinds that may wait as letters: their facts are whole in their JSON.</summary>
    private static readonly Dictionary<string, Type> Kinds = new()
    {
        [MailKinds.DeadlinePassed] = typeof(DeadlinePassed),
    };

    private static readonly RowSet<Letter> Rows = new(
        "outbox_letter",
        [
            RowColumn.Of<Letter, Guid>("id", NpgsqlDbType.Uuid, letter => letter.Id),
            RowColumn.Of<Letter, string>("kind", NpgsqlDbType.Text, letter => letter.Kind),
            RowColumn.Of<Letter, string>("facts", NpgsqlDbType.Jsonb, letter => letter.Facts),
            RowColumn.Of<Letter, string>("recipients", NpgsqlDbType.Jsonb, letter => letter.Recipients),
            RowColumn.Of<Letter, DateTime>("created_at", NpgsqlDbType.TimestampTz, letter => letter.At),
            RowColumn.Of<Letter, DateTime>("next_attempt_at", NpgsqlDbType.TimestampTz, letter => letter.At),
        ]);

    /// <summary>Writes letters, all in one statement. A mail without people is none.</summary>
    /// <exception cref="ArgumentException">A kind of mail that cannot wait as a letter.</exception>
    public async Task AddAsync(
        IReadOnlyCollection<(OutboundMail Mail, IReadOnlyCollection<Guid> Recipients)> mails, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var letters = mails.Where(one => one.Recipients.Count > 0).Select(one => new Letter(
            Guid.CreateVersion7(now),
            Kinds.GetValueOrDefault(one.Mail.Kind) == one.Mail.GetType()
                ? one.Mail.Kind
                : throw new ArgumentException($"Mails of the kind {one.Mail.Kind} are finished at once.", nameof(mails)),
            JsonSerializer.Serialize(one.Mail, one.Mail.GetType(), Json),
            JsonSerializer.Serialize(one.Recipients, Json),
            now.UtcDateTime)).ToList();
        if (letters.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(work.Connection);
        Rows.Insert(batch, letters);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    /// <exception cref="NotSupportedException">A newer build wrote a kind that this one does not know.</exception>
    internal static OutboundMail Read(string kind, string facts) =>
        Kinds.TryGetValue(kind, out var type)
            ? (OutboundMail)JsonSerializer.Deserialize(facts, type, Json)!
            : throw new NotSupportedException($"Letters of the kind {kind} are unknown to this build.");

    private sealed record Letter(Guid Id, string Kind, string Facts, string Recipients, DateTime At);
}

/// <summary>
/// One pass that turns letters into finished mails, oldest first. A letter goes in the transaction that brings its mails, so that
/// each is written once; one that cannot be written waits with its error and holds up no other.
/// </summary>
public sealed class WriteLetters(IServiceScopeFactory scopes, TimeProvider time, ILogger<WriteLetters> logger)
{
    private const int Batch = 100;
    private const int MostBatches = 50;

    /// <summary>Reached when a batch's mails are inserted and nothing is committed.</summary>
    public const string Written = "letters.written";

    /// <returns>How many letters became mails.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var written = 0;
        for (var batch = 0; batch < MostBatches; batch++)
        {
            List<Guid> claimed = [];
            int count;
            try
            {
                count = await WriteAsync(Batch, null, claimed, cancellation);
            }
            catch (Exception error) when (IsItsOwn(error) && claimed.Count > 0)
            {
                logger.LogWarning(error, "Of {Count} letters one cannot be written; each is tried alone", claimed.Count);
                count = await EachAloneAsync([.. claimed], cancellation);
            }

            written += count;
            if (claimed.Count < Batch)
            {
                break;
            }
        }

        return written;
    }

    private async Task<int> EachAloneAsync(IReadOnlyList<Guid> ids, CancellationToken cancellation)
    {
        var written = 0;
        foreach (var id in ids)
        {
            try
            {
                written += await WriteAsync(1, id, [], cancellation);
            }
            catch (Exception error) when (IsItsOwn(error))
            {
                logger.LogError(error, "Letter {Id} could not be written", id);
                await PostponeAsync(id, error.Message, cancellation);
            }
        }

        return written;
    }

    private async Task<int> WriteAsync(int most, Guid? only, List<Guid> claimed, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async () =>
            {
                claimed.Clear();
                var mails = new List<(OutboundMail, IReadOnlyCollection<Guid>, DateTimeOffset)>();
                var rows = await TakeAsync(work, most, only, cancellation);
                claimed.AddRange(rows.Select(row => row.Id));
                foreach (var row in rows)
                {
                    mails.Add((Letters.Read(row.Kind, row.Facts), JsonSerializer.Deserialize<Guid[]>(row.Recipients)!, row.At));
                }

                await scope.ServiceProvider.GetRequiredService<Outbox>().AddAllAsync(mails, cancellation);
                Failpoints.Reach(Written);
                return rows.Count;
            },
            cancellation);
    }

    private async Task<List<(Guid Id, string Kind, string Facts, string Recipients, DateTimeOffset At)>> TakeAsync(
        UnitOfWork work, int most, Guid? only, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            with due as (
              select id, queue_no from outbox_letter where next_attempt_at <= $1 and ($3::uuid is null or id = $3)
              order by queue_no limit $2 for update skip locked
            )
            delete from outbox_letter as letter using due where letter.id = due.id
            returning letter.id, letter.kind, letter.facts, letter.recipients, letter.created_at, letter.queue_no
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = most });
        command.Parameters.Add(SqlValue.Id(only));
        var rows = new List<(long No, (Guid, string, string, string, DateTimeOffset) Row)>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add((reader.GetInt64(5), (
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4))));
        }

        return [.. rows.OrderBy(row => row.No).Select(row => row.Row)];
    }

    private async Task PostponeAsync(Guid id, string error, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await work.RunAsync(
            async () =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    update outbox_letter set failures = failures + 1, last_error = left($3, 500),
                      next_attempt_at = $2 + least(failures + 1, 60) * interval '1 minute'
                    where id = $1
                    """,
                    work.Connection);
                command.Parameters.Add(new NpgsqlParameter { Value = id });
                command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() });
                command.Parameters.Add(new NpgsqlParameter { Value = error });
                return await command.ExecuteNonQueryAsync(cancellation);
            },
            cancellation);
    }

    // The database being away, or the pass being stopped, says nothing about the letters.
    private static bool IsItsOwn(Exception error) =>
        error is not OperationCanceledException and (not NpgsqlException or PostgresException);
}
