using Npgsql;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Procedures;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>One instance as an operator needs it: its procedure with where it stands, waits, faults, variables, journal.</summary>
public sealed class ShowInstance(
    UnitOfWork work, Rights rights, PostgresDefinitionStore definitions, ShowProcedure procedures)
{
    /// <summary>Newest entries of the journal that are shown.</summary>
    public const int JournalLength = 100;

    /// <param name="PersonId">Who looks: an administrator.</param>
    public sealed record Query(Guid PersonId, Guid InstanceId);

    /// <param name="Steps">The procedure of its version, with how often each step ran and how it stands.</param>
    /// <param name="Living">Steps that wait or have faulted, which is what can be repaired.</param>
    /// <param name="Variables">The workflow's own variables by name, as JSON text; null when the state cannot be read.</param>
    /// <param name="Journal">The newest entries, newest first.</param>
    /// <param name="Damage">Why the state cannot be read; null when it can.</param>
    public sealed record View(
        Guid Id, string DefinitionId, string Workflow, int Version, string? Name, string? CorrelationId, string Condition, DateTimeOffset StartedAt,
        DateTimeOffset Since, IReadOnlyList<StepView> Steps, IReadOnlyList<LivingStep> Living, IReadOnlyDictionary<string, string?>? Variables,
        IReadOnlyList<JournalView> Journal, IReadOnlyList<IncidentView> Incidents, IReadOnlyList<ParkedView> Parked, string? Damage);

    /// <param name="Number">„3”, or „3.1” inside step 3.</param>
    /// <param name="State">How its latest run stands: <c>running</c>, <c>completed</c>, <c>canceled</c>, <c>faulted</c>; null when it never ran.</param>
    public sealed record StepView(string Number, string ActivityId, string Title, string Who, string What, string? State, int Runs, DateTimeOffset? At);

    /// <param name="Number">Its execution, by which acts name it.</param>
    /// <param name="Outcomes">Ways by which it can be left.</param>
    /// <param name="Targets">Steps that the token can be moved to; empty outside flowcharts.</param>
    public sealed record LivingStep(
        long Number, string ActivityId, string Title, bool IsFaulted, bool IsCommitted, string? Message, IReadOnlyList<InstanceWait> Waits,
        IReadOnlyList<string> Outcomes, IReadOnlyList<Target> Targets);

    /// <summary>A step that the token can be moved to.</summary>
    public sealed record Target(string ActivityId, string Title);

    public sealed record JournalView(long Sequence, string Title, string Event, DateTimeOffset At, string? Message, IReadOnlyList<string> Outcomes);

    public sealed record IncidentView(string Title, string Code, string Message, DateTimeOffset At);

    /// <summary>A delivery that is no longer tried by itself.</summary>
    public sealed record ParkedView(Guid Id, int Attempts, string? Error, DateTimeOffset ParkedAt);

    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async db =>
        {
            if (!(await rights.OfAsync(query.PersonId, cancellation)).Administers
                || await ReadAsync(query.InstanceId, cancellation) is not { } head)
            {
                return new NotFoundOrNotYours();
            }

            var definition = await definitions.FindVersionAsync(head.VersionId, cancellation);
            var procedure = await procedures.WriteAsync(db, head.VersionId, cancellation);
            var titles = procedure.AllSteps().DistinctBy(step => step.ActivityId).ToDictionary(step => step.ActivityId, step => $"{step.Number}. {step.Title}");
            string TitleOf(string activityId) => titles.GetValueOrDefault(activityId) ?? activityId;

            var executions = await ExecutionsAsync(query.InstanceId, cancellation);
            var waits = (await InstanceWait.ReadAsync(work, [query.InstanceId], cancellation))[query.InstanceId].ToLookup(wait => wait.ActivityNumber);
            var living = executions.Where(run => run.Status == "faulted" || (run.Status == "running" && waits.Contains(run.Number)))
                .Select(run => LivingOf(run, definition, waits[run.Number], TitleOf)).ToList();
            var runs = executions.ToLookup(run => run.ActivityId);
            var (variables, damage) = VariablesOf(head.State, definition);
            return new View(
                query.InstanceId, head.DefinitionId, head.Workflow, head.Version, head.Name, head.CorrelationId, head.Condition, head.StartedAt, head.Since,
                [.. procedure.AllSteps().Select(step => new StepView(
                    step.Number, step.ActivityId, step.Title, step.Who, step.What, runs[step.ActivityId].LastOrDefault()?.Status,
                    runs[step.ActivityId].Count(), runs[step.ActivityId].LastOrDefault()?.At))],
                head.Condition == InstanceCondition.Ended ? [] : living,
                variables,
                await JournalAsync(query.InstanceId, TitleOf, cancellation),
                await ListAsync(
                    "select activity_id, code, message, at from workflow_incident where instance_id = $1 order by at desc, id desc limit 50",
                    query.InstanceId,
                    row => new IncidentView(TitleOf(row.GetString(0)), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3)),
                    cancellation),
                await ListAsync(
                    """
                    select id, attempts, last_error, parked_at from kept_delivery where parked_at is not null and (instance_id = $1
                      or bookmark_id in (select id from workflow_bookmark where instance_id = $1)) order by parked_at, id
                    """,
                    query.InstanceId,
                    row => new ParkedView(row.GetGuid(0), row.GetInt32(1), FirstLine(StoredInstances.OrNull(row, 2)), row.GetFieldValue<DateTimeOffset>(3)),
                    cancellation),
                damage);
        },
        cancellation);

    private static LivingStep LivingOf(
        Run run, WorkflowDefinition? definition, IEnumerable<InstanceWait> waits, Func<string, string> titleOf)
    {
        var node = definition?.Nodes.GetValueOrDefault(run.NodeId);
        return new LivingStep(
            run.Number, run.ActivityId, titleOf(run.ActivityId), run.Status == "faulted",
            run.Status != "faulted" && node?.Descriptor.IsCommitted == true, run.Message, [.. waits],
            node is null ? [] : WorkflowEngine.OutcomesOf(node),
            node?.Parent?.Type == "Elsa.Flowchart"
                ? [.. node.Parent.Children.Select(sibling => new Target(sibling.Id, titleOf(sibling.Id)))]
                : []);
    }

    private static (IReadOnlyDictionary<string, string?>? Variables, string? Damage) VariablesOf(string state, WorkflowDefinition? definition)
    {
        try
        {
            var values = InstanceState.Read(state).Variables;
            return (
                (definition?.Variables ?? []).ToDictionary(
                    variable => variable.Name, variable => (values.GetValueOrDefault(variable.Id) ?? variable.InitialValue)?.ToJsonString(Readable)),
                null);
        }
        catch (InstanceStateException damaged)
        {
            return (null, damaged.Message);
        }
    }

    private static readonly System.Text.Json.JsonSerializerOptions Readable =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string? FirstLine(string? text) => text?.Split('\n')[0];

    private async Task<Head?> ReadAsync(Guid id, CancellationToken cancellation) => (await ListAsync(
        $"""
        select i.definition_id, i.definition_version_id, d.name, i.version, i.name, i.correlation_id, {InstanceCondition.Sql}, i.created_at,
          i.updated_at, i.state::text
        from workflow_instance i join workflow_definition d on d.version_id = i.definition_version_id where i.id = $1
        """,
        id,
        row => new Head(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt32(3), StoredInstances.OrNull(row, 4), StoredInstances.OrNull(row, 5),
            row.GetString(6), row.GetFieldValue<DateTimeOffset>(7), row.GetFieldValue<DateTimeOffset>(8), row.GetString(9)),
        cancellation)).SingleOrDefault();

    private Task<List<Run>> ExecutionsAsync(Guid id, CancellationToken cancellation) => ListAsync(
        """
        select number, activity_id, activity_node_id, status, coalesce(completed_at, started_at), fault_message
        from activity_execution where instance_id = $1 order by number
        """,
        id,
        row => new Run(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetFieldValue<DateTimeOffset>(4), StoredInstances.OrNull(row, 5)),
        cancellation);

    private Task<List<JournalView>> JournalAsync(Guid id, Func<string, string> titleOf, CancellationToken cancellation) => ListAsync(
        $"select seq, activity_id, event, at, message, outcomes from workflow_journal where instance_id = $1 order by seq desc limit {JournalLength}",
        id,
        row => new JournalView(
            row.GetInt64(0), titleOf(row.GetString(1)), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3), StoredInstances.OrNull(row, 4),
            row.IsDBNull(5) ? [] : row.GetFieldValue<string[]>(5)),
        cancellation);

    private async Task<List<T>> ListAsync<T>(string sql, Guid id, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var found = new List<T>();
        while (await rows.ReadAsync(cancellation))
        {
            found.Add(read(rows));
        }

        return found;
    }

    private sealed record Head(
        string DefinitionId, string VersionId, string Workflow, int Version, string? Name, string? CorrelationId, string Condition,
        DateTimeOffset StartedAt, DateTimeOffset Since, string State);

    private sealed record Run(long Number, string ActivityId, string NodeId, string Status, DateTimeOffset At, string? Message);
}
