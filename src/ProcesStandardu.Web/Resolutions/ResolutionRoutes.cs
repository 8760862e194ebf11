using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Resolutions;

/// <summary>The addresses of resolutions: the list, the paper, its Word form, its signing and the file that defends it.</summary>
internal static class ResolutionRoutes
{
    public const string ConfirmStep = "potwierdz";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<ResolutionsPage>("/uchwaly", Policies.Observes);
        routes.MapPage<ResolutionPage>("/uchwaly/{ballot:guid}", Policies.Observes);
        routes.MapForm("/uchwaly/{ballot:guid}", Policies.Observes, SignAsync);
        routes.MapGet("/uchwaly/{ballot:guid}/uchwala.docx", DocxAsync).RequireAuthorization(Policies.Observes);
        routes.MapGet("/uchwaly/{ballot:guid}/dowod.zip", EvidenceAsync).RequireAuthorization(Policies.Observes);
    }

    public static string Address(Guid ballot) => $"/uchwaly/{ballot:D}";

    /// <summary>Shows the step in which the signer proves who he is, and signs once he has.</summary>
    private static async Task<IResult> SignAsync(
        Guid ballot, PostedForm form, HttpContext http, ShowResolution show, SignResolution sign, ISigningConfirmation confirmation,
        Visitor visitor, CancellationToken cancellation)
    {
        var shown = await show.HandleAsync(new ShowResolution.Query(ballot, visitor.Id), cancellation);
        if (!shown.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        if (shown.Value.SignsAs is not null && visitor.MustProveAnew)
        {
            return PageEndpoints.Refused<ResolutionPage>(http, form, new IdentityMustBeProvedAnew());
        }

        // A form that was sent twice finds the resolution signed; its key gives the first answer.
        if (shown.Value.SignsAs is not null && form["Krok"] != ConfirmStep)
        {
            return PageEndpoints.Again<SignPage>(http, form);
        }

        if (shown.Value.SignsAs is not null && await confirmation.RefusalAsync(http, form, shown.Value.Data, cancellation) is { } unproven)
        {
            return PageEndpoints.Refused<SignPage>(http, form, unproven);
        }

        var result = await sign.HandleAsync(
            new SignResolution.Command(ballot, visitor.Id, form["Fingerprint"] ?? "", form.Key, confirmation.Name), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<ResolutionPage>(http, form, refusal)
            : PageEndpoints.SeeOther(Address(ballot) + "?podpisano=1");
    }

    private static async Task<IResult> DocxAsync(
        Guid ballot, HttpContext http, ShowResolution show, Visitor visitor, CancellationToken cancellation)
    {
        var result = await show.HandleAsync(new ShowResolution.Query(ballot, visitor.Id), cancellation);
        if (!result.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        Guard(http);
        return Results.File(
            ResolutionPaper.Docx(result.Value.Data), FileKind.Docx.MediaType(),
            $"uchwala-{result.Value.Data.One(EvidenceSections.Resolution)["number"].Replace('/', '-')}.docx");
    }

    private static async Task<IResult> EvidenceAsync(
        Guid ballot, HttpContext http, ShowResolution show, Visitor visitor, CancellationToken cancellation)
    {
        var result = await show.EvidenceAsync(new ShowResolution.Query(ballot, visitor.Id), cancellation);
        if (!result.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        Guard(http);
        return Results.File(result.Value.Content, "application/zip", result.Value.FileName);
    }

    private static void Guard(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.CacheControl = "private, no-store";
    }
}
