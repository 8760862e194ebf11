using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>A comment on a place must say which place.</summary>
public sealed record ClauseReferenceIsMissing : Refusal
{
    public override string Field => "ClauseReference";
}

/// <summary>The file is neither a DOCX nor a text table.</summary>
public sealed record CommentTableKindIsUnknown(string FileName) : FileRefusal
{
    public override IReadOnlyList<object?> Arguments => [FileName];
}

/// <summary>No table in the file has a heading that names a comment's text and at least one thing more.</summary>
public sealed record CommentTableIsNotFound : FileRefusal;

/// <summary>A text table cannot be read to its end.</summary>
public sealed record CommentTableIsDamaged : FileRefusal;

/// <summary>Rows of the table have mistakes; nothing is taken until the file is put right.</summary>
public sealed record CommentTableHasMistakes(int Count) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Count];
}

/// <summary>This table was taken in before.</summary>
public sealed record CommentTableIsTaken : Refusal;

/// <summary>Every disposition but an accepting one needs its reason.</summary>
public sealed record DispositionNeedsReason : Refusal
{
    public override string Field => "Reason";
}

/// <summary>What is accepted must point at a change: a later revision and a place in it.</summary>
public sealed record DispositionNeedsChange : Refusal
{
    public override string Field => "Change";
}

/// <summary>The revision pointed at is not later than the one commented on.</summary>
public sealed record ChangeMustBeLater(string Revision, string CommentedRevision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision, CommentedRevision];

    public override string Field => "Change";
}

/// <summary>The words at the place pointed at are the same in both revisions.</summary>
public sealed record NothingChangedThere(string Clause, string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Clause, Revision];

    public override string Field => "Change";
}

/// <summary>One of the files is a PDF, and the revision's change list does not name the place.</summary>
public sealed record ChangeListDoesNotName(string Clause, string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Clause, Revision];

    public override string Field => "Change";
}

/// <summary>A disposition is what it was already, word for word.</summary>
public sealed record DispositionIsTheSame : Refusal;

/// <summary>Another disposition came while this one was written.</summary>
public sealed record DispositionIsNotTheLast : Refusal;

/// <summary>There is no disposition to answer.</summary>
public sealed record NothingToAnswer : Refusal;

/// <summary>The comment was taken back; nothing more is decided about it.</summary>
public sealed record CommentIsWithdrawn : Refusal;

/// <summary>Nobody waits to be told of a disposition.</summary>
public sealed record NobodyToTell : Refusal;
