using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>Lenient conversions between JSON values: what cannot be converted becomes the kind's default, never an error.</summary>
/// <remarks>Values are treated as immutable; a converted value may be the given one.</remarks>
public static class ValueConversion
{
    private static readonly CultureInfo[] DateCultures =
        [CultureInfo.InvariantCulture, CultureInfo.GetCultureInfo("en-US"), CultureInfo.GetCultureInfo("pl-PL")];

    public static JsonNode? To(JsonNode? value, ValueShape shape)
    {
        if (shape.IsArray)
        {
            return ToArray(value, shape.Kind);
        }

        return shape.Kind switch
        {
            ValueKind.Any => value,
            ValueKind.Text => value is null || IsText(value) ? value : JsonValue.Create(Text(value)),
            ValueKind.Boolean => JsonValue.Create(Boolean(value)),
            ValueKind.Whole => Integer(value),
            ValueKind.Number => Number(value),
            ValueKind.Json => Parsed(value),
            ValueKind.Dictionary => Parsed(value) as JsonObject,
            // Dates, lengths of time and ids stay text; whoever reads them parses them.
            _ => value,
        };
    }

    /// <summary>Whether a value says something of a shape; null fits every shape. What does not fit would become the default.</summary>
    public static bool Fits(JsonNode? value, ValueShape shape, TimeZoneInfo zone)
    {
        if (value is null)
        {
            return true;
        }

        if (shape.IsArray)
        {
            return value is JsonArray || (IsText(value) && Parsed(value) is JsonArray);
        }

        return shape.Kind switch
        {
            ValueKind.Boolean => value.GetValueKind() is JsonValueKind.True or JsonValueKind.False || bool.TryParse(Text(value), out _),
            ValueKind.Whole => NumberOf(value) is { } number && decimal.Truncate(number) == number,
            ValueKind.Number => NumberOf(value) is not null,
            ValueKind.Date => DateOf(value, zone) is not null,
            ValueKind.Duration => TimeSpanOf(value) is not null,
            ValueKind.Id => Guid.TryParse(Text(value), out _),
            ValueKind.Json => !IsText(value) || !ReferenceEquals(Parsed(value), value),
            ValueKind.Dictionary => Parsed(value) is JsonObject,
            _ => true,
        };
    }

    /// <summary>The items of a list; a list given as JSON text is parsed, anything else has none.</summary>
    public static JsonArray Items(JsonNode? value) =>
        value as JsonArray ?? (IsText(value) ? Parsed(value) as JsonArray : null) ?? [];

    /// <summary>The items of a list as texts, nulls left out; a list given as JSON text is parsed, anything else has none.</summary>
    public static IReadOnlyList<string> Texts(JsonNode? value) => [.. Items(value).Select(Text).OfType<string>()];

