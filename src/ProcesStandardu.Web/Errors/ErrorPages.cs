using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using ProcesStandardu.Web.Forms;
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
                { } error when IsOfTheMoment(error) => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status500InternalServerError,
            };
            return WriteAsync(http, status);
        }));
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode));
    }

    /// <summary>
    /// True when the database was not to be had just now: no connection was free, a wait was cut short, the server was away. EF wraps
    /// such errors.
    /// </summary>
    internal static bool IsOfTheMoment(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is Npgsql.NpgsqlException { IsTransient: true } or Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.QueryCanceled })
            {
                return true;
            }
        }

        return false;
    }

    private static async Task WriteAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = BusyPage.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        if (http.Request.Path.StartsWithSegments("/elsa") || http.Request.Path.StartsWithSegments("/health"))
        {
            await Results.Problem(statusCode: status, extensions: new Dictionary<string, object?> { ["traceId"] = http.TraceIdentifier })
                .ExecuteAsync(http);
            return;
        }

        // What failed may have left the request's services half-way: the error page gets its own.
        await using var scope = http.RequestServices.CreateAsyncScope();
        var failed = http.RequestServices;
        if (failed.GetRequiredService<Visitor>() is { Person: { } person, Rights: { } rights } visitor)
        {
            scope.ServiceProvider.GetRequiredService<Visitor>().Enter(person, rights, visitor.Session);
        }

        http.RequestServices = scope.ServiceProvider;
        try
        {
            // Who sent a form to a database that was busy keeps it.
            if (status == StatusCodes.Status503ServiceUnavailable && PostedForm.Of(http) is { HasFiles: false, Name.Length: > 0 } form)
            {
                await PageEndpoints.Busy(http, form).ExecuteAsync(http);
                return;
            }

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
