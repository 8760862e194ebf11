using Npgsql;

namespace ProcesStandardu.Approval.Audit;

/// <summary>Something in the history that cannot have come about by the product's own work.</summary>
/// <param name="Kind">One of <see cref="HistoryFindings"/>; its text is <c>Finding_…</c>.</param>
/// <param name="Subject">The chain; empty when a seal is meant.</param>
/// <param name="Seq">The first bad row of the chain, or the seal's number.</param>
public sealed record HistoryFinding(string Kind, string Subject, long Seq);

/// <summary>The names of what can be found.</summary>
public static class HistoryFindings
{
    public const string RowChanged = "RowChanged";
    public const string RowMissing = "RowMissing";
    public const string LinkBroken = "LinkBroken";
    public const string HeadDiffers = "HeadDiffers";
    public const string TailCut = "TailCut";
    public const string DiffersFromSeal = "DiffersFromSeal";
    public const string BackDated = "BackDated";
    public const string SealBroken = "SealBroken";
    public const string SealDiffers = "SealDiffers";
    public const string SealsMissingInFolder = "SealsMissingInFolder";
    public const string SealsMissingInDatabase = "SealsMissingInDatabase";
}

/// <summary>What was checked and found.</summary>
/// <param name="Seals">How many seals spoke.</param>
/// <param name="SealsAreFromOutside">False when only the database's own copies of the seals were at hand, which its owner can change too.</param>
/// <param name="Unsealed">Entries that no seal covers yet.</param>
/// <param name="LastSealAt">By the programme's clock; null without seals.</param>
public sealed record HistoryReport(
    long Entries, long Chains, int Seals, bool SealsAreFromOutside, long Unsealed, DateTimeOffset? LastSealAt,
    IReadOnlyList<HistoryFinding> Findings);

/// <summary>
/// Goes through the whole history: each entry's hash over what it says, each link, each end, and every seal. It changes
/// nothing and names the first bad row of each chain.
/// </summary>
public sealed class VerifyHistory(NpgsqlDataSource database)
{
    /// <param name="outside">The seals' lines from outside the database; null when there are none to compare with.</param>
    public async Task<HistoryReport> HandleAsync(IReadOnlyList<string>? outside, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);

        // One picture of all tables, and no time limit: this may read millions of rows.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        await using (var patient = new NpgsqlCommand(
            "set local statement_timeout = 0; set local transaction_timeout = 0; set local idle_in_transaction_session_timeout = 0", connection))
        {
            await patient.ExecuteNonQueryAsync(cancellation);
        }

        var findings = new List<HistoryFinding>();
        var kept = await SealsAsync(connection, cancellation);
        if (outside is not null)
        {
            Compare(outside, kept, findings);
        }

        var seals = SealBook.Read(outside ?? kept, findings);
        var heads = await HeadsAsync(connection, cancellation);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long entries = 0, unsealed = 0;
        ChainCheck? chain = null;
        await using (var command = new NpgsqlCommand(
            """
            select id, subject, seq, kind, actor_id, on_behalf_of_id, at, details::text, previous_hash, hash
            from history_entry order by subject, seq
            """,
            connection))
        {
            command.CommandTimeout = 0;
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                entries++;
                var entry = Read(reader);
                if (entry.Subject != chain?.Subject)
                {
                    End();
                    seen.Add(entry.Subject);
                    chain = new ChainCheck(entry.Subject, seals);
                }

                chain.Add(entry);
            }
        }

        End();
        findings.AddRange(heads.Where(head => head.Value.Seq > 0).Select(head => head.Key).Union(seals.Subjects)
            .Where(subject => !seen.Contains(subject)).Order(StringComparer.Ordinal)
            .Select(subject => new HistoryFinding(HistoryFindings.RowMissing, subject, 1)));
        return new HistoryReport(entries, seen.Count, seals.Count, outside is not null, unsealed, seals.LastAt, findings);

        void End()
        {
            if (chain is null)
            {
                return;
            }

            if (chain.End(heads.TryGetValue(chain.Subject, out var head) ? head : null) is { } finding)
            {
                findings.Add(finding);
            }

            unsealed += chain.Unsealed;
        }
    }

    /// <summary>The seals in the folder against those that the database says it made.</summary>
    private static void Compare(IReadOnlyList<string> outside, List<string> kept, List<HistoryFinding> findings)
    {
        for (var place = 0; place < Math.Min(outside.Count, kept.Count); place++)
        {
            if (outside[place] != kept[place])
            {
                findings.Add(new HistoryFinding(HistoryFindings.SealDiffers, "", place + 1));
                return;
            }
        }

        if (outside.Count != kept.Count)
        {
            findings.Add(new HistoryFinding(
                outside.Count < kept.Count ? HistoryFindings.SealsMissingInFolder : HistoryFindings.SealsMissingInDatabase,
                "",
                Math.Min(outside.Count, kept.Count) + 1));
        }
    }

    private static async Task<List<string>> SealsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select line from history_seal order by number", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var lines = new List<string>();
        while (await reader.ReadAsync(cancellation))
        {
            lines.Add(reader.GetString(0));
        }

        return lines;
    }

    private static async Task<Dictionary<string, ChainEnd>> HeadsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select subject, seq, hash from history_head", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var heads = new Dictionary<string, ChainEnd>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation))
        {
            heads[reader.GetString(0)] = new ChainEnd(reader.GetString(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2));
        }

        return heads;
    }

    private static HistoryEntry Read(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        Subject = reader.GetString(1),
        Seq = reader.GetInt64(2),
        Kind = reader.GetString(3),
        ActorId = reader.IsDBNull(4) ? null : reader.GetGuid(4),
        OnBehalfOfId = reader.IsDBNull(5) ? null : reader.GetGuid(5),
        At = reader.GetFieldValue<DateTimeOffset>(6),
        Details = reader.GetString(7),
        PreviousHash = reader.GetFieldValue<byte[]>(8),
        Hash = reader.GetFieldValue<byte[]>(9),
    };
}
