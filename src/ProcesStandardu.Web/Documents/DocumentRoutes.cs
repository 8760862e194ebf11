using Microsoft.Extensions.Localization;
using Microsoft.Net.Http.Headers;
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
        routes.MapForm("/produkty/{key}/cofnij", Policies.Observes, TakeBackAsync);
        routes.MapForm("/produkty/{key}/wyslij", Policies.Observes, SendNowAsync);
        routes.MapForm("/produkty/{key}/wersje/{revision:guid}/wycofanie", Policies.Observes, AskWithdrawalAsync);
        routes.MapForm("/produkty/{key}/wersje/{revision:guid}/wycofanie/decyzja", Policies.Observes, DecideWithdrawalAsync);
        routes.MapPage<FilesPage>("/pliki", Policies.Administers);
        routes.MapPage<ComparePage>("/produkty/{key}/porownanie", Policies.Observes);
        routes.MapGet("/produkty/{key}/porownanie/{kind}", WritePaperAsync).RequireAuthorization(Policies.Observes);
        routes.MapPage<ReadPage>("/produkty/{key}/wersje/{revision:guid}", Policies.Observes);
        routes.MapGet("/produkty/{key}/wersje/{revision:guid}/plik", DownloadAsync).RequireAuthorization(Policies.Observes);
    }

    public static string Address(string key) => "/produkty/" + Uri.EscapeDataString(key);

    public static string FileAddress(string key, Guid revisionId) => $"{Address(key)}/wersje/{revisionId:D}/plik";

    public static string CompareAddress(string key, Guid from, Guid to) => $"{Address(key)}/porownanie?od={from:D}&do={to:D}";

    public static string RevisionAddress(string key, Guid revisionId) => $"{Address(key)}/wersje/{revisionId:D}";

    public static string PaperAddress(string key, Guid from, Guid to, string kind) => $"{Address(key)}/porownanie/{kind}?od={from:D}&do={to:D}";

    /// <summary>The comparison to take away: Word with tracked changes, or one page that needs nothing else.</summary>
    private static async Task<IResult> WritePaperAsync(
        string key, string kind, Guid od, Guid @do, HttpContext http, CompareRevisions compare, Visitor visitor,
        IStringLocalizer<DocumentPageTexts> texts, CancellationToken cancellation)
    {
        if (kind is not ("docx" or "html"))
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        var result = await compare.WriteAsync(new CompareRevisions.Query(od, @do, visitor.Id), cancellation);
        if (!result.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        var paper = result.Value;
        var title = texts["RedlineTitle", paper.Title, paper.From, paper.To].Value;
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
        http.Response.Headers.CacheControl = "private, no-store";
        var name = FileName.Clean($"{key}-{paper.From}-{paper.To}.{kind}");
        return kind == "docx"
            ? Results.File(DocxDocument.Write(title, paper.Blocks), FileKind.Docx.MediaType(), name)
            : Results.File(HtmlDocument.Write(title, paper.Blocks), "text/html; charset=utf-8", name);
    }

    private static async Task<IResult> SubmitAsync(
        string key, PostedForm form, HttpContext http, HandInSubmission handIn, Visitor visitor, CancellationToken cancellation)
    {
        var file = form.File("File");
        await using var content = file?.OpenReadStream();
        var result = await handIn.HandleAsync(
            new HandInSubmission.Command(
                key, visitor.Id, content, file?.FileName, form["Summary"] ?? "", form["ChangeList"] ?? "",
                form["ChangeKind"] == nameof(ChangeKind.Editorial) ? ChangeKind.Editorial : ChangeKind.Material,
                form["Step"] == nameof(RevisionStep.NextMajor) ? RevisionStep.NextMajor : RevisionStep.NextMinor,
                Guid.TryParse(form["BaseRevisionId"], out var origin) ? origin : null, form.All("Declared"), form["Krok"] == "szkic", form.Key),
            cancellation);
        return result.Refusal is { } refusal ? PageEndpoints.Refused<SubmitRevisionPage>(http, form, refusal)
            : result.Value.RevisionId is { } revision ? PageEndpoints.SeeOther($"{Address(key)}?przeslano={revision:D}")
            : PageEndpoints.SeeOther(result.Value.ReleasesAt is null ? $"{Address(key)}/nowa-wersja" : Address(key));
    }

    private static async Task<IResult> TakeBackAsync(
        string key, PostedForm form, HttpContext http, TakeBackSubmission takeBack, Visitor visitor, CancellationToken cancellation)
    {
        var result = await takeBack.HandleAsync(new TakeBackSubmission.Command(form.Id("Submission"), visitor.Id), cancellation);
        return result.Refusal is { } refusal ? PageEndpoints.Refused<DeliverablePage>(http, form, refusal)
            : PageEndpoints.SeeOther(result.Value.WasDraft ? $"{Address(key)}/nowa-wersja" : Address(key));
    }

    private static async Task<IResult> SendNowAsync(
        string key, PostedForm form, HttpContext http, ReleaseSubmissions release, Visitor visitor, CancellationToken cancellation)
    {
        var result = await release.HandleAsync(new ReleaseSubmissions.Command(form.Id("Submission"), visitor.Id), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<DeliverablePage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{Address(key)}?przeslano={result.Value.RevisionId:D}");
    }

    private static async Task<IResult> AskWithdrawalAsync(
        string key, Guid revision, PostedForm form, HttpContext http, WithdrawRevision withdraw, Visitor visitor, CancellationToken cancellation)
    {
        var result = await withdraw.HandleAsync(
            new WithdrawRevision.Ask(
                revision, visitor.Id, Enum.TryParse<WithdrawalGround>(form["Ground"], out var ground) && Enum.IsDefined(ground) ? ground : WithdrawalGround.Other,
                form["Reason"] ?? ""),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<DeliverablePage>(http, form, refusal)
            : PageEndpoints.SeeOther(Address(key));
    }

    private static async Task<IResult> DecideWithdrawalAsync(
        string key, Guid revision, PostedForm form, HttpContext http, WithdrawRevision withdraw, Visitor visitor, CancellationToken cancellation)
    {
        var result = await withdraw.HandleAsync(
            new WithdrawRevision.Decide(revision, visitor.Id, form["Decyzja"] == "tak"), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<DeliverablePage>(http, form, refusal)
            : PageEndpoints.SeeOther(Address(key));
    }

    /// <summary>
    /// The exact bytes, to be kept and never opened as a page of ours; in parts where the reader asks for parts. Their hash is
    /// the entity's tag, so a part can only continue the same bytes.
    /// </summary>
    private static async Task<IResult> DownloadAsync(
        string key, Guid revision, HttpContext http, DownloadFile download, Visitor visitor, CancellationToken cancellation)
    {
        var result = await download.HandleAsync(new DownloadFile.Query(revision, visitor.Id), cancellation);
        if (!result.Succeeded)
        {
            return Results.StatusCode(result.Refusal is FileAwaitsScan ? StatusCodes.Status423Locked : StatusCodes.Status404NotFound);
        }

        var file = result.Value;
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.CacheControl = "private, no-store";
        http.Response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(file.Sha256))}:";
        return Results.File(
            file.Content, file.MediaType, file.FileName, entityTag: new EntityTagHeaderValue($"\"{file.Sha256}\""), enableRangeProcessing: true);
    }
}
