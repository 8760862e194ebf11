using System.Security.Claims;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Engine.Definitions;

namespace ProcesStandardu.ElsaApi;

/// <summary>
/// How a refusal reaches Studio: as problem details with status 400, the only answer of which it shows the words. Any other error
/// ends its page.
/// </summary>
internal sealed class Answers(IStringLocalizer<ElsaApiTexts> texts, RefusalWords words)
{
    private const int MostBytes = DefinitionReader.MaxBytes + (1024 * 1024);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = DefinitionReader.MaxDepth + 4 };

    /// <summary>A refusal in the reader's words; what does not exist is 404.</summary>
    public IResult Refused(Refusal refusal) => refusal switch
    {
        DefinitionDoesNotExist or InstanceDoesNotExist or NotFoundOrNotYours => Results.Problem(Words(refusal)[0], statusCode: StatusCodes.Status404NotFound),
        _ => Problem(refusal.Key, Words(refusal)),
    };

    /// <summary>A refusal as problem details, whatever it says.</summary>
    public IResult AsProblem(Refusal refusal) => Problem(refusal.Key, Words(refusal));

    /// <summary>A sentence of <see cref="ElsaApiTexts"/> as a refusal.</summary>
    public IResult Say(string key, params object[] arguments) => Problem(key, [texts[key, arguments]]);

    /// <summary>A sentence of <see cref="ElsaApiTexts"/>.</summary>
    public string Text(string key) => texts[key];

    public static IResult NotFound() => Results.Problem(statusCode: StatusCodes.Status404NotFound);

    /// <summary>Who asks.</summary>
    public static Guid PersonOf(HttpContext http) => Guid.Parse(http.User.FindFirstValue(ClaimTypes.NameIdentifier)!);

    /// <summary>Which load of which page asks; null when it does not say.</summary>
    public static string? TabOf(HttpContext http) =>
        http.Request.Headers["X-Studio-Tab"].ToString() is { Length: > 0 and <= 100 } tab ? tab : null;

    /// <summary>The body as text, or null when it is longer than any definition may be or is not sent as JSON.</summary>
    public static async Task<string?> TextOfAsync(HttpContext http)
    {
        if (!http.Request.HasJsonContentType())
        {
            throw new BadHttpRequestException("JSON is asked for.", StatusCodes.Status415UnsupportedMediaType);
        }

        return await ReadAsync(http.Request.Body, http.RequestAborted);
    }

    /// <summary>A stream as text; null when it is longer than any definition may be or is no UTF-8.</summary>
    public static async Task<string?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[81920];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation)) > 0)
        {
            if (bytes.Length + read > MostBytes)
            {
                return null;
            }

            bytes.Write(buffer, 0, read);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The text as a JSON object; null when it is none, too deep, or says a thing twice.</summary>
    public static JsonObject? ObjectOf(string? json)
    {
        try
        {
            return json is null ? null : JsonNode.Parse(json.TrimStart('\uFEFF'), documentOptions: Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The sentences of a refusal: one, or one for each problem.</summary>
    public IReadOnlyList<string> Words(Refusal refusal) => words.Each(refusal);

    /// <summary>Sentences as problem details.</summary>
    public static IResult Problem(string key, IReadOnlyList<string> sentences) => Results.ValidationProblem(
        new Dictionary<string, string[]> { [key] = [.. sentences] }, statusCode: StatusCodes.Status400BadRequest, title: sentences[0]);
}

/// <summary>Names the resources of the API's own words.</summary>
public sealed class ElsaApiTexts;
