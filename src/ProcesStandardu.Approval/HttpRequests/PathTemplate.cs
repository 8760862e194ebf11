using System.Globalization;

namespace ProcesStandardu.Approval.HttpRequests;

/// <summary>
/// A path with parameters, such as <c>wnioski/{numer}/zalaczniki/{nr:int}</c>: <c>{name}</c> takes one segment, <c>{name?}</c> as the
/// last one may be missing, <c>{*name}</c> takes the rest; <c>:int</c> and <c>:guid</c> limit what is taken. Letters match in either case.
/// </summary>
public static class PathTemplate
{
    /// <summary>The values of the parameters; null when the path does not match. Higher ranks are more exact.</summary>
    /// <param name="segments">The path's segments, decoded.</param>
    public static (Dictionary<string, string> Values, int Rank)? Match(string template, IReadOnlyList<string> segments)
    {
        var parts = template.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var rank = 0;
        for (var index = 0; index < parts.Length; index++)
        {
            var part = parts[index];
            if (part is not ['{', .., '}'])
            {
                if (index >= segments.Count || !part.Equals(segments[index], StringComparison.OrdinalIgnoreCase))
                {
                    return null;
                }

                rank += 4;
                continue;
            }

            var (name, constraint) = part[1..^1].Split(':', 2) is [var before, var after] ? (before, after) : (part[1..^1], "");
            if (name.StartsWith('*'))
            {
                values[name.TrimStart('*')] = string.Join('/', segments.Skip(index));
                return (values, rank);
            }

            var isOptional = name.EndsWith('?') || constraint.EndsWith('?');
            if (index >= segments.Count)
            {
                return isOptional && index == parts.Length - 1 ? (values, rank) : null;
            }

            if (!Fits(segments[index], constraint.TrimEnd('?')))
            {
                return null;
            }

            values[name.TrimEnd('?')] = segments[index];
            rank += constraint.Length > 0 ? 2 : 1;
        }

        return segments.Count == parts.Length ? (values, rank + 4) : null;
    }

    private static bool Fits(string segment, string constraint) => constraint switch
    {
        "" => true,
        "int" or "long" => long.TryParse(segment, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        "guid" => Guid.TryParse(segment, out _),
        _ => false,
    };
}
