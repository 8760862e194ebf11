namespace ProcesStandardu.Approval.Documents;

/// <summary>Where a submission stands before its revision is there.</summary>
public enum SubmissionState
{
    /// <summary>Only its author sees it; it waits as long as he likes and never vanishes by itself.</summary>
    Draft,

    /// <summary>Sent, yet nobody was told: it can be taken back until its instant comes.</summary>
    Confirmed,

    /// <summary>A revision was made of it.</summary>
    Released,

    /// <summary>Taken back in time: no number was used, nobody was told.</summary>
    TakenBack,

    /// <summary>When its instant came it could not be a revision any more.</summary>
    Refused,
}

/// <summary>What somebody prepares or has sent as the next revision of a deliverable. It gets its number when it is released.</summary>
public sealed class Submission
{
    public required Guid Id { get; init; }

    public required string DeliverableKey { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>The file, stored already; null while a draft has none.</summary>
    public Guid? FileId { get; set; }

    public required string Summary { get; set; }

    public required string ChangeList { get; set; }

    public required ChangeKind ChangeKind { get; set; }

    public required RevisionStep Step { get; set; }

    /// <summary>The revision worked from; null means the newest one.</summary>
    public Guid? BaseRevisionId { get; set; }

    /// <summary>What the submitter says is in place, see <see cref="Completeness"/>.</summary>
    public required List<string> Declared { get; set; }

    public SubmissionState State { get; private set; } = SubmissionState.Draft;

    public required DateTimeOffset SavedAt { get; set; }

    /// <summary>Null for drafts.</summary>
    public DateTimeOffset? ConfirmedAt { get; private set; }

    /// <summary>Until when, exclusive, it can be taken back; null unless it is confirmed.</summary>
    public DateTimeOffset? ReleasesAt { get; private set; }

    /// <summary>The revision it became; null unless it is released.</summary>
    public Guid? RevisionId { get; private set; }

    /// <summary>The name of the refusal that met it; null unless it is refused.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The author sends it.</summary>
    /// <exception cref="InvalidOperationException">It is no draft, or has no file.</exception>
    public void Confirm(DateTimeOffset now, DateTimeOffset releasesAt)
    {
        Require(State == SubmissionState.Draft && FileId is not null, "Only a draft with a file is confirmed.");
        State = SubmissionState.Confirmed;
        ConfirmedAt = now;
        ReleasesAt = releasesAt;
    }

    /// <summary>The author thinks better of it.</summary>
    /// <exception cref="InvalidOperationException">It does not wait.</exception>
    public void TakeBack() => End(SubmissionState.TakenBack);

    /// <exception cref="InvalidOperationException">It does not wait.</exception>
    public void Release(Guid revisionId)
    {
        End(SubmissionState.Released);
        RevisionId = revisionId;
    }

    /// <exception cref="InvalidOperationException">It does not wait.</exception>
    public void Refuse(string refusal)
    {
        End(SubmissionState.Refused);
        Refusal = refusal;
    }

    private void End(SubmissionState state)
    {
        Require(State == SubmissionState.Confirmed, "It does not wait.");
        State = state;
        ReleasesAt = null;
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
