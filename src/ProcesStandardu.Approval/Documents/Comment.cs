namespace ProcesStandardu.Approval.Documents;

/// <summary>What a comment is about (ge, te, ed in the tables of standards bodies).</summary>
public enum CommentKind
{
    General,
    Technical,
    Editorial,
}

/// <summary>One row of the comment table: what somebody says about one place of one revision. Rows are added, never changed.</summary>
public sealed class Comment
{
    public required Guid Id { get; init; }

    public required string DeliverableKey { get; init; }

    /// <summary>The revision the author read; the comment stays with it when a newer one comes.</summary>
    public required Guid RevisionId { get; init; }

    public required Guid AuthorId { get; init; }

    /// <summary>The place as its author wrote it, for example „rozdz. 2, pkt 4”; empty for a general comment.</summary>
    public required string ClauseReference { get; init; }

    public required CommentKind Kind { get; init; }

    public required string Text { get; init; }

    /// <summary>Why; empty when the author gave no reason of his own.</summary>
    public required string Rationale { get; init; }

    /// <summary>The words proposed instead; empty when the author proposes none.</summary>
    public required string ProposedChange { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }
}
