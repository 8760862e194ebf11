using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>How deliveries that could not be made yet are read and written.</summary>
internal static class KeptRows
{
    public const string Columns =
        "id, kind, name, hash, request, correlation_id, instance_id, bookmark_id, attempts, last_error, kept_at";

    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)];

    /// <summary>How long to wait after this many failed attempts, 1 or more.</summary>
    public static TimeSpan PauseAfter(int attempts) => Pauses[Math.Clamp(attempts, 1, Pauses.Length) - 1];

    public static NpgsqlBatchCommand Upsert(KeptDelivery delivery, bool isParked, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into kept_delivery (
              id, kind, name, hash, request, correlation_id, instance_id, bookmark_id, attempts, last_error, kept_at, next_attempt_at, parked_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            on conflict (id) do update set attempts = excluded.attempts, last_error = excluded.last_error,
              next_attempt_at = excluded.next_attempt_at, parked_at = excluded.parked_at
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = delivery.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = delivery.Kind.ToString().ToLowerInvariant() });
        command.Parameters.Add(new NpgsqlParameter { Value = delivery.Name });
        command.Parameters.Add(StoredInstances.Text(delivery.Hash));
        command.Parameters.Add(StoredInstances.Json(delivery.Request));
        command.Parameters.Add(StoredInstances.Text(delivery.CorrelationId));
        command.Parameters.Add(SqlValue.Id(delivery.InstanceId));
        command.Parameters.Add(SqlValue.Id(delivery.BookmarkId));
        command.Parameters.Add(new NpgsqlParameter { Value = delivery.Attempts });
        command.Parameters.Add(StoredInstances.Text(delivery.LastError));
        command.Parameters.Add(new NpgsqlParameter { Value = delivery.KeptAt.ToUniversalTime() });
        command.Parameters.Add(SqlValue.At(delivery.Attempts > 0 && !isParked ? now + PauseAfter(delivery.Attempts) : null));
        command.Parameters.Add(SqlValue.At(isParked ? now : null));
        return command;
    }

    /// <summary>Asks for <see cref="Columns"/> and reads the rows.</summary>
    public static async Task<List<KeptDelivery>> ReadAsync(UnitOfWork work, NpgsqlBatchCommand question, CancellationToken cancellation)
    {
        await using var reader = await work.AskAsync(cancellation, question);
        var kept = new List<KeptDelivery>();
        while (await reader.ReadAsync(cancellation))
        {
            kept.Add(Read(reader));
        }

        return kept;
    }

    private static KeptDelivery Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), Enum.Parse<DeliveryKind>(reader.GetString(1), ignoreCase: true), reader.GetString(2),
        StoredInstances.OrNull(reader, 3), reader.GetString(4), StoredInstances.OrNull(reader, 5), StoredInstances.IdOrNull(reader, 6),
        StoredInstances.IdOrNull(reader, 7), reader.GetInt32(8), StoredInstances.OrNull(reader, 9),
        reader.GetFieldValue<DateTimeOffset>(10));
}
