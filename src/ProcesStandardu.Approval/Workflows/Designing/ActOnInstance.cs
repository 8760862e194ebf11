using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>Starts the published version of a definition by an administrator's hand.</summary>
public sealed class StartByHand(UnitOfWork work, DefinitionVersions versions, WorkflowEngine engine, AuditTrail audit)
{
    /// <param name="TriggerActivityId">The activity to start from; null where the definition says.</param>
    public sealed record Command(
        string DefinitionId, Guid PersonId, string? CorrelationId = null, string? TriggerActivityId = null,
        IReadOnlyDictionary<string, JsonNode?>? Input = null);

    /// <returns>The new instance's id. Drafts are refused: what has not been checked decides about nobody.</returns>
    public Task<Result<Guid>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Guid>(
        async _ =>
        {
            if (await versions.LatestAsync(command.DefinitionId, cancellation) is not { } latest)
            {
                return new DefinitionDoesNotExist(command.DefinitionId);
            }

            if (!latest.IsPublished)
            {
                return latest.IsDraft ? new DraftCannotBeStarted(latest.Name) : new DefinitionIsNotPublished(latest.Name);
            }

            var started = await engine.StartAsync(
                new StartWorkflow
                {
                    VersionId = latest.VersionId,
                    CorrelationId = command.CorrelationId,
                    TriggerActivityId = command.TriggerActivityId,
                    Input = command.Input ?? new Dictionary<string, JsonNode?>(),
                },
                cancellation);
            if (started.Outcome is not (StartOutcome.Started or StartOutcome.Deferred))
            {
                return new WorkflowCannotStartTwice(latest.Name);
            }

            audit.Record(
                Subjects.Workflow(started.InstanceId.ToString("D")), "workflow_started_by_hand", new Actor(command.PersonId),
                new { version = latest.VersionId });
            return started.InstanceId;
        },
        cancellation);
}

/// <summary>Deletes an instance that has ended.</summary>
public sealed class DeleteInstance(UnitOfWork work, AuditTrail audit)
{
    public sealed record Command(Guid InstanceId, Guid PersonId);

    /// <summary>Deletes an instance that has ended and that nothing else refers to.</summary>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Done>(
        async _ =>
        {
            var instanceId = command.InstanceId;
            switch (await StatusAsync(instanceId, cancellation))
            {
                case null:
                    return new InstanceDoesNotExist();
                case "running":
                    return new InstanceIsRunning();
            }

            await using var ties = new NpgsqlCommand(
                """
                select exists (select from workflow_instance where parent_instance_id = $1)
                  or exists (select from workflow_instance where id = $1 and parent_instance_id is not null)
                  or exists (select from user_task where instance_id = $1)
                """,
                work.Connection);
            ties.Parameters.Add(new NpgsqlParameter { Value = instanceId });
            if (await ties.ExecuteScalarAsync(cancellation) is true)
            {
                return new InstanceIsPartOfHistory();
            }

            foreach (var table in new[] { "workflow_bookmark", "workflow_burst", "workflow_incident", "kept_delivery" })
            {
                await ExecuteAsync($"delete from {table} where instance_id = $1", instanceId, cancellation);
            }

            await ExecuteAsync("delete from workflow_instance where id = $1", instanceId, cancellation);
            audit.Record(Subjects.Workflow(instanceId.ToString("D")), "workflow_deleted", new Actor(command.PersonId));
            return default(Done);
        },
        cancellation);

    private async Task<string?> StatusAsync(Guid instanceId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select status from workflow_instance where id = $1 for no key update", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = instanceId });
        return await command.ExecuteScalarAsync(cancellation) as string;
    }

    private async Task ExecuteAsync(string sql, Guid instanceId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = instanceId });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>There is no such instance (any more).</summary>
public sealed record InstanceDoesNotExist : Refusal;

/// <summary>The definition allows one running instance, and there is one.</summary>
public sealed record WorkflowCannotStartTwice(string Name) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Name];
}
