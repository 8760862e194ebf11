using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>A compiled expression of a definition.</summary>
public abstract class Expression
{
    /// <summary>The names of expression types this engine evaluates.</summary>
    public static readonly IReadOnlyList<string> Types = ["Literal", "Object", "Variable", "Input", "JavaScript"];

    /// <summary>Whether the value is the same in every evaluation.</summary>
    public virtual bool IsConstant => false;

    /// <summary>The value, converted to the shape the expression was compiled for; treat it as immutable.</summary>
    /// <exception cref="ExpressionException">The expression cannot be evaluated.</exception>
    public abstract JsonNode? Evaluate(ActivityContext context);
}

/// <summary>An expression failed: wrong script, or a limit was reached.</summary>
public sealed class ExpressionException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A value written in the definition.</summary>
internal sealed class ConstantExpression(JsonNode? value) : Expression
{
    public override bool IsConstant => true;

    public override JsonNode? Evaluate(ActivityContext context) => value;
}

/// <summary>The value of a variable, found by id.</summary>
internal sealed class VariableExpression(string variableId, ValueShape shape) : Expression
{
    public override JsonNode? Evaluate(ActivityContext context) =>
        context.TryFindVariable(variableId, out var value)
            ? ValueConversion.To(value, shape)
            : throw new FlowException("VariableIsNotFound", EngineTexts.Get("VariableIsNotFound", variableId));
}

/// <summary>An input of the enclosing workflow, found by name; null when it was not given.</summary>
internal sealed class InputExpression(string name, ValueShape shape) : Expression
{
    public override JsonNode? Evaluate(ActivityContext context) =>
        ValueConversion.To(context.Workflow.GetWorkflowInput(name), shape);
}

/// <summary>A dictionary of which some values are expressions themselves.</summary>
internal sealed class DictionaryExpression(IReadOnlyList<KeyValuePair<string, Expression>> entries) : Expression
{
    public override JsonNode? Evaluate(ActivityContext context)
    {
        var result = new JsonObject();
        foreach (var (key, expression) in entries)
        {
            result[key] = expression.Evaluate(context)?.DeepClone();
        }

        return result;
    }
}
