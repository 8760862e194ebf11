using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace ProcesStandardu.Testing;

/// <summary>One row of the history as somebody who owns the database sees it.</summary>
/// <param name="Details">JSON, already in the spelling that is hashed: properties by name, no white space.</param>
public sealed record ForgedRow(
    Guid Id, string Subject, long Seq, string Kind, Guid? Actor, Guid? OnBehalfOf, DateTimeOffset At, string Details, byte[] Previous, byte[] Hash);

/// <summary>
/// Rewrites the history with the rights of the database's owner and full knowledge of how entries are hashed; written from the
/// description of the format, not with the product's code.
/// </summary>
public sealed class HistoryForger(TestDatabase database)
{
    /// <summary>SHA-256 over the hash before and every field, each behind its length.</summary>
    public static byte[] HashOf(ForgedRow row)
    {
        var text = new MemoryStream();
        text.Write(row.Previous);
        string[] fields =
        [
            row.Id.ToString("D"), row.Subject, row.Seq.ToString(CultureInfo.InvariantCulture), row.Kind, row.Actor?.ToString("D") ?? "",
            row.OnBehalfOf?.ToString("D") ?? "",
            row.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture), row.Details,
        ];
        var length = new byte[4];
        foreach (var field in fields)
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
            text.Write(length);
            text.Write(bytes);
        }

        return SHA256.HashData(text.ToArray());
    }

    /// <summary>The same rows as one chain of this subject, numbered and hashed anew.</summary>
    public static List<ForgedRow> Chained(string subject, IEnumerable<ForgedRow> rows)
    {
        var chain = new List<ForgedRow>();
        byte[] previous = [];
        foreach (var row in rows)
        {
            var next = row with { Subject = subject, Seq = chain.Count + 1, Previous = previous };
            next = next with { Hash = previous = HashOf(next) };
            chain.Add(next);
        }

        return chain;
    }

    /// <summary>Runs SQL that the triggers of the record would forbid.</summary>
    public Task<int> ExecuteAsync(string sql) =>
        database.ExecuteAsync("set session_replication_role = replica; " + sql + "; set session_replication_role = origin");

    /// <summary>A chain's rows in their order.</summary>
    public async Task<List<ForgedRow>> ReadAsync(string subject)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            select id, subject, seq, kind, actor_id, on_behalf_of_id, at, replace(replace(details::text, '": ', '":'), ', "', ',"'), previous_hash, hash
            from history_entry where subject = $1 order by seq
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = subject });
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<ForgedRow>();
        while (await reader.ReadAsync())
        {
            rows.Add(new ForgedRow(
                reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetGuid(4),
                reader.IsDBNull(5) ? null : reader.GetGuid(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetString(7),
                reader.GetFieldValue<byte[]>(8), reader.GetFieldValue<byte[]>(9)));
        }

        return rows;
    }

    /// <summary>Puts these rows in the place of a chain, its end included, and leaves no trace inside the chain.</summary>
    public async Task ReplaceAsync(string subject, IEnumerable<ForgedRow> rows)
    {
        await ExecuteAsync($"delete from history_entry where subject = '{subject}'; delete from history_head where subject = '{subject}'");
        await WriteAsync(Chained(subject, rows));
    }

    /// <summary>Adds rows as they are, and each chain's end.</summary>
    public async Task WriteAsync(IEnumerable<ForgedRow> rows)
    {
        var ends = new Dictionary<string, ForgedRow>();
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using (var patient = new NpgsqlCommand("set statement_timeout = 0; set transaction_timeout = 0", connection))
        {
            await patient.ExecuteNonQueryAsync();
        }

        await using (var copy = await connection.BeginBinaryImportAsync(
            "copy history_entry (id, subject, seq, kind, actor_id, on_behalf_of_id, at, details, previous_hash, hash) from stdin (format binary)"))
        {
            copy.Timeout = TimeSpan.FromMinutes(5);
            foreach (var row in rows)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(row.Id);
                await copy.WriteAsync(row.Subject);
                await copy.WriteAsync(row.Seq);
                await copy.WriteAsync(row.Kind);
                await WriteIdAsync(copy, row.Actor);
                await WriteIdAsync(copy, row.OnBehalfOf);
                await copy.WriteAsync(row.At.UtcDateTime, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(row.Details, NpgsqlDbType.Jsonb);
                await copy.WriteAsync(row.Previous);
                await copy.WriteAsync(row.Hash);
                ends[row.Subject] = row;
            }

            await copy.CompleteAsync();
        }

        await using var heads = new NpgsqlCommand(
            """
            insert into history_head (subject, seq, hash) select * from unnest($1::text[], $2::bigint[], $3::bytea[])
            on conflict (subject) do update set seq = excluded.seq, hash = excluded.hash
            """,
            connection);
        heads.Parameters.Add(new NpgsqlParameter { Value = ends.Keys.ToArray() });
        heads.Parameters.Add(new NpgsqlParameter { Value = ends.Values.Select(row => row.Seq).ToArray() });
        heads.Parameters.Add(new NpgsqlParameter { Value = ends.Values.Select(row => row.Hash).ToArray() });
        await heads.ExecuteNonQueryAsync();
    }

    private static Task WriteIdAsync(NpgsqlBinaryImporter copy, Guid? id) =>
        id is { } known ? copy.WriteAsync(known) : copy.WriteNullAsync();
}
