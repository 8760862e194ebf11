using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Bodies;

/// <summary>A member's absences, or every member's for the secretary, and the ballots that fall into them.</summary>
public sealed class ListAbsences(UnitOfWork work, Rights rights, TimeProvider time)
{
    public sealed record Query(Guid PersonId);

    /// <param name="IsOver">True after the last day or the return.</param>
    /// <param name="Ballots">Numbers of open ballots whose term falls into it.</param>
    public sealed record AbsenceView(
        Guid Id, string Member, DateOnly StartsOn, DateOnly EndsOn, string Mode, DateTimeOffset? EndedAt, bool IsOver,
        IReadOnlyList<string> Ballots);

    /// <param name="Members">For whom the reader may enter an absence: himself, or everybody for the secretary.</param>
    /// <param name="Alternate">The reader's own permanent alternate; null when there is none.</param>
    public sealed record View(
        IReadOnlyList<AbsenceView> Absences, IReadOnlyList<(Guid Id, string Name)> Members, string? Alternate);

    public Task<View> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var now = time.GetUtcNow();
            var today = Warsaw.DateOf(now);
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var places = (await db.BodyMembers.AsNoTracking().OrderBy(member => member.Ordinal).ToListAsync(cancellation))
                .Where(member => member.Votes && member.Covers(today)
                    && (person.IsSecretary || member.PersonId == query.PersonId)).ToList();
            var ids = places.Select(member => member.PersonId).ToList();
            var known = ids.Concat(places.Select(member => member.AlternateId).OfType<Guid>()).ToList();
            var names = await db.People.AsNoTracking().Where(candidate => known.Contains(candidate.Id) && candidate.IsActive)
                .ToDictionaryAsync(candidate => candidate.Id, candidate => candidate.DisplayName, cancellation);
            var absences = await db.Absences.AsNoTracking().Where(absence => ids.Contains(absence.PersonId))
                .OrderByDescending(absence => absence.StartsOn).Take(100).ToListAsync(cancellation);
            var open = await db.Ballots.AsNoTracking().Where(ballot => ballot.State == BallotState.Open)
                .Select(ballot => new { ballot.Number, ballot.NoticedAt, ballot.DueOn, Electors = ballot.Electors.Select(elector => elector.PersonId) })
                .ToListAsync(cancellation);
            return new View(
                [.. absences.Select(absence => new AbsenceView(
                    absence.Id, names.GetValueOrDefault(absence.PersonId, ""), absence.StartsOn, absence.EndsOn, absence.Mode,
                    absence.EndedAt, absence.EndsOn < today || absence.EndedAt is not null,
                    [.. open.Where(ballot => ballot.Electors.Contains(absence.PersonId)
                            && Warsaw.DateOf(ballot.NoticedAt) <= absence.EndsOn && !(ballot.DueOn < absence.StartsOn))
                        .Select(ballot => ballot.Number).Order()]))],
                [.. ids.Where(names.ContainsKey).Distinct().Select(id => (id, names[id]))],
                places.FirstOrDefault(member => member.PersonId == query.PersonId)?.AlternateId is { } alternate
                    ? names.GetValueOrDefault(alternate)
                    : null);
        },
        cancellation);
}
