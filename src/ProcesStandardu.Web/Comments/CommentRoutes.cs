using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Documents;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Comments;

/// <summary>The addresses of comment tables: the rows, tables from and to files, dispositions, divergences.</summary>
internal static class CommentRoutes
{
    public const string DisposeForm = "stanowisko";
    public const string AnswerForm = "odpowiedz";
    public const string WithdrawForm = "wycofanie";

    private const long LargestComment = (200L * 1024 * 1024) + (1024 * 1024);
    private const long LargestTable = ReadCommentTable.LargestTable + (1024 * 1024);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<CommentsPage>("/produkty/{key}/uwagi", Policies.Observes);
        routes.MapForm("/produkty/{key}/uwagi", Policies.Observes, SubmitAsync)
            .WithFormOptions(multipartBodyLengthLimit: LargestComment)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LargestComment));
        routes.MapForm("/produkty/{key}/uwagi/zawiadom", Policies.Observes, TellAsync);
        routes.MapPage<ReadTablePage>("/produkty/{key}/uwagi/wczytaj", Policies.Observes);
        routes.MapForm("/produkty/{key}/uwagi/wczytaj", Policies.Observes, ReadAsync)
            .WithFormOptions(multipartBodyLengthLimit: LargestTable)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LargestTable));
        routes.MapPage<ImportPage>("/produkty/{key}/uwagi/wczytaj/{importId:guid}", Policies.Observes);
        routes.MapForm("/produkty/{key}/uwagi/wczytaj/{importId:guid}", Policies.Observes, ImportAsync);
        routes.MapGet("/produkty/{key}/uwagi/tabela.docx", async (
            string key, Guid? wersja, HttpContext http, ExportComments export, Visitor visitor, CancellationToken cancellation) =>
            Send(http, await export.DocxAsync(new ExportComments.Query(key, visitor.Id, wersja), cancellation)))
            .RequireAuthorization(Policies.Observes);
        routes.MapGet("/produkty/{key}/uwagi/tabela.csv", async (
            string key, Guid? wersja, HttpContext http, ExportComments export, Visitor visitor, CancellationToken cancellation) =>
            Send(http, await export.CsvAsync(new ExportComments.Query(key, visitor.Id, wersja), cancellation)))
            .RequireAuthorization(Policies.Observes);
        routes.MapPage<CommentPage>("/produkty/{key}/uwagi/{comment:guid}", Policies.Observes);
        routes.MapForm("/produkty/{key}/uwagi/{comment:guid}", Policies.Observes, ActAsync);
        routes.MapGet("/produkty/{key}/uwagi/{comment:guid}/plik", OpenAsync).RequireAuthorization(Policies.Observes);
        routes.MapPage<DivergencesPage>("/produkty/{key}/rozbieznosci", Policies.Observes);
        routes.MapGet("/produkty/{key}/rozbieznosci.docx", async (
            string key, HttpContext http, DivergenceReport report, Visitor visitor, CancellationToken cancellation) =>
        {
            var found = await report.HandleAsync(new DivergenceReport.Query(key, visitor.Id), cancellation);
            return Send(http, found.Succeeded ? DivergenceReport.Docx(found.Value) : found.Refusal!);
        }).RequireAuthorization(Policies.Observes);
    }

    public static string Table(string key) => DocumentRoutes.Address(key) + "/uwagi";

    public static string Address(string key, Guid comment) => $"{Table(key)}/{comment:D}";

    public static string Divergences(string key) => DocumentRoutes.Address(key) + "/rozbieznosci";

    private static async Task<IResult> SubmitAsync(
        string key, PostedForm form, HttpContext http, SubmitComment submit, Visitor visitor, CancellationToken cancellation)
    {
        if (!Guid.TryParse(form["RevisionId"], out var revision))
        {
            return PageEndpoints.Refused<CommentsPage>(http, form, new FieldIsEmpty("RevisionId"));
        }

        if (!Enum.TryParse<CommentKind>(form["Kind"], out var kind) || !Enum.IsDefined(kind))
        {
            return PageEndpoints.Refused<CommentsPage>(http, form, new FieldIsEmpty("Kind"));
        }

        var file = form.File("File");
        await using var content = file?.OpenReadStream();
        var result = await submit.HandleAsync(
            new SubmitComment.Command(
                revision, visitor.Id, form["ClauseReference"] ?? "", kind, form["Text"] ?? "", form["Rationale"] ?? "",
                form["ProposedChange"] ?? "", form.Key, content, file?.FileName),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<CommentsPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{Table(result.Value.DeliverableKey)}?dodano={result.Value.CommentId:D}");
    }

    private static async Task<IResult> ReadAsync(
        string key, PostedForm form, HttpContext http, ReadCommentTable read, Visitor visitor, CancellationToken cancellation)
    {
        if (!Guid.TryParse(form["RevisionId"], out var revision))
        {
            return PageEndpoints.Refused<ReadTablePage>(http, form, new FieldIsEmpty("RevisionId"));
        }

        var file = form.File("File");
        await using var content = file?.OpenReadStream();
        var result = await read.HandleAsync(
            new ReadCommentTable.Command(key, revision, visitor.Id, content, file?.FileName, form["Reporter"] ?? "", form.Key),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<ReadTablePage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{Table(key)}/wczytaj/{result.Value.ImportId:D}");
    }

    private static async Task<IResult> ImportAsync(
        string key, Guid importId, PostedForm form, HttpContext http, ImportComments take, Visitor visitor, CancellationToken cancellation)
    {
        var result = await take.HandleAsync(new ImportComments.Command(importId, visitor.Id, form.Key), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<ImportPage>(http, form, refusal)
            : PageEndpoints.SeeOther(
                $"{Table(result.Value.DeliverableKey)}?nowe={result.Value.Added}&dopisane={result.Value.Joined}&znane={result.Value.Known}");
    }

    private static async Task<IResult> TellAsync(
        string key, PostedForm form, HttpContext http, TellCommenters tell, Visitor visitor, CancellationToken cancellation)
    {
        var result = await tell.HandleAsync(new TellCommenters.Command(key, visitor.Id, form.Key), cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<CommentsPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{Table(key)}?zawiadomiono={result.Value.People}");
    }

    private static async Task<IResult> ActAsync(
        string key, Guid comment, PostedForm form, HttpContext http, DisposeComment dispose, AnswerDisposition answer, Visitor visitor,
        CancellationToken cancellation)
    {
        var refusal = form.Name switch
        {
            DisposeForm => await DisposeAsync(comment, form, dispose, visitor, cancellation),
            AnswerForm => await AnswerAsync(comment, form, answer, visitor, cancellation),
            WithdrawForm => (await answer.WithdrawAsync(
                new AnswerDisposition.Withdrawal(comment, visitor.Id, Number(form["After"]), form.Key), cancellation)).Refusal,
            _ => new NotFoundOrNotYours(),
        };
        return refusal is not null
            ? PageEndpoints.Refused<CommentPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{Address(key, comment)}?zapisano={form.Name}");
    }

    private static async Task<Refusal?> DisposeAsync(
        Guid comment, PostedForm form, DisposeComment dispose, Visitor visitor, CancellationToken cancellation)
    {
        if (!Enum.TryParse<DispositionKind>(form["Kind"], out var kind) || !Enum.IsDefined(kind))
        {
            return new FieldIsEmpty("Kind");
        }

        // „revision|place”; without a place the reader typed it, because the files are not compared.
        var change = (form["Change"] ?? "").Split('|', 2);
        var place = change.Length == 2 && change[1].Length > 0 ? change[1] : form["ChangeClause"];
        return (await dispose.HandleAsync(
            new DisposeComment.Command(
                comment, visitor.Id, kind, form["Reason"] ?? "", Guid.TryParse(change[0], out var revision) ? revision : null, place,
                Number(form["After"]), form.Key),
            cancellation)).Refusal;
    }

    private static async Task<Refusal?> AnswerAsync(
        Guid comment, PostedForm form, AnswerDisposition answer, Visitor visitor, CancellationToken cancellation)
    {
        if (!Enum.TryParse<ResponseKind>(form["Kind"], out var kind) || !Enum.IsDefined(kind))
        {
            return new FieldIsEmpty("Kind");
        }

        return (await answer.HandleAsync(
            new AnswerDisposition.Command(
                comment, Guid.TryParse(form["Disposition"], out var disposition) ? disposition : Guid.Empty, visitor.Id, kind,
                form["Words"] ?? "", form.Key),
            cancellation)).Refusal;
    }

    private static async Task<IResult> OpenAsync(
        string key, Guid comment, HttpContext http, ShowComment show, Visitor visitor, CancellationToken cancellation)
    {
        var result = await show.OpenAsync(new ShowComment.Query(comment, visitor.Id), cancellation);
        if (!result.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        Guard(http);
        return Results.File(result.Value.Content, result.Value.MediaType, result.Value.FileName);
    }

    private static IResult Send(HttpContext http, Result<ExportComments.Paper> paper)
    {
        if (!paper.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        Guard(http);
        return Results.File(paper.Value.Content, paper.Value.MediaType, paper.Value.FileName);
    }

    /// <summary>To be kept by its reader and never opened as a page of ours.</summary>
    private static void Guard(HttpContext http)
    {
        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.CacheControl = "private, no-store";
    }

    private static int Number(string? text) => int.TryParse(text, out var number) ? number : -1;
}
