using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using Jint.Parser.Ast;

namespace ProcesStandardu.Engine.Expressions;

/// <summary>How deeply the parts of a script are nested; each level costs stack when it is evaluated.</summary>
internal static class ScriptNesting
{
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();
    private static readonly ConcurrentDictionary<Type, PropertyInfo[]> Properties = new();

    public static int DepthOf(SyntaxNode script)
    {
        var deepest = 0;
        var open = new Stack<(object Part, int Depth)>([(script, 0)]);
        while (open.TryPop(out var at))
        {
            deepest = Math.Max(deepest, at.Depth);
            foreach (var part in PartsOf(at.Part))
            {
                switch (part)
                {
                    case SyntaxNode node:
                        open.Push((node, at.Depth + 1));
                        break;
                    case string:
                        break;
                    case IEnumerable many:
                        foreach (var node in many.OfType<SyntaxNode>())
                        {
                            open.Push((node, at.Depth + 1));
                        }

                        break;
                }
            }
        }

        return deepest;
    }

    // Declarations stand a second time in the lists of their scope; only the tree itself is walked.
    private static IEnumerable<object?> PartsOf(object part) =>
        Fields.GetOrAdd(part.GetType(), type => [.. type.GetFields().Where(field => IsPart(field.FieldType))])
            .Select(field => field.GetValue(part))
            .Concat(Properties.GetOrAdd(
                    part.GetType(),
                    type => [.. type.GetProperties().Where(property => property.Name is "Body" or "Parameters" && IsPart(property.PropertyType))])
                .Select(property => property.GetValue(part)));

    private static bool IsPart(Type type) =>
        typeof(SyntaxNode).IsAssignableFrom(type) || type == typeof(IPropertyKeyExpression)
        || (type != typeof(string) && type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type)
            && typeof(SyntaxNode).IsAssignableFrom(type.GetGenericArguments()[0]));
}
