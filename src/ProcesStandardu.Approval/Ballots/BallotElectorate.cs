using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Draws up the roll of a ballot: the board's voting members of this day, with what speaks against their voting.</summary>
internal static class BallotElectorate
{
    /// <summary>
    /// A member whose organisation wrote the deliverable is recused or, where the rules say so, asked. The record names him and
    /// the ground. His alternate is barred by the same fact about himself, and by being a member of the board.
    /// </summary>
    public static async Task<List<Elector>> DrawUpAsync(
        ProcesDbContext db, Guid ballotId, string bodyKey, Deliverable deliverable, RuleTerms terms, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var today = Warsaw.DateOf(now);
        var members = await db.BodyMembers.AsNoTracking().Where(member => member.BodyKey == bodyKey).ToListAsync(cancellation);
        var sitting = members.Where(member => member.Covers(today) && member.Votes).OrderBy(member => member.Ordinal).ToList();
        var ids = sitting.Select(member => member.PersonId).Concat(sitting.Select(member => member.AlternateId).OfType<Guid>()).ToList();
        var people = await db.People.AsNoTracking().Where(person => ids.Contains(person.Id) && person.IsActive)
            .ToDictionaryAsync(person => person.Id, cancellation);
        return [.. sitting.Where(member => people.ContainsKey(member.PersonId)).Select(member =>
        {
            var alternate = member.AlternateId is { } id && people.ContainsKey(id) ? member.AlternateId : null;
            var conflict = ConflictOf(member.PersonId);
            var elector = new Elector
            {
                BallotId = ballotId,
                PersonId = member.PersonId,
                Position = member.Position,
                Ordinal = member.Ordinal,
                AlternateId = alternate,
                AlternateBarredBasis = alternate is { } other ? ConflictOf(other) : null,
                ConflictBasis = conflict,
            };
            if (conflict is not null && terms.Conflicts == ConflictHandling.Automatic)
            {
                elector.Recuse(conflict, null, null, now);
            }

            return elector;
        })];

        string? ConflictOf(Guid personId) =>
            people[personId].OrganisationKey is { } organisation && deliverable.AuthorOrganisationKeys.Contains(organisation)
                ? RecusalBasis.OrganisationIsAuthor
                : null;
    }

    /// <summary>The electors who are away at this instant, by how their vote is cast.</summary>
    public static async Task<Dictionary<Guid, string>> AbsentAsync(
        ProcesDbContext db, IEnumerable<Elector> electors, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = electors.Select(elector => elector.PersonId).ToList();
        var today = Warsaw.DateOf(now);
        var absences = await db.Absences.AsNoTracking()
            .Where(absence => ids.Contains(absence.PersonId) && absence.StartsOn <= today && absence.EndsOn >= today).ToListAsync(cancellation);
        return absences.Where(absence => absence.Covers(now)).OrderBy(absence => absence.RecordedAt)
            .GroupBy(absence => absence.PersonId).ToDictionary(group => group.Key, group => group.Last().Mode);
    }

    /// <summary>True when the alternate is to vote for the member now: the member is away and wishes it, and the alternate may.</summary>
    public static bool IsStoodInFor(Elector elector, IReadOnlyDictionary<Guid, string> absent, RuleTerms terms) =>
        terms.AlternatesVote && elector is { IsRecused: false, AlternateId: not null, AlternateBarredBasis: null, AlternateRevokedAt: null }
        && absent.GetValueOrDefault(elector.PersonId) == AbsenceMode.Alternate;
}
