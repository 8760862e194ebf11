using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.WorkflowRequests;

/// <summary>
/// Requests to the endpoints of workflows, under <c>/workflows/</c>. Who may call, how and with what is said by the endpoint's own
/// inputs; the answer is given when what the workflow did is committed.
/// </summary>
internal static class WorkflowRequestRoutes
{
    private const string Prefix = "/workflows";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>Headers of other people's session, or of the way here; a workflow does not get them.</summary>
    private static readonly HashSet<string> Hidden = new(StringComparer.OrdinalIgnoreCase)
    {
        "Cookie", "Authorization", "Proxy-Authorization", "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
    };

    private static readonly HashSet<string> NotTheirs = new(StringComparer.OrdinalIgnoreCase)
    {
        "Set-Cookie", "Content-Length", "Transfer-Encoding", "Connection", "Content-Security-Policy", "Strict-Transport-Security",
        "X-Content-Type-Options", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Clear-Site-Data", "Date", "Server",
    };

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods(Prefix + "/{**path}", Methods, AnswerAsync).RequireAuthorization(Policies.Public).DisableAntiforgery();

    private static async Task AnswerAsync(
        HttpContext http, FindEndpoint find, ReceiveHttpRequest receive, IAuthorizationService authorization, Visitor visitor,
        IOptions<WorkflowHttpOptions> options)
    {
        var path = (http.Request.RouteValues["path"] as string ?? "").Trim('/');
        var found = await find.HandleAsync(new FindEndpoint.Query(path, http.Request.Method.ToUpperInvariant()), http.RequestAborted);
        if (found.Endpoint is not { } endpoint)
        {
            if (found.OtherMethods.Count > 0)
            {
                http.Response.Headers.Allow = string.Join(", ", found.OtherMethods);
            }

            await EndAsync(http, found.OtherMethods.Count > 0 ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status404NotFound);
            return;
        }

        if (await RefusalAsync(http, endpoint, authorization, visitor) is { } refused)
        {
            await EndAsync(http, refused);
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        if (endpoint.Seconds is { } seconds)
        {
            limit.CancelAfter(TimeSpan.FromSeconds(Math.Min(seconds, 300)));
        }

        try
        {
            var body = await RequestBody.ReadAsync(http.Request, endpoint, options.Value.EndpointBytes, limit.Token);
            if (body.Refusal is { } status)
            {
                await EndAsync(http, status);
                return;
            }

            var answer = await receive.HandleAsync(
                new ReceiveHttpRequest.Command(
                    found.Payload!, RequestOf(http.Request, path, found.Route, body), Single(http.Request.Query["correlationId"]),
                    Single(http.Request.Headers["Idempotency-Key"]) is { Length: > 0 and <= 200 } key ? key : null),
                limit.Token);
            await WriteAsync(http, answer);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            await EndAsync(http, StatusCodes.Status408RequestTimeout);
        }
    }

    private static async Task<int?> RefusalAsync(
        HttpContext http, HttpEndpointRules endpoint, IAuthorizationService authorization, Visitor visitor)
    {
        if (!endpoint.Authorize)
        {
            return null;
        }

        if (!visitor.IsSignedIn)
        {
            return StatusCodes.Status401Unauthorized;
        }

        // The session's cookie speaks only for pages of this site.
        if (http.Request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site and not ("same-origin" or "none"))
        {
            return StatusCodes.Status403Forbidden;
        }

        try
        {
            return (await authorization.AuthorizeAsync(http.User, endpoint.Policy ?? Policies.SignedIn)).Succeeded
                ? null
                : StatusCodes.Status403Forbidden;
        }
        catch (InvalidOperationException)
        {
            // A policy that does not exist is met by nobody.
            return StatusCodes.Status403Forbidden;
        }
    }

    private static JsonObject RequestOf(
        HttpRequest request, string path, IReadOnlyDictionary<string, string> route, RequestBody body) => new()
        {
            ["method"] = request.Method.ToUpperInvariant(),
            ["path"] = Storable(path),
            ["route"] = new JsonObject(route.Select(value => KeyValuePair.Create(value.Key, (JsonNode?)JsonValue.Create(Storable(value.Value))))),
            ["query"] = Values(request.Query),
            ["headers"] = Values(request.Headers.Where(header => !Hidden.Contains(header.Key))),
            ["content"] = body.Content,
            ["files"] = body.Files,
            ["outcome"] = body.Outcome is null ? null : JsonValue.Create(body.Outcome),
        };

    private static JsonObject Values(IEnumerable<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> given)
    {
        var values = new JsonObject();
        foreach (var (name, value) in given)
        {
            values[Storable(name)] = value.Count == 1
                ? JsonValue.Create(Storable(value[0] ?? ""))
                : new JsonArray([.. value.Select(one => (JsonNode?)JsonValue.Create(Storable(one ?? "")))]);
        }

        return values;
    }

    private static string? Single(Microsoft.Extensions.Primitives.StringValues values) =>
        values is [{ Length: > 0 } only] ? Storable(only) : null;

    internal static string Storable(string text) => text.Replace('\0', '\uFFFD');

    private static async Task WriteAsync(HttpContext http, HttpAnswer answer)
    {
        DoNotDress(http);
        var response = http.Response;
        response.StatusCode = answer.StatusCode;
        foreach (var (name, value) in answer.Headers.Where(header => !NotTheirs.Contains(header.Key)))
        {
            response.Headers.Append(name, value);
        }

        response.Headers.CacheControl = response.Headers.CacheControl.Count == 0 ? "no-store" : response.Headers.CacheControl;

        // Whatever a definition writes, it does not run with the rights of this site's pages.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'";
        if (answer.Content is null || answer.StatusCode is < 200 or 204 or 304 || HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        response.ContentType = answer.ContentType is { } type && type.StartsWith("text/", StringComparison.Ordinal) && !type.Contains("charset", StringComparison.OrdinalIgnoreCase)
            ? type + "; charset=utf-8"
            : answer.ContentType;
        await response.WriteAsync(answer.Content, Encoding.UTF8, http.RequestAborted);
    }

    private static Task EndAsync(HttpContext http, int status)
    {
        DoNotDress(http);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Problem(statusCode: status).ExecuteAsync(http);
    }

    // Programs call here: they get no page made for people.
    private static void DoNotDress(HttpContext http)
    {
        if (http.Features.Get<IStatusCodePagesFeature>() is { } pages)
        {
            pages.Enabled = false;
        }
    }
}
