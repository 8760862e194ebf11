namespace ProcesStandardu.Approval.Documents;

/// <summary>Where a deliverable stands between being awaited and being adopted.</summary>
public enum DeliverableStatus
{
    /// <summary>Nothing has been submitted yet.</summary>
    Awaited,

    /// <summary>There is a revision that the board has not been asked about, or was asked without an outcome.</summary>
    Submitted,

    /// <summary>The board votes on one of its revisions.</summary>
    InBallot,

    /// <summary>The board adopted one of its revisions; this is the end.</summary>
    Adopted,

    /// <summary>The board did not adopt it; a new revision opens it again.</summary>
    NotAdopted,
}

/// <summary>A document that a task owes the programme, from the register of deliverables; its texts are its revisions.</summary>
public sealed class Deliverable
{
    /// <summary>The stable name used by imported files, for example <c>osl-wnioski-1</c>.</summary>
    public required string Key { get; init; }

    public required string Title { get; set; }

    /// <summary>The task that owes it.</summary>
    public required string TaskKey { get; set; }

    /// <summary>The standard or model it belongs to; null when it concerns the whole task.</summary>
    public string? WorkKey { get; set; }

    /// <summary>The phase in which it is due; null when it belongs to none.</summary>
    public string? PhaseKey { get; set; }

    /// <summary>A lower_snake name of what it is, for example <c>legal_proposals</c>; its text is <c>DeliverableKind_…</c>.</summary>
    public required string Kind { get; set; }

    /// <summary>Stored names of the <see cref="FileKind"/>s it may be submitted as; never empty.</summary>
    public List<string> ExpectedFileKinds { get; set; } = ["docx", "odt", "pdf"];

    /// <summary>True when the programme is not complete without it.</summary>
    public bool IsRequiredForProgrammeEnd { get; set; }

    /// <summary>Organisations that write it; their people may not decide about it.</summary>
    public List<string> AuthorOrganisationKeys { get; set; } = [];

    /// <summary>The deadline by which it is due; null when none is known.</summary>
    public string? DueDeadlineKey { get; set; }

    /// <summary>Where the fact that it is owed comes from, for example <c>S002</c>; null for demo data.</summary>
    public string? SourceKey { get; set; }

    public DeliverableStatus Status { get; private set; } = DeliverableStatus.Awaited;

    /// <summary>The revision the board votes on, or voted on last; null before the first ballot.</summary>
    public Guid? BallotRevisionId { get; private set; }

    /// <summary>The adopted revision; null until there is one.</summary>
    public Guid? AdoptedRevisionId { get; private set; }

    public DateTimeOffset? AdoptedAt { get; private set; }

    /// <summary>When the adopted revision was entered into the public register; null while it was not.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>True when a new revision is accepted: always until adoption, also while the board votes on an older one.</summary>
    public bool AcceptsRevisions => Status != DeliverableStatus.Adopted;

    /// <summary>
    /// True when the newest revision is one that the board was not asked about yet. What it was asked about once is not new,
    /// whatever came of it; the chair may have it voted on again, the task's lead owes another one.
    /// </summary>
    public bool HasForTheBoard(Guid newestRevisionId) =>
        Status is DeliverableStatus.Submitted or DeliverableStatus.NotAdopted && newestRevisionId != BallotRevisionId;

    /// <summary>True for the revisions that observers read too: the one under ballot and the adopted one.</summary>
    public bool IsOpenToObservers(Guid revisionId) =>
        revisionId == AdoptedRevisionId || (Status == DeliverableStatus.InBallot && revisionId == BallotRevisionId);

    /// <summary>A revision has come. A ballot that runs on an earlier one goes on: only the chair may stop it.</summary>
    /// <exception cref="InvalidOperationException">The deliverable is adopted.</exception>
    public void NoteSubmission()
    {
        Require(AcceptsRevisions, "An adopted deliverable takes no new revision.");
        if (Status != DeliverableStatus.InBallot)
        {
            Status = DeliverableStatus.Submitted;
        }
    }

    /// <summary>A revision was withdrawn that the board had not been asked about.</summary>
    /// <param name="others">True when another revision is there to be read.</param>
    public void NoteWithdrawal(bool others)
    {
        if (Status == DeliverableStatus.Submitted && !others)
        {
            Status = DeliverableStatus.Awaited;
        }
    }

    /// <summary>The board begins to vote on a revision, or on a newer one instead of the one before.</summary>
    /// <exception cref="InvalidOperationException">Nothing was submitted yet, or the deliverable is adopted.</exception>
    public void EnterBallot(Guid revisionId)
    {
        Require(Status is not (DeliverableStatus.Awaited or DeliverableStatus.Adopted), "There is nothing to vote on.");
        Status = DeliverableStatus.InBallot;
        BallotRevisionId = revisionId;
    }

    /// <summary>An editorial change took the place of the text under ballot.</summary>
    public void ExchangeBallotRevision(Guid revisionId)
    {
        Require(Status == DeliverableStatus.InBallot, "No ballot runs.");
        BallotRevisionId = revisionId;
    }

    /// <summary>The ballot ended without an outcome (inquorate, discontinued): the revision waits again.</summary>
    public void LeaveBallot()
    {
        Require(Status == DeliverableStatus.InBallot, "No ballot runs.");
        Status = DeliverableStatus.Submitted;
    }

    /// <summary>The board adopted the revision it voted on.</summary>
    public void MarkAdopted(DateTimeOffset now)
    {
        Require(Status == DeliverableStatus.InBallot, "No ballot runs.");
        Status = DeliverableStatus.Adopted;
        AdoptedRevisionId = BallotRevisionId;
        AdoptedAt = now;
    }

    /// <summary>The board voted and did not adopt.</summary>
    public void MarkNotAdopted()
    {
        Require(Status == DeliverableStatus.InBallot, "No ballot runs.");
        Status = DeliverableStatus.NotAdopted;
    }

    /// <summary>The adopted revision is entered into the public register; a second time changes nothing.</summary>
    /// <returns>True when it was not published before.</returns>
    /// <exception cref="InvalidOperationException">Nothing is adopted.</exception>
    public bool Publish(DateTimeOffset now)
    {
        Require(Status == DeliverableStatus.Adopted, "Only an adopted deliverable is published.");
        var isFirst = PublishedAt is null;
        PublishedAt ??= now;
        return isFirst;
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
