using System.Globalization;
using Microsoft.Extensions.Localization;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Deadlines.Amendments;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Deadlines;

/// <summary>The addresses of deadlines and of the amendments that move them.</summary>
internal static class DeadlineRoutes
{
    /// <summary>How many deadlines one form can give another date.</summary>
    public const int Lines = 4;

    /// <summary>Where a request keeps the address that is shown this once.</summary>
    public const string NewFeed = "kalendarz-adres";

    private const long LargestForm = 201L * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<DeadlinesPage>("/terminy", Policies.Observes);
        routes.MapPage<DeadlinePage>("/terminy/{key}", Policies.Observes);
        routes.MapGet("/terminy/{key}/termin.ics", EventAsync).RequireAuthorization(Policies.Observes);
        routes.MapPage<CalendarPage>("/kalendarz", Policies.Observes);
        routes.MapForm("/kalendarz", Policies.Observes, FeedAsync);

        // Calendar programs cannot sign in: the secret in the address is what they show, and rights are asked behind it.
        routes.MapGet("/kalendarz/{token}.ics", ReadFeedAsync).RequireAuthorization(Policies.Public);
        routes.MapPage<ReminderStepsPage>("/terminy/przypomnienia", Policies.KeepsOutbox);
        routes.MapForm("/terminy/przypomnienia", Policies.KeepsOutbox, SetStepsAsync);
        routes.MapPage<WatchPage>("/straznik", Policies.Administers);
        routes.MapPage<DraftAmendmentPage>("/terminy/aneksy/nowy", Policies.KeepsOutbox);
        routes.MapForm("/terminy/aneksy/nowy", Policies.KeepsOutbox, DraftAsync)
            .WithFormOptions(multipartBodyLengthLimit: LargestForm)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(LargestForm));
        routes.MapPage<AmendmentPage>("/terminy/aneksy/{id:guid}", Policies.Observes);
        routes.MapForm("/terminy/aneksy/{id:guid}", Policies.KeepsOutbox, DecideAsync);
        routes.MapGet("/terminy/aneksy/{id:guid}/plik", FileAsync).RequireAuthorization(Policies.Observes);
    }

    public static string Address(string key) => "/terminy/" + Uri.EscapeDataString(key);

    /// <summary>The deadline as an event for a calendar program.</summary>
    public static string EventAddress(string key) => Address(key) + "/termin.ics";

    public static string AmendmentAddress(Guid id) => $"/terminy/aneksy/{id:D}";

    /// <summary>The page of what a deadline asks for; null where it has none.</summary>
    public static string? OwedAddress(string subject) => subject.Split(':', 2) is not [var kind, var key] ? null : kind switch
    {
        "deliverable" => "/produkty/" + Uri.EscapeDataString(key),
        "indicator" => "/wskazniki#" + Uri.EscapeDataString(key),
        "programme" or "phase" => "/program",
        _ => null,
    };

    /// <summary>A day from an address or a form; null where there is none.</summary>
    public static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static async Task<IResult> DraftAsync(
        PostedForm form, HttpContext http, DraftAmendment draft, Visitor visitor, CancellationToken cancellation)
    {
        var changes = new List<KeyValuePair<string, DateOnly>>();
        for (var line = 0; line < Lines; line++)
        {
            if (form[$"Deadline{line}"] is { } key)
            {
                if (Day(form[$"DueOn{line}"]) is not { } day)
                {
                    return PageEndpoints.Refused<DraftAmendmentPage>(http, form, new Approval.Refusals.FieldIsEmpty($"DueOn{line}"));
                }

                changes.Add(new(key, day));
            }
        }

        var file = form.File("File");
        await using var content = file?.OpenReadStream();
        var result = await draft.HandleAsync(
            new DraftAmendment.Command(
                visitor.Id, form["Number"], Day(form["DatedOn"]), content, file?.FileName, form["Note"], changes, form.Key),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<DraftAmendmentPage>(http, form, refusal)
            : PageEndpoints.SeeOther(AmendmentAddress(result.Value));
    }

    private static async Task<IResult> DecideAsync(
        Guid id, PostedForm form, HttpContext http, ProposeAmendment propose, ApproveAmendment approve, RejectAmendment reject,
        Visitor visitor, CancellationToken cancellation)
    {
        var refusal = form["Act"] switch
        {
            "propose" => (await propose.HandleAsync(new(visitor.Id, id, form.Key), cancellation)).Refusal,
            "approve" => (await approve.HandleAsync(new(visitor.Id, id, form.Key), cancellation)).Refusal,
            "reject" => (await reject.HandleAsync(new(visitor.Id, id, form.Key), cancellation)).Refusal,
            _ => new AmendmentIsNotOpen(),
        };
        return refusal is null ? PageEndpoints.SeeOther(AmendmentAddress(id)) : PageEndpoints.Refused<AmendmentPage>(http, form, refusal);
    }

    private static async Task<IResult> SetStepsAsync(
        PostedForm form, HttpContext http, SetReminderSteps set, Visitor visitor, CancellationToken cancellation)
    {
        var result = await set.HandleAsync(
            new SetReminderSteps.Command(
                visitor.Id, new StepPlan(Steps(form["Ballots"]), Steps(form["Deadlines"]), Steps(form["Escalation"])), form.Key),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<ReminderStepsPage>(http, form, refusal)
            : PageEndpoints.SeeOther("/terminy/przypomnienia");
    }

    /// <summary>„14, 7, 2, 1” as numbers; what is none becomes one that is refused.</summary>
    private static int[] Steps(string? text) =>
        [.. (text ?? "").Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1)];

    private static async Task<IResult> EventAsync(
        string key, HttpContext http, ReadCalendar calendar, Visitor visitor, CancellationToken cancellation) =>
        Ics(http, await calendar.OfDeadlineAsync(key, visitor.Id, cancellation), "termin.ics");

    private static async Task<IResult> ReadFeedAsync(
        string token, HttpContext http, ReadCalendar calendar, IStringLocalizer<DeadlinePageTexts> texts, CancellationToken cancellation) =>
        Ics(http, await calendar.OfFeedAsync(token, texts["FeedName"], cancellation), null);

    private static IResult Ics(HttpContext http, string? file, string? fileName)
    {
        if (file is null)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(System.Text.Encoding.UTF8.GetBytes(file), CalendarFile.MediaType, fileName);
    }

    /// <summary>The new address is in the answer itself and nowhere else: it is not kept, so that a reload could not show it.</summary>
    private static async Task<IResult> FeedAsync(
        PostedForm form, HttpContext http, IssueCalendarFeed issue, Visitor visitor, IOptions<SiteOptions> site, CancellationToken cancellation)
    {
        var token = form["Act"] == "new" ? CalendarFeed.NewToken() : null;
        var result = await issue.HandleAsync(new IssueCalendarFeed.Command(visitor.Id, token), cancellation);
        if (result.Refusal is { } refusal)
        {
            return PageEndpoints.Refused<CalendarPage>(http, form, refusal);
        }

        if (token is null)
        {
            return PageEndpoints.SeeOther("/kalendarz");
        }

        http.Items[NewFeed] = site.Value.To($"/kalendarz/{token}.ics").AbsoluteUri;
        http.Response.Headers.CacheControl = "no-store";
        return PageEndpoints.Page<CalendarPage>(http);
    }

    private static async Task<IResult> FileAsync(
        Guid id, HttpContext http, ShowAmendment show, Visitor visitor, CancellationToken cancellation)
    {
        var result = await show.FileAsync(new ShowAmendment.Query(id, visitor.Id), cancellation);
        if (!result.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(result.Value.Content, result.Value.MediaType, result.Value.FileName);
    }
}
