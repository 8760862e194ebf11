using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>Drafts that were refused, replaced or discarded, so that nothing that somebody drew is gone.</summary>
public sealed class KeptDrafts(UnitOfWork work, TimeProvider time)
{
    /// <summary>It was sent and could not be saved.</summary>
    public const string Refused = "refused";

    /// <summary>Another took its place: an import, or a former version brought back.</summary>
    public const string Replaced = "replaced";

    /// <summary>It was deleted.</summary>
    public const string Discarded = "discarded";

    /// <summary>One kept draft.</summary>
    /// <param name="Reason">One of the constants of <see cref="KeptDrafts"/>.</param>
    /// <param name="By">Who made it; null when unknown.</param>
    public sealed record Kept(Guid Id, string DefinitionId, string Name, string Reason, DateTimeOffset At, string? By);

    /// <summary>Keeps a draft; of one sender's refused drafts the newest stays.</summary>
    /// <param name="from">Which load of which page made it; null keeps it beside all others.</param>
    public async Task KeepAsync(
        string definitionId, string name, JsonObject definition, string reason, string? from, Guid? personId, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var command = new NpgsqlCommand(
            """
            insert into workflow_draft_kept (id, definition_id, name, source, reason, kept_from, kept_at, kept_by_id)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (definition_id, reason, kept_from) do update
              set name = excluded.name, source = excluded.source, kept_at = excluded.kept_at, kept_by_id = excluded.kept_by_id
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        command.Parameters.Add(new NpgsqlParameter { Value = definitionId });
        command.Parameters.Add(new NpgsqlParameter { Value = name });
        command.Parameters.Add(StoredInstances.Text(definition.ToJsonString()));
        command.Parameters.Add(new NpgsqlParameter { Value = reason });
        command.Parameters.Add(new NpgsqlParameter { Value = from ?? id.ToString("N") });
        command.Parameters.Add(new NpgsqlParameter { Value = now.ToUniversalTime() });
        command.Parameters.Add(SqlValue.Id(personId));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The newest hundred, newest first.</summary>
    public Task<IReadOnlyList<Kept>> ListAsync(CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Kept>>(
        async _ =>
        {
            await using var command = new NpgsqlCommand(
                """
                select k.id, k.definition_id, k.name, k.reason, k.kept_at, p.display_name
                from workflow_draft_kept k left join person p on p.id = k.kept_by_id order by k.kept_at desc, k.id limit 100
                """,
                work.Connection);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            var list = new List<Kept>();
            while (await reader.ReadAsync(cancellation))
            {
                list.Add(new Kept(
                    reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
                    reader.GetFieldValue<DateTimeOffset>(4), StoredInstances.OrNull(reader, 5)));
            }

            return list;
        },
        cancellation);

    /// <summary>The kept definition as a file to import again, with its definition's id; null when there is none.</summary>
    public Task<(string DefinitionId, string File)?> FileAsync(Guid id, CancellationToken cancellation) => work.RunAsync<(string, string)?>(
        async _ =>
        {
            await using var command = new NpgsqlCommand("select definition_id, source from workflow_draft_kept where id = $1", work.Connection);
            command.Parameters.Add(new NpgsqlParameter { Value = id });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            return await reader.ReadAsync(cancellation)
                ? (reader.GetString(0), DefinitionJson.ToFile(JsonNode.Parse(reader.GetString(1))!.AsObject()))
                : null;
        },
        cancellation);
}
