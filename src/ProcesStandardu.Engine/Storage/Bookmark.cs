using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProcesStandardu.Engine.Storage;

/// <summary>One wait of one activity execution: for a stimulus, for the clock, or for whichever comes first.</summary>
/// <param name="ActivityNumber">The execution that waits.</param>
/// <param name="Name">Name of the stimulus waited for.</param>
/// <param name="Payload">Canonical JSON of the payload; null when it has none.</param>
/// <param name="Hash">See <see cref="StimulusHash"/>.</param>
/// <param name="DueAt">When the clock fires it; null when only its stimulus does.</param>
public sealed record Bookmark(
    Guid Id,
    Guid InstanceId,
    long ActivityNumber,
    string ActivityId,
    string ActivityNodeId,
    string Name,
    string? Payload,
    string Hash,
    DateTimeOffset? DueAt,
    DateTimeOffset CreatedAt);

/// <summary>Makes stimulus payloads comparable: equal name and equal JSON give an equal hash.</summary>
public static class StimulusHash
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        // Payload objects are written by code with C# names; what they are called must not depend on who serialises them.
        PropertyNamingPolicy = null,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The payload as JSON with sorted properties; null stays null. Property names are kept as declared.</summary>
    public static string? Canonical(object? payload)
    {
        if (payload is null)
        {
            return null;
        }

        var node = payload as JsonNode ?? JsonSerializer.SerializeToNode(payload, Web);
        return Sorted(node)?.ToJsonString(Web);
    }

    /// <summary>Hash of a name and a canonical payload; 32 hexadecimal digits.</summary>
    public static string Of(string name, string? canonicalPayload)
    {
        var text = string.Concat(name, "\n", canonicalPayload);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject properties => new JsonObject(properties
            .OrderBy(property => property.Key, StringComparer.Ordinal)
            .Select(property => KeyValuePair.Create(property.Key, Sorted(property.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        null => null,
        _ => node.DeepClone(),
    };
}
