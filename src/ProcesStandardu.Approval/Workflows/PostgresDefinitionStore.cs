using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>Parsed definitions by version id. A version never changes, so what was parsed once stays right.</summary>
public sealed class DefinitionCache
{
    internal ConcurrentDictionary<string, WorkflowDefinition> Versions { get; } = new(StringComparer.Ordinal);

    /// <summary>By definition id the version that was the published one when this node asked last; to be checked with each use.</summary>
    internal ConcurrentDictionary<string, string> Published { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// Gives the engine its definitions from PostgreSQL. Which version is published is asked in the caller's transaction
/// each time, or taken on trust and checked with the commit; what a version says is parsed once.
/// </summary>
public sealed class PostgresDefinitionStore(UnitOfWork work, DefinitionReader reader, DefinitionCache cache) : IDefinitionSource
{
    public async ValueTask<WorkflowDefinition?> FindVersionAsync(string versionId, CancellationToken cancellation)
    {
        if (cache.Versions.TryGetValue(versionId, out var known))
        {
            return known;
        }

        await using var command = new NpgsqlCommand(
            "select source from workflow_definition where version_id = $1", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = versionId });
        if (await command.ExecuteScalarAsync(cancellation) is not string source)
        {
            return null;
        }

        var reading = await ReadAsync(source, cancellation);
        var definition = reading.Definition ?? throw new InvalidOperationException(
            $"The stored definition {versionId} can no longer be read: {string.Join("; ", reading.Problems.Select(problem => problem.Describe()))}");
        return cache.Versions.GetOrAdd(versionId, definition);
    }

    public async ValueTask<WorkflowDefinition?> FindPublishedAsync(string definitionId, CancellationToken cancellation)
    {
        if (!work.IsCareful && cache.Published.TryGetValue(definitionId, out var believed)
            && cache.Versions.TryGetValue(believed, out var trusted))
        {
            work.Queue(Trust.VersionIsPublished(believed));
            return trusted;
        }

        await using var command = new NpgsqlCommand(
            "select version_id from workflow_definition where definition_id = $1 and is_published", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = definitionId });
        if (await command.ExecuteScalarAsync(cancellation) is not string versionId)
        {
            cache.Published.TryRemove(definitionId, out _);
            return null;
        }

        cache.Published[definitionId] = versionId;
        return await FindVersionAsync(versionId, cancellation);
    }

    /// <summary>Reads and checks a definition; workflows that it uses as activities are found among the stored ones.</summary>
    public async ValueTask<DefinitionReading> ReadAsync(string json, CancellationToken cancellation)
    {
        var usable = await UsableAsync(cancellation);
        var used = new Dictionary<string, WorkflowDefinition?>(StringComparer.Ordinal);
        return reader.Read(json, Find);

        // A version that is not ours may have been named where the text comes from: then the published one is meant.
        WorkflowDefinition? Find(string definitionId, string? versionId)
        {
            var source = usable.FirstOrDefault(row => row.VersionId == versionId)
                ?? usable.FirstOrDefault(row => row.DefinitionId == definitionId && row.IsPublished);
            if (source is null)
            {
                return null;
            }

            if (cache.Versions.TryGetValue(source.VersionId, out var known) || used.TryGetValue(source.VersionId, out known))
            {
                return known;
            }

            // A workflow that uses itself, by whatever way round, finds nothing while it is being read.
            used[source.VersionId] = null;
            return used[source.VersionId] = reader.Read(source.Json, Find).Definition;
        }
    }

    private async Task<List<Usable>> UsableAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select version_id, definition_id, is_published, source from workflow_definition where usable_as_activity", work.Connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation);
        var usable = new List<Usable>();
        while (await rows.ReadAsync(cancellation))
        {
            usable.Add(new Usable(rows.GetString(0), rows.GetString(1), rows.GetBoolean(2), rows.GetString(3)));
        }

        return usable;
    }

    private sealed record Usable(string VersionId, string DefinitionId, bool IsPublished, string Json);

    /// <summary>
    /// What a version says apart from which version it is: two texts with the same hash are the same workflow, whatever
    /// ids, dates and flags they carry.
    /// </summary>
    internal static byte[] ContentHash(JsonObject definition)
    {
        var content = definition.DeepClone().AsObject();
        foreach (var name in new[] { "id", "version", "isLatest", "isPublished", "createdAt", "toolVersion", "links" })
        {
            content.Remove(name);
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(StimulusHash.Canonical(content)!));
    }
}
