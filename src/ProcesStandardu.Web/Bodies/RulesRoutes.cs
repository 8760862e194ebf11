using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Bodies;

/// <summary>The addresses of boards' rules and of their members' absences.</summary>
internal static class RulesRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<RulesPage>("/regulamin/{body}", Policies.Observes);
        routes.MapPage<AdoptRulesPage>("/regulamin/{body}/nowa-wersja", Policies.Observes);
        routes.MapForm("/regulamin/{body}/nowa-wersja", Policies.Observes, AdoptAsync);
        routes.MapPage<AbsencesPage>("/nieobecnosci", Policies.Observes);
        routes.MapForm("/nieobecnosci", Policies.Observes, RecordAsync);
    }

    public static string Address(string body) => "/regulamin/" + body;

    private static async Task<IResult> AdoptAsync(
        string body, PostedForm form, HttpContext http, ShowRules show, AdoptRules adopt, Visitor visitor, CancellationToken cancellation)
    {
        var rules = await show.HandleAsync(new ShowRules.Query(body, visitor.Id), cancellation);
        if (rules is not { MayAdopt: true, Versions: [var newest, ..] })
        {
            return Results.StatusCode(StatusCodes.Status404NotFound);
        }

        // Every contradiction is shown at once; the act names only the first.
        var terms = RuleFields.Read(form, newest.Terms);
        if (RuleContradictions.Of(terms) is { Count: > 0 } contradictions)
        {
            return PageEndpoints.Refused<AdoptRulesPage>(http, form, [.. contradictions.Cast<Refusal>()]);
        }

        var adopted = await adopt.HandleAsync(
            new AdoptRules.Command(
                body, visitor.Id, int.TryParse(form["BasedOn"], out var basedOn) ? basedOn : 0,
                DateOnly.TryParse(form["ValidFrom"], System.Globalization.CultureInfo.InvariantCulture, out var day) ? day : null,
                terms, form["Reason"], form.Key),
            cancellation);
        return adopted.Refusal is { } refusal
            ? PageEndpoints.Refused<AdoptRulesPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{Address(body)}#wersja-{adopted.Value}");
    }

    private static async Task<IResult> RecordAsync(
        PostedForm form, HttpContext http, RecordAbsence record, Visitor visitor, CancellationToken cancellation)
    {
        var refusal = form.Name.StartsWith("powrot", StringComparison.Ordinal)
            ? (await record.HandleAsync(
                new RecordAbsence.EndCommand(visitor.Id, Guid.TryParse(form["Absence"], out var id) ? id : Guid.Empty, form.Key),
                cancellation)).Refusal
            : (await record.HandleAsync(
                new RecordAbsence.Command(
                    visitor.Id, Guid.TryParse(form["Member"], out var member) ? member : visitor.Id, Day("StartsOn"), Day("EndsOn"),
                    form["Mode"], form.Key),
                cancellation)).Refusal;
        return refusal is not null ? PageEndpoints.Refused<AbsencesPage>(http, form, refusal) : PageEndpoints.SeeOther("/nieobecnosci");

        DateOnly? Day(string field) =>
            DateOnly.TryParse(form[field], System.Globalization.CultureInfo.InvariantCulture, out var day) ? day : null;
    }
}
