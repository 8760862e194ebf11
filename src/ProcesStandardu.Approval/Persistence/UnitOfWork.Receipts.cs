using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Persistence;

/// <content>A person's command runs once, however often its form is sent, and its answer is kept.</content>
public sealed partial class UnitOfWork
{
    private (Guid Actor, string Key)? receipt;

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
                        StoreReceipt(actorId, key, result.Value);
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

    private void StoreReceipt<T>(Guid actorId, string key, T response)
    {
        var command = new NpgsqlBatchCommand("update command_receipt set response = $3 where actor_id = $1 and key = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = actorId });
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(response), NpgsqlDbType = NpgsqlDbType.Jsonb });
        Queue(command);
    }
}
