using System.Globalization;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows.Repair;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Instances;

/// <summary>The addresses of running workflows, for administrators.</summary>
internal static class InstanceRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<InstancesPage>("/przebiegi", Policies.Administers);
        routes.MapPage<InstancePage>("/przebiegi/{id:guid}", Policies.Administers);
        routes.MapForm("/przebiegi/{id:guid}", Policies.Administers, RepairAsync);
    }

    public static string Address(Guid id) => $"/przebiegi/{id:D}";

    private static async Task<IResult> RepairAsync(Guid id, PostedForm form, HttpContext http, Visitor visitor, CancellationToken cancellation)
    {
        var by = new OperatorActs.By(visitor.Id, form["Reason"], form.Key);
        var number = long.TryParse(form["Krok"], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 0;
        var result = form["Akt"] switch
        {
            "ponow" => await Service<RetryActivity>().HandleAsync(new RetryActivity.Command(by, id, number), cancellation),
            "ponow-odlozone" => await Service<RetryActivity>().HandleAsync(new RetryActivity.DeliveryCommand(by, id, IdIn("Co")), cancellation),
            "pomin" => await Service<SkipActivity>().HandleAsync(new SkipActivity.Command(by, id, number, form["Outcome"]), cancellation),
            "przestaw" => await Service<MoveToken>().HandleAsync(new MoveToken.Command(by, id, number, form["Target"]), cancellation),
            "termin" => await Service<RescheduleWait>().HandleAsync(
                new RescheduleWait.Command(by, id, IdIn("Co"), InstantIn(form["DueAt"])), cancellation),
            "zmienna" => await Service<ChangeVariable>().HandleAsync(
                new ChangeVariable.Command(by, id, null, form["Name"], form["Value"]), cancellation),
            "anuluj" => await Service<CancelInstance>().HandleAsync(new CancelInstance.Command(by, id), cancellation),
            _ => new NotFoundOrNotYours(),
        };
        return result.Refusal is { } refusal
            ? PageEndpoints.Refused<InstancePage>(http, form, refusal)
            : PageEndpoints.SeeOther(Address(id));

        T Service<T>()
            where T : notnull => http.RequestServices.GetRequiredService<T>();

        Guid IdIn(string field) => Guid.TryParse(form[field], out var found) ? found : Guid.Empty;
    }

    /// <summary>„5.11.2012 14:30” in Warsaw; null when it cannot be read.</summary>
    private static DateTimeOffset? InstantIn(string? text) =>
        DateTime.TryParseExact(
            text?.Replace(",", "", StringComparison.Ordinal), ["d.M.yyyy H:mm", "yyyy-MM-dd H:mm", "yyyy-MM-dd'T'HH:mm"], CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var local)
            ? Warsaw.At(DateOnly.FromDateTime(local), TimeOnly.FromDateTime(local))
            : null;
}
