using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows.Designing;

namespace ProcesStandardu.ElsaApi.Definitions;

/// <summary>Finding, reading and saving definitions.</summary>
internal static class DefinitionEndpoints
{
    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/workflow-definitions").WithTags("workflow-definitions");
        group.MapGet("", ListAsync).WithSummary("Lists versions of definitions.");
        group.MapGet("/by-definition-id/{definitionId}", ByDefinitionIdAsync).WithSummary("One version of a definition, by default its latest.");
        group.MapGet("/by-id/{id}", ByIdAsync).WithSummary("The version with this id.");
        group.MapGet("/many-by-id", ManyByIdAsync).WithSummary("The versions with these ids.");
        group.MapGet("/query/count", CountAsync).WithSummary("How many definitions there are.");
        group.MapGet("/validation/is-name-unique", IsNameUniqueAsync).WithSummary("Whether no other definition has this name.");
        group.MapGet("/{definitionId}/consumers", ConsumersAsync).WithSummary("The definitions that use this one.");
        group.MapPost("/{definitionId}/update-references", UpdateReferencesAsync).WithSummary("Names the definitions that use this one; none is changed.");
        group.MapPost("", SaveAsync).WithSummary("Saves a draft and, when asked to, publishes it.").Accepts<JsonObject>("application/json");
    }

    private static async Task<JsonObject> ListAsync(
        HttpContext http, UnitOfWork work, DefinitionVersions versions, CancellationToken cancellation)
    {
        var query = http.Request.Query;
        var found = await work.RunAsync(
            _ => versions.ListAsync(Texts(query["DefinitionIds"]), Texts(query["Ids"]), query["versionOptions"], cancellation), cancellation);
        if (query["SearchTerm"].ToString().Trim() is { Length: > 0 } term)
        {
            found = [.. found.Where(version =>
                version.Name.Contains(term, StringComparison.CurrentCultureIgnoreCase)
                || version.DefinitionId.Contains(term, StringComparison.OrdinalIgnoreCase) || version.VersionId == term)];
        }

        var descending = query["OrderDirection"].ToString().StartsWith("Desc", StringComparison.OrdinalIgnoreCase);
        var ordered = query["OrderBy"].ToString() switch
        {
            "Version" => By(version => version.Version),
            "Created" => By(version => version.SavedAt),
            _ => descending
                ? found.OrderByDescending(version => version.Name, StringComparer.CurrentCultureIgnoreCase)
                : found.OrderBy(version => version.Name, StringComparer.CurrentCultureIgnoreCase),
        };
        var size = int.TryParse(query["PageSize"], out var given) ? Math.Clamp(given, 1, 500) : 500;
        var page = int.TryParse(query["Page"], out var number) ? Math.Max(number, 0) : 0;
        return new JsonObject
        {
            ["items"] = new JsonArray([.. ordered.ThenBy(version => version.VersionId, StringComparer.Ordinal).Skip(page * size).Take(size).Select(WireDefinitions.SummaryOf)]),
            ["totalCount"] = found.Count,

            // Without this link Studio offers neither creating nor importing.
            ["links"] = new JsonArray(WireDefinitions.Link("bulk-publish", "/bulk-actions/publish/workflow-definitions/by-definition-ids")),
        };

        IOrderedEnumerable<StoredVersion> By<T>(Func<StoredVersion, T> key) => descending ? found.OrderByDescending(key) : found.OrderBy(key);
    }

    private static async Task<IResult> ByDefinitionIdAsync(
        string definitionId, [FromQuery] string? versionOptions, UnitOfWork work, DefinitionVersions versions, WireDefinitions wire,
        CancellationToken cancellation) =>
        await work.RunAsync(_ => versions.FindAsync(definitionId, versionOptions, cancellation), cancellation) is { } version
            ? Results.Ok(await wire.OfAsync(version, cancellation))
            : Answers.NotFound();

    private static async Task<IResult> ByIdAsync(
        string id, UnitOfWork work, DefinitionVersions versions, WireDefinitions wire, CancellationToken cancellation) =>
        await work.RunAsync(_ => versions.FindAsync(id, cancellation), cancellation) is { } version
            ? Results.Ok(await wire.OfAsync(version, cancellation))
            : Answers.NotFound();

    private static Task<JsonObject> ManyByIdAsync(
        [FromQuery] string[] ids, UnitOfWork work, DefinitionVersions versions, WireDefinitions wire, CancellationToken cancellation) =>
        work.RunAsync(
            async _ =>
            {
                var workflows = await versions.UsableAsync(cancellation);
                return Listed((ids.Length == 0 ? [] : await versions.ListAsync([], ids, null, cancellation))
                    .Select(version => wire.Of(version, workflows)));
            },
            cancellation);

    private static async Task<JsonObject> CountAsync(UnitOfWork work, DefinitionVersions versions, CancellationToken cancellation) =>
        new() { ["count"] = (await work.RunAsync(_ => versions.ListAsync([], [], "Latest", cancellation), cancellation)).Count };

    private static async Task<JsonObject> IsNameUniqueAsync(
        [FromQuery] string? name, [FromQuery] string? definitionId, UnitOfWork work, DefinitionVersions versions, CancellationToken cancellation)
    {
        var latest = await work.RunAsync(_ => versions.ListAsync([], [], "Latest", cancellation), cancellation);
        return new JsonObject
        {
            ["isUnique"] = latest.All(version =>
                version.DefinitionId == definitionId || !version.Name.Equals(name?.Trim(), StringComparison.OrdinalIgnoreCase)),
        };
    }

    private static async Task<JsonObject> ConsumersAsync(
        string definitionId, UnitOfWork work, DeleteDefinition definitions, CancellationToken cancellation) =>
        new() { ["consumingWorkflowDefinitionIds"] = await UsersAsync(definitionId, work, definitions, cancellation) };

    // A workflow used as an activity is used in the version it was drawn with, for ever; nothing is updated behind anybody's back.
    private static Task<JsonObject> UpdateReferencesAsync(string definitionId) =>
        Task.FromResult(new JsonObject { ["affectedWorkflows"] = new JsonArray() });

    private static async Task<IResult> SaveAsync(
        HttpContext http, SaveDraft save, PublishDraft publish, WireDefinitions wire, Answers answers, CancellationToken cancellation)
    {
        var body = Answers.ObjectOf(await Answers.TextOfAsync(http));
        if (body?["model"] is not JsonObject model)
        {
            return answers.Refused(new TextIsNoDefinition());
        }

        // Studio goes away without waiting when its page is left; what it sent is saved all the same.
        var person = Answers.PersonOf(http);
        var saved = await save.HandleAsync(new SaveDraft.Command(model, person, Answers.TabOf(http)), CancellationToken.None);
        if (saved.Refusal is { } refusal)
        {
            // There is no page to answer "not found" to: what Studio shows are the words.
            return refusal is DefinitionDoesNotExist ? answers.AsProblem(refusal) : answers.Refused(refusal);
        }

        var latest = saved.Value;
        var wasPublished = false;
        if (body["publish"] is JsonValue wish && wish.TryGetValue<bool>(out var isWished) && isWished)
        {
            var published = await publish.HandleAsync(new PublishDraft.Command(latest.DefinitionId, person), CancellationToken.None);
            if (published.Refusal is { } problem)
            {
                return answers.Refused(problem);
            }

            latest = published.Value.Latest;
            wasPublished = published.Value.WasPublished;
        }

        return Results.Ok(await SavedAsync(latest, wasPublished, wire, cancellation));
    }

    /// <summary>The answer to saving and publishing.</summary>
    internal static async Task<JsonObject> SavedAsync(
        StoredVersion latest, bool wasPublished, WireDefinitions wire, CancellationToken cancellation) => new()
        {
            ["workflowDefinition"] = await wire.OfAsync(latest, cancellation),
            ["alreadyPublished"] = wasPublished,
            ["consumingWorkflowCount"] = 0,
        };

    /// <summary>A list that is not paged.</summary>
    internal static JsonObject Listed(IEnumerable<JsonNode?> items)
    {
        var array = new JsonArray([.. items]);
        return new JsonObject { ["items"] = array, ["count"] = array.Count };
    }

    private static async Task<JsonArray> UsersAsync(
        string definitionId, UnitOfWork work, DeleteDefinition definitions, CancellationToken cancellation) =>
        [.. (await work.RunAsync(_ => definitions.UsersOfAsync(definitionId, cancellation), cancellation)).Select(user => (JsonNode)user.DefinitionId)];

    private static List<string> Texts(IEnumerable<string?> values) => [.. values.Where(value => !string.IsNullOrEmpty(value)).Select(value => value!)];
}
