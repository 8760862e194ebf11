using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>What HTTP activities share: headers, media types and status codes as designers write them.</summary>
internal static class HttpWords
{
    private const int MostHeaders = 100;

    private static readonly string[] Types =
        ["application/json", "text/plain", "text/html", "application/xml", "application/x-www-form-urlencoded"];

    public static IReadOnlyList<InputOption> TypeOptions { get; } = [.. Types.Select(type => new InputOption(type, type))];

    public static IReadOnlyList<InputOption> StatusOptions { get; } =
        [.. Enum.GetValues<HttpStatusCode>().Distinct().Select(code => new InputOption(
            $"{(int)code} {code}", code.ToString()))];

    /// <summary>A status code by name, as a drop-down gives it, or by number; null when it is neither.</summary>
    public static int? StatusCode(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number is >= 100 and <= 599 ? number : null
            : Enum.TryParse<HttpStatusCode>(text, ignoreCase: true, out var code) ? (int)code : null;

    public static string TypeOf(JsonNode content) => ValueConversion.IsText(content) ? "text/plain" : "application/json";

    /// <summary>Headers written as an object of texts or lists of texts, or as the JSON text of one.</summary>
    /// <exception cref="FlowException">A name or value would break out of its header.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Headers(JsonNode? value)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var (name, given) in ValueConversion.Parsed(value) as JsonObject ?? [])
        {
            foreach (var one in given is JsonArray many ? [.. many] : new[] { given })
            {
                if (ValueConversion.Text(one) is { } text)
                {
                    headers.Add(KeyValuePair.Create(Name(name), OneLine(text)));
                }
            }
        }

        return headers.Count <= MostHeaders
            ? headers
            : throw new FlowException("HeadersAreTooMany", EngineTexts.Get("HeadersAreTooMany", MostHeaders));
    }

    /// <summary>A header's value; nothing in it may end the header.</summary>
    public static string OneLine(string text) =>
        text.Any(sign => char.IsControl(sign) && sign != '\t') || text.Length > 8_000
            ? throw new FlowException("HeaderIsMalformed", EngineTexts.Get("HeaderIsMalformed"))
            : text;

    private static string Name(string name) =>
        name.Length is > 0 and <= 200 && name.All(sign => char.IsAsciiLetterOrDigit(sign) || "!#$%&'*+-.^_`|~".Contains(sign))
            ? name
            : throw new FlowException("HeaderIsMalformed", EngineTexts.Get("HeaderIsMalformed"));
}
