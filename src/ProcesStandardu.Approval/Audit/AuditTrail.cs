using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Audit;

/// <summary>Who acts: a person in his own name or for another, or the system.</summary>
/// <param name="PersonId">The person at the keyboard; null for the system.</param>
/// <param name="OnBehalfOfId">The person represented; null for one's own act.</param>
public readonly record struct Actor(Guid? PersonId, Guid? OnBehalfOfId = null)
{
    /// <summary>The product itself, because time passed or a workflow went on.</summary>
    public static Actor System => default;
}

/// <summary>
/// Adds entries to the history inside the act's own transaction. They are numbered and chained when the unit of work
/// commits, so that the rows which order a subject's entries are held as briefly as possible.
/// </summary>
public sealed class AuditTrail(UnitOfWork work, TimeProvider time)
{
    /// <summary>Up to as many chains are written one by one, with statements that are prepared once.</summary>
    private const int FewChains = 8;

    /// <summary>Records that something happened to a subject. Without a transaction there is nothing to record: it throws.</summary>
    /// <param name="subject">For example <c>ballot:…</c>; see <see cref="Subjects"/>.</param>
    /// <param name="kind">The stored name of what happened, lower_snake.</param>
    /// <param name="details">Facts as an anonymous object: ids, labels, dates. No hidden position, no personal data.</param>
    public void Record(string subject, string kind, Actor actor, object? details = null)
    {
        var now = time.GetUtcNow();

        // PostgreSQL keeps microseconds; the hash must be computable from what is stored.
        now = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMicrosecond), now.Offset);
        work.PendingHistory.Add(new HistoryEntry
        {
            Id = Guid.CreateVersion7(now),
            Subject = subject,
            Kind = kind,
            ActorId = actor.PersonId,
            OnBehalfOfId = actor.OnBehalfOfId,
            At = now,
            Details = Canonical(details),
        });
    }

    /// <summary>
    /// Numbers, chains and queues the entries that wait; called by the unit of work right before its commit. One trip
    /// locks the heads of all chains; what is written travels with the commit.
    /// </summary>
    internal static async Task WriteAsync(UnitOfWork work, IReadOnlyList<HistoryEntry> entries, CancellationToken cancellation)
    {
        // Sorted by subject: two transactions that touch the same subjects take the heads in the same order.
        var chains = entries.GroupBy(entry => entry.Subject).OrderBy(chain => chain.Key, StringComparer.Ordinal).ToList();
        if (chains.Count > FewChains)
        {
            await WriteManyAsync(work, chains, cancellation);
            return;
        }

        await using var heads = await work.AskAsync(cancellation, chains.Select(chain => LockHead(chain.Key)));
        foreach (var chain in chains)
        {
            await heads.ReadAsync(cancellation);
            var seq = heads.GetInt64(0);
            var hash = heads.GetFieldValue<byte[]>(1);
            await heads.NextResultAsync(cancellation);
            foreach (var entry in chain)
            {
                entry.Seq = ++seq;
                entry.PreviousHash = hash;
                entry.Hash = hash = entry.ComputeHash();
                work.Queue(Insert(entry));
            }

            var head = new NpgsqlBatchCommand("update history_head set seq = $2, hash = $3 where subject = $1");
            head.Parameters.Add(new NpgsqlParameter { Value = chain.Key });
            head.Parameters.Add(new NpgsqlParameter { Value = seq });
            head.Parameters.Add(new NpgsqlParameter { Value = hash });
            work.Queue(head);
        }
    }

    /// <summary>The same in three statements for however many chains; the heads are locked in the same order.</summary>
    private static async Task WriteManyAsync(
        UnitOfWork work, List<IGrouping<string, HistoryEntry>> chains, CancellationToken cancellation)
    {
        var found = new Dictionary<string, (long Seq, byte[] Hash)>(chains.Count);
        var ask = new NpgsqlBatchCommand(
            """
            insert into history_head (subject, seq, hash)
            select subject, 0, '' from unnest($1) with ordinality as chain (subject, place) order by place
            on conflict (subject) do update set seq = history_head.seq
            returning subject, seq, hash
            """);
        ask.Parameters.Add(new NpgsqlParameter { Value = chains.Select(chain => chain.Key).ToArray() });
        await using (var heads = await work.AskAsync(cancellation, ask))
        {
            while (await heads.ReadAsync(cancellation))
            {
                found.Add(heads.GetString(0), (heads.GetInt64(1), heads.GetFieldValue<byte[]>(2)));
            }
        }

        var ended = new List<(string Subject, long Seq, byte[] Hash)>(chains.Count);
        foreach (var chain in chains)
        {
            var (seq, hash) = found[chain.Key];
            foreach (var entry in chain)
            {
                entry.Seq = ++seq;
                entry.PreviousHash = hash;
                entry.Hash = hash = entry.ComputeHash();
            }

            ended.Add((chain.Key, seq, hash));
        }

        work.Queue(InsertMany([.. chains.SelectMany(chain => chain)]));
        var move = new NpgsqlBatchCommand(
            """
            update history_head as head set seq = ended.seq, hash = ended.hash
            from unnest($1, $2, $3) as ended (subject, seq, hash) where head.subject = ended.subject
            """);
        move.Parameters.Add(new NpgsqlParameter { Value = ended.ConvertAll(head => head.Subject).ToArray() });
        move.Parameters.Add(new NpgsqlParameter { Value = ended.ConvertAll(head => head.Seq).ToArray() });
        move.Parameters.Add(new NpgsqlParameter { Value = ended.ConvertAll(head => head.Hash).ToArray() });
        work.Queue(move);
    }

    private static NpgsqlBatchCommand InsertMany(IReadOnlyList<HistoryEntry> entries)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into history_entry (id, subject, seq, kind, actor_id, on_behalf_of_id, at, details, previous_hash, hash)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """);
        Add(NpgsqlDbType.Uuid, entry => entry.Id);
        Add(NpgsqlDbType.Text, entry => entry.Subject);
        Add(NpgsqlDbType.Bigint, entry => entry.Seq);
        Add(NpgsqlDbType.Text, entry => entry.Kind);
        Add(NpgsqlDbType.Uuid, entry => entry.ActorId);
        Add(NpgsqlDbType.Uuid, entry => entry.OnBehalfOfId);
        Add(NpgsqlDbType.TimestampTz, entry => entry.At.UtcDateTime);
        Add(NpgsqlDbType.Jsonb, entry => entry.Details);
        Add(NpgsqlDbType.Bytea, entry => entry.PreviousHash);
        Add(NpgsqlDbType.Bytea, entry => entry.Hash);
        return command;

        void Add<T>(NpgsqlDbType type, Func<HistoryEntry, T> value) => command.Parameters.Add(new NpgsqlParameter
        {
            Value = entries.Select(value).ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | type,
        });
    }

    private static NpgsqlBatchCommand LockHead(string subject)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into history_head (subject, seq, hash) values ($1, 0, '')
            on conflict (subject) do update set seq = history_head.seq
            returning seq, hash
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = subject });
        return command;
    }

    private static NpgsqlBatchCommand Insert(HistoryEntry entry)
    {
        var command = new NpgsqlBatchCommand(
            """
            insert into history_entry (id, subject, seq, kind, actor_id, on_behalf_of_id, at, details, previous_hash, hash)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Subject });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Seq });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Kind });
        command.Parameters.Add(SqlValue.Id(entry.ActorId));
        command.Parameters.Add(SqlValue.Id(entry.OnBehalfOfId));
        command.Parameters.Add(new NpgsqlParameter { Value = entry.At.ToUniversalTime() });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Details, NpgsqlDbType = NpgsqlDbType.Jsonb });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.PreviousHash });
        command.Parameters.Add(new NpgsqlParameter { Value = entry.Hash });
        return command;
    }

    /// <summary>
    /// JSON in one spelling: properties by name, no white space. Stored entries are brought to it again before they are
    /// hashed, because jsonb keeps the value and not the text.
    /// </summary>
    internal static string Canonical(object? details)
    {
        return Write(details is null ? new JsonObject() : JsonSerializer.SerializeToNode(details, JsonSerializerOptions.Web));

        static string Write(JsonNode? node) => node switch
        {
            null => "null",
            JsonObject o => "{" + string.Join(',', o
                .OrderBy(p => p.Key, StringComparer.Ordinal)
                .Select(p => Text(p.Key) + ":" + Write(p.Value))) + "}",
            JsonArray a => "[" + string.Join(',', a.Select(Write)) + "]",
            JsonValue v when v.TryGetValue<string>(out var text) => Text(text),
            _ => node.ToJsonString(),
        };

        static string Text(string text) => JsonSerializer.Serialize(text, Relaxed);
    }

    private static readonly JsonSerializerOptions Relaxed =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}

/// <summary>The names of subjects in the history.</summary>
public static class Subjects
{
    public const string Programme = "programme";

    /// <summary>What the watch over the background duties tells.</summary>
    public const string Watch = "watch";

    public static string Deliverable(string key) => "deliverable:" + key;

    public static string Ballot(Guid id) => "ballot:" + id.ToString("D");

    public static string Body(string key) => "body:" + key;

    public static string Meeting(Guid id) => "meeting:" + id.ToString("D");

    public static string Work(string key) => "work:" + key;

    public static string Task(string key) => "task:" + key;

    public static string Indicator(string key) => "indicator:" + key;

    public static string Mail(Guid id) => "mail:" + id.ToString("D");

    public static string Definition(string definitionId) => "definition:" + definitionId;

    public static string Person(Guid id) => "person:" + id.ToString("D");

    public static string Amendment(Guid id) => "amendment:" + id.ToString("D");

    public static string Workflow(string instanceId) => "workflow:" + instanceId;
}
