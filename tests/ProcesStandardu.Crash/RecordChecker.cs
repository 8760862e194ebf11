using Npgsql;

namespace ProcesStandardu.Crash;

/// <summary>What every checker of a record does: it asks the database in plain SQL, counts what it finds and keeps a few examples.</summary>
public abstract class RecordChecker
{
    private const int MostExamples = 3;

    /// <summary>At most three of each kind of finding.</summary>
    protected List<string> Examples { get; } = [];

    /// <summary>How many there are; the first few are kept as examples.</summary>
    protected int Count(string what, IEnumerable<string> found)
    {
        var count = 0;
        foreach (var one in found)
        {
            if (count++ < MostExamples)
            {
                Examples.Add($"{what}: {one}");
            }
        }

        return count;
    }

    /// <summary>Breaks in the history: numbers that are missing, entries that do not name the one before.</summary>
    protected async Task<int> HistoryBreaksAsync(NpgsqlConnection connection) =>
        Count("history with a gap", await ListAsync(
            connection, "select subject from history_entry group by subject having count(*) <> max(seq) or min(seq) <> 1"))
        + Count("history that does not chain", await ListAsync(
            connection,
            """
            select subject || ' ' || seq from (
              select subject, seq, previous_hash, lag(hash, 1, ''::bytea) over (partition by subject order by seq) as before
              from history_entry) as entry
            where previous_hash <> before
            """));

    /// <summary>By Message-ID, how often a mail's end was uncertain: so many copies more than one are allowed.</summary>
    protected static async Task<Dictionary<string, int>> AmbiguousAsync(NpgsqlConnection connection)
    {
        var ends = new Dictionary<string, int>();
        await using var command = new NpgsqlCommand("select message_id, ambiguous_ends from outbox_message", connection);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            ends[rows.GetString(0)] = rows.GetInt32(1);
        }

        return ends;
    }

    protected static async Task<HashSet<string>> SetAsync(NpgsqlConnection connection, string sql) => [.. await ListAsync(connection, sql)];

    /// <summary>The first column of each row that has one.</summary>
    protected static async Task<List<string>> ListAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await rows.ReadAsync())
        {
            if (!rows.IsDBNull(0))
            {
                found.Add(rows.GetString(0));
            }
        }

        return found;
    }
}
