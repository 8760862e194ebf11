using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Jint.Native;
using Jint.Native.Array;
using Jint.Native.Date;
using Jint.Parser;
using Jint.Runtime;
using Jint.Runtime.Debugger;
using Jint.Runtime.Interop;
using ProcesStandardu.Engine.Execution;
using EsprimaProgram = Jint.Parser.Ast.Program;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>
/// A JavaScript (ES5.1) expression or script, parsed once and run in a fresh interpreter each time, limited in time,
/// statements, recursion and memory, without access to the CLR and with the programme clock for its dates.
/// </summary>
internal sealed partial class JavaScriptExpression : Expression
{
    private const string Prelude = """
        (function () {
            var RealDate = Date, now = __now, join = Array.prototype.join;
            function ProgrammeDate(y, m, d, h, i, s, ms) {
                if (!(this instanceof ProgrammeDate)) { return new RealDate(now).toString(); }
                switch (arguments.length) {
                    case 0: return new RealDate(now);
                    case 1: return new RealDate(y);
                    default: return new RealDate(y, m, d === undefined ? 1 : d, h || 0, i || 0, s || 0, ms || 0);
                }
            }
            ProgrammeDate.prototype = RealDate.prototype;
            ProgrammeDate.now = function () { return now; };
            ProgrammeDate.UTC = RealDate.UTC;
            ProgrammeDate.parse = RealDate.parse;
            Date = ProgrammeDate;
            Array.prototype.join = function (separator) {
                if (this.length > 10000) { throw new RangeError('join'); }
                return join.call(this, separator);
            };
        })();
        var variables = {};
        __variables.forEach(function (name) {
            Object.defineProperty(variables, name, {
                enumerable: true,
                get: function () { return getVariable(name); },
                set: function (value) { setVariable(name, value); }
            });
        });
        function isNullOrEmpty(value) { return value === null || value === undefined || value === ''; }
        function isNullOrWhiteSpace(value) { return isNullOrEmpty(value) || /^\s*$/.test(value); }
        function toJson(value) { return JSON.stringify(value); }
        function parseJson(text) { return JSON.parse(text); }
        """;

    private static readonly EsprimaProgram PreludeProgram = new JavaScriptParser().Parse(Prelude);

    private readonly EsprimaProgram _program;
    private readonly ValueShape _shape;

    private JavaScriptExpression(EsprimaProgram program, ValueShape shape)
    {
        _program = program;
        _shape = shape;
    }

    /// <summary>Parses a script; a script with a top-level <c>return</c> is taken as a function body.</summary>
    public static JavaScriptExpression? TryParse(string script, ValueShape shape, out ExpressionProblem? problem)
    {
        problem = null;
        try
        {
            return new JavaScriptExpression(new JavaScriptParser().Parse(script), shape);
        }
        catch (ParserException first)
        {
            try
            {
                var wrapped = "(function () {\n" + script + "\n})()";
                return new JavaScriptExpression(new JavaScriptParser().Parse(wrapped), shape);
            }
            catch (ParserException)
            {
                problem = new ExpressionProblem("ScriptIsMalformed", first.Message);
                return null;
            }
        }
    }

    public override JsonNode? Evaluate(ActivityContext context)
    {
        var limits = context.Options;
        try
        {
            var engine = new Jint.Engine(options =>
            {
                options.TimeoutInterval(limits.ScriptTimeout);
                options.MaxStatements(limits.ScriptStatements);
                options.LimitRecursion(limits.ScriptRecursion);
                options.Culture(CultureInfo.InvariantCulture);
                options.LocalTimeZone(limits.TimeZone);
                options.DebugMode();
            });
            Define(engine, context);
            engine.Execute(PreludeProgram);

            var allocated = GC.GetAllocatedBytesForCurrentThread();
            engine.Step += (_, _) => GC.GetAllocatedBytesForCurrentThread() - allocated > limits.ScriptBytes
                ? throw new ExpressionException(EngineTexts.Get("ScriptTookTooMuchMemory"))
                : StepMode.Into;
            var value = engine.Execute(_program).GetCompletionValue();
            return ValueConversion.To(ToJson(engine, value, 0), _shape);
        }
        catch (Exception exception) when (exception is JavaScriptException or StatementsCountOverflowException
            or RecursionDepthOverflowException or TimeoutException or OutOfMemoryException or InvalidOperationException
            or ArgumentException or InvalidCastException)
        {
            var message = exception is JavaScriptException thrown ? thrown.Error.ToString() : exception.Message;
            throw new ExpressionException(EngineTexts.Get("ScriptFailed", message), exception);
        }
    }

