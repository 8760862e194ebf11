using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>How instances, bookmarks and triggers are read.</summary>
internal static partial class StoredInstances
{
    public const string Columns =
        """
        i.id, i.definition_id, i.definition_version_id, i.version, i.status, i.sub_status, i.correlation_id, i.name,
        i.parent_instance_id, i.created_at, i.updated_at, i.finished_at, i.incident_count, i.state
        """;

    public const string BookmarkColumns =
        """
        b.id, b.instance_id, b.activity_number, b.activity_id, b.activity_node_id, b.name, b.payload, b.hash, b.due_at, b.created_at
        """;

    public const int ColumnCount = 14;

    /// <summary>Reads the first result as instances, the second as their bookmarks and gives rows of a third to the caller.</summary>
    public static async Task<List<InstanceRecord>> ReadAsync(
        NpgsqlDataReader reader, CancellationToken cancellation, Action<NpgsqlDataReader>? more = null)
    {
        var records = new List<InstanceRecord>();
        while (await reader.ReadAsync(cancellation))
        {
            records.Add(ReadInstance(reader));
        }

        await reader.NextResultAsync(cancellation);
        var bookmarks = await ReadBookmarksAsync(reader, cancellation);
        if (more is not null && await reader.NextResultAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                more(reader);
            }
        }

        return [.. records.Select(record => record with { Bookmarks = [.. bookmarks.Where(bookmark => bookmark.InstanceId == record.Id)] })];
    }

    public static async Task<List<Bookmark>> ReadBookmarksAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var bookmarks = new List<Bookmark>();
        while (await reader.ReadAsync(cancellation))
        {
            bookmarks.Add(ReadBookmark(reader));
        }

        return bookmarks;
    }

    public static StoredTrigger ReadTrigger(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), reader.GetString(2), OrNull(reader, 3), reader.GetString(4), At(reader, 5));

    public static NpgsqlBatchCommand Command(string sql, object argument)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = argument });
        return command;
    }

    public static NpgsqlParameter Text(string? value) =>
        new() { Value = (object?)Clean(value) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };

    public static NpgsqlParameter Json(string? json) =>
        new() { Value = (object?)Clean(json) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Jsonb };

    /// <summary>The text without U+0000, be it written out or escaped as in JSON: PostgreSQL stores none.</summary>
    public static string? Clean(string? text) =>
        text is null || (!text.Contains('\0') && !text.Contains("\\u0000", StringComparison.Ordinal))
            ? text
            : EscapedNul().Replace(text.Replace("\0", "", StringComparison.Ordinal), "$1");

    public static string? OrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static Guid? IdOrNull(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    public static DateTimeOffset? At(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    public static InstanceRecord ReadInstance(NpgsqlDataReader reader) => new()
    {
        Id = reader.GetGuid(0),
        DefinitionId = reader.GetString(1),
        DefinitionVersionId = reader.GetString(2),
        Version = reader.GetInt32(3),
        Status = Enum.Parse<WorkflowStatus>(reader.GetString(4), ignoreCase: true),
        SubStatus = Enum.Parse<WorkflowSubStatus>(reader.GetString(5), ignoreCase: true),
        CorrelationId = OrNull(reader, 6),
        Name = OrNull(reader, 7),
        ParentInstanceId = IdOrNull(reader, 8),
        CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
        UpdatedAt = reader.GetFieldValue<DateTimeOffset>(10),
        FinishedAt = At(reader, 11),
        IncidentCount = reader.GetInt32(12),
        State = reader.GetString(13),
    };

    private static Bookmark ReadBookmark(NpgsqlDataReader reader) => new(
        reader.GetGuid(0), reader.GetGuid(1), reader.GetInt64(2), reader.GetString(3), reader.GetString(4), reader.GetString(5),
        OrNull(reader, 6), reader.GetString(7), At(reader, 8), reader.GetFieldValue<DateTimeOffset>(9));

    [GeneratedRegex(@"(?<!\\)((?:\\\\)*)\\u0000")]
    private static partial Regex EscapedNul();
}
