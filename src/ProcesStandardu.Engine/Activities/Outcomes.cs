using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>
/// By which ways an activity can be left, told from its JSON: one answer for those who draw it, check it, describe it,
/// and let it be skipped.
/// </summary>
public static class Outcomes
{
    /// <summary>The ways out in the order in which they are drawn; none when nothing can follow; null when only running it tells.</summary>
    public static IReadOnlyList<string>? Of(JsonObject activity, ActivityRegistry registry) =>
        registry.Find(Json.Text(activity["type"]) ?? "")?.OutcomesOf(activity);

    /// <summary>What the descriptor declares, <c>Done</c> when it declares nothing.</summary>
    internal static IReadOnlyList<string> Declared(ActivityDescriptor descriptor)
    {
        var flow = descriptor.Ports.Where(port => port.Kind == PortKind.Flow).Select(port => port.Name).ToList();
        return descriptor.IsTerminal ? [] : flow.Count > 0 ? flow : TokenFlow.Done;
    }

    /// <summary>The texts in an input that holds a written list; those of its default when it is left out; null when an expression computes them.</summary>
    internal static IReadOnlyList<string>? Written(JsonObject activity, InputDescriptor input)
    {
        var given = activity[Json.Camel(input.Name)];
        if (given is JsonObject wrapper)
        {
            if (wrapper["expression"] is JsonObject expression)
            {
                return Json.Text(expression["type"]) is null or "Literal" or "Object" or "Json"
                    ? ValueConversion.Texts(expression["value"]) : null;
            }

            given = null;
        }

        return ValueConversion.Texts(given ?? input.DefaultValue);
    }
}
