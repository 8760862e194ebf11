using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Outward;

/// <summary>The act was performed, taken back or refused before.</summary>
public sealed record ActIsNotHeld : Refusal;

/// <summary>The person who asked for a held act takes it back, or has it performed without waiting.</summary>
public sealed class UndoAct(UnitOfWork work, AuditTrail audit, TimeProvider time)
{
    /// <param name="AtOnce">True has it performed with the next pass instead.</param>
    public sealed record Command(Guid PersonId, Guid ActId, bool AtOnce = false, string? FormKey = null);

    /// <returns>The subject of the act, <see cref="NotFoundOrNotYours"/> or <see cref="ActIsNotHeld"/>.</returns>
    public Task<Result<string>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<string>(
        command.PersonId,
        command.FormKey,
        new { command.ActId, command.AtOnce },
        async _ =>
        {
            string subject, kind;
            bool isHeld;
            await using (var read = Statement(
                "select subject, kind, state = 'held' from held_act where id = $1 and person_id = $2 for update", command.ActId, command.PersonId))
            await using (var reader = await read.ExecuteReaderAsync(cancellation))
            {
                if (!await reader.ReadAsync(cancellation))
                {
                    return new NotFoundOrNotYours();
                }

                (subject, kind, isHeld) = (reader.GetString(0), reader.GetString(1), reader.GetBoolean(2));
            }

            if (!isHeld)
            {
                return new ActIsNotHeld();
            }

            var now = time.GetUtcNow();
            await using var end = Statement(
                command.AtOnce
                    ? "update held_act set due_at = greatest(asked_at, least(due_at, $2)) where id = $1"
                    : "update held_act set state = 'undone', ended_at = $2 where id = $1",
                command.ActId, now);
            await end.ExecuteNonQueryAsync(cancellation);
            audit.Record(subject, command.AtOnce ? "act_hastened" : "act_undone", new Actor(command.PersonId), new { act = kind });
            return subject;
        },
        cancellation);

    private NpgsqlCommand Statement(string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, work.Connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
