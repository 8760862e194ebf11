using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>
/// Notes which due waits a pass is about to fire, before it does: one that takes its process down with it leaves the note
/// behind, and is counted, tried alone and in the end parked.
/// </summary>
/// <remarks>
/// A note is a lease by the database's clock. While it stands no other pass takes its waits; when its process is gone they
/// become deliveries with one counted attempt, and those are counted each before it is made.
/// </remarks>
public sealed class WakeAttempts(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>How long a pass may take for one batch before others think that its process is gone.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private const string NotEnded = "The process that fired the wait did not report.";

    /// <summary>Notes what is about to be fired.</summary>
    /// <returns>The note, and whether no other pass of any node has one.</returns>
    public async Task<(Guid Id, bool IsAlone)> BeginAsync(IReadOnlyCollection<Guid> bookmarkIds, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        await using var command = dataSource.CreateCommand(
            """
            insert into wake_attempt (id, bookmark_ids, lease_until) values ($1, $2, clock_timestamp() + $3)
            returning not exists (select from wake_attempt where id <> $1)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(new NpgsqlParameter { Value = bookmarkIds.ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = Lease });
        return (id, (bool)(await command.ExecuteScalarAsync(cancellation))!);
    }

    /// <summary>The attempt is over, whatever became of each wait: what failed is stored as a delivery of its own.</summary>
    public async Task EndAsync(Guid attempt, CancellationToken cancellation)
    {
        await using var command = dataSource.CreateCommand("delete from wake_attempt where id = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = attempt });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Counts an attempt that never ended against each wait that is still there, and forgets the notes.</summary>
    /// <returns>How many notes of lost processes were found.</returns>
    public async Task<int> CollectAsync(CancellationToken cancellation)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            """
            with lost as (
              delete from wake_attempt where id in (
                select id from wake_attempt where lease_until < clock_timestamp() order by id for update skip locked)
              returning bookmark_ids),
            counted as (
              insert into kept_delivery (
                id, kind, name, request, instance_id, bookmark_id, attempts, last_error, kept_at, next_attempt_at)
              select uuidv7(), 'resume', '', jsonb_build_object('bookmarkId', b.id, 'isDue', true), b.instance_id, b.id, 1, $1, $2, $2
              from workflow_bookmark b where b.id in (select unnest(bookmark_ids) from lost)
                and not exists (select from kept_delivery k where k.bookmark_id = b.id))
            select count(*)::int from lost
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = NotEnded });
        command.Parameters.Add(SqlValue.At(time.GetUtcNow()));
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }
}

/// <summary>A delivery that was given up is an incident of its instance, so that whoever looks after it sees why it stands.</summary>
internal static class ParkedDeliveries
{
    /// <summary>The incident's code.</summary>
    public const string Code = "DeliveryIsParked";

    public static NpgsqlBatchCommand Incident(Guid deliveryId, DateTimeOffset now)
    {
        var command = new NpgsqlBatchCommand(
            """
            with parked as (
              select coalesce(k.instance_id, b.instance_id) as instance_id, b.activity_number, b.activity_id, b.activity_node_id, k.last_error
              from kept_delivery k left join workflow_bookmark b on b.id = k.bookmark_id where k.id = $1),
            noted as (
              insert into workflow_incident (
                id, instance_id, activity_number, activity_id, activity_node_id, activity_type, code, message, details, at)
              select uuidv7(), i.id, coalesce(p.activity_number, 0), coalesce(p.activity_id, ''), coalesce(p.activity_node_id, ''),
                coalesce((select e.activity_type from activity_execution e where e.instance_id = i.id and e.number = p.activity_number), ''),
                $2, split_part(coalesce(p.last_error, ''), E'\n', 1), p.last_error, $3
              from parked p join workflow_instance i on i.id = p.instance_id
              returning instance_id)
            update workflow_instance set incident_count = incident_count + 1 where id in (select instance_id from noted)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = deliveryId });
        command.Parameters.Add(new NpgsqlParameter { Value = Code });
        command.Parameters.Add(SqlValue.At(now));
        return command;
    }
}
