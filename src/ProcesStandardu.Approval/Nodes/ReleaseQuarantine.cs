using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Nodes;

/// <summary>No quarantine is on.</summary>
public sealed record NothingIsQuarantined : Refusal;

/// <summary>Neither of the two ways on was chosen.</summary>
public sealed record WayOnIsMissing : Refusal
{
    public override string Field => "Mail";
}

/// <summary>
/// An administrator ends the quarantine. Deadlines and workflows go on: what is due fires once. Of mail that was waiting
/// nobody knows whether it left in the time that the database has forgotten, so the administrator says what becomes of it.
/// </summary>
public sealed class ReleaseQuarantine(UnitOfWork work, Rights rights, AuditTrail audit)
{
    /// <summary>Waiting mail is left to people, each to be sent or not on its own page.</summary>
    public const string Hold = "hold";

    /// <summary>Waiting mail leaves: nothing was sent in the time that is forgotten, or a second copy does no harm.</summary>
    public const string Send = "send";

    /// <summary>The stored reason of mail that was held.</summary>
    public const string HeldReason = "database_restored";

    /// <param name="Mail"><see cref="Hold"/> or <see cref="Send"/>; anything else is refused.</param>
    public sealed record Command(Guid PersonId, string? Mail, string? FormKey);

    /// <returns>How many mails are held.</returns>
    public Task<Result<int>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<int>(
        command.PersonId, command.FormKey, new { command.Mail },
        async _ =>
        {
            if (!(await rights.OfAsync(command.PersonId, cancellation)).Administers)
            {
                return new ActIsNotYours();
            }

            if (command.Mail is not (Hold or Send))
            {
                return new WayOnIsMissing();
            }

            if (!await RowLock.LockAsync(
                work, "select 1 from database_identity where quarantined_at is not null and $1 for update", true, cancellation))
            {
                return new NothingIsQuarantined();
            }

            var held = command.Mail == Hold ? await HoldAsync(cancellation) : 0;
            await ExecuteAsync(
                $"""
                update database_identity set quarantined_at = null, quarantine_reason = null, remembers_until = null,
                  (system_identifier, database_oid, timeline) = (select {DatabaseIdentity.Present})
                """,
                cancellation);
            audit.Record(Subjects.Watch, "quarantine_ended", new Actor(command.PersonId), new { mail = command.Mail, held });
            return held;
        },
        cancellation);

    /// <summary>Whether such a mail left is unknown, as after an uncertain end of its sending; people decide as they do there.</summary>
    private Task<int> HoldAsync(CancellationToken cancellation) => ExecuteAsync(
        $"""
        update outbox_message set state = 'ambiguous', ambiguous_ends = greatest(ambiguous_ends, 1), next_attempt_at = null,
          lease_until = null, handed_over = false, last_error = '{HeldReason}'
        where (next_attempt_at is not null or state = 'sending')
          and created_at <= (select quarantined_at from database_identity) + (select offset_microseconds from programme_clock) * interval '1 microsecond'
        """,
        cancellation);

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
