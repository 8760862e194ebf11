using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>A submission lacks something that it needs. Says everything at once, in the order of the form.</summary>
/// <param name="Missing">Names of form fields: File, Summary, ChangeList; at least one.</param>
public sealed record SubmissionIsIncomplete(IReadOnlyList<string> Missing) : Refusal
{
    public override string Key => $"{nameof(SubmissionIsIncomplete)}_{string.Join('_', Missing)}";

    public override string Field => Missing[0];

    public bool Equals(SubmissionIsIncomplete? other) => other is not null && Missing.SequenceEqual(other.Missing);

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);
}

/// <summary>The very same bytes were submitted before, as the named revision.</summary>
public sealed record RevisionHasSameContent(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];

    public override string Field => "File";
}

/// <summary>The deliverable is adopted; its text is settled.</summary>
public sealed record DeliverableIsAdopted(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}

/// <summary>The revision said to be the base is none of this deliverable.</summary>
public sealed record BaseRevisionIsUnknown : Refusal
{
    public override string Field => "BaseRevisionId";
}

/// <summary>A field holds more than can be kept.</summary>
public sealed record TextIsTooLong(string FieldName, int Limit) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Limit];

    public override string Field => FieldName;
}

/// <summary>The revision was taken back; its content is not shown any more.</summary>
public sealed record RevisionIsWithdrawn(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}

/// <summary>A revision is a PDF of pictures, such as a scan: there are no words to show or compare.</summary>
public sealed record PdfHasNoWords(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}

/// <summary>The words of a revision could not be read, though the file was taken.</summary>
public sealed record TextCannotBeRead(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}

/// <summary>The submitter has not said of everything on the list that it is in place.</summary>
/// <param name="Missing">Items of the completeness list; at least one.</param>
public sealed record SubmissionLacksDeclarations(IReadOnlyList<string> Missing) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Missing.Count];

    public override string Field => "Declared";

    public bool Equals(SubmissionLacksDeclarations? other) => other is not null && Missing.SequenceEqual(other.Missing);

    public override int GetHashCode() => Missing.Count;
}

/// <summary>The person's last submission of this deliverable still waits to be released or taken back.</summary>
public sealed record SubmissionWaitsAlready : Refusal;

/// <summary>The submission cannot be taken back or hurried any more.</summary>
public sealed record SubmissionDoesNotWait : Refusal;

/// <summary>Somebody asked already; a second person must decide.</summary>
public sealed record WithdrawalIsAskedAlready(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}

/// <summary>Nobody asked for it, or it was decided.</summary>
public sealed record WithdrawalIsNotAsked(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}

/// <summary>Whoever asked for a withdrawal does not confirm it.</summary>
public sealed record WithdrawalNeedsSecondPerson : Refusal;

/// <summary>The board was asked about the revision; it stays.</summary>
public sealed record RevisionWasVotedOn(string Revision) : Refusal
{
    public override IReadOnlyList<object?> Arguments => [Revision];
}
