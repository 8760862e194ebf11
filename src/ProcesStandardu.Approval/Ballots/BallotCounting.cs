using ProcesStandardu.Approval.Bodies;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Who says what, who is there, and what it counts to.</summary>
public sealed partial class Ballot
{
    /// <summary>True while a position that arrives now counts.</summary>
    public bool TakesPositions(DateTimeOffset now) => IsOpen && (DueAt is null || now < DueAt);

    /// <summary>Those who may vote in the matter, with what they say now; in a secret ballot nobody says anything.</summary>
    public IReadOnlyList<Voter> Voters()
    {
        var standing = positions.Where(position => position.SupersededById is null).ToDictionary(position => position.ElectorId);
        return [.. electors.Where(elector => !elector.IsRecused)
            .OrderBy(elector => elector.Ordinal)
            .Select(elector => standing.GetValueOrDefault(elector.PersonId) is { } position
                ? new Voter(elector.PersonId, elector.Position, position.Kind, position.Objection is not null, IsPresent(elector))
                : new Voter(elector.PersonId, elector.Position, null, false, IsPresent(elector)))];
    }

    /// <summary>The electors who have not voted and may.</summary>
    public IEnumerable<Elector> Missing() => electors.Where(elector => !elector.IsRecused && !HasVoted(elector.PersonId));

    /// <summary>True once the member's vote is in, openly or secretly.</summary>
    public bool HasVoted(Guid personId) => IsSecret
        ? electors.Any(elector => elector.PersonId == personId && elector.VotedSecretly)
        : StandingOf(personId) is not null;

    /// <summary>The member's position that counts; null while he has none.</summary>
    public BallotPosition? StandingOf(Guid personId) =>
        positions.SingleOrDefault(position => position.ElectorId == personId && position.SupersededById is null);

    /// <summary>The count as it is now.</summary>
    public Tally Count(RuleTerms rules) =>
        Urn is { } urn
            ? BallotTally.Count(
                new Votes(
                    electors.Count(elector => !elector.IsRecused), urn.InFavour, urn.Against, urn.Abstain, 0,
                    PresentSilentCount()),
                rules)
        : Procedure == BallotProcedure.Tacit && TermStartedAt is not null ? BallotTally.CountTacit(Voters(), rules)
        : BallotTally.Count(Voters(), rules);

    /// <summary>Takes note of who is at the sitting. Null says that nobody has written it down: then only positions count.</summary>
    /// <param name="there">The members of the roll who are there, in person or by their alternates.</param>
    public void Attend(IReadOnlySet<Guid>? there) => attendance = there;

    /// <summary>Those of the electorate who are at the sitting; null where nobody has written it down.</summary>
    public int? PresentCount() => attendance is null && electors.All(elector => elector.Present is null)
        ? null
        : electors.Count(elector => !elector.IsRecused && IsPresent(elector));

    /// <summary>How many at the sitting have no position.</summary>
    public int PresentSilentCount() =>
        electors.Count(elector => !elector.IsRecused && IsPresent(elector) && !HasVoted(elector.PersonId));

    private bool IsPresent(Elector elector) => elector.Present ?? attendance?.Contains(elector.PersonId) ?? false;
}
