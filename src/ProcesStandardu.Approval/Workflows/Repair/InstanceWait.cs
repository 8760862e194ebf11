using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>Who or what an instance waits for, and since when.</summary>
/// <param name="Kind">One of <c>ballot</c>, <c>decision</c>, <c>deliverable</c>, <c>deadline</c>, <c>indicator</c>, <c>time</c>, <c>event</c>, <c>task</c>, <c>child</c>, <c>other</c>.</param>
/// <param name="What">The ballot's number, the question, the title, the event's name; null when the kind says it all.</param>
/// <param name="Role">The role that has to answer a question; otherwise null.</param>
/// <param name="DueAt">When it ends by itself at the latest; null when it does not.</param>
/// <param name="IsClock">True when the clock itself fires it, so that it can be rescheduled.</param>
public sealed record InstanceWait(
    Guid BookmarkId, Guid InstanceId, long ActivityNumber, string ActivityId, string Kind, string? What, string? Role, DateTimeOffset? DueAt,
    bool IsClock, DateTimeOffset Since)
{
    /// <summary>The waits of these instances, oldest first.</summary>
    internal static async Task<ILookup<Guid, InstanceWait>> ReadAsync(UnitOfWork work, Guid[] instanceIds, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select b.id, b.instance_id, b.activity_number, b.activity_id,
              case when v.id is not null then 'ballot' when r.id is not null then 'decision' when p.key is not null then 'deliverable'
                when d.key is not null then 'deadline' when i.key is not null then 'indicator' when b.due_at is not null then 'time'
                when b.name = 'Elsa.Event' then 'event' when b.name = 'Elsa.RunTask' then 'task'
                when b.said ? 'ChildInstanceId' then 'child' else 'other' end,
              coalesce(v.number, r.title, p.title, d.title, i.title, b.said->>'EventName', b.said->>'TaskName',
                case when b.due_at is null and not coalesce(b.said ? 'ChildInstanceId', false) then b.name end),
              r.role, coalesce(b.due_at, v.due_at, d.due_at), b.due_at is not null, b.created_at
            from (select *, payload::jsonb as said from workflow_bookmark where instance_id = any($1)) b
              left join ballot v on v.id::text = b.said->>'ballotId'
              left join decision_request r on r.id::text = b.said->>'requestId'
              left join deliverable p on p.key = b.said->>'deliverableKey'
              left join deadline d on d.key = b.said->>'deadlineKey'
              left join indicator i on i.key = b.said->>'indicatorKey'
            order by b.created_at, b.id
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = instanceIds });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var waits = new List<InstanceWait>();
        while (await rows.ReadAsync(cancellation))
        {
            waits.Add(new InstanceWait(
                rows.GetGuid(0), rows.GetGuid(1), rows.GetInt64(2), rows.GetString(3), rows.GetString(4), StoredInstances.OrNull(rows, 5),
                StoredInstances.OrNull(rows, 6), StoredInstances.At(rows, 7), rows.GetBoolean(8), rows.GetFieldValue<DateTimeOffset>(9)));
        }

        return waits.ToLookup(wait => wait.InstanceId);
    }
}

/// <summary>How an instance stands, in the order of urgency.</summary>
public static class InstanceCondition
{
    /// <summary>It was stopped by a fault.</summary>
    public const string Faulted = "faulted";

    /// <summary>Something of it was tried too often and is no longer tried by itself.</summary>
    public const string Parked = "parked";

    /// <summary>One of its branches was stopped by a fault; others may go on.</summary>
    public const string Incident = "incident";

    /// <summary>It runs and waits for nothing: nobody will wake it.</summary>
    public const string Stuck = "stuck";

    /// <summary>It waits, as it should.</summary>
    public const string Waiting = "waiting";

    /// <summary>It has ended.</summary>
    public const string Ended = "ended";

    public static IReadOnlyList<string> All { get; } = [Faulted, Parked, Incident, Stuck, Waiting];

    /// <summary>The condition of <c>workflow_instance i</c> in SQL.</summary>
    internal const string Sql =
        """
        case when i.status = 'finished' and i.sub_status <> 'faulted' then 'ended'
          when exists (select from kept_delivery k where k.parked_at is not null and (k.instance_id = i.id
            or k.bookmark_id in (select b.id from workflow_bookmark b where b.instance_id = i.id))) then 'parked'
          when i.sub_status = 'faulted' then 'faulted'
          when i.incident_count > 0 and exists (
            select from activity_execution e where e.instance_id = i.id and e.status = 'faulted') then 'incident'
          when not exists (select from workflow_bookmark b where b.instance_id = i.id) then 'stuck'
          else 'waiting' end
        """;
}
