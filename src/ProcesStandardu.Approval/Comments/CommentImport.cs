using System.Text.Json;

namespace ProcesStandardu.Approval.Comments;

/// <summary>A table read from a file: first to be looked at, then taken into the comment table whole or not at all.</summary>
public sealed class CommentImport
{
    public required Guid Id { get; init; }

    public required string DeliverableKey { get; init; }

    public required Guid RevisionId { get; init; }

    public required string FileName { get; init; }

    /// <summary>Of the file that was read, 32 bytes.</summary>
    public required byte[] Sha256 { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>What was read, as JSON; see <see cref="Read"/>.</summary>
    public required string Content { get; init; }

    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>When it was taken into the table; null while it is only looked at.</summary>
    public DateTimeOffset? DoneAt { get; private set; }

    public int? AddedCount { get; private set; }

    public int? JoinedCount { get; private set; }

    public int? KnownCount { get; private set; }

    /// <summary>What the file says.</summary>
    public CommentSheet Read() => JsonSerializer.Deserialize<CommentSheet>(Content, JsonSerializerOptions.Web)!;

    internal static string Store(CommentSheet sheet) => JsonSerializer.Serialize(sheet, JsonSerializerOptions.Web);

    internal void Finish(IReadOnlyCollection<PlannedVoice> plan, DateTimeOffset now)
    {
        DoneAt = now;
        AddedCount = plan.Count(voice => voice.Fate == RowFate.Added);
        JoinedCount = plan.Count(voice => voice.Fate == RowFate.Joined);
        KnownCount = plan.Count(voice => voice.Fate == RowFate.Known);
    }
}
