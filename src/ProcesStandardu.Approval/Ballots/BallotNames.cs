namespace ProcesStandardu.Approval.Ballots;

/// <summary>The stored states of a ballot. Whether positions are taken is this state, not a test of the time.</summary>
public static class BallotState
{
    public const string Open = "open";

    /// <summary>The term ran out without quorum and the chair has to choose; nothing is revealed.</summary>
    public const string Undecided = "undecided";

    public const string Closed = "closed";
}

/// <summary>The stored ways of voting.</summary>
public static class BallotProcedure
{
    /// <summary>By correspondence, within a term of working days.</summary>
    public const string Written = "written";

    /// <summary>At a sitting: it ends that day, or when the chair closes it.</summary>
    public const string Sitting = "sitting";

    /// <summary>By silence: who says nothing within a term that runs from the last proven notice consents.</summary>
    public const string Tacit = "tacit";

    public static IReadOnlyList<string> All { get; } = [Written, Sitting, Tacit];
}

/// <summary>The stored reasons why a ballot closed.</summary>
public static class BallotCloseReason
{
    public const string Deadline = "deadline";
    public const string AllVoted = "all_voted";
    public const string Discontinued = "discontinued";

    /// <summary>Closed by hand, at a sitting or once everybody had voted.</summary>
    public const string ByChair = "by_chair";

    /// <summary>Discontinued because the vote goes on over a new revision.</summary>
    public const string NewRevision = "new_revision";

    /// <summary>Without quorum, and the chair takes the matter to a sitting.</summary>
    public const string ToSitting = "to_sitting";

    /// <summary>Without quorum, and the chair ended it without a decision.</summary>
    public const string Ended = "ended";
}

/// <summary>The stored ways in which one ballot follows another.</summary>
public static class BallotRelation
{
    /// <summary>The same question on a new revision.</summary>
    public const string ReBallot = "re_ballot";

    /// <summary>The same question once more, on new information.</summary>
    public const string Reopening = "reopening";
}

/// <summary>The stored grounds on which a member does not vote.</summary>
public static class RecusalBasis
{
    /// <summary>The member's organisation is an author of the deliverable.</summary>
    public const string OrganisationIsAuthor = "organisation_is_author";

    /// <summary>The member recused himself.</summary>
    public const string OwnDeclaration = "own_declaration";

    /// <summary>The chair disqualified the member.</summary>
    public const string ChairDecided = "chair_decided";
}

/// <summary>The stored capacities in which a position is cast.</summary>
public static class CastingCapacity
{
    public const string Self = "self";

    /// <summary>By the permanent alternate.</summary>
    public const string Alternate = "alternate";

    /// <summary>Entered by the secretary as the member gave it in another way.</summary>
    public const string Secretary = "secretary";
}

/// <summary>The stored words of a member on a fact that speaks against his impartiality.</summary>
public static class ImpartialityDeclaration
{
    public const string Recuses = "recuses";
    public const string Stays = "stays";
}
