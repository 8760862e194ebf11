using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>JSON that strangers wrote, made fit to be stored and shown to workflows.</summary>
public static class RequestJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>False when the text is no JSON, is nested deeper than 32 levels or repeats a property.</summary>
    public static bool TryParse(string text, out JsonNode? json)
    {
        json = null;
        try
        {
            json = Storable(JsonNode.Parse(text, documentOptions: Strict));
            return true;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            return false;
        }
    }

    // PostgreSQL's text has no NUL character.
    private static JsonNode? Storable(JsonNode? node) => node switch
    {
        JsonObject properties => new JsonObject(properties.Select(property =>
            KeyValuePair.Create(property.Key.Replace('\0', '\uFFFD'), Storable(property.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Storable)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String =>
            JsonValue.Create(value.GetValue<string>().Replace('\0', '\uFFFD')),
        _ => node?.DeepClone(),
    };
}
