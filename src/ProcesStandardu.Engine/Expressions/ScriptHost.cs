using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>What a script may ask and do: variables, inputs and outputs of its own instance, and nothing else.</summary>
internal sealed partial class ScriptHost(ActivityContext context)
{
    // Two runs of one execution draw the same numbers: what a burst that is repeated decides stays decided.
    private readonly Lazy<Random> _random = new(() => new Random(
        BitConverter.ToInt32(context.InstanceId.ToByteArray(), 12) ^ (int)context.Number));

    private volatile bool _isAbandoned;

    public double Random() => _random.Value.NextDouble();

    /// <summary>From now on the script reaches nothing any more.</summary>
    public void Abandon() => _isAbandoned = true;

    public void Define(Jint.Engine engine)
    {
        engine.SetValue("__now", (double)context.Now.ToUnixTimeMilliseconds());
        engine.SetValue("__variables", ScriptValues.ToJs(engine, new JsonArray([.. context.VariableNames().Select(name => (JsonNode)name)])));

        // Elsa also offers one function for each variable, getName() and setName(value); the general ones come after and win.
        foreach (var name in context.VariableNames().Where(name => Identifier().IsMatch(name)))
        {
            var pascal = char.ToUpperInvariant(name[0]) + name[1..];
            Function(engine, "get" + pascal, _ => ScriptValues.ToJs(engine, context.GetVariable(name)));
            Function(engine, "set" + pascal, arguments =>
            {
                context.SetVariable(name, ScriptValues.ToJson(arguments.At(0)));
                return Undefined.Instance;
            });
        }

        Function(engine, "getVariable", arguments => ScriptValues.ToJs(engine, context.GetVariable(Text(arguments, 0))));
        Function(engine, "setVariable", arguments =>
        {
            context.SetVariable(Text(arguments, 0), ScriptValues.ToJson(arguments.At(1)));
            return Undefined.Instance;
        });
        Function(engine, "getInput", arguments => ScriptValues.ToJs(engine, context.Workflow.GetWorkflowInput(Text(arguments, 0))));
        Function(engine, "getOutputFrom", arguments =>
            ScriptValues.ToJs(engine, context.GetOutputOf(Text(arguments, 0), arguments.Length > 1 ? Text(arguments, 1) : null)));
        Function(engine, "getLastResult", _ => ScriptValues.ToJs(engine, context.GetLastResult()));
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

    private void Function(Jint.Engine engine, string name, Func<JsValue[], JsValue> body) =>
        engine.SetValue(name, new ClrFunctionInstance(engine, (_, arguments) =>
            _isAbandoned ? throw new OperationCanceledException() : body(arguments)));

    private static string Text(JsValue[] arguments, int index) => TypeConverter.ToString(arguments.At(index));

    private static JsValue Nullable(string? text) => text is null ? Null.Instance : text;

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Identifier();
}
