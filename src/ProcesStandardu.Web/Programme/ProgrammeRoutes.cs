using System.Globalization;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Indicators;
using ProcesStandardu.Web.Layout;
using ProcesStandardu.Web.Standards;

namespace ProcesStandardu.Web.Programme;

/// <summary>The addresses of the programme, its standards and its indicators.</summary>
internal static class ProgrammeRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<ProgrammePage>("/program", Policies.Observes);
        routes.MapPage<WhereFromPage>("/skad", Policies.Observes);
        routes.MapPage<StandardsPage>("/standardy", Policies.Observes);
        routes.MapPage<StandardPage>("/standardy/{key}", Policies.Observes);
        routes.MapPage<IndicatorsPage>("/wskazniki", Policies.Observes);
        routes.MapPage<ReportPage>("/wskazniki/{key}", Policies.Observes);
        routes.MapForm("/wskazniki/{key}", Policies.Observes, ReportAsync);
    }

    private static async Task<IResult> ReportAsync(
        string key, PostedForm form, HttpContext http, ReportIndicator report, Visitor visitor, CancellationToken cancellation)
    {
        if (form["Value"] is not null && Number(form["Value"]!) is null)
        {
            return PageEndpoints.Refused<ReportPage>(http, form, new ValueIsNotACount());
        }

        var result = await report.HandleAsync(
            new ReportIndicator.Command(
                visitor.Id, key, form["Value"] is { } value ? Number(value) : null,
                DateOnly.TryParseExact(form["AsOfOn"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null,
                form["Evidence"], form.Key),
            cancellation);
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<ReportPage>(http, form, refusal)
            : PageEndpoints.SeeOther("/wskazniki#" + Uri.EscapeDataString(key));
    }

    /// <summary>„3 000”, „3000”, „2,5” and „2.5” are numbers.</summary>
    private static decimal? Number(string text)
    {
        var plain = string.Concat(text.Where(sign => !char.IsWhiteSpace(sign))).Replace(',', '.');
        return decimal.TryParse(plain, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
