using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.People;

/// <summary>
/// Finds the person behind (tenant, object id), or makes one without rights, and brings the roles that the provider's token
/// names into line. Name and e-mail of the token are for display: they never find anybody.
/// </summary>
public sealed class EnterByProvider(UnitOfWork work, AuditTrail audit, TimeProvider time)
{
    /// <param name="Roles">The token's app roles, such as <c>Administrator</c>, <c>Observer</c>, <c>TaskLead.osl</c>; others mean nothing here.</param>
    public sealed record Command(string Tenant, string ObjectId, string? Name, string? Email, IReadOnlyCollection<string> Roles);

    /// <returns>The person's id, or <see cref="ActIsNotYours"/> when the person has left.</returns>
    public Task<Result<Entered>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Entered>(
        async db =>
        {
            // Two first sign-ins at once make one person.
            await RowLock.LockAsync(
                work, "select pg_advisory_xact_lock(hashtextextended($1, 20))", command.Tenant + "/" + command.ObjectId, cancellation);
            var now = time.GetUtcNow();
            var login = await db.Set<PersonLogin>()
                .SingleOrDefaultAsync(known => known.Tenant == command.Tenant && known.ObjectId == command.ObjectId, cancellation);
            var person = login is null ? null : await db.People.SingleAsync(known => known.Id == login.PersonId, cancellation);
            if (person is null)
            {
                person = New(command, now);
                db.Add(person);
                db.Add(new PersonLogin { Tenant = command.Tenant, ObjectId = command.ObjectId, PersonId = person.Id, LinkedAt = now });
                audit.Record(Subjects.Person(person.Id), "person_entered", new Actor(person.Id));
                await db.SaveChangesAsync(cancellation);
            }

            if (!person.IsActive)
            {
                return new ActIsNotYours();
            }

            await AlignRolesAsync(db, person.Id, command.Roles, Warsaw.DateOf(now), cancellation);
            return new Entered(person.Id);
        },
        cancellation);

    /// <summary>Who has entered.</summary>
    public sealed record Entered(Guid PersonId);

    /// <summary>What an app role of the provider means here; null when nothing.</summary>
    public static (string Role, string Scope)? Meaning(string appRole) => appRole switch
    {
        "Administrator" => (Roles.Administrator, "programme"),
        "Observer" => (Roles.Observer, "programme"),
        _ when appRole.StartsWith("TaskLead.", StringComparison.Ordinal) && appRole.Length > "TaskLead.".Length =>
            (Roles.TaskLead, "task:" + appRole["TaskLead.".Length..]),
        _ => null,
    };

    private async Task AlignRolesAsync(
        ProcesDbContext db, Guid personId, IReadOnlyCollection<string> appRoles, DateOnly today, CancellationToken cancellation)
    {
        var wanted = appRoles.Select(Meaning).OfType<(string Role, string Scope)>().ToHashSet();
        var held = (await db.RoleAssignments.Where(role => role.PersonId == personId).ToListAsync(cancellation));
        var granted = wanted.Where(role => !held.Any(have => have.Role == role.Role && have.Scope == role.Scope && have.Covers(today))).ToList();
        var ended = held.Where(have => have.FromProvider && have.Covers(today) && !wanted.Contains((have.Role, have.Scope))).ToList();
        foreach (var role in granted)
        {
            // Ended and granted again on one day: the row of today goes on.
            if (held.SingleOrDefault(have => (have.Role, have.Scope, have.ValidFrom) == (role.Role, role.Scope, today)) is { } same)
            {
                same.ValidUntil = null;
            }
            else
            {
                db.Add(new RoleAssignment
                {
                    PersonId = personId, Role = role.Role, Scope = role.Scope, ValidFrom = today, FromProvider = true,
                });
            }
        }

        foreach (var role in ended)
        {
            if (role.ValidFrom == today)
            {
                db.Remove(role);
            }
            else
            {
                role.ValidUntil = today.AddDays(-1);
            }
        }

        if (granted.Count + ended.Count > 0)
        {
            audit.Record(Subjects.Person(personId), "roles_aligned", new Actor(personId), new
            {
                granted = granted.Select(role => role.Role + " " + role.Scope).Order(StringComparer.Ordinal),
                ended = ended.Select(role => role.Role + " " + role.Scope).Order(StringComparer.Ordinal),
            });
        }
    }

    private static Person New(Command command, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new Person
        {
            Id = id,
            Key = "osoba-" + id.ToString("N"),
            DisplayName = Shown(command.Name) ?? "–",
            Email = EmailAddress.TryParse(command.Email, out var address) ? address.Value : $"{id:N}@bez-adresu.invalid",
        };
    }

    private static string? Shown(string? name)
    {
        var clean = new string((name ?? "").Where(letter => !char.IsControl(letter)).Take(200).ToArray()).Trim();
        return clean.Length == 0 ? null : clean;
    }
}
