using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>Turns the expressions of a definition into evaluable ones, as tolerantly as Elsa reads them.</summary>
internal static class ExpressionCompiler
{
    /// <summary>Compiles an input: a wrapper with an expression, or a plain value taken as a literal.</summary>
    /// <returns>Null with a problem when the expression type is unknown or the script is not one.</returns>
    public static Expression? CompileInput(JsonNode? wrapper, ValueShape shape, out ExpressionProblem? problem)
    {
        problem = null;
        if (wrapper is JsonObject properties)
        {
            if (properties["expression"] is JsonObject expression)
            {
                return Compile(expression, shape, out problem);
            }

            if (properties.ContainsKey("expression") || properties.ContainsKey("memoryReference")
                || (properties.Count == 1 && properties.ContainsKey("typeName")))
            {
                return new ConstantExpression(ValueConversion.To(null, shape));
            }
        }

        return new ConstantExpression(ValueConversion.To(wrapper?.DeepClone(), shape));
    }

    /// <summary>Compiles <c>{type, value}</c>.</summary>
    public static Expression? Compile(JsonObject expression, ValueShape shape, out ExpressionProblem? problem)
    {
        problem = null;
        var type = Text(expression["type"]) ?? "Literal";
        var value = expression["value"];
        switch (type)
        {
            case "Literal":
                return new ConstantExpression(ValueConversion.To(value?.DeepClone(), shape));
            case "Object" or "Json":
                return CompileObject(value, shape, out problem);
            case "Variable":
                return Reference(value, "id") is { } id
                    ? new VariableExpression(id, shape)
                    : new ConstantExpression(ValueConversion.To(null, shape));
            case "Input":
                return Reference(value, "name") is { } name
                    ? new InputExpression(name, shape)
                    : new ConstantExpression(ValueConversion.To(null, shape));
            case "JavaScript":
                return JavaScriptExpression.TryParse(Text(value) ?? "", shape, out problem);
            default:
                problem = new ExpressionProblem("ExpressionTypeIsUnknown", type);
                return null;
        }
    }

    // A dictionary input may hold an expression for each key, as the designer's grid writes them.
    private static Expression? CompileObject(JsonNode? value, ValueShape shape, out ExpressionProblem? problem)
    {
        problem = null;
        if (shape.Kind == ValueKind.Dictionary && ValueConversion.Parsed(value) is JsonObject entries
            && entries.Any(entry => IsExpression(entry.Value)))
        {
            var compiled = new List<KeyValuePair<string, Expression>>();
            foreach (var (key, entry) in entries)
            {
                var expression = IsExpression(entry)
                    ? Compile((JsonObject)entry!, default, out problem)
                    : new ConstantExpression(entry?.DeepClone());
                if (expression is null)
                {
                    return null;
                }

                compiled.Add(KeyValuePair.Create(key, expression));
            }

            return new DictionaryExpression(compiled);
        }

        var isText = shape is { IsArray: false, Kind: ValueKind.Any or ValueKind.Text };
        return new ConstantExpression(ValueConversion.To(
            isText ? value?.DeepClone() : ValueConversion.Parsed(value)?.DeepClone(), shape));
    }

    private static bool IsExpression(JsonNode? node) =>
        node is JsonObject { Count: 2 } candidate && candidate.ContainsKey("value")
        && Text(candidate["type"]) is { } type && Expression.Types.Contains(type);

    // References are written as an object, as its JSON text, or as the bare id.
    private static string? Reference(JsonNode? value, string property)
    {
        var parsed = ValueConversion.Parsed(value);
        return parsed is JsonObject reference ? Text(reference[property]) : Text(parsed);
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.ToString() : null;
}

/// <summary>Why an expression cannot be compiled: a code and what it is about.</summary>
internal sealed record ExpressionProblem(string Code, string Argument);
