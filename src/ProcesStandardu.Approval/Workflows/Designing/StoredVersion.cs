using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>One version of a definition as designers see it; the draft is one too.</summary>
/// <param name="Original">The file it was imported from, to the byte; null when it was made in the designer.</param>
/// <param name="Revision">How often the draft was saved; 0 for versions.</param>
/// <param name="SavedFrom">Which load of which page saved the draft last; null when unknown.</param>
/// <param name="BasedOnVersionId">The version that the draft started from; null for versions and for new definitions.</param>
public sealed record StoredVersion(
    string VersionId, string DefinitionId, int Version, string Name, string Source, string? Original, DateTimeOffset SavedAt,
    Guid? SavedById, bool IsPublished, bool IsLatest, bool IsDraft, long Revision, string? SavedFrom, string? BasedOnVersionId)
{
    private JsonObject? json;

    /// <summary>The definition; the same object each time, so treat it as read-only.</summary>
    public JsonObject Json => json ??= JsonNode.Parse(Source)!.AsObject();

    /// <summary>Names the state that a copy of this version shows; see <see cref="DefinitionJson.StateProperty"/>.</summary>
    public string State => IsDraft ? $"{VersionId}/{Revision}" : VersionId;
}

/// <summary>Reads versions and drafts for designers, in the unit of work's transaction.</summary>
public sealed class DefinitionVersions(UnitOfWork work)
{
    private const string Columns =
        """
        version_id, definition_id, version, name, source, original, created_at, created_by_id, is_published, is_latest, is_draft,
        revision, saved_from, based_on_version_id
        """;

    /// <summary>The version with this id; null when there is none.</summary>
    public async Task<StoredVersion?> FindAsync(string versionId, CancellationToken cancellation) =>
        (await ReadAsync("version_id = $1", cancellation, versionId)).SingleOrDefault();

    /// <summary>All versions of one definition, newest first; empty when there is none.</summary>
    public Task<IReadOnlyList<StoredVersion>> OfAsync(string definitionId, CancellationToken cancellation) =>
        ReadAsync("definition_id = $1", cancellation, definitionId);

    /// <summary>The latest version of one definition, its draft when it has one; null when there is none.</summary>
    public async Task<StoredVersion?> LatestAsync(string definitionId, CancellationToken cancellation) =>
        (await ReadAsync("definition_id = $1 and is_latest", cancellation, definitionId)).SingleOrDefault();

    /// <summary>Every version of every definition, newest first.</summary>
    public Task<IReadOnlyList<StoredVersion>> AllAsync(CancellationToken cancellation) => ReadAsync("true", cancellation);

    /// <summary>The chosen versions, newest first within each definition; empty lists and null do not limit.</summary>
    /// <param name="option">A word of <see cref="Options"/> or a version's number; null or empty for all.</param>
    public Task<IReadOnlyList<StoredVersion>> ListAsync(
        IReadOnlyList<string> definitionIds, IReadOnlyList<string> versionIds, string? option, CancellationToken cancellation) =>
        ReadAsync(
            $"""
            (cardinality($1::text[]) = 0 or definition_id = any($1)) and (cardinality($2::text[]) = 0 or version_id = any($2))
            and {ConditionOf(option)}
            """,
            cancellation, definitionIds.ToArray(), versionIds.ToArray());

    /// <summary>Which version of this definition a word means; null when there is none.</summary>
    public async Task<StoredVersion?> FindAsync(string definitionId, string? option, CancellationToken cancellation) =>
        await ListAsync([definitionId], [], string.IsNullOrEmpty(option) ? "Latest" : option, cancellation) is [var newest, ..] ? newest : null;

    /// <summary>The workflows that may be used as activities, by type name (the definition's id) and version.</summary>
    public async Task<IReadOnlySet<(string Type, int Version)>> UsableAsync(CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "select definition_id, version from workflow_definition where usable_as_activity", work.Connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var usable = new HashSet<(string, int)>();
        while (await reader.ReadAsync(cancellation))
        {
            usable.Add((reader.GetString(0), reader.GetInt32(1)));
        }

        return usable;
    }

    /// <summary>Elsa's words for which versions are meant.</summary>
    public static IReadOnlyList<string> Options { get; } =
        ["Latest", "Published", "LatestOrPublished", "LatestAndPublished", "Draft", "AllVersions"];

    private static string ConditionOf(string? option) => option switch
    {
        "Latest" => "is_latest",
        "Published" => "is_published",
        "LatestOrPublished" => "(is_latest or is_published)",
        "LatestAndPublished" => "is_latest and is_published",
        "Draft" => "is_draft",
        _ => int.TryParse(option, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? "version = " + version.ToString(CultureInfo.InvariantCulture)
            : "true",
    };

    /// <summary>Nobody else changes this definition until the transaction ends.</summary>
    public Task LockAsync(string definitionId, CancellationToken cancellation) => RowLock.LockAsync(
        work, "select pg_advisory_xact_lock(hashtextextended('definition:' || $1, 0))", definitionId, cancellation);

    private async Task<IReadOnlyList<StoredVersion>> ReadAsync(string where, CancellationToken cancellation, params object[] arguments)
    {
        await using var command = new NpgsqlCommand(
            $"select {Columns} from workflow_version where {where} order by definition_id, version desc", work.Connection);
        foreach (var argument in arguments)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = argument });
        }

        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var versions = new List<StoredVersion>();
        while (await reader.ReadAsync(cancellation))
        {
            versions.Add(new StoredVersion(
                reader.GetString(0), reader.GetString(1), reader.GetInt32(2), reader.GetString(3), reader.GetString(4),
                StoredInstances.OrNull(reader, 5), reader.GetFieldValue<DateTimeOffset>(6), StoredInstances.IdOrNull(reader, 7),
                reader.GetBoolean(8), reader.GetBoolean(9), reader.GetBoolean(10), reader.GetInt64(11),
                StoredInstances.OrNull(reader, 12), StoredInstances.OrNull(reader, 13)));
        }

        return versions;
    }
}
