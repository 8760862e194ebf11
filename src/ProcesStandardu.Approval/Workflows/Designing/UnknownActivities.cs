using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>
/// A designer draws nothing at all of a definition in which one activity is unknown to it, and then saves the nothing. So it gets a
/// stand-in for such an activity, which holds the original, and what it sends back gets the original again.
/// </summary>
public sealed class UnknownActivities(ActivityRegistry registry)
{
    /// <summary>Elsa's own name for the stand-in.</summary>
    public const string StandIn = "Elsa.NotFoundActivity";

    /// <summary>Ids of the activities that this engine cannot run, stand-ins included.</summary>
    /// <param name="workflows">The workflows that may be used as activities, by type name and version.</param>
    public IReadOnlyList<string> In(JsonObject definition, IReadOnlySet<(string Type, int Version)> workflows) =>
    [
        .. DefinitionJson.Activities(definition["root"]).Where(activity => !IsKnown(activity, workflows))
            .Select(activity => DefinitionJson.Text(activity["id"])!),
    ];

    /// <summary>The definition with stand-ins for unknown activities.</summary>
    /// <param name="workflows">The workflows that may be used as activities, by type name and version.</param>
    public JsonObject Hidden(JsonObject definition, IReadOnlySet<(string Type, int Version)> workflows)
    {
        var shown = definition.DeepClone().AsObject();
        Replace(shown["root"], activity => IsKnown(activity, workflows) || DefinitionJson.Text(activity["type"]) == StandIn ? null : Hide(activity));
        return shown;
    }

    private bool IsKnown(JsonObject activity, IReadOnlySet<(string Type, int Version)> workflows)
    {
        var type = DefinitionJson.Text(activity["type"]) ?? "";
        return activity["version"] is JsonValue given && given.TryGetValue<int>(out var version)
            ? registry.Find(type, version) is not null || workflows.Contains((type, version))
            : registry.Find(type) is not null;
    }

    /// <summary>The definition with the originals of its stand-ins, moved to where the stand-ins were drawn.</summary>
    public static JsonObject Restored(JsonObject definition)
    {
        var restored = definition.DeepClone().AsObject();
        Replace(restored["root"], Restore);
        return restored;
    }

    private static JsonObject Hide(JsonObject activity) => new()
    {
        ["type"] = StandIn,
        ["version"] = 1,
        ["id"] = activity["id"]?.DeepClone(),
        ["nodeId"] = activity["nodeId"]?.DeepClone(),
        ["name"] = activity["name"]?.DeepClone(),
        ["missingTypeName"] = activity["type"]?.DeepClone(),
        ["missingTypeVersion"] = activity["version"]?.DeepClone() ?? 0,
        ["originalActivityJson"] = activity.ToJsonString(),
        ["metadata"] = activity["metadata"]?.DeepClone() ?? new JsonObject(),
        ["customProperties"] = new JsonObject(),
    };

    private static JsonObject? Restore(JsonObject activity)
    {
        if (DefinitionJson.Text(activity["type"]) != StandIn || DefinitionJson.Text(activity["originalActivityJson"]) is not { } json)
        {
            return null;
        }

        var original = JsonNode.Parse(json)!.AsObject();
        if (activity["metadata"]?["designer"] is { } designer)
        {
            (original["metadata"] as JsonObject ?? (JsonObject)(original["metadata"] = new JsonObject()))["designer"] = designer.DeepClone();
        }

        return original;
    }

    private static void Replace(JsonNode? node, Func<JsonObject, JsonObject?> replacement)
    {
        if (node is JsonArray items)
        {
            for (var index = 0; index < items.Count; index++)
            {
                if (Other(items[index]) is { } other)
                {
                    items[index] = other;
                }
                else
                {
                    Replace(items[index], replacement);
                }
            }
        }
        else if (node is JsonObject properties)
        {
            foreach (var name in properties.Select(property => property.Key).ToList())
            {
                if (Other(properties[name]) is { } other)
                {
                    properties[name] = other;
                }
                else
                {
                    Replace(properties[name], replacement);
                }
            }
        }

        JsonObject? Other(JsonNode? candidate) =>
            candidate is JsonObject activity && DefinitionJson.IsActivity(activity) ? replacement(activity) : null;
    }
}
