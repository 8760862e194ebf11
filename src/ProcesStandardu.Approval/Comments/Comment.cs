namespace ProcesStandardu.Approval.Comments;

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

    /// <summary>The place in the table of its revision, from 1; given under the document's lock.</summary>
    public required int Number { get; init; }

    /// <summary>Who wrote it here: its author, or the one who read a table in.</summary>
    public required Guid AuthorId { get; init; }

    /// <summary>In whose name, as an imported table says it; empty when the author speaks for himself.</summary>
    public string ReportedBy { get; init; } = "";

    /// <summary>The place as its author wrote it, for example „rozdz. 2, pkt 4”; empty for a general comment.</summary>
    public required string ClauseReference { get; init; }

    public required CommentKind Kind { get; init; }

    public required string Text { get; init; }

    /// <summary>Why; empty when the author gave no reason of his own.</summary>
    public required string Rationale { get; init; }

    /// <summary>The words proposed instead; empty when the author proposes none.</summary>
    public required string ProposedChange { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>The table it was read from; null when it was written here.</summary>
    public Guid? ImportId { get; init; }

    /// <summary>A file that goes with it; null when there is none.</summary>
    public Guid? FileId { get; init; }
}

/// <summary>Somebody else who said the same about the same place. The comment stays one row; who said it is kept.</summary>
public sealed class CommentVoice
{
    public required Guid Id { get; init; }

    public required Guid CommentId { get; init; }

    /// <summary>From 1 in the order of arrival; the comment's own author is not among them.</summary>
    public required int Ordinal { get; init; }

    /// <summary>In whose name; empty when the one who entered it speaks for himself.</summary>
    public required string ReportedBy { get; init; }

    public required Guid EnteredById { get; init; }

    public required string Rationale { get; init; }

    public required string ProposedChange { get; init; }

    public Guid? ImportId { get; init; }

    public required DateTimeOffset JoinedAt { get; init; }
}

/// <summary>What was decided about a comment (never „resolution”, which is an uchwała).</summary>
public enum DispositionKind
{
    /// <summary>The text was changed as asked; points at the change.</summary>
    Accepted,

    /// <summary>The text was changed in part; points at the change and says why not wholly.</summary>
    AcceptedInPart,

    NotAccepted,

    /// <summary>The text stays; what was asked is explained.</summary>
    Clarified,

    /// <summary>Taken back by whoever made the comment.</summary>
    Withdrawn,
}

/// <summary>One disposition of a comment. Dispositions are added; the last one stands.</summary>
public sealed class CommentDisposition
{
    public required Guid Id { get; init; }

    public required Guid CommentId { get; init; }

    /// <summary>From 1; the highest stands.</summary>
    public required int Ordinal { get; init; }

    public required DispositionKind Kind { get; init; }

    /// <summary>Empty only where none is needed: accepted, withdrawn.</summary>
    public required string Reason { get; init; }

    /// <summary>The revision in which the text changed; null for dispositions without a change.</summary>
    public Guid? ChangeRevisionId { get; init; }

    /// <summary>The place that changed, as the comparison names it; null without a change.</summary>
    public string? ChangeClause { get; init; }

    /// <summary>One of <see cref="Comments.ChangeProof"/>; null without a change.</summary>
    public string? ChangeProof { get; init; }

    public required Guid DecidedById { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>When those who made the comment were told by mail; null until then.</summary>
    public DateTimeOffset? ToldAt { get; private set; }

    internal void Tell(DateTimeOffset now) => ToldAt = now;
}

/// <summary>The stored names of how it was established that a text really changed.</summary>
public static class ChangeProof
{
    /// <summary>The words of both revisions were compared.</summary>
    public const string Comparison = "comparison";

    /// <summary>A PDF stands between them; the revision's own change list names the place.</summary>
    public const string ChangeList = "change_list";
}

/// <summary>What whoever made the comment says to its disposition.</summary>
public enum ResponseKind
{
    Satisfied,
    NotSatisfied,
}

/// <summary>One answer to a disposition; of one person's answers the last counts.</summary>
public sealed class CommentResponse
{
    public required Guid Id { get; init; }

    public required Guid DispositionId { get; init; }

    public required int Ordinal { get; init; }

    public required ResponseKind Kind { get; init; }

    /// <summary>May be empty.</summary>
    public required string Words { get; init; }

    /// <summary>Whose answer it is.</summary>
    public required Guid GivenById { get; init; }

    /// <summary>Who typed it: the same person, or the secretary for him.</summary>
    public required Guid EnteredById { get; init; }

    public required DateTimeOffset GivenAt { get; init; }
}
