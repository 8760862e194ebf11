using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Workflows.Procedures;

/// <summary>Lists the procedures that cases follow: every definition that is published.</summary>
public sealed class ListProcedures(UnitOfWork work)
{
    public sealed record Query;

    /// <param name="RunningCount">Cases that run now, on any of its versions.</param>
    public sealed record Row(
        string DefinitionId, int Version, string Name, string Description, DateTimeOffset PublishedAt, int RunningCount);

    /// <summary>By name.</summary>
    public Task<IReadOnlyList<Row>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Row>>(
        async _ =>
        {
            await using var command = new NpgsqlCommand(
                """
                select d.definition_id, d.version, d.name, coalesce(d.source::jsonb ->> 'description', ''), d.published_at,
                  (select count(*)::int from workflow_instance i where i.definition_id = d.definition_id and i.status = 'running')
                from workflow_definition d where d.is_published order by d.name collate "pl-x-icu", d.definition_id
                """,
                work.Connection);
            await using var rows = await command.ExecuteReaderAsync(cancellation);
            var procedures = new List<Row>();
            while (await rows.ReadAsync(cancellation))
            {
                procedures.Add(new Row(
                    rows.GetString(0), rows.GetInt32(1), rows.GetString(2), rows.GetString(3),
                    rows.GetFieldValue<DateTimeOffset>(4), rows.GetInt32(5)));
            }

            return procedures;
        },
        cancellation);
}
