using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Nodes;

/// <summary>The page that says how the installation is, and ends a quarantine.</summary>
internal static class NodeRoutes
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<StatusPage>("/stan", Policies.Administers);
        routes.MapForm("/stan", Policies.Administers, ReleaseAsync);
    }

    private static async Task<IResult> ReleaseAsync(
        PostedForm form, HttpContext http, ReleaseQuarantine release, Visitor visitor, CancellationToken cancellation)
    {
        var result = await release.HandleAsync(new ReleaseQuarantine.Command(visitor.Id, form["Mail"], form.Key), cancellation);
        return result.Refusal is { } refusal ? PageEndpoints.Refused<StatusPage>(http, form, refusal) : PageEndpoints.SeeOther("/stan");
    }
}

/// <summary>Names the resources of the page of the installation's state.</summary>
public sealed class NodePageTexts;
