using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>Takes the published version of a definition back: no case starts by it any more, running ones go on.</summary>
public sealed class RetractDefinition(UnitOfWork work, DefinitionVersions versions, AuditTrail audit, TimeProvider time)
{
    public sealed record Command(string DefinitionId, Guid PersonId);

    /// <returns>The latest version; it is the draft when there is one.</returns>
    public Task<Result<StoredVersion>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<StoredVersion>(
        async _ =>
        {
            await versions.LockAsync(command.DefinitionId, cancellation);
            var known = await versions.OfAsync(command.DefinitionId, cancellation);
            if (known.Count == 0)
            {
                return new DefinitionDoesNotExist(command.DefinitionId);
            }

            if (known.FirstOrDefault(version => version.IsPublished) is not { } published)
            {
                return new DefinitionIsNotPublished(known[0].Name);
            }

            await using var batch = new NpgsqlBatch(work.Connection);
            var retract = new NpgsqlBatchCommand("update workflow_definition set is_published = false, retracted_at = $2 where version_id = $1");
            retract.Parameters.Add(new NpgsqlParameter { Value = published.VersionId });
            retract.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow().ToUniversalTime() });
            batch.BatchCommands.Add(retract);
            batch.BatchCommands.Add(StoredInstances.Command("delete from workflow_trigger where definition_version_id = $1", published.VersionId));
            await batch.ExecuteNonQueryAsync(cancellation);
            audit.Record(
                Subjects.Definition(command.DefinitionId), "definition_retracted", new Actor(command.PersonId), new { version = published.Version });
            return (await versions.LatestAsync(command.DefinitionId, cancellation))!;
        },
        cancellation);
}

/// <summary>Brings a former version back as the draft; a draft that was there is kept beside.</summary>
public sealed class RevertDefinition(UnitOfWork work, DefinitionVersions versions, SaveDraft save)
{
    public sealed record Command(string DefinitionId, int Version, Guid PersonId, string? SentFrom);

    /// <returns>The draft; the version itself when it is the latest already.</returns>
    public Task<Result<StoredVersion>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<StoredVersion>(
        async _ =>
        {
            await versions.LockAsync(command.DefinitionId, cancellation);
            var former = (await versions.OfAsync(command.DefinitionId, cancellation)).FirstOrDefault(version => version.Version == command.Version);
            return former is null
                ? new DefinitionDoesNotExist($"{command.DefinitionId}, {command.Version}")
                : await save.HandleAsync(
                    new SaveDraft.Command(
                        former.Json.DeepClone().AsObject(), command.PersonId, command.SentFrom, former.Original, SaveDraft.Reverted),
                    cancellation);
        },
        cancellation);
}

/// <summary>Deletes drafts, and versions by which no case ever ran; the draft itself is kept beside.</summary>
public sealed class DeleteDefinition(UnitOfWork work, DefinitionVersions versions, KeptDrafts kept, AuditTrail audit)
{
    /// <param name="VersionId">Only this version; null for the whole definition.</param>
    public sealed record Command(string? DefinitionId, string? VersionId, Guid PersonId);

    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Done>(
        async _ =>
        {
            var definitionId = command.DefinitionId ?? (await versions.FindAsync(command.VersionId!, cancellation))?.DefinitionId;
            if (definitionId is null)
            {
                return new DefinitionDoesNotExist(command.VersionId!);
            }

            await versions.LockAsync(definitionId, cancellation);
            var known = await versions.OfAsync(definitionId, cancellation);
            var chosen = known.Where(version => command.VersionId is null || version.VersionId == command.VersionId).ToList();
            if (chosen.Count == 0)
            {
                return new DefinitionDoesNotExist(command.VersionId ?? definitionId);
            }

            if (await RefusalOfAsync(command, known, chosen, cancellation) is { } refusal)
            {
                return refusal;
            }

            foreach (var version in chosen)
            {
                if (version.IsDraft)
                {
                    await kept.KeepAsync(definitionId, version.Name, version.Json, KeptDrafts.Discarded, null, version.SavedById, cancellation);
                    await ExecuteAsync("delete from workflow_draft where definition_id = $1", definitionId, cancellation);
                }
                else
                {
                    await ExecuteAsync("update workflow_draft set based_on_version_id = null where based_on_version_id = $1", version.VersionId, cancellation);
                    await ExecuteAsync("delete from workflow_trigger where definition_version_id = $1", version.VersionId, cancellation);
                    await ExecuteAsync(
                        "insert into workflow_version_deleted (definition_id, version) select definition_id, version from workflow_definition where version_id = $1",
                        version.VersionId, cancellation);
                    await ExecuteAsync("delete from workflow_definition where version_id = $1", version.VersionId, cancellation);
                }
            }

            await ExecuteAsync(
                """
                update workflow_definition d set is_latest = true where definition_id = $1 and version =
                  (select max(version) from workflow_definition where definition_id = $1) and not is_latest
                """,
                definitionId, cancellation);
            audit.Record(
                Subjects.Definition(definitionId), "definition_deleted", new Actor(command.PersonId),
                new { versions = chosen.Select(version => version.Version).Order().ToArray() });
            return default(Done);
        },
        cancellation);

    private async Task<Refusal?> RefusalOfAsync(
        Command command, IReadOnlyList<StoredVersion> known, List<StoredVersion> chosen, CancellationToken cancellation)
    {
        foreach (var version in chosen.Where(version => !version.IsDraft))
        {
            if (command.VersionId is not null && version.IsPublished)
            {
                return new VersionIsPublished(version.Name, version.Version);
            }

            await using var count = new NpgsqlCommand("select count(*) from workflow_instance where definition_version_id = $1", work.Connection);
            count.Parameters.Add(new NpgsqlParameter { Value = version.VersionId });
            if (await count.ExecuteScalarAsync(cancellation) is long instances and > 0)
            {
                return new VersionHasInstances(version.Name, instances);
            }
        }

        if (command.VersionId is null)
        {
            var users = await UsersOfAsync(chosen[0].DefinitionId, cancellation);
            return users.Count > 0 ? new DefinitionIsUsed(known[0].Name, [.. users.Select(user => user.Name)]) : null;
        }

        return null;
    }

    /// <summary>The latest and published versions of other definitions that start this one or use it as an activity.</summary>
    public async Task<IReadOnlyList<StoredVersion>> UsersOfAsync(string definitionId, CancellationToken cancellation) =>
    [
        .. (await versions.AllAsync(cancellation))
            .Where(version => (version.IsLatest || version.IsPublished) && version.DefinitionId != definitionId)
            .Where(version => DefinitionJson.Activities(version.Json["root"]).Any(activity => Names(activity, definitionId)))
            .DistinctBy(version => version.DefinitionId),
    ];

    private static bool Names(JsonObject activity, string definitionId) =>
        DefinitionJson.Text(activity["workflowDefinitionId"]) == definitionId
        || (activity["workflowDefinitionId"] is JsonObject input && DefinitionJson.Text(input["expression"]?["value"]) == definitionId);

    private async Task ExecuteAsync(string sql, string argument, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = argument });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
