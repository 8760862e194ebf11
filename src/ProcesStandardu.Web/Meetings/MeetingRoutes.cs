using System.Globalization;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Meetings;

/// <summary>The addresses of sittings.</summary>
internal static class MeetingRoutes
{
    public const string ConveneForm = "zwolanie";
    public const string ReviseForm = "zmiana";
    public const string CancelForm = "odwolanie";
    public const string AttendForm = "obecnosc";
    public const string WriteForm = "protokol";
    public const string ApproveForm = "zatwierdzenie";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<MeetingsPage>("/posiedzenia", Policies.Observes);
        routes.MapForm("/posiedzenia", Policies.Observes, PlanAsync);
        routes.MapPage<MeetingPage>("/posiedzenia/{meeting:guid}", Policies.Observes);
        routes.MapForm("/posiedzenia/{meeting:guid}", Policies.Observes, ActAsync);
        routes.MapGet("/posiedzenia/{meeting:guid}/pakiet.html", PackAsync).RequireAuthorization(Policies.Observes);
        routes.MapGet("/posiedzenia/{meeting:guid}/protokol.docx", MinutesAsync).RequireAuthorization(Policies.Observes);
    }

    public static string Address(Guid meeting) => $"/posiedzenia/{meeting:D}";

    private static async Task<IResult> PlanAsync(
        PostedForm form, HttpContext http, MeetingActs acts, Visitor visitor, CancellationToken cancellation)
    {
        var result = await acts.PlanAsync(
            new MeetingActs.Plan(
                form["Body"] ?? "", visitor.Id, DayOf(form), HourOf(form), form["Place"] ?? "", form["Agenda"] ?? "", form.Key),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<MeetingsPage>(http, form, refusal)
            : PageEndpoints.SeeOther(Address(result.Value.MeetingId));
    }

    private static DateOnly? DayOf(PostedForm form) =>
        DateOnly.TryParseExact(form["Day"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    private static TimeOnly? HourOf(PostedForm form) =>
        TimeOnly.TryParse(form["Hour"], CultureInfo.InvariantCulture, out var hour) ? hour : null;

    private static async Task<IResult> ActAsync(
        Guid meeting, PostedForm form, HttpContext http, MeetingActs acts, ShowMeetings show, Visitor visitor, CancellationToken cancellation)
    {
        var found = await show.HandleAsync(new ShowMeetings.Query(meeting, visitor.Id), cancellation);
        if (!found.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        var act = new MeetingActs.Act(meeting, visitor.Id, form.Key);
        var result = form.Name switch
        {
            ConveneForm => await ConveneAsync(http.RequestServices.GetRequiredService<HoldAct>(), found.Value, visitor.Id, form.Key, cancellation),
            ReviseForm => await acts.ReviseAsync(
                new MeetingActs.Revise(meeting, visitor.Id, DayOf(form), HourOf(form), form["Place"] ?? "", form["Agenda"] ?? "", form.Key), cancellation),
            CancelForm => await acts.CancelAsync(act, form["Reason"] ?? "", cancellation),
            AttendForm => await acts.AttendAsync(
                new MeetingActs.Attend(
                    meeting, visitor.Id,
                    found.Value.Members.Where(member => form[$"Presence-{member.PersonId:D}"] is not null)
                        .ToDictionary(member => member.PersonId, member => form[$"Presence-{member.PersonId:D}"]!),
                    form.Key),
                cancellation),
            WriteForm => await acts.WriteAsync(
                new MeetingActs.Write(
                    meeting, visitor.Id,
                    found.Value.Items.ToDictionary(
                        item => item.Id,
                        item => (form[$"Course-{item.Id:D}"] ?? "", Guid.TryParse(form[$"Ballot-{item.Id:D}"], out var ballot) ? ballot : (Guid?)null)),
                    form["Minutes"] ?? "", form.Key),
                cancellation),
            ApproveForm => await acts.ApproveAsync(act, cancellation),
            _ => new NotFoundOrNotYours(),
        };
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<MeetingPage>(http, form, refusal)
            : PageEndpoints.SeeOther(form.Name == ConveneForm && (await show.HandleAsync(new ShowMeetings.Query(meeting, visitor.Id), cancellation)).Value.State == MeetingState.Planned
                ? Address(meeting)
                : $"{Address(meeting)}?zapisano={form.Name}");
    }

    private static async Task<Result<Done>> ConveneAsync(
        HoldAct hold, ShowMeetings.View meeting, Guid personId, string? formKey, CancellationToken cancellation)
    {
        var title = $"{Wording.Spoken.ShortInstant(meeting.StartsAt)}, {meeting.Place}";
        var held = await hold.HandleAsync(new HoldAct.Command(personId, OutwardActs.ToConvene(meeting.Id, title), formKey), cancellation);
        return held.Refusal is { } refusal ? refusal : default(Done);
    }

    /// <summary>The member's own papers as one page that needs nothing else.</summary>
    private static async Task<IResult> PackAsync(
        Guid meeting, HttpContext http, MeetingPack pack, Visitor visitor, CancellationToken cancellation)
    {
        var found = await pack.HandleAsync(new MeetingPack.Query(meeting, visitor.Id), cancellation);
        if (!found.Succeeded)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(HtmlDocument.Write(found.Value.Title, found.Value.Blocks), "text/html; charset=utf-8", found.Value.FileName);
    }

    private static async Task<IResult> MinutesAsync(
        Guid meeting, HttpContext http, ShowMeetings show, Visitor visitor, CancellationToken cancellation)
    {
        var found = await show.HandleAsync(new ShowMeetings.Query(meeting, visitor.Id), cancellation);
        if (!found.Succeeded || found.Value.State != MeetingState.Held)
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        http.Response.Headers.CacheControl = "private, no-store";
        return Results.File(
            MinutesPaper.Docx(found.Value), FileKind.Docx.MediaType(), $"protokol-{(found.Value.Number ?? "").Replace('/', '-')}.docx");
    }
}