    /// <summary>A value as people read it; null stays null.</summary>
    public static string? Text(JsonNode? value) => value switch
    {
        null => null,
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.String => scalar.ToString(),
            JsonValueKind.True => bool.TrueString,
            JsonValueKind.False => bool.FalseString,
            _ => scalar.ToJsonString(),
        },
        _ => value.ToJsonString(),
    };

    public static bool Boolean(JsonNode? value) => value is JsonValue scalar && scalar.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.String => bool.TryParse(scalar.ToString(), out var parsed) && parsed,
        JsonValueKind.Number => NumberOf(scalar) is not (null or 0),
        _ => false,
    };

    public static decimal? NumberOf(JsonNode? value)
    {
        if (value is not JsonValue scalar)
        {
            return null;
        }

        switch (scalar.GetValueKind())
        {
            case JsonValueKind.True:
                return 1;
            case JsonValueKind.False:
                return 0;
            case JsonValueKind.Number:
            case JsonValueKind.String:
                return decimal.TryParse(
                    scalar.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
            default:
                return null;
        }
    }

    public static TimeSpan? TimeSpanOf(JsonNode? value)
    {
        var text = Text(value);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        if (text.StartsWith('P') || text.StartsWith("-P", StringComparison.Ordinal))
        {
            try
            {
                return XmlConvert.ToTimeSpan(text);
            }
            catch (FormatException)
            {
                return null;
            }
        }

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
    }

    /// <summary>An instant; text without offset is read in <paramref name="zone"/>; null when it is no date.</summary>
    public static DateTimeOffset? DateOf(JsonNode? value, TimeZoneInfo zone)
    {
        var text = Text(value);
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        foreach (var culture in DateCultures)
        {
            if (DateTime.TryParse(text, culture, DateTimeStyles.RoundtripKind, out var parsed))
            {
                return parsed.Kind == DateTimeKind.Unspecified
                    ? new DateTimeOffset(parsed, zone.GetUtcOffset(parsed))
                    : DateTimeOffset.Parse(text, culture);
            }
        }

        return null;
    }

    /// <summary>The value as a C# value; what cannot be converted is the type's default.</summary>
    public static T? As<T>(JsonNode? value, TimeZoneInfo zone)
    {
        var type = Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T);
        if (value is null)
        {
            return default;
        }

        if (value is T same)
        {
            return same;
        }

        object? result;
        if (type == typeof(string))
        {
            result = Text(value);
        }
        else if (type == typeof(bool))
        {
            result = Boolean(value);
        }
        else if (type == typeof(int))
        {
            result = NumberOf(value) is { } number && number is >= int.MinValue and <= int.MaxValue ? (int)number : null;
        }
        else if (type == typeof(long))
        {
            result = NumberOf(value) is { } number && number is >= long.MinValue and <= long.MaxValue ? (long)number : null;
        }
        else if (type == typeof(decimal))
        {
            result = NumberOf(value);
        }
        else if (type == typeof(double))
        {
            result = (double?)NumberOf(value);
        }
        else if (type == typeof(DateTimeOffset))
        {
            result = DateOf(value, zone);
        }
        else if (type == typeof(DateOnly))
        {
            result = DateOf(value, zone) is { } at ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime) : null;
        }
        else if (type == typeof(TimeSpan))
        {
            result = TimeSpanOf(value);
        }
        else if (type == typeof(Guid))
        {
            result = Guid.TryParse(Text(value), out var id) ? id : null;
        }
        else if (type.IsEnum)
        {
            result = Enum.TryParse(type, Text(value), ignoreCase: true, out var member) ? member : null;
        }
        else
        {
            try
            {
                result = Parsed(value).Deserialize<T>(JsonSerializerOptions.Web);
            }
            catch (JsonException)
            {
                result = null;
            }
        }

        return result is null ? default : (T)result;
    }

    /// <summary>JSON text as the value it tells of; everything else, text that is no JSON included, as it is.</summary>
    public static JsonNode? Parsed(JsonNode? value)
    {
        if (!IsText(value))
        {
            return value;
        }

        var text = value!.ToString();
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return value;
        }
    }

    public static bool IsText(JsonNode? value) =>
        value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.String;

    private static JsonArray? ToArray(JsonNode? value, ValueKind kind)
    {
        if (value is null)
        {
            return null;
        }

        // A text where a list of anything is wanted is the list of its characters, as in Elsa.
        var items = kind == ValueKind.Any && IsText(value) && Parsed(value) is not JsonArray
            ? [.. value.ToString().Select(sign => JsonValue.Create(sign.ToString()))]
            : Items(value);
        return kind is ValueKind.Any or ValueKind.Json
            ? items
            : new JsonArray([.. items.Select(item => To(item?.DeepClone(), new ValueShape(kind)))]);
    }

    // A number is rounded, half to even; a text must be a whole number.
    private static JsonValue Integer(JsonNode? value)
    {
        if (IsText(value))
        {
            return JsonValue.Create(long.TryParse(value!.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var whole) ? whole : 0);
        }

        return NumberOf(value) is { } number && decimal.Round(number) is >= long.MinValue and <= long.MaxValue and var rounded
            ? JsonValue.Create((long)rounded)
            : JsonValue.Create(0L);
    }

    private static JsonNode Number(JsonNode? value) =>
        value is JsonValue scalar && scalar.GetValueKind() == JsonValueKind.Number
            ? value
            : JsonValue.Create(NumberOf(value) ?? 0m);
}
