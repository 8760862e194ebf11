using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.ElsaApi.Definitions;

namespace ProcesStandardu.ElsaApi.Instances;

/// <summary>Finding and reading instances.</summary>
internal static class InstanceEndpoints
{
    public sealed record TimestampFilter(string? column, string? @operator, DateTimeOffset? timestamp);

    public sealed record ListRequest(
        int? page, int? pageSize, string? searchTerm, string? definitionId, IReadOnlyList<string>? definitionIds, string? correlationId,
        int? version, bool? hasIncidents, string? status, IReadOnlyList<string>? statuses, string? subStatus,
        IReadOnlyList<string>? subStatuses, string? orderBy, string? orderDirection, IReadOnlyList<TimestampFilter>? timestampFilters);

    public sealed record JournalFilter(
        IReadOnlyList<string>? activityIds, IReadOnlyList<string>? activityNodeIds, IReadOnlyList<string>? excludedActivityTypes,
        IReadOnlyList<string>? eventNames);

    public sealed record JournalRequest(JournalFilter? filter);

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/workflow-instances").WithTags("workflow-instances");
        group.MapPost("", ListAsync).WithSummary("Lists instances.");
        group.MapGet("/{id:guid}", GetAsync).WithSummary("One instance with its state, waits and incidents.");
        group.MapGet("/{id:guid}/journal", JournalAsync).WithSummary("The journal of an instance.");
        group.MapPost("/{id:guid}/journal", FilteredJournalAsync).WithSummary("The journal of an instance, or a part of it.");
        group.MapGet("/{id:guid}/execution-state", StateAsync).WithSummary("How an instance stands.");
        group.MapGet("/{id:guid}/variables", VariablesAsync).WithSummary("The variables of an instance.");
        group.MapGet("/{id:guid}/export", ExportAsync).WithSummary("One instance with its journal as a JSON file.");
    }

    private static async Task<JsonObject> ListAsync(ListRequest request, InstanceReader reader, CancellationToken cancellation)
    {
        var size = Math.Clamp(request.pageSize ?? 20, 1, 500);
        var (items, total) = await reader.ListAsync(
            new InstanceFilter
            {
                SearchTerm = request.searchTerm,
                DefinitionIds = Both(request.definitionId, request.definitionIds),
                CorrelationId = request.correlationId,
                Version = request.version,
                HasIncidents = request.hasIncidents == true ? true : null,
                Statuses = [.. Both(request.status, request.statuses).Select(Stored)],
                SubStatuses = [.. Both(request.subStatus, request.subStatuses).Select(Stored)],
                Times = [.. (request.timestampFilters ?? []).Where(filter => filter.timestamp is not null)
                    .Select(filter => (Column(filter.column), Operator(filter.@operator), filter.timestamp!.Value))],
                OrderBy = request.orderBy == "Name" ? "name" : Column(request.orderBy),
                Ascending = request.orderDirection?.StartsWith("Asc", StringComparison.OrdinalIgnoreCase) == true,
                Skip = Math.Max(request.page ?? 0, 0) * size,
                Take = size,
            },
            cancellation);
        return new JsonObject
        {
            ["items"] = new JsonArray([.. items.Select(WireInstances.Summary)]),
            ["totalCount"] = total,
            ["links"] = new JsonArray(),
        };
    }

    private static async Task<IResult> GetAsync(Guid id, InstanceReader reader, CancellationToken cancellation) =>
        await reader.FindAsync(id, cancellation) is { } instance
            ? Results.Ok(WireInstances.Full(
                instance, await reader.WaitsAsync(id, cancellation), await reader.IncidentsAsync(id, cancellation)))
            : Answers.NotFound();

    private static Task<JsonObject> JournalAsync(
        Guid id, [FromQuery] int? skip, [FromQuery] int? take, InstanceReader reader, CancellationToken cancellation) =>
        EntriesAsync(id, null, skip, take, reader, cancellation);

    private static Task<JsonObject> FilteredJournalAsync(
        Guid id, [FromQuery] int? skip, [FromQuery] int? take, JournalRequest request, InstanceReader reader, CancellationToken cancellation) =>
        EntriesAsync(id, request.filter, skip, take, reader, cancellation);

    private static async Task<JsonObject> EntriesAsync(
        Guid id, JournalFilter? filter, int? skip, int? take, InstanceReader reader, CancellationToken cancellation)
    {
        var (items, total) = await reader.JournalAsync(
            id, filter?.activityNodeIds, filter?.activityIds, filter?.excludedActivityTypes, filter?.eventNames, skip ?? 0, take ?? 100, cancellation);
        return new JsonObject { ["items"] = new JsonArray([.. items.Select(WireInstances.Entry)]), ["totalCount"] = total };
    }

    private static async Task<IResult> StateAsync(Guid id, InstanceReader reader, CancellationToken cancellation) =>
        await reader.FindAsync(id, cancellation) is { } instance
            ? Results.Ok(new JsonObject
            {
                ["status"] = WireInstances.Word(instance.Status),
                ["workflowSubStatus"] = WireInstances.Word(instance.SubStatus),
                ["updatedAt"] = instance.UpdatedAt,
            })
            : Answers.NotFound();

    private static async Task<IResult> VariablesAsync(
        Guid id, InstanceReader reader, UnitOfWork work, DefinitionVersions versions, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { } instance)
        {
            return Answers.NotFound();
        }

        var version = await work.RunAsync(_ => versions.FindAsync(instance.VersionId, cancellation), cancellation);
        var ids = (version?.Json["variables"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(variable => DefinitionJson.Text(variable["name"]) is not null).DistinctBy(variable => DefinitionJson.Text(variable["name"]))
            .ToDictionary(variable => DefinitionJson.Text(variable["name"])!, variable => DefinitionJson.Text(variable["id"]));
        return Results.Ok(DefinitionEndpoints.Listed(JsonNode.Parse(instance.Variables)!.AsObject().Select(variable => new JsonObject
        {
            ["id"] = ids.GetValueOrDefault(variable.Key) ?? variable.Key,
            ["name"] = variable.Key,
            ["value"] = variable.Value?.DeepClone(),
        })));
    }

    private static async Task<IResult> ExportAsync(Guid id, InstanceReader reader, CancellationToken cancellation) =>
        await FileAsync(id, reader, cancellation) is { } file
            ? Results.File(file, "application/json", $"workflow-instance-{id:D}.json")
            : Answers.NotFound();

    /// <summary>An instance as a file; null when there is none. The journal's first thousand entries are in it.</summary>
    internal static async Task<byte[]?> FileAsync(Guid id, InstanceReader reader, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { } instance)
        {
            return null;
        }

        var (journal, _) = await reader.JournalAsync(id, null, null, null, null, 0, 1000, cancellation);
        var file = new JsonObject
        {
            ["workflowInstance"] = WireInstances.Full(instance, await reader.WaitsAsync(id, cancellation), await reader.IncidentsAsync(id, cancellation)),
            ["activityExecutions"] = new JsonArray([.. (await reader.ExecutionsAsync(id, null, cancellation)).Select(WireInstances.Execution)]),
            ["journal"] = new JsonArray([.. journal.Select(WireInstances.Entry)]),
        };
        return Encoding.UTF8.GetBytes(file.ToJsonString());
    }

    private static List<string> Both(string? one, IReadOnlyList<string>? many) =>
        [.. (many ?? []).Append(one).Where(value => !string.IsNullOrEmpty(value)).Select(value => value!).Distinct()];

    private static string Stored(string word) => word.ToLowerInvariant();

    private static string Column(string? name) => name switch
    {
        "LastExecuted" or "UpdatedAt" => "updated_at",
        "Finished" or "FinishedAt" => "finished_at",
        _ => "created_at",
    };

    private static string Operator(string? name) => name switch
    {
        "Is" => "=",
        "IsNot" => "<>",
        "LessThan" => "<",
        "GreaterThan" => ">",
        "LessThanOrEqual" => "<=",
        _ => ">=",
    };
}
