using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Outward;

/// <summary>What a person has asked for and may still take back.</summary>
public sealed class ShowHeldActs(UnitOfWork work)
{
    /// <param name="Subject">Only acts about this; null for all of the person's.</param>
    public sealed record Query(Guid PersonId, string? Subject = null);

    /// <returns>In the order in which they will be performed.</returns>
    public Task<IReadOnlyList<HeldAct>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<IReadOnlyList<HeldAct>>(
        async () =>
        {
            await using var command = new NpgsqlCommand(
                """
                select id, kind, subject, title, command::text, person_id, asked_at, due_at from held_act
                where state = 'held' and person_id = $1 and ($2 is null or subject = $2) order by due_at, id
                """,
                work.Connection);
            command.Parameters.Add(new NpgsqlParameter { Value = query.PersonId });
            command.Parameters.Add(new NpgsqlParameter
            {
                Value = (object?)query.Subject ?? DBNull.Value,
                NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text,
            });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var acts = new List<HeldAct>();
            while (await reader.ReadAsync(cancellation))
            {
                acts.Add(new HeldAct(
                    reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                    reader.GetGuid(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7)));
            }

            return acts;
        },
        cancellation);
}
