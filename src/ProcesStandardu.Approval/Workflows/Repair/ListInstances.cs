using Npgsql;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>„Przebiegi”: every instance that has not ended, what it waits for and since when; trouble first.</summary>
public sealed class ListInstances(UnitOfWork work, Rights rights)
{
    /// <summary>Rows on one page of the list.</summary>
    public const int PageSize = 50;

    /// <param name="PersonId">Who looks: an administrator.</param>
    /// <param name="Condition">One of <see cref="InstanceCondition.All"/>; null for all of them.</param>
    /// <param name="Page">From 1; what is below counts as 1.</param>
    public sealed record Query(Guid PersonId, string? Condition = null, int Page = 1);

    /// <param name="Counts">Instances by condition, every condition named.</param>
    /// <param name="ParkedStarts">Workflows that could not even be started and are no longer tried.</param>
    public sealed record View(
        IReadOnlyDictionary<string, int> Counts, int ParkedStarts, IReadOnlyList<Row> Rows, int Page, bool HasMore);

    /// <param name="Workflow">The definition's name.</param>
    /// <param name="Name">The instance's own name; null when it has none.</param>
    /// <param name="Since">When it last did something.</param>
    /// <param name="Trouble">The latest incident's message; null when it has none.</param>
    public sealed record Row(
        Guid Id, string Workflow, int Version, string? Name, string? CorrelationId, string Condition, DateTimeOffset Since, string? Trouble,
        IReadOnlyList<InstanceWait> Waits);

    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async _ =>
        {
            if (!(await rights.OfAsync(query.PersonId, cancellation)).Administers)
            {
                return new NotFoundOrNotYours();
            }

            var page = Math.Clamp(query.Page, 1, 100_000);
            var counts = InstanceCondition.All.ToDictionary(condition => condition, _ => 0);
            await using (var command = new NpgsqlCommand(
                $"select {InstanceCondition.Sql}, count(*)::int from workflow_instance i where i.status = 'running' or i.sub_status = 'faulted' group by 1",
                work.Connection))
            {
                await using var rows = await command.ExecuteReaderAsync(cancellation);
                while (await rows.ReadAsync(cancellation))
                {
                    counts[rows.GetString(0)] = rows.GetInt32(1);
                }
            }

            var found = await RowsAsync(query.Condition, page, cancellation);
            var waits = await InstanceWait.ReadAsync(work, [.. found.Select(row => row.Id)], cancellation);
            await using var starts = new NpgsqlCommand(
                "select count(*)::int from kept_delivery where parked_at is not null and kind = 'start'", work.Connection);
            return new View(
                counts, (int)(await starts.ExecuteScalarAsync(cancellation))!,
                [.. found.Take(PageSize).Select(row => row with { Waits = [.. waits[row.Id]] })], page, found.Count > PageSize);
        },
        cancellation);

    private async Task<List<Row>> RowsAsync(string? condition, int page, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select id, workflow, version, name, correlation_id, condition, updated_at, trouble from (
              select i.id, d.name as workflow, i.version, i.name, i.correlation_id, {InstanceCondition.Sql} as condition, i.updated_at,
                case when i.incident_count > 0 then
                  (select n.message from workflow_incident n where n.instance_id = i.id order by n.at desc, n.id desc limit 1) end as trouble
              from workflow_instance i join workflow_definition d on d.version_id = i.definition_version_id
              where i.status = 'running' or i.sub_status = 'faulted') as living
            where $1::text is null or condition = $1
            order by array_position($2::text[], condition), updated_at, id offset $3 limit $4
            """,
            work.Connection);
        command.Parameters.Add(StoredInstances.Text(condition));
        command.Parameters.Add(new NpgsqlParameter { Value = InstanceCondition.All.ToArray() });
        command.Parameters.Add(new NpgsqlParameter { Value = (page - 1) * PageSize });
        command.Parameters.Add(new NpgsqlParameter { Value = PageSize + 1 });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var found = new List<Row>();
        while (await rows.ReadAsync(cancellation))
        {
            found.Add(new Row(
                rows.GetGuid(0), rows.GetString(1), rows.GetInt32(2), StoredInstances.OrNull(rows, 3), StoredInstances.OrNull(rows, 4),
                rows.GetString(5), rows.GetFieldValue<DateTimeOffset>(6), StoredInstances.OrNull(rows, 7), []));
        }

        return found;
    }
}
