namespace ProcesStandardu.Engine.Expressions;

/// <summary>The type names of Elsa, folded to what makes a difference for JSON values.</summary>
public enum ValueKind
{
    /// <summary>Any value, taken as it is.</summary>
    Any,
    Text,
    Boolean,
    Whole,
    Number,
    Date,
    Duration,
    Id,

    /// <summary>JSON object, array or value; text is parsed.</summary>
    Json,

    /// <summary>Object with text keys; text is parsed.</summary>
    Dictionary,
}

/// <summary>What an input or a variable holds: one value of a kind, or a list of them.</summary>
public readonly record struct ValueShape(ValueKind Kind, bool IsArray = false)
{
    /// <summary>Reads a stored type name; unknown names, such as those of CLR enumerations, take any value.</summary>
    public static ValueShape Of(string? typeName, bool isArray = false)
    {
        var name = typeName ?? "Object";
        if (name.EndsWith("[]", StringComparison.Ordinal))
        {
            return Of(name[..^2], true);
        }

        var kind = name.TrimEnd('?') switch
        {
            "String" => ValueKind.Text,
            "Boolean" => ValueKind.Boolean,
            "Int16" or "Int32" or "Int64" or "Long" => ValueKind.Whole,
            "Single" or "Double" or "Decimal" => ValueKind.Number,
            "DateTime" or "DateTimeOffset" => ValueKind.Date,
            "TimeSpan" => ValueKind.Duration,
            "Guid" => ValueKind.Id,
            "JSON" or "JsonElement" or "JsonNode" or "JsonObject" or "JsonArray" => ValueKind.Json,
            "StringDictionary" or "ObjectDictionary" or "StringMap" or "ObjectMap" => ValueKind.Dictionary,
            _ => ValueKind.Any,
        };
        return new ValueShape(kind, isArray);
    }
}
