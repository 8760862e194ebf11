using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.MyMatters;

/// <summary>The start page and the answers to questions that workflows put there.</summary>
internal static class MyMattersRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<MyMattersPage>("/", Policies.SignedIn);
        routes.MapForm("/decyzje/{id:guid}", Policies.SignedIn, DecideAsync);

        // Where a refused answer was shown, reloading leads back to the page.
        routes.MapGet("/decyzje/{id:guid}", () => Results.Redirect("/")).RequireAuthorization(Policies.SignedIn);
    }

    private static async Task<IResult> DecideAsync(
        Guid id, PostedForm form, HttpContext http, Decide decide, Visitor visitor, CancellationToken cancellation)
    {
        var decision = await decide.HandleAsync(new Decide.Command(id, visitor.Id, form["Choice"], form.Key), cancellation);
        return decision.Refusal is { } refusal
            ? PageEndpoints.Refused<MyMattersPage>(http, form, refusal)
            : PageEndpoints.SeeOther("/");
    }
}
