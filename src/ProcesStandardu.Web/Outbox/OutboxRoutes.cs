using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Outbox;

/// <summary>The addresses of outgoing mail.</summary>
internal static class OutboxRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<OutboxPage>("/poczta", Policies.KeepsOutbox);
        routes.MapPage<MailPage>("/poczta/{id:guid}", Policies.KeepsOutbox);
        routes.MapForm("/poczta/{id:guid}", Policies.KeepsOutbox, RetryAsync);
        routes.MapGet("/poczta/{id:guid}/html", HtmlAsync).RequireAuthorization(Policies.KeepsOutbox);
    }

    private static async Task<IResult> RetryAsync(
        Guid id, PostedForm form, HttpContext http, RetryMail retry, Visitor visitor, CancellationToken cancellation)
    {
        var result = await retry.HandleAsync(new RetryMail.Command(visitor.Id, id, form.Key), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<MailPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"/poczta/{result.Value:D}");
    }

    /// <summary>The mail's own HTML, for the sandboxed frame: nothing in it runs or loads, and it is of no origin.</summary>
    private static async Task<IResult> HtmlAsync(
        Guid id, HttpContext http, ShowMail show, Visitor visitor, CancellationToken cancellation)
    {
        var mail = await show.HandleAsync(new ShowMail.Query(visitor.Id, id), cancellation);
        if (!mail.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        http.Response.Headers.ContentSecurityPolicy =
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";
        return Results.Content(mail.Value.Html, "text/html; charset=utf-8");
    }
}
