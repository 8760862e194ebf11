using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProcesStandardu.Engine.Definitions;

/// <summary>
/// Reads the JSON of a definition in one pass: never deeper than allowed, and noting every property that is repeated and
/// every text that no database keeps, instead of stopping at the first.
/// </summary>
internal sealed class SourceJson(int maxDepth, Action<string, string> report)
{
    private readonly List<(JsonNode Container, string? Name)> _open = [];

    /// <summary>The value, or null when it is not one object; a repeated property keeps its first value.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    /// <exception cref="TooDeepException">It is nested deeper than allowed; nothing beyond that was read.</exception>
    public JsonObject? Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth + 2 });
        JsonObject? root = null;
        var isObject = false;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    if (reader.CurrentDepth >= maxDepth)
                    {
                        throw new TooDeepException();
                    }

                    JsonNode container = reader.TokenType == JsonTokenType.StartObject ? new JsonObject() : new JsonArray();
                    isObject |= _open.Count == 0 && container is JsonObject;
                    root ??= container as JsonObject;
                    var isRepeated = !TryAdd(container);
                    _open.Add((container, null));
                    if (isRepeated)
                    {
                        report("PropertyIsRepeated", Place(_open.Count - 1));
                    }

                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    _open.RemoveAt(_open.Count - 1);
                    break;
                case JsonTokenType.PropertyName:
                    _open[^1] = (_open[^1].Container, null);
                    _open[^1] = (_open[^1].Container, Text(ref reader));
                    break;
                default:
                    Add(ref reader);
                    break;
            }
        }

        return isObject ? root : null;
    }

    private void Add(ref Utf8JsonReader reader)
    {
        JsonNode? value = reader.TokenType switch
        {
            JsonTokenType.String => JsonValue.Create(Text(ref reader)),
            JsonTokenType.True => JsonValue.Create(true),
            JsonTokenType.False => JsonValue.Create(false),
            JsonTokenType.Null => null,
            _ => JsonNode.Parse(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan),
        };
        if (!TryAdd(value))
        {
            report("PropertyIsRepeated", Place(_open.Count));
        }
    }

    private bool TryAdd(JsonNode? value)
    {
        switch (_open.Count == 0 ? null : _open[^1].Container)
        {
            case JsonObject properties:
                return properties.TryAdd(_open[^1].Name!, value);
            case JsonArray items:
                items.Add(value);
                break;
        }

        return true;
    }

    // What PostgreSQL's text cannot hold, and halves of characters, would fail later where nobody knows the place.
    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            var text = reader.GetString()!;
            if (!text.Contains('\0', StringComparison.Ordinal))
            {
                return text;
            }
        }
        catch (InvalidOperationException)
        {
            // An escape of half a character.
        }

        report("TextCannotBeStored", Place(_open.Count, isBeforeItem: true));
        return "";
    }

    private string Place(int depth, bool isBeforeItem = false)
    {
        var place = new StringBuilder("$");
        for (var level = 0; level < depth && level < _open.Count; level++)
        {
            var (container, name) = _open[level];
            _ = container is JsonArray items
                ? place.Append('[').Append(items.Count - (isBeforeItem && level == _open.Count - 1 ? 0 : 1)).Append(']')
                : place.Append(name is null ? "" : DefinitionProblem.Step(name));
        }

        return place.ToString();
    }
}

/// <summary>JSON is nested deeper than allowed.</summary>
internal sealed class TooDeepException : Exception;
