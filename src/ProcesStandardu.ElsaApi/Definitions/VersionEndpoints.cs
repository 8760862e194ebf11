using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Designing;

namespace ProcesStandardu.ElsaApi.Definitions;

/// <summary>What becomes of versions: published, taken back, brought back, deleted; one at a time and many at once.</summary>
internal static class VersionEndpoints
{
    public sealed record DefinitionIds(IReadOnlyList<string>? definitionIds);

    public sealed record VersionIds(IReadOnlyList<string>? ids);

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("").WithTags("workflow-definition-versions");
        group.MapPost("/workflow-definitions/{definitionId}/publish", PublishAsync).WithSummary("Publishes the draft of a definition.");
        group.MapPost("/workflow-definitions/{definitionId}/retract", RetractAsync).WithSummary("Takes the published version back.");
        group.MapPost("/workflow-definitions/{definitionId}/revert/{version:int}", RevertAsync).WithSummary("Brings a former version back as the draft.");
        group.MapDelete("/workflow-definitions/{definitionId}", DeleteAsync).WithSummary("Deletes a definition by which no case ever ran.");
        group.MapDelete("/workflow-definition-versions/{id}", DeleteVersionAsync).WithSummary("Deletes a draft or an unused version.");
        group.MapPost("/bulk-actions/publish/workflow-definitions/by-definition-ids", PublishManyAsync).WithSummary("Publishes many drafts.");
        group.MapPost("/bulk-actions/retract/workflow-definitions/by-definition-ids", RetractManyAsync).WithSummary("Takes many published versions back.");
        group.MapPost("/bulk-actions/delete/workflow-definitions/by-definition-id", DeleteManyAsync).WithSummary("Deletes many definitions.");
        group.MapPost("/bulk-actions/delete/workflow-definitions/by-id", DeleteVersionsAsync).WithSummary("Deletes many versions.");
    }

    private static async Task<IResult> PublishAsync(
        string definitionId, HttpContext http, PublishDraft publish, WireDefinitions wire, Answers answers, CancellationToken cancellation)
    {
        var published = await publish.HandleAsync(new PublishDraft.Command(definitionId, Answers.PersonOf(http)), cancellation);
        return published.Refusal is { } refusal
            ? answers.Refused(refusal)
            : Results.Ok(await DefinitionEndpoints.SavedAsync(published.Value.Latest, published.Value.WasPublished, wire, cancellation));
    }

    private static async Task<IResult> RetractAsync(
        string definitionId, HttpContext http, RetractDefinition retract, WireDefinitions wire, Answers answers, CancellationToken cancellation)
    {
        var retracted = await retract.HandleAsync(new RetractDefinition.Command(definitionId, Answers.PersonOf(http)), cancellation);
        return retracted.Refusal is { } refusal ? answers.Refused(refusal) : Results.Ok(await wire.OfAsync(retracted.Value, cancellation));
    }

    private static async Task<IResult> RevertAsync(
        string definitionId, int version, HttpContext http, RevertDefinition revert, Answers answers, CancellationToken cancellation)
    {
        var reverted = await revert.HandleAsync(
            new RevertDefinition.Command(definitionId, version, Answers.PersonOf(http), Answers.TabOf(http)), cancellation);
        return reverted.Refusal is { } refusal ? answers.Refused(refusal) : Results.Ok(WireDefinitions.SummaryOf(reverted.Value));
    }

    private static async Task<IResult> DeleteAsync(
        string definitionId, HttpContext http, DeleteDefinition delete, Answers answers, CancellationToken cancellation) =>
        Deleted(await delete.HandleAsync(new DeleteDefinition.Command(definitionId, null, Answers.PersonOf(http)), cancellation), answers);

    private static async Task<IResult> DeleteVersionAsync(
        string id, HttpContext http, DeleteDefinition delete, Answers answers, CancellationToken cancellation) =>
        Deleted(await delete.HandleAsync(new DeleteDefinition.Command(null, id, Answers.PersonOf(http)), cancellation), answers);

    private static async Task<IResult> PublishManyAsync(
        DefinitionIds chosen, HttpContext http, PublishDraft publish, Answers answers, CancellationToken cancellation)
    {
        var (done, already, missing) = (new JsonArray(), new JsonArray(), new JsonArray());
        var refused = new List<string>();
        foreach (var id in chosen.definitionIds ?? [])
        {
            var published = await publish.HandleAsync(new PublishDraft.Command(id, Answers.PersonOf(http)), cancellation);
            if (published.Refusal is DefinitionDoesNotExist)
            {
                missing.Add(id);
            }
            else if (published.Refusal is { } refusal)
            {
                refused.AddRange(answers.Words(refusal).Select(word => $"{id}: {word}"));
            }
            else
            {
                (published.Value.WasPublished ? already : done).Add(id);
            }
        }

        return refused.Count > 0
            ? Answers.Problem("DraftHasProblems", refused)
            : Results.Ok(new JsonObject { ["published"] = done, ["alreadyPublished"] = already, ["notFound"] = missing, ["updatedConsumers"] = new JsonArray() });
    }

    private static async Task<JsonObject> RetractManyAsync(
        DefinitionIds chosen, HttpContext http, RetractDefinition retract, CancellationToken cancellation)
    {
        var (done, already, missing) = (new JsonArray(), new JsonArray(), new JsonArray());
        foreach (var id in chosen.definitionIds ?? [])
        {
            var retracted = await retract.HandleAsync(new RetractDefinition.Command(id, Answers.PersonOf(http)), cancellation);
            (retracted.Refusal switch { null => done, DefinitionIsNotPublished => already, _ => missing }).Add(id);
        }

        return new JsonObject { ["retracted"] = done, ["alreadyRetracted"] = already, ["notFound"] = missing };
    }

    private static Task<IResult> DeleteManyAsync(
        DefinitionIds chosen, HttpContext http, UnitOfWork work, DeleteDefinition delete, Answers answers, CancellationToken cancellation) =>
        DeleteAllAsync(chosen.definitionIds, id => new DeleteDefinition.Command(id, null, Answers.PersonOf(http)), work, delete, answers, cancellation);

    private static Task<IResult> DeleteVersionsAsync(
        VersionIds chosen, HttpContext http, UnitOfWork work, DeleteDefinition delete, Answers answers, CancellationToken cancellation) =>
        DeleteAllAsync(chosen.ids, id => new DeleteDefinition.Command(null, id, Answers.PersonOf(http)), work, delete, answers, cancellation);

    // All or none: half a deletion would be a surprise.
    private static async Task<IResult> DeleteAllAsync(
        IReadOnlyList<string>? ids, Func<string, DeleteDefinition.Command> command, UnitOfWork work, DeleteDefinition delete, Answers answers,
        CancellationToken cancellation)
    {
        var deleted = await work.RunAsync<int>(
            async _ =>
            {
                foreach (var id in (ids ?? []).Distinct())
                {
                    if ((await delete.HandleAsync(command(id), cancellation)).Refusal is { } refusal and not DefinitionDoesNotExist)
                    {
                        return refusal;
                    }
                }

                return (ids ?? []).Distinct().Count();
            },
            cancellation);
        return deleted.Refusal is { } problem ? answers.Refused(problem) : Results.Ok(new JsonObject { ["deleted"] = deleted.Value });
    }

    private static IResult Deleted(Result<Done> result, Answers answers) =>
        result.Refusal is { } refusal ? answers.Refused(refusal) : Results.NoContent();
}
