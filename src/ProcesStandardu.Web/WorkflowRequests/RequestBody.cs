using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Web.WorkflowRequests;

/// <summary>The body of a request to a workflow, read no further than its endpoint allows.</summary>
internal sealed record RequestBody
{
    /// <summary>JSON as JSON, a form as an object of its fields, everything else as text; null when there is none.</summary>
    public JsonNode? Content { get; private init; }

    /// <summary>Uploaded files as <c>{name, fileName, contentType, length, content}</c>, the last in base64; null when there are none.</summary>
    public JsonArray? Files { get; private init; }

    /// <summary>What is wrong with the request, where the workflow handles that itself; otherwise null.</summary>
    public string? Outcome { get; private init; }

    /// <summary>The status code that refuses the request; null when it is taken.</summary>
    public int? Refusal { get; private init; }

    public static async Task<RequestBody> ReadAsync(
        HttpRequest request, HttpEndpointRules rules, int mostBytes, CancellationToken cancellation)
    {
        var limit = Math.Min(rules.RequestBytes ?? mostBytes, mostBytes);
        if (request.ContentLength > limit)
        {
            return Wrong(rules, "Request too large", StatusCodes.Status413PayloadTooLarge);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit + 1;
        }

        return request.HasFormContentType
            ? await ReadFormAsync(request, rules, limit, cancellation)
            : await ReadTextAsync(request, rules, limit, cancellation);
    }

    private static async Task<RequestBody> ReadTextAsync(
        HttpRequest request, HttpEndpointRules rules, long limit, CancellationToken cancellation)
    {
        using var taken = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            taken.Write(buffer, 0, count);
            if (taken.Length > limit)
            {
                return Wrong(rules, "Request too large", StatusCodes.Status413PayloadTooLarge);
            }
        }

        if (taken.Length == 0)
        {
            return new RequestBody();
        }

        var text = WorkflowRequestRoutes.Storable(Encoding.UTF8.GetString(taken.GetBuffer(), 0, (int)taken.Length));
        if (!request.HasJsonContentType())
        {
            return new RequestBody { Content = JsonValue.Create(text) };
        }

        return RequestJson.TryParse(text, out var json)
            ? new RequestBody { Content = json }
            : new RequestBody { Refusal = StatusCodes.Status400BadRequest };
    }

    private static async Task<RequestBody> ReadFormAsync(
        HttpRequest request, HttpEndpointRules rules, long limit, CancellationToken cancellation)
    {
        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = limit, BufferBodyLengthLimit = limit }, cancellation);
        }
        catch (Exception error) when (error is InvalidDataException or BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
        {
            return Wrong(rules, "Request too large", StatusCodes.Status413PayloadTooLarge);
        }

        var fields = new JsonObject(form.Select(field => KeyValuePair.Create(
            WorkflowRequestRoutes.Storable(field.Key), (JsonNode?)JsonValue.Create(WorkflowRequestRoutes.Storable(field.Value.ToString())))));
        if (form.Files.Count == 0)
        {
            return new RequestBody { Content = fields };
        }

        if (form.Files.Any(file => file.Length > rules.FileBytes))
        {
            return Wrong(rules, "File too large", StatusCodes.Status413PayloadTooLarge) with { Content = fields };
        }

        if (form.Files.Any(file => !IsAllowed(Path.GetExtension(file.FileName), rules.AllowedExtensions)
            || rules.BlockedExtensions.Contains(Path.GetExtension(file.FileName), StringComparer.OrdinalIgnoreCase)))
        {
            return Wrong(rules, "Invalid file extension", StatusCodes.Status415UnsupportedMediaType) with { Content = fields };
        }

        if (form.Files.Any(file => !IsAllowed(file.ContentType, rules.AllowedTypes)))
        {
            return Wrong(rules, "Invalid file MIME type", StatusCodes.Status415UnsupportedMediaType) with { Content = fields };
        }

        var files = new JsonArray();
        foreach (var file in form.Files)
        {
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes, cancellation);
            files.Add(new JsonObject
            {
                ["name"] = WorkflowRequestRoutes.Storable(file.Name),
                ["fileName"] = WorkflowRequestRoutes.Storable(Path.GetFileName(file.FileName)),
                ["contentType"] = WorkflowRequestRoutes.Storable(file.ContentType ?? ""),
                ["length"] = file.Length,
                ["content"] = Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length),
            });
        }

        return new RequestBody { Content = fields, Files = files };
    }

    private static bool IsAllowed(string? given, IReadOnlyList<string> allowed) =>
        allowed.Count == 0 || allowed.Contains(given ?? "", StringComparer.OrdinalIgnoreCase);

    private static RequestBody Wrong(HttpEndpointRules rules, string outcome, int status) =>
        rules.Exposed.Contains(outcome) ? new RequestBody { Outcome = outcome } : new RequestBody { Refusal = status };
}
