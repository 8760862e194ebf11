using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows.Designing;

namespace ProcesStandardu.ElsaApi.Definitions;

/// <summary>Definitions as Studio reads them: nothing null that it would stumble over, node ids everywhere, stand-ins for unknown steps.</summary>
internal sealed class WireDefinitions(UnitOfWork work, DefinitionVersions versions, UnknownActivities unknown)
{
    /// <summary>The whole definition.</summary>
    public async Task<JsonObject> OfAsync(StoredVersion version, CancellationToken cancellation)
    {
        var workflows = await work.RunAsync(_ => versions.UsableAsync(cancellation), cancellation);
        return Of(version, workflows);
    }

    /// <summary>The whole definition, when the usable workflows are known.</summary>
    public JsonObject Of(StoredVersion version, IReadOnlySet<(string Type, int Version)> workflows)
    {
        var wire = unknown.Hidden(version.Json, workflows);
        wire["id"] = version.VersionId;
        wire["definitionId"] = version.DefinitionId;
        wire["name"] = version.Name;
        wire["description"] = DefinitionJson.Text(wire["description"]) ?? "";
        wire["createdAt"] = version.SavedAt;
        wire["version"] = version.Version;
        wire["isLatest"] = version.IsLatest;
        wire["isPublished"] = version.IsPublished;
        wire["isReadonly"] = false;
        wire["toolVersion"] = ToolVersionOf(wire);
        wire["providerName"] = "ProcesStandardu";
        wire["materializerName"] = "Json";
        foreach (var list in new[] { "variables", "inputs", "outputs", "outcomes" })
        {
            wire[list] = wire[list] is JsonArray items ? items.DeepClone() : new JsonArray();
        }

        wire["options"] = wire["options"] is JsonObject options ? options.DeepClone() : new JsonObject();
        var custom = wire["customProperties"] as JsonObject ?? [];
        custom = custom.DeepClone().AsObject();
        custom[DefinitionJson.StateProperty] = version.State;
        wire["customProperties"] = custom;
        Place(wire["root"], "Workflow1");
        wire["links"] = Links(version.DefinitionId);
        return wire;
    }

    /// <summary>A definition in a list.</summary>
    public static JsonObject SummaryOf(StoredVersion version) => new()
    {
        ["id"] = version.VersionId,
        ["definitionId"] = version.DefinitionId,
        ["name"] = version.Name,
        ["description"] = DefinitionJson.Text(version.Json["description"]) ?? "",
        ["version"] = version.Version,
        ["toolVersion"] = ToolVersionOf(version.Json),
        ["isLatest"] = version.IsLatest,
        ["isPublished"] = version.IsPublished,
        ["isReadonly"] = false,
        ["providerName"] = "ProcesStandardu",
        ["materializerName"] = "Json",
        ["isMaterializerAvailable"] = true,
        ["createdAt"] = version.SavedAt,
        ["links"] = Links(version.DefinitionId),
    };

    /// <summary>The links by which Studio lets its user change the definition.</summary>
    public static JsonArray Links(string definitionId) =>
        [Link("publish", $"/workflow-definitions/{Uri.EscapeDataString(definitionId)}/publish")];

    public static JsonObject Link(string rel, string path) =>
        new() { ["href"] = ElsaApiRegistration.BasePath + path, ["rel"] = rel, ["method"] = "POST" };

    private static string ToolVersionOf(JsonObject definition) =>
        DefinitionJson.Text(definition["toolVersion"]) is { } text && Version.TryParse(text, out _) ? text : "3.8.2";

    // What viewers show is found by the path of ids; it is always made anew.
    private static void Place(JsonNode? node, string path)
    {
        switch (node)
        {
            case JsonArray items:
                foreach (var item in items)
                {
                    Place(item, path);
                }

                break;
            case JsonObject properties:
                if (DefinitionJson.IsActivity(properties))
                {
                    path += ":" + DefinitionJson.Text(properties["id"]);
                    properties["nodeId"] = path;
                }

                foreach (var (name, value) in properties.ToList())
                {
                    if (name is not ("metadata" or "customProperties" or "connections" or "variables"))
                    {
                        Place(value, path);
                    }
                }

                break;
        }
    }
}
