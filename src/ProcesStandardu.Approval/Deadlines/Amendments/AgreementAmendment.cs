namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>
/// „Aneks”: a document that gives deadlines other dates. One person drafts and proposes it, another one approves it; only then
/// does any date move or any mail leave.
/// </summary>
public sealed class AgreementAmendment
{
    private readonly List<AmendmentChange> changes = [];

    private AgreementAmendment()
    {
    }

    public AgreementAmendment(
        Guid id, string number, DateOnly datedOn, Guid fileId, string note, Guid proposedById, DateTimeOffset now,
        IEnumerable<AmendmentChange> changes, string preview)
    {
        Id = id;
        Number = number;
        DatedOn = datedOn;
        FileId = fileId;
        Note = note;
        ProposedById = proposedById;
        DraftedAt = now;
        Preview = preview;
        this.changes = [.. changes];
    }

    public Guid Id { get; private set; }

    /// <summary>As the document bears it, for example <c>3</c>.</summary>
    public string Number { get; private set; } = "";

    /// <summary>The document's own date.</summary>
    public DateOnly DatedOn { get; private set; }

    /// <summary>The document itself.</summary>
    public Guid FileId { get; private set; }

    public string Note { get; private set; } = "";

    /// <summary>One of <see cref="AmendmentState"/>.</summary>
    public string State { get; private set; } = AmendmentState.Draft;

    public Guid ProposedById { get; private set; }

    public DateTimeOffset DraftedAt { get; private set; }

    public DateTimeOffset? ProposedAt { get; private set; }

    /// <summary>The second person, who approved or rejected; the author himself where he withdrew it.</summary>
    public Guid? DecidedById { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>What its author was shown, an <see cref="ImpactPreview"/> as JSON.</summary>
    public string Preview { get; private set; } = "{}";

    public IReadOnlyList<AmendmentChange> Changes => changes;

    public bool IsOpen => State is AmendmentState.Draft or AmendmentState.Proposed;

    /// <summary>The author hands the draft on to a second person.</summary>
    /// <exception cref="InvalidOperationException">It is no draft any more.</exception>
    public void Propose(DateTimeOffset now)
    {
        Require(State == AmendmentState.Draft);
        (State, ProposedAt) = (AmendmentState.Proposed, now);
    }

    /// <exception cref="InvalidOperationException">It was not proposed, or the person is its author.</exception>
    public void Approve(Guid personId, DateTimeOffset now)
    {
        Require(State == AmendmentState.Proposed && personId != ProposedById);
        (State, DecidedById, DecidedAt) = (AmendmentState.Approved, personId, now);
    }

    /// <summary>Ends it without effect: the author withdraws, another person rejects.</summary>
    /// <exception cref="InvalidOperationException">It is decided already.</exception>
    public void TurnDown(Guid personId, DateTimeOffset now)
    {
        Require(IsOpen);
        (State, DecidedById, DecidedAt) =
            (personId == ProposedById ? AmendmentState.Withdrawn : AmendmentState.Rejected, personId, now);
    }

    private void Require(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"The amendment {Number} is {State}.");
        }
    }
}

/// <summary>The date that an amendment gives one deadline.</summary>
public sealed class AmendmentChange
{
    private AmendmentChange()
    {
    }

    public AmendmentChange(Guid amendmentId, string deadlineKey, DateOnly toDueOn)
    {
        AmendmentId = amendmentId;
        DeadlineKey = deadlineKey;
        ToDueOn = toDueOn;
    }

    public Guid AmendmentId { get; private set; }

    public string DeadlineKey { get; private set; } = "";

    public DateOnly ToDueOn { get; private set; }
}

/// <summary>The stored states of an amendment.</summary>
public static class AmendmentState
{
    public const string Draft = "draft";
    public const string Proposed = "proposed";
    public const string Approved = "approved";
    public const string Rejected = "rejected";
    public const string Withdrawn = "withdrawn";
}
