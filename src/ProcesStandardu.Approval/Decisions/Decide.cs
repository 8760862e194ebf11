using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Activities;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Decisions;

/// <summary>The holder of a role answers a workflow's question; the workflow goes on in the same transaction.</summary>
public sealed class Decide(
    UnitOfWork work, AuditTrail audit, Rights rights, DecisionRequests requests, WorkflowEngine engine, TimeProvider time)
{
    public sealed record Command(Guid RequestId, Guid PersonId, string? Choice, string? FormKey);

    /// <summary>The answer as it was recorded.</summary>
    public sealed record Decision(Guid RequestId, string Choice, DateTimeOffset DecidedAt);

    /// <returns>
    /// The answer, or <see cref="NotFoundOrNotYours"/>, <see cref="DecisionWasTaken"/>, <see cref="ChoiceIsMissing"/>.
    /// </returns>
    public Task<Result<Decision>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Decision>(
        command.PersonId,
        command.FormKey,
        new { command.RequestId, command.Choice },
        async db =>
        {
            await RowLock.LockAsync(
                work, "select 1 from decision_request where id = $1 for no key update", command.RequestId, cancellation);
            var request = await db.DecisionRequests.SingleOrDefaultAsync(r => r.Id == command.RequestId, cancellation);
            if (request is null || !DecisionRequests.MayDecide(
                await rights.OfAsync(command.PersonId, cancellation), request.Role,
                await requests.TaskOfAsync(request.DeliverableKey, cancellation)))
            {
                return new NotFoundOrNotYours();
            }

            if (request.State != DecisionRequest.Open)
            {
                return new DecisionWasTaken(request.Choice);
            }

            if (command.Choice is null || !request.Choices.Contains(command.Choice))
            {
                return new ChoiceIsMissing();
            }

            var now = time.GetUtcNow();
            request.Decide(command.Choice, command.PersonId, now);
            audit.Record(
                request.DeliverableKey is { } key ? Subjects.Deliverable(key) : Subjects.Workflow(request.InstanceId.ToString("D")),
                "decision_taken",
                new Actor(command.PersonId),
                new { question = request.Title, choice = request.Choice });
            await db.SaveChangesAsync(cancellation);
            await engine.SendAsync(
                new Stimulus(AskForDecision.TypeName, new { requestId = request.Id })
                {
                    Id = "decision:" + request.Id.ToString("D"),
                    Input = new System.Text.Json.Nodes.JsonObject { ["choice"] = request.Choice },
                    KeepWhenUnmatched = false,
                },
                cancellation);
            return new Decision(request.Id, command.Choice, now);
        },
        cancellation);
}

/// <summary>Somebody answered before, or the workflow no longer asks.</summary>
/// <param name="Choice">The answer that stands; null when the question was withdrawn.</param>
public sealed record DecisionWasTaken(string? Choice) : Refusal
{
    public override string Key => Choice is null ? "DecisionWasWithdrawn" : "DecisionWasTaken";

    public override IReadOnlyList<object?> Arguments => [Choice];
}

/// <summary>None of the answers was chosen.</summary>
public sealed record ChoiceIsMissing : Refusal
{
    public override string Field => "Choice";
}

/// <summary>Names the resources that hold the slice's texts.</summary>
public sealed class DecisionTexts;

/// <summary>Registers the slice.</summary>
public static class DecisionRegistration
{
    public static IServiceCollection AddDecisions(this IServiceCollection services)
    {
        services.AddScoped<DecisionRequests>();
        services.AddScoped<Decide>();
        return services;
    }
}
