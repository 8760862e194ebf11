using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows.Designing;

namespace ProcesStandardu.ElsaApi.Definitions;

/// <summary>Parts of a definition: an activity by its node id, and the way to it through its containers.</summary>
internal static class GraphEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/workflow-definitions/subgraph").WithTags("workflow-definitions");
        group.MapGet("/{id}", NodeAsync).WithSummary("An activity with what it holds.");
        group.MapGet("/segments/{id}", SegmentsAsync).WithSummary("The containers on the way to an activity, outermost first.");
    }

    private static async Task<IResult> NodeAsync(
        string id, [FromQuery] string? parentNodeId, UnitOfWork work, DefinitionVersions versions, WireDefinitions wire,
        CancellationToken cancellation) =>
        await PathAsync(id, parentNodeId, work, versions, wire, cancellation) is [.., var last]
            ? Results.Ok(NodeOf(last))
            : Answers.NotFound();

    private static async Task<IResult> SegmentsAsync(
        string id, [FromQuery] string? childNodeId, UnitOfWork work, DefinitionVersions versions, WireDefinitions wire,
        CancellationToken cancellation)
    {
        if (await PathAsync(id, childNodeId, work, versions, wire, cancellation) is not [.., var child] path)
        {
            return Answers.NotFound();
        }

        // The root is where every viewer begins; a segment leads through a port of an activity into what the port holds.
        var segments = new JsonArray();
        for (var step = 1; step < path.Count - 1; step++)
        {
            if (path[step + 1].Port is { } port and not "activities")
            {
                segments.Add(new JsonObject
                {
                    ["activityNodeId"] = path[step].Activity["nodeId"]?.DeepClone(),
                    ["activityId"] = path[step].Activity["id"]?.DeepClone(),
                    ["activityType"] = path[step].Activity["type"]?.DeepClone(),
                    ["portName"] = port,
                });
            }
        }

        return Results.Ok(new JsonObject
        {
            ["childNode"] = NodeOf(child),
            ["container"] = NodeOf(path.Count > 1 ? path[^2] : child),
            ["pathSegments"] = segments,
        });
    }

    /// <summary>The activities from the root to a node; the root alone when no node is named; null when there is no such node.</summary>
    private static async Task<List<Step>?> PathAsync(
        string versionId, string? nodeId, UnitOfWork work, DefinitionVersions versions, WireDefinitions wire, CancellationToken cancellation)
    {
        if (await work.RunAsync(_ => versions.FindAsync(versionId, cancellation), cancellation) is not { } version
            || (await wire.OfAsync(version, cancellation))["root"] is not JsonObject root)
        {
            return null;
        }

        var path = new List<Step> { new(root, null) };
        while (!string.IsNullOrEmpty(nodeId) && IdOf(path[^1]) != nodeId)
        {
            var next = ChildrenOf(path[^1].Activity).FirstOrDefault(child => nodeId == IdOf(child) || nodeId.StartsWith(IdOf(child) + ":", StringComparison.Ordinal));
            if (next is null)
            {
                return null;
            }

            path.Add(next);
        }

        return path;
    }

    private static IEnumerable<Step> ChildrenOf(JsonObject activity)
    {
        foreach (var (name, value) in activity)
        {
            var held = value switch { JsonObject one => [one], JsonArray many => many.OfType<JsonObject>(), _ => [] };
            foreach (var child in held.Where(child => DefinitionJson.Text(child["nodeId"]) is not null))
            {
                yield return new Step(child, name);
            }
        }
    }

    private static string? IdOf(Step step) => DefinitionJson.Text(step.Activity["nodeId"]);

    private static JsonObject NodeOf(Step step) => new()
    {
        ["activity"] = step.Activity.DeepClone(),
        ["port"] = step.Port,
        ["nodeId"] = step.Activity["nodeId"]?.DeepClone(),
        ["parents"] = new JsonArray(),
        ["children"] = new JsonArray(),
    };

    private sealed record Step(JsonObject Activity, string? Port);
}
