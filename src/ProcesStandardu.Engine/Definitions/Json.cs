using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Definitions;

/// <summary>Lenient reads of JSON properties.</summary>
internal static class Json
{
    /// <summary>The text; null for anything but text.</summary>
    public static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.ToString() : null;

    public static int? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var number)
            ? number
            : null;

    public static bool Flag(JsonNode? node) => ValueConversion.Boolean(node);

    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
