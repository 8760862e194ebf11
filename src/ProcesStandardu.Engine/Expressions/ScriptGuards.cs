using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Function;
using Jint.Native.Object;
using Jint.Native.RegExp;
using Jint.Native.String;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>
/// Guards around those functions of the language that work on and on without running a statement, which the interpreter's own
/// limits do not see: loops over long or false lists, texts put together, regular expressions, JSON.
/// </summary>
internal static class ScriptGuards
{
    /// <summary>Longest list that a function of the language goes through.</summary>
    private const int Items = 10_000;

    /// <summary>Longest text that a function of the language puts together, in characters.</summary>
    private const int Characters = 4_000_000;

    private static readonly TimeSpan RegexTimeout = TimeSpan.FromMilliseconds(200);

    private static readonly JsonSerializerOptions Readable =
        new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };

    private static readonly string[] OfLists =
    [
        "reverse", "sort", "indexOf", "lastIndexOf", "forEach", "map", "filter", "some", "every", "reduce", "reduceRight", "slice",
        "splice", "concat", "toLocaleString", "shift", "unshift",
    ];

    /// <summary>Puts the guards into a fresh interpreter.</summary>
    /// <param name="random">From 0 to 1, the same again when the same execution is repeated.</param>
    public static void Apply(Jint.Engine engine, Func<double> random)
    {
        var lists = Prototype(engine, "Array");
        var texts = Prototype(engine, "String");
        var patterns = Prototype(engine, "RegExp");
        var functions = Prototype(engine, "Function");
        foreach (var name in OfLists)
        {
            Before(engine, lists, name, (self, arguments) =>
            {
                Check(self);
                foreach (var argument in arguments)
                {
                    if (argument.IsObject() && argument.AsObject() is ArrayInstance)
                    {
                        Check(argument);
                    }
                }

                return arguments;
            });
        }

        Replace(engine, lists, "join", (self, arguments) =>
            Join(self, arguments.At(0).IsUndefined() ? "," : TypeConverter.ToString(arguments.At(0))));
        Replace(engine, texts, "concat", (self, arguments) => Concat([self, .. arguments]));
        foreach (var name in new[] { "match", "search" })
        {
            Before(engine, texts, name, (_, arguments) => [Pattern(engine, arguments.At(0))]);
        }

        foreach (var name in new[] { "replace", "split" })
        {
            Before(engine, texts, name, (self, arguments) =>
            {
                Timed(arguments.At(0));
                Weigh(TypeConverter.ToString(self), name == "split" ? null : arguments.At(1));
                return arguments;
            });
        }

        foreach (var name in new[] { "exec", "test" })
        {
            Before(engine, patterns, name, (self, arguments) =>
            {
                Timed(self);
                return arguments;
            });
        }

        Before(engine, functions, "apply", (_, arguments) =>
        {
            if (arguments.Length > 1 && arguments[1].IsObject())
            {
                Check(arguments[1]);
            }

            return arguments;
        });
        foreach (var name in new[] { "keys", "getOwnPropertyNames" })
        {
            Before(engine, engine.GetValue("Object").AsObject(), name, (_, arguments) =>
            {
                if (arguments.At(0).IsObject() && arguments.At(0).AsObject() is StringInstance)
                {
                    Check(arguments.At(0));
                }

                return arguments;
            });
        }

        var json = engine.GetValue("JSON").AsObject();
        Replace(engine, json, "stringify", (_, arguments) => arguments.At(0).IsUndefined()
            ? Undefined.Instance
            : new JsValue(ScriptValues.ToJson(arguments.At(0))?.ToJsonString(Readable) ?? "null"));
        Replace(engine, json, "parse", (_, arguments) => ScriptValues.ToJs(engine, Parse(TypeConverter.ToString(arguments.At(0)))));
        Replace(engine, engine.GetValue("Math").AsObject(), "random", (_, _) => new JsValue(random()));

        // No code is made of text.
        functions.FastSetProperty("constructor", new Jint.Runtime.Descriptors.PropertyDescriptor(Undefined.Instance, false, false, false));
        engine.SetValue("eval", Undefined.Instance);
        engine.SetValue("Function", Undefined.Instance);
    }

    private static ObjectInstance Prototype(Jint.Engine engine, string name) => engine.GetValue(name).AsObject().Get("prototype").AsObject();

    private static void Before(Jint.Engine engine, ObjectInstance owner, string name, Func<JsValue, JsValue[], JsValue[]> before)
    {
        if (owner.Get(name).TryCast<FunctionInstance>() is { } real)
        {
            Replace(engine, owner, name, (self, arguments) => real.Call(self, before(self, arguments)));
        }
    }

    private static void Replace(Jint.Engine engine, ObjectInstance owner, string name, Func<JsValue, JsValue[], JsValue> body) =>
        owner.FastAddProperty(name, new ClrFunctionInstance(engine, body), true, false, true);

    // A length must be a plain number: one that is worked out anew each time could be another when the loop asks.
    private static void Check(JsValue list)
    {
        if (!list.IsObject())
        {
            if (list.IsString() && list.AsString().Length > Items)
            {
                throw TooLong();
            }

            return;
        }

        ObjectInstance? owner = list.AsObject();
        for (var depth = 0; owner is not null; owner = owner.Prototype, depth++)
        {
            var property = owner.GetOwnProperty("length");
            if (property == Jint.Runtime.Descriptors.PropertyDescriptor.Undefined && depth < 100)
            {
                continue;
            }

            if (depth >= 100 || property.Get is not null || property.Value is not { } length || !length.IsNumber() || length.AsNumber() > Items)
            {
                throw TooLong();
            }

            return;
        }
    }

    private static JsValue Join(JsValue self, string separator)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        Check(self);
        var list = self.AsObject();
        var length = TypeConverter.ToUint32(list.Get("length"));
        var text = new StringBuilder();
        for (var index = 0u; index < length; index++)
        {
            text.Append(index == 0 ? "" : separator);
            var item = list.Get(TypeConverter.ToString(index));
            text.Append(item.IsNull() || item.IsUndefined() ? "" : TypeConverter.ToString(item));
            if (text.Length > Characters)
            {
                throw TooLong();
            }
        }

        return new JsValue(text.ToString());
    }

    private static JsValue Concat(JsValue[] parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(TypeConverter.ToString(part));
            if (text.Length > Characters)
            {
                throw TooLong();
            }
        }

        return new JsValue(text.ToString());
    }

    private static JsValue Pattern(Jint.Engine engine, JsValue given)
    {
        if (!given.IsObject() || given.AsObject() is not RegExpInstance)
        {
            given = engine.RegExp.Construct([given.IsUndefined() ? new JsValue("") : new JsValue(TypeConverter.ToString(given))]);
        }

        Timed(given);
        return given;
    }

    private static void Timed(JsValue pattern)
    {
        if (pattern.IsObject() && pattern.AsObject() is RegExpInstance { Value: { } regex } instance && regex.MatchTimeout != RegexTimeout)
        {
            instance.Value = new Regex(regex.ToString(), regex.Options, RegexTimeout);
        }
    }

    // What one replacement can grow to: each character replaced by the whole replacement, in which a sign may stand for the whole text.
    private static void Weigh(string text, JsValue? replacement)
    {
        var with = replacement is not null && replacement.IsString() ? replacement.AsString() : "";
        var grown = (double)(text.Length + 1) * (with.Length + 1) * (with.Contains('$', StringComparison.Ordinal) ? text.Length + 1 : 1);
        if (replacement is null ? text.Length > 100_000 : text.Length > Characters || (with.Length > 1 && grown > 64.0 * Characters))
        {
            throw TooLong();
        }
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: Strict);
        }
        catch (JsonException exception)
        {
            throw new ExpressionException(EngineTexts.Get("ScriptFailed", exception.Message), exception);
        }
    }

    private static ExpressionException TooLong() => new(EngineTexts.Get("ScriptListIsTooLong"));
}
