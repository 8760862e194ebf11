using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Errors;

/// <summary>Answers what went wrong: people get a page in their language, programs get problem details; both get a number and no internals.</summary>
internal static class ErrorPages
{
    public static void Use(WebApplication app)
    {
        app.UseExceptionHandler(error => error.Run(http =>
        {
            var status = http.Features.Get<IExceptionHandlerFeature>()?.Error switch
            {
                BadHttpRequestException bad => bad.StatusCode,
                InvalidDataException => StatusCodes.Status413PayloadTooLarge,
                Npgsql.NpgsqlException { IsTransient: true } => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status500InternalServerError,
            };
            return WriteAsync(http, status);
        }));
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode));
    }

    private static async Task WriteAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        if (http.Request.Path.StartsWithSegments("/elsa") || http.Request.Path.StartsWithSegments("/health"))
        {
            await Results.Problem(statusCode: status, extensions: new Dictionary<string, object?> { ["traceId"] = http.TraceIdentifier })
                .ExecuteAsync(http);
            return;
        }

        // What failed may have left the request's services half-way: the error page gets its own.
        await using var scope = http.RequestServices.CreateAsyncScope();
        var failed = http.RequestServices;
        if (failed.GetRequiredService<Visitor>() is { Person: { } person, Rights: { } rights })
        {
            scope.ServiceProvider.GetRequiredService<Visitor>().Enter(person, rights);
        }

        http.RequestServices = scope.ServiceProvider;
        try
        {
            await new RazorComponentResult(typeof(App), new Dictionary<string, object?>
            {
                [nameof(App.Page)] = typeof(ErrorPage),
                [nameof(App.Route)] = new Dictionary<string, object?> { [nameof(ErrorPage.Status)] = status },
            })
            { StatusCode = status, PreventStreamingRendering = true }.ExecuteAsync(http);
        }
        finally
        {
            http.RequestServices = failed;
        }
    }
}