    private static void Define(Jint.Engine engine, ActivityContext context)
    {
        engine.SetValue("__now", (double)context.Now.ToUnixTimeMilliseconds());
        engine.SetValue("__variables", ToJs(engine, new JsonArray([.. context.VariableNames().Select(name => (JsonNode)name)])));

        // Elsa also offers one function for each variable, getName() and setName(value); the general ones come after and win.
        foreach (var name in context.VariableNames().Where(name => Identifier().IsMatch(name)))
        {
            var pascal = char.ToUpperInvariant(name[0]) + name[1..];
            Function(engine, "get" + pascal, _ => ToJs(engine, context.GetVariable(name)));
            Function(engine, "set" + pascal, arguments =>
            {
                context.SetVariable(name, ToJson(engine, arguments.At(0), 0));
                return Undefined.Instance;
            });
        }

        Function(engine, "getVariable", arguments => ToJs(engine, context.GetVariable(Text(arguments, 0))));
        Function(engine, "setVariable", arguments =>
        {
            context.SetVariable(Text(arguments, 0), ToJson(engine, arguments.At(1), 0));
            return Undefined.Instance;
        });
        Function(engine, "getInput", arguments => ToJs(engine, context.Workflow.GetWorkflowInput(Text(arguments, 0))));
        Function(engine, "getOutputFrom", arguments =>
            ToJs(engine, context.GetOutputOf(Text(arguments, 0), arguments.Length > 1 ? Text(arguments, 1) : null)));
        Function(engine, "getLastResult", _ => ToJs(engine, context.GetLastResult()));
        Function(engine, "getWorkflowInstanceId", _ => context.InstanceId.ToString());
        Function(engine, "getWorkflowDefinitionId", _ => context.Definition.DefinitionId);
        Function(engine, "getWorkflowDefinitionVersionId", _ => context.Definition.VersionId);
        Function(engine, "getWorkflowDefinitionVersion", _ => context.Definition.Version);
        Function(engine, "getWorkflowInstanceName", _ => Nullable(context.InstanceName));
        Function(engine, "setWorkflowInstanceName", arguments =>
        {
            context.InstanceName = Text(arguments, 0);
            return Undefined.Instance;
        });
        Function(engine, "getCorrelationId", _ => Nullable(context.CorrelationId));
        Function(engine, "setCorrelationId", arguments =>
        {
            context.CorrelationId = Text(arguments, 0);
            return Undefined.Instance;
        });

    }

    private static void Function(Jint.Engine engine, string name, Func<JsValue[], JsValue> body) =>
        engine.SetValue(name, new ClrFunctionInstance(engine, (_, arguments) => body(arguments)));

    private static string Text(JsValue[] arguments, int index) => TypeConverter.ToString(arguments.At(index));

    private static JsValue Nullable(string? text) => text is null ? Null.Instance : text;

    private static JsValue ToJs(Jint.Engine engine, JsonNode? node)
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

    private static JsonNode? ToJson(Jint.Engine engine, JsValue value, int depth)
    {
        if (depth > 32)
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
                if (length > 100_000)
                {
                    throw new ExpressionException(EngineTexts.Get("ScriptResultIsTooLong"));
                }

                var items = new JsonArray();
                for (var index = 0u; index < length; index++)
                {
                    items.Add(ToJson(engine, array.Get(TypeConverter.ToString(index)), depth + 1));
                }

                return items;
            case Jint.Native.Function.FunctionInstance:
                return null;
            case IPrimitiveInstance primitive:
                return ToJson(engine, primitive.PrimitiveValue, depth + 1);
            default:
                var instance = value.AsObject();
                var properties = new JsonObject();
                foreach (var (key, property) in instance.GetOwnProperties().Where(own => own.Value.Enumerable == true))
                {
                    properties[key] = ToJson(engine, instance.Get(key), depth + 1);
                }

                return properties;
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Identifier();
}
