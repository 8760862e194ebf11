using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Migration;
using ProcesStandardu.Approval.Workflows.Procedures;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>
/// „Skutki publikacji”: what a draft changes in words, what must be mended before, and what would become of each running case.
/// Without a draft: which running cases still follow a former version, and whether they can be moved.
/// </summary>
public sealed class ShowPublication(
    UnitOfWork work, Rights rights, DefinitionVersions versions, PublicationRequests requests, PublishDraft publish,
    PredictMigration predict, ShowProcedure procedures, ProcedureWords words, ActivityRegistry registry, IOptions<PublicationOptions> options)
{
    public sealed record Query(string DefinitionId, Guid PersonId);

    /// <param name="Version">The version that the draft would become; the published one when there is no draft.</param>
    /// <param name="VersionId">The stored version to which cases can be moved; null while it is a draft.</param>
    /// <param name="Published">The version that new cases follow now; null when none is.</param>
    /// <param name="NeedsDescription">False for the first version of a definition: its own description says it.</param>
    /// <param name="Effects">The running cases and the fate of each; null while the draft cannot be read.</param>
    /// <param name="Request">Who described this draft and waits for a second person; null when nobody did.</param>
    public sealed record View(
        string DefinitionId, string Name, bool HasDraft, int Version, string? VersionId, int? Published, bool NeedsDescription,
        IReadOnlyList<StepChange> Changes, IReadOnlyList<DesignProblem> Problems, PredictMigration.View? Effects,
        PublicationRequests.Request? Request, bool IsMyRequest, bool RequiresSecondPerson);

    /// <returns>The effects, or <see cref="NotFoundOrNotYours"/>.</returns>
    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async db =>
        {
            var known = await versions.OfAsync(query.DefinitionId, cancellation);
            if (known.FirstOrDefault(one => one.IsLatest) is not { } latest || !(await rights.OfAsync(query.PersonId, cancellation)).Administers)
            {
                return new NotFoundOrNotYours();
            }

            var stored = known.Where(one => !one.IsDraft).ToList();
            var published = stored.Find(one => one.IsPublished);
            var changes = latest.IsDraft && (published ?? stored.FirstOrDefault()) is { } former
                ? ProcedureDifferences.Between(await WriteAsync(former), await WriteAsync(latest))
                : [];
            var problems = latest.IsDraft ? await publish.ProblemsAsync(latest.Json, published?.Json, cancellation) : [];
            var effects = await predict.HandleAsync(
                latest.IsDraft
                    ? new PredictMigration.Query(query.PersonId, query.DefinitionId, Graph: latest.Source)
                    : new PredictMigration.Query(query.PersonId, query.DefinitionId, TargetVersionId: latest.VersionId),
                cancellation);
            var request = latest.IsDraft ? await requests.FindAsync(latest, cancellation) : null;
            return new View(
                query.DefinitionId, latest.Name, latest.IsDraft, latest.Version, latest.IsDraft ? null : latest.VersionId,
                published?.Version, stored.Count > 0, changes, problems, effects.Succeeded ? effects.Value : null, request,
                request?.ProposedById == query.PersonId, options.Value.RequiresSecondPerson);

            async Task<Procedure> WriteAsync(StoredVersion version) =>
                words.Write(version.Json, registry, await procedures.NamesAsync(db, version.Json, cancellation));
        },
        cancellation);
}
