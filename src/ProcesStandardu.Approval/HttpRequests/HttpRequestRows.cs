using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>Takes the requests of workflows into rows of the burst's transaction.</summary>
public sealed class QueuedRequests(UnitOfWork work, TimeProvider time) : IOutboundRequests
{
    public async ValueTask AddAsync(OutboundRequest request, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into workflow_http_request (
              id, instance_id, activity_id, stimulus_name, method, url, headers, content_type, content, expected_status_codes,
              state, next_attempt_at, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', $11, $11)
            """,
            work.Connection);
        Add(command, request.Id);
        Add(command, request.InstanceId);
        Add(command, request.ActivityId);
        Add(command, request.StimulusName);
        Add(command, request.Method);
        Add(command, request.Url.AbsoluteUri);
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(request.Headers), NpgsqlDbType = NpgsqlDbType.Jsonb });
        AddText(command, request.ContentType);
        AddText(command, request.Content?.Replace('\0', '\uFFFD'));
        Add(command, request.ExpectedStatusCodes.ToArray());
        Add(command, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async ValueTask WithdrawAsync(Guid requestId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            update workflow_http_request set state = 'withdrawn', next_attempt_at = null, ended_at = $2, headers = '[]', content = null
            where id = $1 and state in ('pending', 'retry')
            """,
            work.Connection);
        Add(command, requestId);
        Add(command, time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static void Add(NpgsqlCommand command, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value });

    private static void AddText(NpgsqlCommand command, string? value) =>
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
}

/// <summary>A request that this process is sending.</summary>
/// <param name="Attempts">Sendings begun, this one included.</param>
/// <param name="Epoch">The claim's number; a sender that was given up changes nothing any more.</param>
internal sealed record ClaimedRequest(
    Guid Id, Guid InstanceId, string StimulusName, string Method, Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers,
    string? ContentType, string? Content, IReadOnlyList<int> ExpectedStatusCodes, int Attempts, long Epoch);

/// <summary>The statements that move a request from state to state.</summary>
/// <remarks>Leases are real time by the database's clock; every other instant is the programme's.</remarks>
internal static class HttpRequestRows
{
    /// <summary>Gives requests of senders that gave no sign of life back to the queue.</summary>
    public static Task<int> ReclaimAsync(NpgsqlDataSource dataSource, DateTimeOffset now, CancellationToken cancellation) => ExecuteAsync(
        dataSource.CreateCommand(
            """
            update workflow_http_request set state = 'retry', next_attempt_at = $1, lease_until = null, last_error = 'sender_was_lost'
            where id in (select id from workflow_http_request where lease_until < clock_timestamp() for update skip locked)
            """),
        cancellation,
        now);

    /// <summary>Takes the earliest request that is due; null when there is none.</summary>
    public static async Task<ClaimedRequest?> ClaimAsync(
        NpgsqlDataSource dataSource, DateTimeOffset now, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand(
            """
            update workflow_http_request set state = 'sending', attempts = attempts + 1, epoch = epoch + 1, next_attempt_at = null,
              lease_until = clock_timestamp() + $2
            where id = (select id from workflow_http_request where next_attempt_at <= $1 order by next_attempt_at, id limit 1
              for update skip locked)
            returning id, instance_id, stimulus_name, method, url, headers, content_type, content, expected_status_codes, attempts, epoch
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        command.Parameters.Add(new NpgsqlParameter { Value = lease });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new ClaimedRequest(
                row.GetGuid(0), row.GetGuid(1), row.GetString(2), row.GetString(3), new Uri(row.GetString(4)),
                JsonSerializer.Deserialize<List<KeyValuePair<string, string>>>(row.GetString(5))!,
                row.IsDBNull(6) ? null : row.GetString(6), row.IsDBNull(7) ? null : row.GetString(7),
                row.GetFieldValue<int[]>(8), row.GetInt32(9), row.GetInt64(10))
            : null;
    }

    /// <summary>Lets a claimed request wait for its next sending.</summary>
    public static Task<int> PutOffAsync(
        NpgsqlDataSource dataSource, ClaimedRequest claim, DateTimeOffset until, string reason, CancellationToken cancellation) => ExecuteAsync(
        dataSource.CreateCommand(
            """
            update workflow_http_request set state = 'retry', next_attempt_at = $3, lease_until = null, last_error = $4
            where id = $1 and epoch = $2 and state = 'sending'
            """),
        cancellation,
        claim.Id, claim.Epoch, until, reason);

    /// <summary>Writes how a request ended. False when it is no longer this sender's.</summary>
    public static async Task<bool> EndAsync(
        UnitOfWork work, ClaimedRequest claim, int? statusCode, string? reason, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            update workflow_http_request set state = case when $3::int is null then 'failed' else 'answered' end, status_code = $3,
              last_error = $4, ended_at = $5, lease_until = null, headers = '[]', content = null
            where id = $1 and epoch = $2 and state = 'sending'
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = claim.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = claim.Epoch });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)statusCode ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private static async Task<int> ExecuteAsync(NpgsqlCommand command, CancellationToken cancellation, params object[] parameters)
    {
        await using (command)
        {
            foreach (var value in parameters)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            return await command.ExecuteNonQueryAsync(cancellation);
        }
    }
}
