using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Procedures;

/// <summary>The addresses of the procedures that cases follow, in words.</summary>
internal static class ProcedureRoutes
{
    public static string Address(string definitionId, int? version = null) =>
        "/obiegi/" + Uri.EscapeDataString(definitionId) + (version is { } number ? $"?wersja={number}" : "");

    public static string Differences(string definitionId, int from, int to) =>
        $"/obiegi/{Uri.EscapeDataString(definitionId)}/roznice?od={from}&do={to}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<ProceduresPage>("/obiegi", Policies.Observes);
        routes.MapPage<ProcedurePage>("/obiegi/{id}", Policies.Observes);
        routes.MapPage<ProcedureDifferencesPage>("/obiegi/{id}/roznice", Policies.Observes);
    }
}

/// <summary>Names the resources of the pages of procedures.</summary>
public sealed class ProcedurePageTexts;
