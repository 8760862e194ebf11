using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>A member on the roll of a ballot.</summary>
public sealed class Elector
{
    public required Guid BallotId { get; init; }

    public required Guid PersonId { get; init; }

    /// <summary>The place in the board when the ballot opened, see <see cref="BodyPosition"/>.</summary>
    public required string Position { get; init; }

    public required int Ordinal { get; init; }

    /// <summary>The permanent alternate when the ballot opened; null when there was none.</summary>
    public Guid? AlternateId { get; init; }

    /// <summary>Why the alternate may not vote in this matter, as a stored name; null when he may.</summary>
    public string? AlternateBarredBasis { get; init; }

    /// <summary>When the member took the vote back from the alternate; null while he did not.</summary>
    public DateTimeOffset? AlternateRevokedAt { get; private set; }

    /// <summary>Why the member does not vote in this matter, see <see cref="Ballots.RecusalBasis"/>; null when he does.</summary>
    public string? RecusalBasis { get; private set; }

    /// <summary>The words of the recusal or disqualification; null where the fact says it all.</summary>
    public string? RecusalReason { get; private set; }

    public DateTimeOffset? RecusedAt { get; private set; }

    /// <summary>Who recused or disqualified; null when the opening did, by a fact.</summary>
    public Guid? RecusedById { get; private set; }

    /// <summary>A fact that was put to the member, see <see cref="Ballots.RecusalBasis"/>; null when there is none.</summary>
    public string? ConflictBasis { get; init; }

    /// <summary>See <see cref="ImpartialityDeclaration"/>; null while the member has said nothing.</summary>
    public string? Declaration { get; private set; }

    public string? DeclarationText { get; private set; }

    public DateTimeOffset? DeclaredAt { get; private set; }

    /// <summary>When the chair let the member vote all the same; null while she did not.</summary>
    public DateTimeOffset? ClearedAt { get; private set; }

    /// <summary>When the secretary confirmed that the notice reached the member in another way; null while not.</summary>
    public DateTimeOffset? NoticeConfirmedAt { get; private set; }

    public Guid? NoticeConfirmedById { get; private set; }

    /// <summary>How the notice reached him: in person, by courier….</summary>
    public string? NoticeConfirmation { get; private set; }

    /// <summary>When the notice was found to have come back; mails sent up to then prove nothing.</summary>
    public DateTimeOffset? NoticeBouncedAt { get; private set; }

    /// <summary>In a secret ballot: that the member voted, not when and not what.</summary>
    public bool VotedSecretly { get; private set; }

    /// <summary>Whether he or his alternate was at the sitting when the ballot closed; null elsewhere and before.</summary>
    public bool? Present { get; private set; }

    public bool IsRecused => RecusalBasis is not null;

    /// <summary>True while the chair has to decide whether the member votes.</summary>
    public bool AwaitsDecision => !IsRecused && ConflictBasis is not null && Declaration == ImpartialityDeclaration.Stays && ClearedAt is null;

    internal void Recuse(string basis, string? reason, Guid? byId, DateTimeOffset now) =>
        (RecusalBasis, RecusalReason, RecusedById, RecusedAt) = (basis, reason, byId, now);

    internal void Declare(string declaration, string? text, DateTimeOffset now) =>
        (Declaration, DeclarationText, DeclaredAt) = (declaration, text, now);

    internal void Clear(DateTimeOffset now) => ClearedAt = now;

    internal void RevokeAlternate(DateTimeOffset now) => AlternateRevokedAt ??= now;

    internal void ConfirmNotice(Guid byId, string how, DateTimeOffset now) =>
        (NoticeConfirmedAt, NoticeConfirmedById, NoticeConfirmation) = (now, byId, how);

    /// <summary>What was proven before no longer is.</summary>
    internal void NoteBounce(DateTimeOffset now) =>
        (NoticeBouncedAt, NoticeConfirmedAt, NoticeConfirmedById, NoticeConfirmation) = (now, null, null, null);

    internal void NotePresence(bool isPresent) => Present = isPresent;

    internal void NoteSecretVote() => VotedSecretly = true;
}

/// <summary>One position as it was cast: never changed afterwards, at most superseded.</summary>
public sealed class BallotPosition
{
    public required Guid Id { get; init; }

    public required Guid BallotId { get; init; }

    /// <summary>Whose vote it is.</summary>
    public required Guid ElectorId { get; init; }

    /// <summary>Who cast it: the member himself, or whoever acted for him.</summary>
    public required Guid CastById { get; init; }

    /// <summary>See <see cref="CastingCapacity"/>.</summary>
    public string Capacity { get; init; } = CastingCapacity.Self;

    /// <summary>How the secretary knows the member's position; null for others.</summary>
    public string? Ground { get; init; }

    public required string Kind { get; init; }

    /// <summary>The member's own words; null when he gave none.</summary>
    public string? Reason { get; init; }

    /// <summary>The text of a blocking objection, which stands while the position does; null when it does not block.</summary>
    public string? Objection { get; init; }

    /// <summary>The position in the ballot before, on the earlier revision, that this one upholds; null for others.</summary>
    public Guid? UpholdsId { get; init; }

    public required Guid RevisionId { get; init; }

    /// <summary>SHA-256 of the file that the member was shown.</summary>
    public required byte[] ContentHash { get; init; }

    public required DateTimeOffset CastAt { get; init; }

    /// <summary>The position that took this one's place; null while it stands.</summary>
    public Guid? SupersededById { get; private set; }

    internal void Supersede(Guid byId) => SupersededById = byId;
}

/// <summary>The positions of a secret ballot as counts: no person, no order, no time.</summary>
public sealed class BallotUrn
{
    public required Guid BallotId { get; init; }

    public int InFavour { get; private set; }

    public int Against { get; private set; }

    public int Abstain { get; private set; }

    internal void Drop(string kind)
    {
        switch (kind)
        {
            case PositionKind.InFavour:
                InFavour++;
                break;
            case PositionKind.Against:
                Against++;
                break;
            default:
                Abstain++;
                break;
        }
    }
}

/// <summary>What a member thinks otherwise, attached to the record after the result; it changes no vote.</summary>
public sealed class DissentingOpinion
{
    public required Guid BallotId { get; init; }

    public required Guid PersonId { get; init; }

    public required string Text { get; init; }

    public required DateTimeOffset FiledAt { get; init; }
}
