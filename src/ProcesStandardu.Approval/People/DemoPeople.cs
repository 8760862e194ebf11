using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.People;

/// <summary>One of the demo's invented persons, as the sign-in page offers them.</summary>
/// <param name="Organisation">The organisation's short name; null for independent people.</param>
/// <param name="Places">Places in boards held today: the board's name and one of <see cref="Bodies.BodyPosition"/>.</param>
/// <param name="Roles">Roles held today: one of <see cref="People.Roles"/> and the led task's number, null for roles in the whole programme.</param>
public sealed record DemoPerson(
    Guid Id,
    string Key,
    string Name,
    string? Organisation,
    IReadOnlyList<(string Body, string Position)> Places,
    IReadOnlyList<(string Role, int? TaskNumber)> Roles);

/// <summary>Lists the demo's persons who are active today: the board in its order, then the others by name.</summary>
public sealed class DemoPeople(UnitOfWork work, TimeProvider time)
{
    public Task<IReadOnlyList<DemoPerson>> HandleAsync(CancellationToken cancellation) => work.RunAsync<IReadOnlyList<DemoPerson>>(
        async db =>
        {
            var today = Warsaw.DateOf(time.GetUtcNow());
            var people = await db.People.AsNoTracking().Where(person => person.IsDemo && person.IsActive).ToListAsync(cancellation);
            var organisations = await db.Organisations.AsNoTracking()
                .ToDictionaryAsync(organisation => organisation.Key, organisation => organisation.ShortName, cancellation);
            var bodies = await db.Bodies.AsNoTracking().ToDictionaryAsync(body => body.Key, body => body.Name, cancellation);
            var places = (await db.BodyMembers.AsNoTracking().ToListAsync(cancellation)).Where(place => place.Covers(today)).ToList();
            var roles = (await db.RoleAssignments.AsNoTracking().ToListAsync(cancellation)).Where(role => role.Covers(today)).ToList();
            var tasks = await db.ProgrammeTasks.AsNoTracking().ToDictionaryAsync(task => "task:" + task.Key, task => task.Number, cancellation);

            return
            [
                .. people
                    .OrderBy(person => places.Where(place => place.PersonId == person.Id).Min(place => (int?)place.Ordinal) ?? int.MaxValue)
                    .ThenBy(person => person.DisplayName, StringComparer.Create(new System.Globalization.CultureInfo("pl-PL"), false))
                    .Select(person => new DemoPerson(
                        person.Id,
                        person.Key,
                        person.DisplayName,
                        person.OrganisationKey is { } key ? organisations.GetValueOrDefault(key) : null,
                        [.. places.Where(place => place.PersonId == person.Id).Select(place => (bodies[place.BodyKey], place.Position))],
                        [
                            .. roles.Where(role => role.PersonId == person.Id)
                                .Select(role => (role.Role, tasks.TryGetValue(role.Scope, out var number) ? number : (int?)null))
                                .Order(),
                        ])),
            ];
        },
        cancellation);
}
