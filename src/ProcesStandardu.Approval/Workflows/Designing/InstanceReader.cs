using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Approval.Workflows.Activities;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>One workflow instance as lists and viewers show it.</summary>
/// <param name="State">JSON of the engine; empty in lists.</param>
/// <param name="Variables">JSON object by variable name; empty in lists.</param>
/// <param name="Output">JSON object by output name; empty in lists.</param>
public sealed record ShownInstance(
    Guid Id, string DefinitionId, string VersionId, int Version, string Status, string SubStatus, string? CorrelationId, string? Name,
    int IncidentCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, DateTimeOffset? FinishedAt, string State, string Variables,
    string Output);

/// <summary>One execution of an activity.</summary>
/// <param name="Inputs">JSON object by input name; null when none.</param>
public sealed record ShownExecution(
    Guid InstanceId, long Number, long? Parent, string ActivityId, string NodeId, string Type, int Version, string? Name, string Status,
    DateTimeOffset StartedAt, DateTimeOffset? CompletedAt, IReadOnlyList<string>? Outcomes, int FaultCount, string? FaultMessage,
    bool HasWaits, string? Inputs, string? Outputs);

/// <summary>One entry of an instance's journal.</summary>
public sealed record ShownEntry(
    Guid InstanceId, long Sequence, long Number, long? Parent, string ActivityId, string NodeId, string Type, int Version, string? Name,
    string Event, DateTimeOffset At, string? Message, IReadOnlyList<string>? Outcomes);

/// <summary>A fault that an operator may want to see and repeat.</summary>
public sealed record ShownIncident(
    Guid Id, long Number, string ActivityId, string NodeId, string Type, string Code, string Message, string? Details, DateTimeOffset At);

/// <summary>An open wait.</summary>
public sealed record ShownWait(
    Guid Id, long Number, string ActivityId, string NodeId, string Name, string? Payload, string Hash, DateTimeOffset? DueAt, DateTimeOffset CreatedAt);

/// <summary>Which instances to list; null and empty do not limit.</summary>
public sealed record InstanceFilter
{
    public string? SearchTerm { get; init; }

    public IReadOnlyList<string> DefinitionIds { get; init; } = [];

    public string? CorrelationId { get; init; }

    public int? Version { get; init; }

    public string? VersionId { get; init; }

    public bool? HasIncidents { get; init; }

    /// <summary>Stored names: <c>running</c>, <c>finished</c>.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>Stored names, such as <c>suspended</c> or <c>faulted</c>.</summary>
    public IReadOnlyList<string> SubStatuses { get; init; } = [];

    /// <summary>Bounds on times: column (<c>created_at</c>, <c>updated_at</c>, <c>finished_at</c>), operator of SQL, instant.</summary>
    public IReadOnlyList<(string Column, string Operator, DateTimeOffset At)> Times { get; init; } = [];

    /// <summary>One of <c>created_at</c>, <c>updated_at</c>, <c>finished_at</c>, <c>name</c>.</summary>
    public string OrderBy { get; init; } = "created_at";

    public bool Ascending { get; init; }

    public int Skip { get; init; }

    public int Take { get; init; } = 20;
}

/// <summary>Reads instances, their journals and waits for viewers. Locks nothing and changes nothing.</summary>
public sealed class InstanceReader(NpgsqlDataSource dataSource)
{
    private static readonly string[] TimeColumns = ["created_at", "updated_at", "finished_at"];
    private static readonly string[] Operators = ["=", "<>", "<", ">", "<=", ">="];

    private const string ListColumns =
        """
        i.id, i.definition_id, i.definition_version_id, i.version, i.status, i.sub_status, i.correlation_id, i.name, i.incident_count,
        i.created_at, i.updated_at, i.finished_at
        """;

    private const string ExecutionColumns =
        """
        instance_id, number, parent_number, activity_id, activity_node_id, activity_type, activity_version, activity_name, status,
        started_at, completed_at, outcomes, fault_count, fault_message, has_waits, inputs::text, outputs::text
        """;

