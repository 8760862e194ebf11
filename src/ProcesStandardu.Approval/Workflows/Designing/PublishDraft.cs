using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Definitions;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>Makes the draft of a definition its next version, once nothing in it must be mended: new cases follow it, running ones stay.</summary>
public sealed class PublishDraft(
    UnitOfWork work, DefinitionVersions versions, PostgresDefinitionStore store, DefinitionCheck check, NamedThings things,
    PublicationRequests requests, PublishDefinition publish, IOptions<PublicationOptions> options)
{
    /// <param name="ChangeDescription">
    /// What a later version changes; null takes what was written on the page of the effects. The first version needs none.
    /// </param>
    public sealed record Command(string DefinitionId, Guid PersonId, string? ChangeDescription = null);

    /// <param name="Latest">The published version.</param>
    /// <param name="WasPublished">True when the latest version was published already and nothing was done.</param>
    public sealed record Published(StoredVersion Latest, bool WasPublished);

    /// <returns>The published version, or <see cref="DraftHasProblems"/> with each place that must be mended.</returns>
    public Task<Result<Published>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Published>(
        async _ =>
        {
            await versions.LockAsync(command.DefinitionId, cancellation);
            var known = await versions.OfAsync(command.DefinitionId, cancellation);
            if (known.FirstOrDefault(version => version.IsLatest) is not { } latest)
            {
                return new DefinitionDoesNotExist(command.DefinitionId);
            }

            if (latest.IsPublished)
            {
                return new Published(latest, WasPublished: true);
            }

            var newest = known.FirstOrDefault(version => !version.IsDraft);
            if (latest.IsDraft && newest is not null && latest.BasedOnVersionId != newest.VersionId)
            {
                return new DraftRestsOnOlderVersion(latest.BasedOnVersionId ?? "–", newest.Version);
            }

            if (await ProblemsAsync(latest.Json, newest?.Json, cancellation) is { Count: > 0 } problems)
            {
                return new DraftHasProblems(problems);
            }

            var request = await requests.FindAsync(latest, cancellation);
            var description = string.IsNullOrWhiteSpace(command.ChangeDescription) ? request?.Description : command.ChangeDescription;
            if (newest is not null)
            {
                if (description is null)
                {
                    return new ChangeIsNotDescribed(latest.Name, SitePaths.PublicationEffects(latest.DefinitionId));
                }

                if (options.Value.RequiresSecondPerson && (request is null || request.ProposedById == command.PersonId))
                {
                    return new SecondPersonMustPublish(latest.Name, SitePaths.PublicationEffects(latest.DefinitionId));
                }
            }

            var published = await publish.HandleAsync(
                new PublishDefinition.Command(
                    latest.Source, new Actor(command.PersonId), latest.Original, description, request?.ProposedById),
                cancellation);
            if (published.Refusal is { } refusal)
            {
                return refusal;
            }

            await using var remove = new NpgsqlCommand("delete from workflow_draft where definition_id = $1", work.Connection);
            remove.Parameters.Add(new NpgsqlParameter { Value = command.DefinitionId });
            await remove.ExecuteNonQueryAsync(cancellation);
            await requests.RemoveAsync(command.DefinitionId, cancellation);
            return new Published((await versions.LatestAsync(command.DefinitionId, cancellation))!, WasPublished: false);
        },
        cancellation);

    /// <summary>Everything that must be mended in a definition, whether the engine could read it or not.</summary>
    public async Task<IReadOnlyList<DesignProblem>> ProblemsAsync(JsonObject definition, JsonObject? published, CancellationToken cancellation) =>
        await work.RunAsync(
            async _ =>
            {
                var reading = await store.ReadAsync(definition.ToJsonString(), cancellation);
                return (List<DesignProblem>)
                [
                    .. reading.Problems.Select(problem => Placed(definition, problem)),
                    .. check.Check(definition),
                    .. await things.CheckAsync(definition, published, cancellation),
                ];
            },
            cancellation);

    /// <summary>The engine says where by path; people look for the step.</summary>
    private DesignProblem Placed(JsonObject definition, DefinitionProblem problem)
    {
        JsonObject? at = null;
        JsonNode? node = definition;
        foreach (var step in problem.Place.TrimStart('$').Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries))
        {
            node = node switch
            {
                JsonObject properties => properties[step],
                JsonArray items when int.TryParse(step, out var index) && index < items.Count => items[index],
                _ => null,
            };
            at = node is JsonObject candidate && candidate["type"] is not null && candidate["id"] is not null ? candidate : at;
        }

        return new DesignProblem(
            "DefinitionCannotBeRead", DefinitionJson.Text(at?["id"]), at is null ? null : check.NameOf(at),
            EngineTextOf(problem));
    }

    private static string EngineTextOf(DefinitionProblem problem) =>
        EngineTexts.Get(problem.Code, [.. problem.Arguments]);
}

/// <summary>The draft must be mended before it can be published; each problem says what and where.</summary>
public sealed record DraftHasProblems(IReadOnlyList<DesignProblem> Problems) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Problems.Count];
}
