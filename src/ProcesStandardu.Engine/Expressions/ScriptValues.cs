using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Date;
using Jint.Runtime;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>Carries values between JSON and a script; only plain values cross.</summary>
internal static class ScriptValues
{
    private const int Depth = 32;

    /// <summary>Most values that one result may hold; a list that holds itself many times over is counted each time.</summary>
    private const int Most = 100_000;

    public static JsValue ToJs(Jint.Engine engine, JsonNode? node)
    {
        switch (node)
        {
            case null:
                return Null.Instance;
            case JsonArray items:
                return engine.Array.Construct(items.Select(item => ToJs(engine, item)).ToArray());
            case JsonObject properties:
                var result = engine.Object.Construct(Arguments.Empty);
                foreach (var (key, value) in properties)
                {
                    result.Put(key, ToJs(engine, value), false);
                }

                return result;
            default:
                return node.GetValueKind() switch
                {
                    JsonValueKind.True => JsBoolean(true),
                    JsonValueKind.False => JsBoolean(false),
                    JsonValueKind.Number => new JsValue(double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture)),
                    _ => new JsValue(node.ToString()),
                };
        }
    }

    private static JsValue JsBoolean(bool value) => new(value);

    /// <exception cref="ExpressionException">The value is nested too deeply or holds too much.</exception>
    public static JsonNode? ToJson(JsValue value)
    {
        var left = Most;
        return ToJson(value, 0, ref left);
    }

    private static JsonNode? ToJson(JsValue value, int depth, ref int left)
    {
        if (--left < 0)
        {
            throw new ExpressionException(EngineTexts.Get("ScriptResultIsTooLong"));
        }

        if (depth > Depth)
        {
            throw new ExpressionException(EngineTexts.Get("ScriptResultIsTooDeep"));
        }

        if (value.IsUndefined() || value.IsNull())
        {
            return null;
        }

        if (value.IsBoolean())
        {
            return JsonValue.Create(value.AsBoolean());
        }

        if (value.IsNumber())
        {
            var number = value.AsNumber();
            return double.IsFinite(number)
                ? number == Math.Floor(number) && Math.Abs(number) < 9e15 ? JsonValue.Create((long)number) : JsonValue.Create(number)
                : null;
        }

        if (value.IsString())
        {
            return JsonValue.Create(value.AsString());
        }

        switch (value.AsObject())
        {
            case DateInstance date when double.IsFinite(date.PrimitiveValue):
                return JsonValue.Create(date.ToDateTime().ToUniversalTime()
                    .ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFZ", CultureInfo.InvariantCulture));
            case ArrayInstance array:
                var length = TypeConverter.ToUint32(array.Get("length"));
                if (length > Most)
                {
                    throw new ExpressionException(EngineTexts.Get("ScriptResultIsTooLong"));
                }

                var items = new JsonArray();
                for (var index = 0u; index < length; index++)
                {
                    items.Add(ToJson(array.Get(TypeConverter.ToString(index)), depth + 1, ref left));
                }

                return items;
            case Jint.Native.Function.FunctionInstance:
                return null;
            case IPrimitiveInstance primitive:
                return ToJson(primitive.PrimitiveValue, depth + 1, ref left);
            default:
                var instance = value.AsObject();
                var properties = new JsonObject();
                foreach (var (key, property) in instance.GetOwnProperties().Where(own => own.Value.Enumerable == true))
                {
                    properties[key] = ToJson(instance.Get(key), depth + 1, ref left);
                }

                return properties;
        }
    }
}
