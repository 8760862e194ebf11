using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Approval.Workflows.Migration;
using ProcesStandardu.Web.Forms;
using ProcesStandardu.Web.Layout;

namespace ProcesStandardu.Web.Procedures;

/// <summary>The addresses of the procedures that cases follow, in words.</summary>
internal static class ProcedureRoutes
{
    public static string Address(string definitionId, int? version = null) =>
        SitePaths.Procedure(definitionId) + (version is { } number ? $"?wersja={number}" : "");

    public static string Differences(string definitionId, int from, int to) =>
        $"{SitePaths.Procedure(definitionId)}/roznice?od={from}&do={to}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPage<ProceduresPage>("/obiegi", Policies.Observes);
        routes.MapPage<ProcedurePage>("/obiegi/{id}", Policies.Observes);
        routes.MapPage<ProcedureDifferencesPage>("/obiegi/{id}/roznice", Policies.Observes);
        routes.MapPage<PublicationPage>("/obiegi/{id}/skutki", Policies.Administers);
        routes.MapForm("/obiegi/{id}/skutki", Policies.Administers, DecideAsync);
        routes.MapForm("/obiegi/{id}/przeniesienie", Policies.Administers, MoveAsync);
    }

    private static async Task<IResult> DecideAsync(
        string id, PostedForm form, HttpContext http, PublishDraft publish, ProposePublication propose, Visitor visitor,
        CancellationToken cancellation)
    {
        if (form["Krok"] == "przekaz")
        {
            var proposed = await propose.HandleAsync(
                new ProposePublication.Command(id, visitor.Id, form["Description"], form.Key), cancellation);
            return proposed.Refusal is { } notProposed
                ? PageEndpoints.Refused<PublicationPage>(http, form, notProposed)
                : PageEndpoints.SeeOther(SitePaths.PublicationEffects(id));
        }

        var published = await publish.HandleAsync(new PublishDraft.Command(id, visitor.Id, form["Description"]), cancellation);
        return published.Refusal switch
        {
            null => PageEndpoints.SeeOther($"{SitePaths.PublicationEffects(id)}?opublikowano={published.Value.Latest.Version}"),
            ChangeIsNotDescribed => PageEndpoints.Refused<PublicationPage>(http, form, new FieldIsEmpty("Description")),
            { } refusal => PageEndpoints.Refused<PublicationPage>(http, form, refusal),
        };
    }

    private static async Task<IResult> MoveAsync(
        string id, PostedForm form, HttpContext http, ShowPublication show, MigrateInstances migrate, Visitor visitor,
        CancellationToken cancellation)
    {
        var shown = await show.HandleAsync(new ShowPublication.Query(id, visitor.Id), cancellation);
        if (shown.Refusal is { } hidden)
        {
            return PageEndpoints.Refused<PublicationPage>(http, form, hidden);
        }

        var chosen = shown.Value.Effects?.Instances.Select(row => row.InstanceId)
            .Where(instance => form.Has("Sprawa", instance.ToString())).ToList() ?? [];
        if (shown.Value.VersionId is not { } target || chosen.Count == 0)
        {
            return PageEndpoints.Refused<PublicationPage>(http, form, new NoCaseIsChosen());
        }

        var moved = await migrate.HandleAsync(
            new MigrateInstances.Command(visitor.Id, id, target, null, chosen, form["Reason"], form.Key), cancellation);
        return moved.Refusal is { } refusal
            ? PageEndpoints.Refused<PublicationPage>(http, form, refusal)
            : PageEndpoints.SeeOther($"{SitePaths.PublicationEffects(id)}?przeniesiono={moved.Value.Moved}");
    }
}

/// <summary>Names the resources of the pages of procedures.</summary>
public sealed class ProcedurePageTexts;

/// <summary>A form that moves cases came without any.</summary>
public sealed record NoCaseIsChosen : Refusal;
