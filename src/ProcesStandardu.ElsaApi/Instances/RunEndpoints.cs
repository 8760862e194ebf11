using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Approval.Workflows.Repair;

namespace ProcesStandardu.ElsaApi.Instances;

/// <summary>What is done to instances: started, cancelled, repeated where they faulted, deleted once they have ended.</summary>
internal static class RunEndpoints
{
    /// <summary>Studio goes to the instance that this header names.</summary>
    private const string InstanceHeader = "x-elsa-workflow-instance-id";

    public sealed record ExecuteRequest(string? correlationId, string? triggerActivityId, JsonObject? input);

    public sealed record InstanceIds(IReadOnlyList<Guid>? ids);

    public sealed record CancelRequest(IReadOnlyList<Guid>? ids, string? definitionVersionId, string? definitionId);

    public sealed record RetryRequest(IReadOnlyList<Guid>? workflowInstanceIds);

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("").WithTags("runs");
        group.MapPost("/workflow-definitions/{definitionId}/execute", ExecuteAsync).WithSummary("Starts the published version.");
        group.MapPost("/workflow-definitions/{definitionId}/dispatch", ExecuteAsync).WithSummary("Starts the published version.");
        group.MapPost("/cancel/workflow-instances/{id:guid}", CancelAsync).WithSummary("Cancels a running instance and its children.");
        group.MapPost("/bulk-actions/cancel/workflow-instances", CancelManyAsync).WithSummary("Cancels running instances: named, or all of a version.");
        group.MapPost("/retry/workflow-instances/{id:guid}", RetryAsync).WithSummary("Runs the faulted steps of an instance again.");
        group.MapPost("/alterations/workflows/retry", RetryManyAsync).WithSummary("Runs the faulted steps of instances again.");
        group.MapDelete("/workflow-instances/{id:guid}", DeleteAsync).WithSummary("Deletes an instance that has ended and that nothing refers to.");
        group.MapPost("/bulk-actions/delete/workflow-instances/by-id", DeleteManyAsync).WithSummary("Deletes instances that have ended, all or none.");
        group.MapPost("/bulk-actions/export/workflow-instances", ExportManyAsync).WithSummary("Instances as a zip of JSON files.");
        group.MapPost("/bulk-actions/import/workflow-instances", (Answers answers) => answers.Say("InstancesAreNotImported"))
            .WithSummary("Refused: a case is what happened here.");
    }

    private static async Task<IResult> ExecuteAsync(
        string definitionId, ExecuteRequest? request, HttpContext http, StartByHand start, Answers answers, CancellationToken cancellation)
    {
        var started = await start.HandleAsync(
            new StartByHand.Command(
                definitionId, Answers.PersonOf(http), request?.correlationId, request?.triggerActivityId,
                request?.input?.ToDictionary(input => input.Key, input => input.Value?.DeepClone())),
            cancellation);
        if (started.Refusal is { } refusal)
        {
            return answers.Refused(refusal);
        }

        http.Response.Headers[InstanceHeader] = started.Value.ToString("D");
        return Results.Ok(new JsonObject { ["workflowInstanceId"] = started.Value.ToString("D"), ["cannotStart"] = false });
    }

    private static async Task<IResult> CancelAsync(Guid id, HttpContext http, CancelInstance act, Answers answers, CancellationToken cancellation) =>
        Done(await act.HandleAsync(new CancelInstance.Command(ByHand(http, answers), id), cancellation), answers);

    private static async Task<IResult> CancelManyAsync(
        CancelRequest request, HttpContext http, InstanceReader reader, CancelInstance act, Answers answers, CancellationToken cancellation)
    {
        var chosen = request.ids is { Count: > 0 } ids
            ? ids
            : string.IsNullOrEmpty(request.definitionVersionId) && string.IsNullOrEmpty(request.definitionId)
                ? []
                : [.. (await reader.ListAsync(
                    new InstanceFilter
                    {
                        VersionId = request.definitionVersionId,
                        DefinitionIds = request.definitionId is { Length: > 0 } definition ? [definition] : [],
                        Statuses = ["running"],
                        Take = 500,
                    },
                    cancellation)).Items.Select(instance => instance.Id)];

        // Each is a transaction of its own: what was cancelled stays so, whatever becomes of the rest.
        var cancelled = 0;
        foreach (var id in chosen.Distinct())
        {
            if ((await act.HandleAsync(new CancelInstance.Command(ByHand(http, answers), id), cancellation)).Refusal is { } refusal and not (InstanceDoesNotExist or NotFoundOrNotYours))
            {
                return answers.Refused(refusal);
            }

            cancelled++;
        }

        return Results.Ok(new JsonObject { ["cancelledCount"] = cancelled });
    }

    private static async Task<IResult> RetryAsync(Guid id, HttpContext http, RetryActivity act, Answers answers, CancellationToken cancellation) =>
        Done(await act.HandleAsync(new RetryActivity.Command(ByHand(http, answers), id, null), cancellation), answers);

    private static async Task<IResult> RetryManyAsync(
        RetryRequest request, HttpContext http, RetryActivity act, Answers answers, CancellationToken cancellation)
    {
        var results = new JsonArray();
        foreach (var id in (request.workflowInstanceIds ?? []).Distinct())
        {
            var retried = await act.HandleAsync(new RetryActivity.Command(ByHand(http, answers), id, null), cancellation);
            if (retried.Refusal is { } refusal)
            {
                return answers.Refused(refusal);
            }

            results.Add(new JsonObject { ["workflowInstanceId"] = id.ToString("D"), ["isSuccessful"] = true });
        }

        return Results.Ok(new JsonObject { ["results"] = results });
    }

    private static async Task<IResult> DeleteAsync(Guid id, HttpContext http, DeleteInstance act, Answers answers, CancellationToken cancellation) =>
        Done(await act.HandleAsync(new DeleteInstance.Command(id, Answers.PersonOf(http)), cancellation), answers);

    private static async Task<IResult> DeleteManyAsync(
        InstanceIds chosen, HttpContext http, UnitOfWork work, DeleteInstance act, Answers answers, CancellationToken cancellation)
    {
        var deleted = await work.RunAsync<int>(
            async _ =>
            {
                foreach (var id in (chosen.ids ?? []).Distinct())
                {
                    if ((await act.HandleAsync(new DeleteInstance.Command(id, Answers.PersonOf(http)), cancellation)).Refusal is { } refusal and not (InstanceDoesNotExist or NotFoundOrNotYours))
                    {
                        return refusal;
                    }
                }

                return (chosen.ids ?? []).Distinct().Count();
            },
            cancellation);
        return deleted.Refusal is { } problem ? answers.Refused(problem) : Results.Ok(new JsonObject { ["deletedCount"] = deleted.Value });
    }

    private static async Task<IResult> ExportManyAsync(InstanceIds chosen, InstanceReader reader, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var id in (chosen.ids ?? []).Distinct())
            {
                if (await InstanceEndpoints.FileAsync(id, reader, cancellation) is { } file)
                {
                    await using var entry = zip.CreateEntry($"workflow-instance-{id:D}.json").Open();
                    await entry.WriteAsync(file, cancellation);
                }
            }
        }

        return Results.File(bytes.ToArray(), "application/zip", "workflow-instances.zip");
    }

    // Studio asks for no reason; that it was done there is one.
    private static OperatorActs.By ByHand(HttpContext http, Answers answers) => new(Answers.PersonOf(http), answers.Text("DoneInStudio"));

    private static IResult Done(Result<Done> result, Answers answers) =>
        result.Refusal is { } refusal ? answers.Refused(refusal) : Results.NoContent();
}