    /// <summary>A page of instances and how many there are in all.</summary>
    public async Task<(IReadOnlyList<ShownInstance> Items, long Total)> ListAsync(InstanceFilter filter, CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand { Connection = connection };
        var where = Where(filter, command);
        var order = filter.OrderBy is "name" || TimeColumns.Contains(filter.OrderBy) ? filter.OrderBy : "created_at";
        command.CommandText = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            select {ListColumns}, count(*) over () from workflow_instance i where {where}
            order by i.{order} {(filter.Ascending ? "asc" : "desc")} nulls last, i.id limit {Math.Clamp(filter.Take, 1, 500)} offset {Math.Max(filter.Skip, 0)}
            """);
        var items = new List<ShownInstance>();
        long total = 0;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                items.Add(Instance(reader));
                total = reader.GetInt64(12);
            }
        }

        if (items.Count == 0 && filter.Skip > 0)
        {
            command.CommandText = $"select count(*) from workflow_instance i where {where}";
            total = (long)(await command.ExecuteScalarAsync(cancellation))!;
        }

        return (items, total);
    }

    /// <summary>One instance with its state; null when there is none.</summary>
    public async Task<ShownInstance?> FindAsync(Guid id, CancellationToken cancellation) =>
        (await ReadAsync(
            $"select {ListColumns}, 0::bigint, i.state::text, i.variables::text, i.output::text from workflow_instance i where i.id = $1",
            reader => Instance(reader) with { State = reader.GetString(13), Variables = reader.GetString(14), Output = reader.GetString(15) },
            cancellation, id)).SingleOrDefault();

    /// <summary>
    /// The newest instances that were started for a deliverable or wait for it now, be it for a revision or for a ballot on it; running
    /// ones first, at most ten.
    /// </summary>
    public async Task<IReadOnlyList<ShownInstance>> OfDeliverableAsync(string deliverableKey, CancellationToken cancellation)
    {
        var ballots = await ReadAsync(
            "select coalesce(awaited_as_id, id) from ballot where deliverable_key = $1 and state <> 'closed'", reader => reader.GetGuid(0), cancellation, deliverableKey);
        string[] waits =
        [
            HashOf(RequestDeliverable.TypeName, RequestDeliverable.WaitPayload(deliverableKey)),
            .. ballots.Select(ballot => HashOf(AwaitBallot.TypeName, AwaitBallot.WaitPayload(ballot))),
        ];
        return await ReadAsync(
            $"""
            select {ListColumns} from workflow_instance i
            where i.id in (
              (select id from workflow_instance where deliverable_key = $1 order by status desc, created_at desc, id limit 10)
              union all select instance_id from workflow_bookmark where hash = any($2))
            order by i.status desc, i.created_at desc, i.id limit 10
            """,
            Instance, cancellation, deliverableKey, waits);

        static string HashOf(string name, object payload) => StimulusHash.Of(name, StimulusHash.Canonical(payload));
    }

    /// <summary>When these instances changed last; unknown ids are left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, DateTimeOffset>> ChangedAtAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellation) =>
        (await ReadAsync(
            "select id, updated_at, (select coalesce(max(seq), 0) from workflow_journal j where j.instance_id = i.id) from workflow_instance i where id = any($1)",
            reader => (reader.GetGuid(0), At: reader.GetFieldValue<DateTimeOffset>(1).AddTicks(reader.GetInt64(2))),
            cancellation, ids.ToArray())).ToDictionary(row => row.Item1, row => row.At);

    public Task<List<ShownWait>> WaitsAsync(Guid id, CancellationToken cancellation) => ReadAsync(
        """
        select id, activity_number, activity_id, activity_node_id, name, payload, hash, due_at, created_at from workflow_bookmark
        where instance_id = $1 order by created_at, activity_number, id
        """,
        reader => new ShownWait(
            reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), Text(reader, 5),
            reader.GetString(6), At(reader, 7), reader.GetFieldValue<DateTimeOffset>(8)),
        cancellation, id);

    public Task<List<ShownIncident>> IncidentsAsync(Guid id, CancellationToken cancellation) => ReadAsync(
        """
        select id, activity_number, activity_id, activity_node_id, activity_type, code, message, details, at from workflow_incident
        where instance_id = $1 order by at, id
        """,
        reader => new ShownIncident(
            reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
            reader.GetString(6), Text(reader, 7), reader.GetFieldValue<DateTimeOffset>(8)),
        cancellation, id);

    /// <summary>Executions in the order in which they began; with a node id only those of that activity.</summary>
    public Task<List<ShownExecution>> ExecutionsAsync(Guid id, string? nodeId, CancellationToken cancellation) => ReadAsync(
        $"select {ExecutionColumns} from activity_execution where instance_id = $1 and ($2::text is null or activity_node_id = $2) order by number",
        Execution, cancellation, id, new NpgsqlParameter { Value = (object?)nodeId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

    /// <summary>One execution; null when there is none.</summary>
    public async Task<ShownExecution?> ExecutionAsync(Guid id, long number, CancellationToken cancellation) => (await ReadAsync(
        $"select {ExecutionColumns} from activity_execution where instance_id = $1 and number = $2", Execution, cancellation, id, number)).SingleOrDefault();

    /// <summary>A page of the journal in order, and how long it is in all; null and empty do not limit.</summary>
    public async Task<(IReadOnlyList<ShownEntry> Items, long Total)> JournalAsync(
        Guid id, IReadOnlyList<string>? nodeIds, IReadOnlyList<string>? activityIds, IReadOnlyList<string>? withoutTypes,
        IReadOnlyList<string>? events, int skip, int take, CancellationToken cancellation)
    {
        var rows = await ReadAsync(
            """
            select instance_id, seq, activity_number, parent_number, activity_id, activity_node_id, activity_type, activity_version,
              activity_name, event, at, message, outcomes, count(*) over ()
            from workflow_journal
            where instance_id = $1 and (cardinality($2::text[]) = 0 or activity_node_id = any($2)) and (cardinality($3::text[]) = 0 or activity_id = any($3))
              and activity_type <> all($4::text[]) and (cardinality($5::text[]) = 0 or event = any($5))
            order by seq offset $6 limit $7
            """,
            reader => (Entry: new ShownEntry(
                reader.GetGuid(0), reader.GetInt64(1), reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetInt64(3), reader.GetString(4),
                reader.GetString(5), reader.GetString(6), reader.GetInt32(7), Text(reader, 8), reader.GetString(9),
                reader.GetFieldValue<DateTimeOffset>(10), Text(reader, 11), Texts(reader, 12)), Total: reader.GetInt64(13)),
            cancellation, id, nodeIds?.ToArray() ?? [], activityIds?.ToArray() ?? [], withoutTypes?.ToArray() ?? [], events?.ToArray() ?? [],
            Math.Max(skip, 0), Math.Clamp(take, 1, 1000));
        return ([.. rows.Select(row => row.Entry)], rows.Count > 0 ? rows[0].Total : skip);
    }

    private static string Where(InstanceFilter filter, NpgsqlCommand command)
    {
        var where = new StringBuilder("true");
        if (!string.IsNullOrWhiteSpace(filter.SearchTerm))
        {
            var term = Parameter("%" + filter.SearchTerm.Trim().Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%");
            where.Append(CultureInfo.InvariantCulture, $" and (i.name ilike {term} or i.correlation_id ilike {term} or i.id::text ilike {term} or i.definition_id ilike {term})");
        }

        Any("definition_id", filter.DefinitionIds);
        Any("status", filter.Statuses);
        Any("sub_status", filter.SubStatuses);
        One("correlation_id", filter.CorrelationId);
        One("definition_version_id", filter.VersionId);
        One("version", filter.Version);
        if (filter.HasIncidents is { } has)
        {
            where.Append(has ? " and i.incident_count > 0" : " and i.incident_count = 0");
        }

        foreach (var (column, comparison, at) in filter.Times)
        {
            if (TimeColumns.Contains(column) && Operators.Contains(comparison))
            {
                where.Append(CultureInfo.InvariantCulture, $" and i.{column} {comparison} {Parameter(at.ToUniversalTime())}");
            }
        }

        return where.ToString();

        string Parameter(object value)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
            return "$" + command.Parameters.Count.ToString(CultureInfo.InvariantCulture);
        }

        void Any(string column, IReadOnlyList<string> values)
        {
            if (values.Count > 0)
            {
                where.Append(CultureInfo.InvariantCulture, $" and i.{column} = any({Parameter(values.ToArray())})");
            }
        }

        void One(string column, object? value)
        {
            if (value is not (null or ""))
            {
                where.Append(CultureInfo.InvariantCulture, $" and i.{column} = {Parameter(value)}");
            }
        }
    }

    private async Task<List<T>> ReadAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellation, params object[] arguments)
    {
        await using var command = dataSource.CreateCommand(sql);
        foreach (var argument in arguments)
        {
            command.Parameters.Add(argument as NpgsqlParameter ?? new NpgsqlParameter { Value = argument });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static ShownInstance Instance(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3), reader.GetString(4), reader.GetString(5), Text(reader, 6),
        Text(reader, 7), reader.GetInt32(8), reader.GetFieldValue<DateTimeOffset>(9), reader.GetFieldValue<DateTimeOffset>(10), At(reader, 11),
        "{}", "{}", "{}");

    private static ShownExecution Execution(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.GetString(3), reader.GetString(4),
        reader.GetString(5), reader.GetInt32(6), Text(reader, 7), reader.GetString(8), reader.GetFieldValue<DateTimeOffset>(9), At(reader, 10),
        Texts(reader, 11), reader.GetInt32(12), Text(reader, 13), reader.GetBoolean(14), Text(reader, 15), Text(reader, 16));

    private static string? Text(NpgsqlDataReader reader, int column) => StoredInstances.OrNull(reader, column);

    private static DateTimeOffset? At(NpgsqlDataReader reader, int column) => StoredInstances.At(reader, column);

    private static string[]? Texts(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetFieldValue<string[]>(column);
}
