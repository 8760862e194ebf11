using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Documents;

/// <summary>The addresses of deliverables and their revisions.</summary>
internal static class DocumentRoutes
{
    /// <summary>What a form adds to its file: fields and boundaries.</summary>
    private const long FormOverhead = 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<DeliverablesPage>("/produkty", Policies.Observes);
        routes.MapPage<DeliverablePage>("/produkty/{key}", Policies.Observes);
        routes.MapPage<SubmitRevisionPage>("/produkty/{key}/nowa-wersja", Policies.Observes);
        routes.MapForm("/produkty/{key}/nowa-wersja", Policies.Observes, SubmitAsync)
            .WithFormOptions(multipartBodyLengthLimit: 200L * 1024 * 1024 + FormOverhead)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(200L * 1024 * 1024 + FormOverhead));
        routes.MapPage<ComparePage>("/produkty/{key}/porownanie", Policies.Observes);
        routes.MapGet("/produkty/{key}/wersje/{revision:guid}/plik", DownloadAsync).RequireAuthorization(Policies.Observes);
    }

    public static string Address(string key) => "/produkty/" + Uri.EscapeDataString(key);

    public static string FileAddress(string key, Guid revisionId) => $"{Address(key)}/wersje/{revisionId:D}/plik";

    public static string CompareAddress(string key, Guid from, Guid to) => $"{Address(key)}/porownanie?od={from:D}&do={to:D}";

    private static async Task<IResult> SubmitAsync(
        string key, PostedForm form, HttpContext http, SubmitRevision submit, Visitor visitor, CancellationToken cancellation)
    {
        var file = form.File("File");
        await using var content = file?.OpenReadStream();
        var result = await submit.HandleAsync(
            new SubmitRevision.Command(
                key, visitor.Id, content, file?.FileName, form["Summary"] ?? "", form["ChangeList"] ?? "",
                form["ChangeKind"] == nameof(ChangeKind.Editorial) ? ChangeKind.Editorial : ChangeKind.Material,
                form["Step"] == nameof(RevisionStep.NextMajor) ? RevisionStep.NextMajor : RevisionStep.NextMinor,
                Guid.TryParse(form["BaseRevisionId"], out var origin) ? origin : null, form.Key),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<SubmitRevisionPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{Address(key)}?przeslano={result.Value.RevisionId:D}");
    }

    /// <summary>The exact bytes, to be kept and never opened as a page of ours.</summary>
    private static async Task<IResult> DownloadAsync(
        string key, Guid revision, HttpContext http, DownloadFile download, Visitor visitor, CancellationToken cancellation)
    {
        var result = await download.HandleAsync(new DownloadFile.Query(revision, visitor.Id), cancellation);
        if (!result.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(result.Value.Content, result.Value.MediaType, result.Value.FileName);
    }
}
