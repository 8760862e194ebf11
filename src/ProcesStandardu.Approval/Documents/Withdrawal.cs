namespace ProcesStandardu.Approval.Documents;

/// <summary>Why a revision is withdrawn.</summary>
public enum WithdrawalGround
{
    PersonalData,
    WrongFile,

    /// <summary>Rights of others, for example copyright.</summary>
    OtherRights,
    Other,
}

/// <summary>That somebody asked for a revision to be withdrawn, and what another person decided. Never changed after that.</summary>
public sealed class RevisionWithdrawal
{
    public required Guid Id { get; init; }

    public required Guid RevisionId { get; init; }

    public required WithdrawalGround Ground { get; init; }

    public required string Reason { get; init; }

    public required Guid AskedById { get; init; }

    public required DateTimeOffset AskedAt { get; init; }

    /// <summary>Null while nobody has decided; likewise the two below.</summary>
    public Guid? DecidedById { get; private set; }

    public DateTimeOffset? DecidedAt { get; private set; }

    public bool? IsConfirmed { get; private set; }

    /// <summary>A second person decides; the one who asked may only take the request back.</summary>
    /// <exception cref="InvalidOperationException">It is decided already, or the same person would confirm.</exception>
    public void Decide(Guid personId, bool isConfirmed, DateTimeOffset now)
    {
        if (DecidedAt is not null || (isConfirmed && personId == AskedById))
        {
            throw new InvalidOperationException("A withdrawal is confirmed once, by another person.");
        }

        DecidedById = personId;
        DecidedAt = now;
        IsConfirmed = isConfirmed;
    }
}
