using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Migration;

namespace ProcesStandardu.Approval.Workflows.Migration;

/// <summary>
/// Takes living instances to another version of their definition: one transaction each, predicted once more under the
/// instance's lock, with an entry in its journal and one in the history.
/// </summary>
/// <remarks>What fails is undone for that instance alone and said in its row. The same form again moves nothing twice.</remarks>
public sealed class MigrateInstances(
    IServiceScopeFactory scopes, PredictMigration predict, Rights rights, ILogger<MigrateInstances> logger)
{
    /// <param name="PersonId">Who acts: an administrator.</param>
    /// <param name="TargetVersionId">A stored version of the same definition.</param>
    /// <param name="Plan">How; null sends every activity to the one with its own id.</param>
    /// <param name="InstanceIds">Which; null takes every instance that can be moved.</param>
    /// <param name="Reason">Why, for the history.</param>
    /// <param name="FormKey">Made when the form was shown.</param>
    public sealed record Command(
        Guid PersonId, string DefinitionId, string TargetVersionId, MigrationPlan? Plan, IReadOnlyList<Guid>? InstanceIds, string? Reason,
        string? FormKey = null);

    /// <param name="Rows">What became of each instance that was asked for.</param>
    public sealed record Outcome(IReadOnlyList<Row> Rows)
    {
        public int Moved => Rows.Count(row => row.IsMoved);
    }

    /// <param name="Forecast">As it was under the lock; null when there is no such instance, or its move failed.</param>
    /// <param name="Failure">What undid the move; null when nothing did.</param>
    public sealed record Row(Guid InstanceId, bool IsMoved, MigrationForecast? Forecast, string? Failure = null);

    /// <returns>What became of each, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>.</returns>
    public async Task<Result<Outcome>> HandleAsync(Command command, CancellationToken cancellation)
    {
        if (!(await rights.OfAsync(command.PersonId, cancellation)).Administers)
        {
            return new NotFoundOrNotYours();
        }

        if (string.IsNullOrWhiteSpace(command.Reason))
        {
            return new FieldIsEmpty("Reason");
        }

        var forecast = await predict.HandleAsync(
            new PredictMigration.Query(command.PersonId, command.DefinitionId, command.TargetVersionId, Plan: command.Plan), cancellation);
        if (forecast.Refusal is { } refusal)
        {
            return refusal;
        }

        // Who was asked for is asked again under its lock, also when it was moved by the first press of the same button.
        var chosen = command.InstanceIds ?? [.. forecast.Value.Instances
            .Where(row => row.Forecast.Fate == MigrationFate.CanMove).Select(row => row.InstanceId)];
        var rows = new List<Row>();
        foreach (var id in chosen.Distinct())
        {
            rows.Add(await MoveAsync(command, id, cancellation));
        }

        return new Outcome(rows);
    }

    private async Task<Row> MoveAsync(Command command, Guid instanceId, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        var engine = scope.ServiceProvider.GetRequiredService<WorkflowEngine>();
        var audit = scope.ServiceProvider.GetRequiredService<AuditTrail>();
        var plan = command.Plan ?? MigrationPlan.ById;
        try
        {
            var moved = await work.OnceAsync<Row>(
                command.PersonId,
                string.IsNullOrEmpty(command.FormKey) ? null : $"{command.FormKey}:{instanceId:N}",
                new { command.TargetVersionId, instanceId, command.Plan, command.Reason },
                async _ =>
                {
                    var result = await engine.MigrateAsync(instanceId, command.TargetVersionId, plan, cancellation);
                    if (result is { IsMoved: true, Forecast: { } forecast })
                    {
                        audit.Record(Subjects.Workflow(instanceId.ToString("D")), "workflow_migrated", new Actor(command.PersonId), new
                        {
                            fromVersion = forecast.FromVersion,
                            toVersion = forecast.ToVersion,
                            why = command.Reason!.Trim(),
                            steps = plan.Mappings.Select(mapping => $"{mapping.From} → {mapping.To}"),
                        });
                    }

                    return new Row(instanceId, result.IsMoved, result.Forecast);
                },
                cancellation);
            return moved.Succeeded ? moved.Value : new Row(instanceId, false, null, moved.Refusal!.Key);
        }
        catch (Exception failure) when (failure is not OperationCanceledException and (not NpgsqlException or PostgresException))
        {
            logger.LogError(failure, "Instance {Instance} could not be moved to {Version}.", instanceId, command.TargetVersionId);
            return new Row(instanceId, false, null, failure.Message);
        }
    }
}
