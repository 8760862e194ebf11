using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Audit;

/// <summary>
/// Seals what the history has gained, each ten minutes, and copies the seals into a folder outside the database. What a
/// database's owner changes, takes away or adds afterwards disagrees with a seal he cannot reach.
/// </summary>
public sealed class SealHistory(IServiceScopeFactory scopes, TimeProvider time, SealFolder folder, ILogger<SealHistory> logger)
{
    /// <summary>Programme time between two seals while something is new.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>Programme time after which a seal is made although nothing is new, so that nothing can be slipped in between.</summary>
    public static readonly TimeSpan AtLeastEvery = TimeSpan.FromHours(1);

    // Any constant will do; it only has to differ from other advisory locks of this database.
    private const long SealLock = 7_203_415_220_141_136;

    private long copied = -1;

    /// <summary>Entries that one seal may take, so that its transaction stays short.</summary>
    internal int Most { get; init; } = 20_000;

    /// <summary>Seals what waits, in as many seals as it takes, and copies what the folder lacks.</summary>
    /// <returns>How many entries were sealed now.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var count = 0;
        while (await SealAsync(count > 0, cancellation) is { } made)
        {
            count += made.Entries;
            if (made.IsWhole)
            {
                break;
            }
        }

        await CopyAsync(cancellation);
        return count;
    }

    private async Task<Made?> SealAsync(bool goesOn, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(() => SealAsync(work, goesOn, cancellation), cancellation);
    }

    private async Task<Made?> SealAsync(UnitOfWork work, bool goesOn, CancellationToken cancellation)
    {
        if (!await HasTurnAsync(work, cancellation))
        {
            return null;
        }

        var now = time.GetUtcNow();
        now = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMicrosecond), now.Offset);
        var (number, at, previous) = await LastAsync(work, cancellation);
        if (!goesOn && number > 0 && now - at < Every)
        {
            return null;
        }

        var gained = await GainedAsync(work, cancellation);
        var entries = gained.Sum(chain => chain.Prints.Length / SealedChain.PrintLength);
        if (entries == 0 && (goesOn || now - at < AtLeastEvery || number == 0))
        {
            return null;
        }

        await KeepEndsAsync(work, gained, cancellation);
        var seal = new HistorySeal(
            number + 1, now, entries < Most, HistorySeal.RootOf(await EndsAsync(work, cancellation)), previous, gained);
        await KeepAsync(work, seal, cancellation);
        return new Made(entries, seal.IsWhole);
    }

    /// <summary>Copies what the folder lacks; nothing when the folder says something else than the database.</summary>
    private async Task CopyAsync(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();

        // In its turn, because several nodes may share the folder.
        await work.RunAsync(
            async () =>
            {
                if (!await HasTurnAsync(work, cancellation))
                {
                    return 0;
                }

                var (made, _, _) = await LastAsync(work, cancellation);
                if (made == copied)
                {
                    return 0;
                }

                var there = folder.Read();
                var missing = await LinesAfterAsync(work, there.Count, cancellation);
                if (missing.Count > 0 && HistorySeal.Read(missing[0]) is { } next
                    && next.Previous.AsSpan().SequenceEqual(there.Count == 0 ? [] : HistorySeal.HashOf(there[^1])))
                {
                    folder.Append(missing);
                }
                else if (there.Count != made || missing.Count > 0)
                {
                    // What was anchored stays as it is; verify-history says what disagrees.
                    logger.LogCritical("The history's seals in {Folder} and in the database disagree; run verify-history", folder.Path);
                    return 0;
                }

                copied = made;
                return missing.Count;
            },
            cancellation);
    }

    private static async Task<bool> HasTurnAsync(UnitOfWork work, CancellationToken cancellation)
    {
        await using var turn = new NpgsqlCommand($"select pg_try_advisory_xact_lock({SealLock})", work.Connection);
        return (bool)(await turn.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<List<string>> LinesAfterAsync(UnitOfWork work, long number, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select line from history_seal where number > $1 order by number", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = number });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var lines = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }

    private async Task<List<SealedChain>> GainedAsync(UnitOfWork work, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            with due as (
              select h.subject, coalesce(s.seq, 0) as done
              from history_head h left join history_sealed s using (subject)
              where h.seq > coalesce(s.seq, 0))
            select e.subject, e.seq, e.hash
            from due join history_entry e on e.subject = due.subject and e.seq > due.done
            order by e.subject collate "C", e.seq limit $1
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Most });
        var chains = new List<SealedChain>();
        var prints = new MemoryStream();
        ChainEnd? open = null;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var subject = reader.GetString(0);
            if (open is { } end && end.Subject != subject)
            {
                Close(end);
            }

            open = new ChainEnd(subject, reader.GetInt64(1), reader.GetFieldValue<byte[]>(2));
            prints.Write(open.Value.Hash.AsSpan(0, SealedChain.PrintLength));
        }

        if (open is { } last)
        {
            Close(last);
        }

        return chains;

        void Close(ChainEnd end)
        {
            chains.Add(new SealedChain(end.Subject, end.Seq, end.Hash, prints.ToArray()));
            prints.SetLength(0);
        }
    }

    private static async Task<(long Number, DateTimeOffset At, byte[] Hash)> LastAsync(UnitOfWork work, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select number, at, hash from history_seal order by number desc limit 1", work.Connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? (reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetFieldValue<byte[]>(2))
            : (0, DateTimeOffset.MinValue, []);
    }

    private static async Task<List<ChainEnd>> EndsAsync(UnitOfWork work, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select subject, seq, hash from history_sealed", work.Connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ends = new List<ChainEnd>();
        while (await reader.ReadAsync(cancellation))
        {
            ends.Add(new ChainEnd(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2)));
        }

        return ends;
    }

    private static async Task KeepEndsAsync(UnitOfWork work, List<SealedChain> gained, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into history_sealed (subject, seq, hash) select * from unnest($1::text[], $2::bigint[], $3::bytea[])
            on conflict (subject) do update set seq = excluded.seq, hash = excluded.hash
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = gained.Select(chain => chain.Subject).ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = gained.Select(chain => chain.Seq).ToArray() });
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = gained.Select(chain => chain.Hash).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task KeepAsync(UnitOfWork work, HistorySeal seal, CancellationToken cancellation)
    {
        var line = seal.ToLine();
        await using var command = new NpgsqlCommand("insert into history_seal (number, at, line, hash) values ($1, $2, $3, $4)", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = seal.Number });
        command.Parameters.Add(new NpgsqlParameter { Value = seal.At.ToUniversalTime() });
        command.Parameters.Add(new NpgsqlParameter { Value = line });
        command.Parameters.Add(new NpgsqlParameter { Value = HistorySeal.HashOf(line) });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private sealed record Made(int Entries, bool IsWhole);
}
