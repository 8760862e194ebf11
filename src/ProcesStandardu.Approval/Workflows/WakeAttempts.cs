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
    /// <summary>How long a pass may take for what it noted before others think that its process is gone.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private const string NotEnded = "The process that fired the wait did not report.";

    /// <summary>Finds waits that are due and that no pass has noted, at most so many, and notes that they are about to be fired.</summary>
    /// <returns>The note and the waits, the longest due first; no note is left when there are none.</returns>
    public async Task<(Guid Id, IReadOnlyList<Guid> Due)> BeginAsync(int most, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        await using var command = dataSource.CreateCommand(
            """
            with due as (
              select b.id, b.due_at from workflow_bookmark b join workflow_instance i on i.id = b.instance_id
              where b.due_at <= $2 and i.status = 'running'
                and not exists (select from kept_delivery k where k.bookmark_id = b.id)
                and not exists (select from wake_attempt a where b.id = any(a.bookmark_ids))
              order by b.due_at, b.id limit $3),
            noted as (
              insert into wake_attempt (id, bookmark_ids, lease_until)
              select $1, array_agg(id), clock_timestamp() + $4 from due having count(*) > 0)
            select id from due order by due_at, id
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(SqlValue.At(time.GetUtcNow()));
        command.Parameters.Add(new NpgsqlParameter { Value = most });
        command.Parameters.Add(new NpgsqlParameter { Value = Lease });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var due = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
        {
            due.Add(reader.GetGuid(0));
        }

        return (id, due);
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
