using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;
using ProcesStandardu.Web.MyMatters;

namespace ProcesStandardu.Web.Outward;

/// <summary>The form that takes an act back, or has it performed without waiting.</summary>
internal static class OutwardRoutes
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapForm("/cofnij/{id:guid}", Policies.SignedIn, UndoAsync);

    public static string Address(Guid actId) => $"/cofnij/{actId:D}";

    private static async Task<IResult> UndoAsync(
        Guid id, PostedForm form, HttpContext http, UndoAct undo, PerformHeldActs perform, Visitor visitor, CancellationToken cancellation)
    {
        var atOnce = form["Krok"] == "teraz";
        var result = await undo.HandleAsync(new UndoAct.Command(visitor.Id, id, atOnce, form.Key), cancellation);
        if (result.Refusal is { } refusal)
        {
            return PageEndpoints.Refused<MyMattersPage>(http, form, refusal);
        }

        if (atOnce)
        {
            await perform.RunOnceAsync(cancellation);
        }

        return PageEndpoints.SeeOther(OutwardActs.PathOf(result.Value));
    }
}
