using System.Globalization;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Forms;

/// <summary>How pages and forms are mapped: a page answers GET and changes nothing, a form answers POST at the address of its page.</summary>
public static class PageEndpoints
{
    private static readonly string[] Asking = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Maps a page; its component takes the route's values as parameters of the same names.</summary>
    public static RouteHandlerBuilder MapPage<TPage>(this IEndpointRouteBuilder routes, string pattern, string policy)
        where TPage : IComponent =>
        routes.MapMethods(pattern, Asking, (HttpContext http) => Page<TPage>(http)).RequireAuthorization(policy);

    /// <summary>Maps a form. The antiforgery token and the browser's word on the sender are checked before it runs.</summary>
    public static RouteHandlerBuilder MapForm(this IEndpointRouteBuilder routes, string pattern, string policy, Delegate act) =>
        routes.MapPost(pattern, act).RequireAuthorization(policy).AddEndpointFilter(async (context, next) =>
            await IsOurs(context.HttpContext)
                ? await next(context)
                : Results.StatusCode(StatusCodes.Status400BadRequest));

    /// <summary>The page as it is now.</summary>
    public static RazorComponentResult Page<TPage>(HttpContext http)
        where TPage : IComponent => Render(http, typeof(TPage), null, StatusCodes.Status200OK);

    /// <summary>
    /// The page again, with why the act was refused and everything that was typed. What does not exist for this person is not found,
    /// whatever the form.
    /// </summary>
    public static IResult Refused<TPage>(HttpContext http, PostedForm form, params IReadOnlyList<Refusal> refusals)
        where TPage : IComponent =>
        refusals.Any(refusal => refusal is NotFoundOrNotYours) ? Results.StatusCode(StatusCodes.Status404NotFound)
            : refusals.Any(refusal => refusal is TooManyActAtOnce) ? Busy(http, form)
            : Render(
                http,
                typeof(TPage),
                new RefusedForm(form, refusals),
                refusals.All(refusal => refusal.Field is not null) ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status409Conflict);

    /// <summary>
    /// Says that too many people act at this moment, and when to try again; carries everything that was sent, with its key, so that
    /// one press sends it once more. Asks nothing of the database.
    /// </summary>
    public static IResult Busy(HttpContext http, PostedForm form)
    {
        http.Response.Headers.RetryAfter = BusyPage.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        return Render(http, typeof(BusyPage), new RefusedForm(form, []), StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>A page with what was typed so far, to be checked or corrected; nothing is wrong and nothing was saved.</summary>
    public static IResult Again<TPage>(HttpContext http, PostedForm form)
        where TPage : IComponent => Render(http, typeof(TPage), new RefusedForm(form, []), StatusCodes.Status200OK);

    /// <summary>Sends the browser on after an act, so that reloading repeats nothing.</summary>
    /// <param name="path">A path of this application.</param>
    public static IResult SeeOther(string path) => new SeeOtherResult(path);

    internal static RazorComponentResult Render(HttpContext http, Type page, RefusedForm? refused, int status) =>
        new(typeof(App), new Dictionary<string, object?>
        {
            [nameof(App.Page)] = page,
            [nameof(App.Route)] = ParametersOf(http, page),
            [nameof(App.Refused)] = refused,
        })
        {
            StatusCode = status,
            PreventStreamingRendering = true,
        };

    /// <summary>The route's values that the page asks for; a form's address may have more.</summary>
    private static Dictionary<string, object?> ParametersOf(HttpContext http, Type page) =>
        page.GetProperties()
            .Where(property => Attribute.IsDefined(property, typeof(ParameterAttribute)) && http.Request.RouteValues.ContainsKey(property.Name))
            .ToDictionary(property => property.Name, property => (object?)http.Request.RouteValues[property.Name]?.ToString());

    private static async Task<bool> IsOurs(HttpContext http)
    {
        var site = http.Request.Headers["Sec-Fetch-Site"].ToString();
        return site is "" or "same-origin" or "none"
            && await http.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(http);
    }

    private sealed class SeeOtherResult(string path) : IResult, IStatusCodeHttpResult
    {
        public int? StatusCode => StatusCodes.Status303SeeOther;

        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = LocalPath.OrHome(path);
            return Task.CompletedTask;
        }
    }
}

/// <summary>Keeps redirects inside this application.</summary>
public static class LocalPath
{
    /// <summary>The path itself when every browser reads it as one of this application; otherwise the start page.</summary>
    public static string OrHome(string? path) => IsLocal(path) ? path! : "/";

    /// <summary>True for one slash at the beginning, no backslash, no control character and nothing percent-encoded that reads as one.</summary>
    public static bool IsLocal(string? path)
    {
        if (path is null || !LooksLocal(path))
        {
            return false;
        }

        var end = path.IndexOfAny(['?', '#']);
        return LooksLocal(Uri.UnescapeDataString(end < 0 ? path : path[..end]));
    }

    private static bool LooksLocal(string path) =>
        path.Length > 0 && path[0] == '/' && (path.Length == 1 || path[1] is not ('/' or '\\'))
        && !path.Any(letter => char.IsControl(letter) || letter == '\\');
}
