using Microsoft.AspNetCore.Http.HttpResults;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Studio;

/// <summary>
/// Elsa Studio under <c>/studio</c>: our pages at the addresses that Studio itself goes to, each with one of its elements, and the
/// package's files below them.
/// </summary>
internal static class StudioRoutes
{
    private static readonly string[] Asking = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/studio", Asking, () => PageEndpoints.SeeOther(StudioPaths.Definitions)).RequireAuthorization(Policies.Administers);
        MapElement(StudioPaths.Definitions, "elsa-workflow-definition-list", "Definitions");
        MapElement("/studio/workflows/definitions/{id}/edit", "elsa-workflow-definition-editor", "Definition", "definition-id");
        MapElement(StudioPaths.Instances, "elsa-workflow-instance-list", "Instances");
        MapElement("/studio/workflows/instances/{id}/view", "elsa-workflow-instance-viewer", "Instance", "instance-id");
        routes.MapPage<KeptDraftsPage>(StudioPaths.Kept, Policies.Administers);
        routes.MapMethods(
            "/studio/{**path}", Asking, (string path, HttpContext http, StudioFiles files) => files.Get(http, path))
            .RequireAuthorization(Policies.Administers);

        void MapElement(string pattern, string element, string title, string? idAttribute = null) =>
            routes.MapMethods(pattern, Asking, (HttpContext http) => Show(http, element, title, idAttribute))
                .RequireAuthorization(Policies.Administers);
    }

    private static RazorComponentResult Show(HttpContext http, string element, string title, string? idAttribute)
    {
        http.Response.Headers.ContentSecurityPolicy = StudioPolicy.Header;
        return new RazorComponentResult(typeof(StudioPage), new Dictionary<string, object?>
        {
            [nameof(StudioPage.Element)] = element,
            [nameof(StudioPage.TitleKey)] = title,
            [nameof(StudioPage.IdAttribute)] = idAttribute,
            [nameof(StudioPage.Id)] = http.Request.RouteValues["id"]?.ToString(),
        })
        { PreventStreamingRendering = true };
    }
}

/// <summary>Where Studio's pages are.</summary>
public static class StudioPaths
{
    public const string Definitions = "/studio/workflows/definitions";

    public const string Instances = "/studio/workflows/instances";

    /// <summary>Drafts that could not be saved, or that another took the place of.</summary>
    public const string Kept = "/studio/odlozone";

    /// <summary>The live diagram of one instance.</summary>
    public static string Instance(Guid id) => $"{Instances}/{id:D}/view";

    /// <summary>The designer with one definition.</summary>
    public static string Definition(string definitionId) => $"{Definitions}/{Uri.EscapeDataString(definitionId)}/edit";
}
