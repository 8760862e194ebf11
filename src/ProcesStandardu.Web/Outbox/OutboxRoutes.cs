using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Notifications.Bounces;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Outbox;

/// <summary>The addresses of outgoing mail.</summary>
internal static class OutboxRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<OutboxPage>("/poczta", Policies.KeepsOutbox);
        routes.MapPage<UndeliveredPage>("/poczta/niedoreczone", Policies.KeepsOutbox);
        routes.MapPage<SamplesPage>("/poczta/szablony", Policies.KeepsOutbox);
        routes.MapGet("/poczta/szablony/html", SampleHtml).RequireAuthorization(Policies.KeepsOutbox);
        routes.MapPage<MailChoicesPage>("/powiadomienia", Policies.SignedIn);
        routes.MapForm("/powiadomienia", Policies.SignedIn, ChooseAsync);
        routes.MapPage<RoleChoicesPage>("/powiadomienia/role/{role}", Policies.KeepsOutbox);
        routes.MapForm("/powiadomienia/role/{role}", Policies.KeepsOutbox, ChooseForRoleAsync);

        // Mail programs post here by themselves, RFC 8058: no cookie, no token; the mail's id is what they show.
        routes.MapPage<EndMailsPage>("/powiadomienia/koniec/{id:guid}", Policies.Public);
        routes.MapPost("/powiadomienia/koniec/{id:guid}", EndAsync).RequireAuthorization(Policies.Public).DisableAntiforgery();
        routes.MapPage<MailPage>("/poczta/{id:guid}", Policies.KeepsOutbox);
        routes.MapForm("/poczta/{id:guid}", Policies.KeepsOutbox, RetryAsync);
        routes.MapGet("/poczta/{id:guid}/html", HtmlAsync).RequireAuthorization(Policies.KeepsOutbox);
    }

    private static async Task<IResult> ChooseAsync(
        PostedForm form, HttpContext http, MailChoices choices, Visitor visitor, CancellationToken cancellation)
    {
        var result = await choices.ChooseAsync(new MailChoices.Command(visitor.Id, Chosen(form), null, form.Key), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<MailChoicesPage>(http, form, refusal)
            : PageEndpoints.SeeOther("/powiadomienia?zapisano=tak");
    }

    private static async Task<IResult> ChooseForRoleAsync(
        string role, PostedForm form, HttpContext http, MailChoices choices, Visitor visitor, CancellationToken cancellation)
    {
        var result = await choices.ChooseAsync(new MailChoices.Command(visitor.Id, Chosen(form), role, form.Key), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<RoleChoicesPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"/powiadomienia/role/{role}?zapisano=tak");
    }

    private static Dictionary<string, string?> Chosen(PostedForm form) => MailKinds.Choosable.ToDictionary(kind => kind, kind => form[kind]);

    private static async Task<IResult> EndAsync(Guid id, MailChoices choices, CancellationToken cancellation) =>
        (await choices.EndAsync(id, cancellation)).Succeeded
            ? PageEndpoints.SeeOther($"/powiadomienia/koniec/{id:D}?koniec=tak")
            : Results.StatusCode(StatusCodes.Status404NotFound);

    private static IResult SampleHtml(HttpContext http, string? nr, string? jezyk, MailPreview preview)
    {
        var samples = preview.All(jezyk == "en" ? "en" : "pl");
        return MailHtml(http, samples[MailPreview.Choose(nr, samples.Count)].Html);
    }

    private static async Task<IResult> RetryAsync(
        Guid id, PostedForm form, HttpContext http, RetryMail retry, SeeToUndelivered seeTo, Visitor visitor, CancellationToken cancellation)
    {
        if (form.Name != "ponow")
        {
            var seen = form.Name switch
            {
                "adres" => (await seeTo.CorrectAsync(new(visitor.Id, id, form["Address"], form.Key), cancellation)).Refusal,
                "inaczej" => (await seeTo.SettleAsync(new(visitor.Id, id, form["Words"], form.Key), cancellation)).Refusal,
                "wrocilo" => (await seeTo.ReturnAsync(new(visitor.Id, id, form["Words"], form.Key), cancellation)).Refusal,
                _ => new NotFoundOrNotYours(),
            };
            return seen is null
                ? PageEndpoints.SeeOther(form.Name == "wrocilo" ? $"/poczta/{id:D}" : "/poczta/niedoreczone")
                : PageEndpoints.Refused<MailPage>(http, form, seen);
        }

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

        return MailHtml(http, mail.Value.Html);
    }

    private static IResult MailHtml(HttpContext http, string html)
    {
        http.Response.Headers.ContentSecurityPolicy =
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";
        return Results.Content(html, "text/html; charset=utf-8");
    }
}
