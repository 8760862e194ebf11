namespace ProcesStandardu.Approval.Documents;

/// <summary>Whether a revision is there to be read, or was taken back.</summary>
public enum RevisionStatus
{
    Submitted,
    Withdrawn,
}

/// <summary>What a revision changes, in its submitter's word.</summary>
public enum ChangeKind
{
    /// <summary>The meaning changes: who voted on an earlier revision must be asked again.</summary>
    Material,

    /// <summary>Only the wording or the layout changes.</summary>
    Editorial,
}

/// <summary>One submitted text of a deliverable. It is never changed: who wants other words submits the next one.</summary>
public sealed class Revision
{
    public required Guid Id { get; init; }

    public required string DeliverableKey { get; init; }

    public required int Major { get; init; }

    public required int Minor { get; init; }

    /// <summary>The number that people see, for example 1.0.</summary>
    public RevisionNumber Number => new(Major, Minor);

    /// <summary>The revision the submitter worked from; null for the first one.</summary>
    public Guid? BaseRevisionId { get; init; }

    public RevisionStatus Status { get; private set; } = RevisionStatus.Submitted;

    public required ChangeKind ChangeKind { get; init; }

    /// <summary>What the document says, in a few sentences.</summary>
    public required string Summary { get; init; }

    /// <summary>What differs from the base revision; empty only for the first one.</summary>
    public required string ChangeList { get; init; }

    public required Guid SubmittedById { get; init; }

    public required DateTimeOffset SubmittedAt { get; init; }

    public required Guid FileId { get; init; }

    /// <summary>Its content is gone; number, hash and what was said about it stay.</summary>
    /// <exception cref="InvalidOperationException">It is withdrawn already.</exception>
    public void Withdraw() => Status = Status == RevisionStatus.Submitted
        ? RevisionStatus.Withdrawn
        : throw new InvalidOperationException("It is withdrawn already.");
}

/// <summary>
/// A file as it was received: its bytes lie beside it in pieces and never change, its hash says that they did not.
/// </summary>
public sealed class StoredFile
{
    public required Guid Id { get; init; }

    /// <summary>The SHA-256 of the whole content, 32 bytes.</summary>
    public required byte[] Sha256 { get; init; }

    /// <summary>Bytes of the whole content; never zero.</summary>
    public required long Length { get; init; }

    public required string MediaType { get; init; }

    /// <summary>The cleaned name it came with (<see cref="Documents.FileName"/>).</summary>
    public required string FileName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What the virus scanner said, one of <see cref="ScanNames"/>; null while none was asked. Likewise the two below.</summary>
    public string? ScanVerdict { get; private set; }

    /// <summary>The signature's name, or why it was not looked at wholly.</summary>
    public string? ScanDetail { get; private set; }

    public DateTimeOffset? ScannedAt { get; private set; }

    /// <summary>Keeps a verdict; that the scanner was silent is none.</summary>
    public void Note(Scan scan, DateTimeOffset now)
    {
        if (scan.Verdict != Documents.ScanVerdict.Unavailable)
        {
            ScanVerdict = ScanNames.Of(scan.Verdict);
            ScanDetail = scan.Detail;
            ScannedAt = now;
        }
    }
}

/// <summary>The stored names of the scanner's verdicts.</summary>
public static class ScanNames
{
    public const string Clean = "clean";
    public const string Infected = "infected";
    public const string OverLimit = "over_limit";

    internal static string Of(ScanVerdict verdict) => verdict switch
    {
        ScanVerdict.Clean => Clean,
        ScanVerdict.Infected => Infected,
        ScanVerdict.OverLimit => OverLimit,
        _ => throw new ArgumentOutOfRangeException(nameof(verdict)),
    };
}
