using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine.Definitions;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>
/// Stores what a designer sent as the draft of its definition. Nothing is lost silently: what was sent by somebody who did not see the
/// newest state, or who could not see all of it, is refused and kept beside. The same contents again change nothing.
/// </summary>
public sealed class SaveDraft(
    UnitOfWork work, DefinitionVersions versions, UnknownActivities unknown, KeptDrafts kept, AuditTrail audit, TimeProvider time)
{
    private static readonly string[] Roots = ["Elsa.Flowchart", "Elsa.Sequence"];

    /// <param name="Model">An Elsa 3 definition; without <c>definitionId</c> it becomes a new one.</param>
    /// <param name="SentFrom">Which load of which page sent it; null when the sender does not say.</param>
    /// <param name="Original">The file to the byte, when it is imported from one.</param>
    /// <param name="ReplacedBy">
    /// The history's word for why the draft is replaced whoever made it, such as <see cref="Imported"/>; what it said is kept beside.
    /// Null for an ordinary save.
    /// </param>
    public sealed record Command(JsonObject Model, Guid PersonId, string? SentFrom, string? Original = null, string? ReplacedBy = null);

    /// <summary>A file was imported.</summary>
    public const string Imported = "definition_imported";

    /// <summary>A former version was brought back.</summary>
    public const string Reverted = "definition_reverted";

    /// <returns>The latest version as it is now stored.</returns>
    public async Task<Result<StoredVersion>> HandleAsync(Command command, CancellationToken cancellation)
    {
        var model = UnknownActivities.Restored(command.Model);
        var state = DefinitionJson.Text((model["customProperties"] as JsonObject)?[DefinitionJson.StateProperty]);
        (model["customProperties"] as JsonObject)?.Remove(DefinitionJson.StateProperty);
        if (DefinitionJson.Text(model["root"]?["type"]) is not { } root || Encoding.UTF8.GetByteCount(model.ToJsonString()) > DefinitionReader.MaxBytes)
        {
            return new TextIsNoDefinition();
        }

        if (!Roots.Contains(root))
        {
            return new RootIsNotSupported(root);
        }

        var saved = await work.RunAsync<StoredVersion>(db => SaveAsync(db, command, model, state, cancellation), cancellation);
        if (saved.Refusal is not null && DefinitionJson.Text(model["definitionId"]) is { } refusedId)
        {
            await work.RunAsync(
                async _ =>
                {
                    await kept.KeepAsync(
                        refusedId, NameOf(model), model, KeptDrafts.Refused, command.SentFrom, command.PersonId, cancellation);
                    return true;
                },
                cancellation);
        }

        return saved;
    }

    private async Task<Result<StoredVersion>> SaveAsync(
        ProcesDbContext db, Command command, JsonObject model, string? state, CancellationToken cancellation)
    {
        var definitionId = DefinitionJson.Text(model["definitionId"]) is { Length: > 0 and <= 180 } given
            ? given
            : await NewIdAsync(model, command, cancellation);
        model["definitionId"] = definitionId;
        await versions.LockAsync(definitionId, cancellation);
        var known = await versions.OfAsync(definitionId, cancellation);
        var latest = known.FirstOrDefault(version => version.IsLatest);
        if (latest is not null && DefinitionJson.SaysTheSame(latest.Json, model))
        {
            return latest;
        }

        if (latest is null)
        {
            // Somebody deleted it while it was open elsewhere; an import or a new one begins it.
            if (command.ReplacedBy is null && DefinitionJson.Text(command.Model["definitionId"]) is { Length: > 0 } gone)
            {
                return new DefinitionDoesNotExist(gone);
            }
        }
        else if (command.ReplacedBy is null)
        {
            if (await WasChangedAsync(db, latest, known, command, state, cancellation) is { } changed)
            {
                return changed;
            }

            if (Loses(latest.Json, model, await versions.UsableAsync(cancellation)) is { } loss)
            {
                return loss;
            }
        }
        else if (latest.IsDraft)
        {
            await kept.KeepAsync(definitionId, latest.Name, latest.Json, KeptDrafts.Replaced, null, latest.SavedById, cancellation);
        }

        await WriteAsync(command, model, definitionId, latest, known, cancellation);
        return (await versions.LatestAsync(definitionId, cancellation))!;
    }

    /// <summary>Null when the sender saw the newest state, or is the one who made it.</summary>
    private static async Task<Refusal?> WasChangedAsync(
        ProcesDbContext db, StoredVersion latest, IReadOnlyList<StoredVersion> known, Command command, string? state,
        CancellationToken cancellation)
    {
        if (latest is { IsDraft: true, BasedOnVersionId: { } basedOn } && known.FirstOrDefault(version => !version.IsDraft) is { } newest
            && newest.VersionId != basedOn)
        {
            return new DraftRestsOnOlderVersion(basedOn, newest.Version);
        }

        var sawIt = state is null
            ? DefinitionJson.Text(command.Model["id"]) == latest.VersionId && !latest.IsDraft
            : state == latest.State;
        if (sawIt || (latest.IsDraft && latest.SavedFrom is not null && latest.SavedFrom == command.SentFrom))
        {
            return null;
        }

        var by = latest.SavedById is { } id
            ? await db.People.AsNoTracking().Where(person => person.Id == id).Select(person => person.DisplayName).SingleOrDefaultAsync(cancellation)
            : null;
        return new DefinitionWasChangedMeanwhile(by, latest.SavedAt, latest.Version);
    }

    private Refusal? Loses(JsonObject before, JsonObject after, IReadOnlySet<(string Type, int Version)> workflows)
    {
        var sent = DefinitionJson.Activities(after["root"]).Select(activity => DefinitionJson.Text(activity["id"])).ToHashSet();
        var lost = unknown.In(before, workflows).Where(id => !sent.Contains(id)).ToList();
        if (lost.Count > 0)
        {
            return new SaveWouldLoseActivities(lost);
        }

        var activities = DefinitionJson.Activities(before["root"]).Count() - 1;
        return activities >= 2 && sent.Count == 1 ? new SaveWouldEmptyDefinition(activities) : null;
    }

    private async Task WriteAsync(
        Command command, JsonObject model, string definitionId, StoredVersion? latest, IReadOnlyList<StoredVersion> known,
        CancellationToken cancellation)
    {
        var basedOn = latest?.IsDraft == true && command.ReplacedBy is null ? latest.BasedOnVersionId : known.FirstOrDefault(version => !version.IsDraft)?.VersionId;
        foreach (var property in new[] { "id", "version", "isLatest", "isPublished", "links", "createdAt" })
        {
            model.Remove(property);
        }

        await using var upsert = new NpgsqlCommand(
            """
            insert into workflow_draft (
              definition_id, based_on_version_id, name, source, original, revision, saved_from, created_at, saved_at, saved_by_id)
            values ($1, $2, $3, $4, $5, 1, $6, $7, $7, $8)
            on conflict (definition_id) do update set based_on_version_id = excluded.based_on_version_id, name = excluded.name,
              source = excluded.source, original = excluded.original, revision = workflow_draft.revision + 1,
              saved_from = excluded.saved_from, saved_at = excluded.saved_at, saved_by_id = excluded.saved_by_id
            """,
            work.Connection);
        upsert.Parameters.Add(new NpgsqlParameter { Value = definitionId });
        upsert.Parameters.Add(StoredInstances.Text(basedOn));
        upsert.Parameters.Add(new NpgsqlParameter { Value = NameOf(model) });
        upsert.Parameters.Add(new NpgsqlParameter { Value = model.ToJsonString() });
        upsert.Parameters.Add(StoredInstances.Text(command.Original));
        upsert.Parameters.Add(StoredInstances.Text(command.SentFrom));
        upsert.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow().ToUniversalTime() });
        upsert.Parameters.Add(SqlValue.Id(command.PersonId));
        await upsert.ExecuteNonQueryAsync(cancellation);
        if (latest is not { IsDraft: true } || command.ReplacedBy is not null)
        {
            audit.Record(
                Subjects.Definition(definitionId), command.ReplacedBy ?? "definition_draft_begun",
                new Actor(command.PersonId), new { basedOn });
        }
    }

    /// <summary>An id people can read, from the name; a repeated request to create finds the one it made before.</summary>
    private async Task<string> NewIdAsync(JsonObject model, Command command, CancellationToken cancellation)
    {
        var slug = Slug(NameOf(model));
        var rootId = DefinitionJson.Text(model["root"]?["id"]);
        for (var attempt = 1; ; attempt++)
        {
            var candidate = attempt == 1 ? slug : $"{slug}-{attempt.ToString(CultureInfo.InvariantCulture)}";
            await versions.LockAsync(candidate, cancellation);
            var latest = await versions.LatestAsync(candidate, cancellation);
            if (latest is null
                || (latest is { IsDraft: true, Version: 1, Revision: 1 } && latest.SavedById == command.PersonId
                    && DefinitionJson.Text(latest.Json["root"]?["id"]) == rootId))
            {
                return candidate;
            }
        }
    }

    private static string NameOf(JsonObject model) =>
        DefinitionJson.Text(model["name"]) is { Length: > 0 } name ? name : DefinitionJson.Text(model["definitionId"]) ?? "proces";

    internal static string Slug(string name)
    {
        var plain = name.Replace('\u0142', 'l').Replace('\u0141', 'l').Normalize(NormalizationForm.FormD).ToLowerInvariant();
        var words = new string([.. plain.Where(letter => CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark)
            .Select(letter => letter is >= 'a' and <= 'z' or >= '0' and <= '9' ? letter : '-')]);
        var slug = string.Join('-', words.Split('-', StringSplitOptions.RemoveEmptyEntries));
        return slug.Length == 0 ? "proces" : slug[..Math.Min(slug.Length, 60)].TrimEnd('-');
    }
}
