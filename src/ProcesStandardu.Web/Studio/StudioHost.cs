namespace ProcesStandardu.Web.Studio;

/// <summary>
/// Keeps Elsa Studio at a host name of its own where <c>Studio:Host</c> gives it one: its WebAssembly needs a wider policy than
/// people's pages may have, and a cookie of one host is not sent to the other. Without the setting everything is at one host.
/// </summary>
public static class StudioHost
{
    /// <summary>The setting with the bare host name.</summary>
    public const string Setting = "Studio:Host";

    private static readonly string[] OfStudio = ["/studio", "/elsa"];

    /// <summary>What pages of both hosts need.</summary>
    private static readonly string[] OfBoth = ["/logowanie", "/wyloguj", "/jezyk", "/lib", "/css", "/js", "/favicon.svg", "/health"];

    public static void UseStudioHost(this WebApplication app)
    {
        if (app.Configuration[Setting] is not { Length: > 0 } studio)
        {
            return;
        }

        app.Use((context, next) =>
        {
            var request = context.Request;
            var isThere = string.Equals(request.Host.Host, studio, StringComparison.OrdinalIgnoreCase);
            if (Is(OfBoth, request.Path) || isThere == Is(OfStudio, request.Path))
            {
                return next(context);
            }

            if (HttpMethods.IsGet(request.Method) && isThere && request.Path == "/")
            {
                context.Response.Redirect("/studio");
            }
            else if (HttpMethods.IsGet(request.Method) && !isThere && request.Path.StartsWithSegments("/studio"))
            {
                context.Response.Redirect($"{request.Scheme}://{studio}{request.Path}{request.QueryString}");
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }

            return Task.CompletedTask;
        });
    }

    private static bool Is(string[] paths, PathString path) => paths.Any(start => path.StartsWithSegments(start));
}
