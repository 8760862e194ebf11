using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>A definition as JSON: what of it is content, how two are compared, how one is written as a file.</summary>
public static class DefinitionJson
{
    /// <summary>The custom property in which a designer's copy says which state of the definition it shows; never stored.</summary>
    public const string StateProperty = "ProcesStandardu.state";

    private static readonly string[] Identity =
        ["id", "version", "isLatest", "isPublished", "createdAt", "toolVersion", "links", "isReadonly", "isSystem", "$schema",
         "providerName", "materializerName", "materializerContext", "tenantId"];

    // The order in which a file says things; the definition's id stands for the version's, since a file is no version yet.
    private static readonly string[] Order =
        ["id", "definitionId", "name", "description", "toolVersion", "variables", "inputs", "outputs", "outcomes", "customProperties",
         "options", "root"];

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>
    /// What a definition says apart from which version it is: without identity, nulls and empty collections, which designers add and
    /// drop as they like, and without the places where a diagram's boxes were measured.
    /// </summary>
    public static JsonObject Content(JsonObject definition)
    {
        var content = new JsonObject();
        foreach (var (name, value) in definition)
        {
            if (!Identity.Contains(name) && name != "definitionId" && Meaningful(value, name, name == "root") is { } kept)
            {
                content[name] = kept;
            }
        }

        (content["customProperties"] as JsonObject)?.Remove(StateProperty);
        if (content["customProperties"] is JsonObject { Count: 0 })
        {
            content.Remove("customProperties");
        }

        return content;
    }

    /// <summary>Whether two definitions say the same.</summary>
    public static bool SaysTheSame(JsonObject one, JsonObject other) => JsonNode.DeepEquals(Content(one), Content(other));

    /// <summary>A definition as a file: the same content gives the same text, whoever saved it when.</summary>
    public static string ToFile(JsonObject definition)
    {
        var file = new JsonObject();
        definition = definition.DeepClone().AsObject();
        (definition["customProperties"] as JsonObject)?.Remove(StateProperty);
        foreach (var name in Order.Concat(definition.Select(property => property.Key).Where(name => !Order.Contains(name) && !Identity.Contains(name))))
        {
            var value = name == "id" ? definition["definitionId"] : definition[name];
            if (name == "root")
            {
                file[name] = WithoutNodeIds(value);
            }
            else if (Meaningful(value, name, isInRoot: false) is { } kept)
            {
                file[name] = kept;
            }
        }

        return file.ToJsonString(Readable) + "\n";
    }

    /// <summary>The text of a property; null when it is none.</summary>
    public static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>Whether an object below a definition's root is an activity: nothing else there has both a type and an id.</summary>
    public static bool IsActivity(JsonObject candidate) => Text(candidate["type"]) is not null && Text(candidate["id"]) is not null;

    /// <summary>Every activity in a definition, containers before what they hold.</summary>
    public static IEnumerable<JsonObject> Activities(JsonNode? node)
    {
        if (node is JsonObject properties)
        {
            if (IsActivity(properties))
            {
                yield return properties;
            }

            foreach (var inner in properties.SelectMany(property => Activities(property.Value)))
            {
                yield return inner;
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var inner in items.SelectMany(Activities))
            {
                yield return inner;
            }
        }
    }

    private static JsonNode? Meaningful(JsonNode? node, string name, bool isInRoot)
    {
        switch (node)
        {
            case null:
                return null;
            case JsonObject properties when name == "designer":
                return properties["position"] is { } position ? new JsonObject { ["position"] = position.DeepClone() } : null;
            case JsonObject properties:
                var kept = new JsonObject();
                foreach (var (key, value) in properties)
                {
                    if (key != "nodeId" && Meaningful(value, key, isInRoot) is { } inner)
                    {
                        kept[key] = inner;
                    }
                }

                return kept.Count == 0 ? null : kept;
            case JsonArray items:
                var list = items.Select(item => Meaningful(item, "", isInRoot) ?? new JsonObject());

                // A designer writes connections in whatever order it finds them.
                return items.Count == 0
                    ? null
                    : new JsonArray([.. name == "connections" ? list.OrderBy(item => item.ToJsonString(), StringComparer.Ordinal) : list]);
            // Of the definition itself only: what an activity's plain input says is said, be it false or nothing.
            case JsonValue value when !isInRoot && (value.GetValueKind() == JsonValueKind.False
                || (value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Length == 0)):
                return null;
            default:
                return node.DeepClone();
        }
    }

    // Node ids are paths of ids; whoever reads a file makes them anew.
    private static JsonNode? WithoutNodeIds(JsonNode? node) => node switch
    {
        JsonObject properties => new JsonObject(properties.Where(property => property.Key != "nodeId")
            .Select(property => KeyValuePair.Create(property.Key, WithoutNodeIds(property.Value)))),
        JsonArray items => new JsonArray([.. items.Select(WithoutNodeIds)]),
        _ => node?.DeepClone(),
    };
}
