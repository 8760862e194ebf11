using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.People;

/// <summary>What one person may do on one day. Every act and every query asks here and nowhere else.</summary>
/// <param name="IsActive">False for unknown and departed people: they may do nothing.</param>
/// <param name="LedTaskKeys">The tasks that the person leads.</param>
/// <param name="Positions">The person's places, by board.</param>
/// <param name="AlternateIn">Boards in which the person is somebody's permanent alternate.</param>
public sealed record PersonRights(
    Guid PersonId,
    bool IsActive,
    bool IsAdministrator,
    bool IsObserver,
    IReadOnlySet<string> LedTaskKeys,
    IReadOnlyDictionary<string, string> Positions,
    IReadOnlySet<string> AlternateIn)
{
    /// <summary>The product itself, which acts because time passed and asks nobody.</summary>
    public static PersonRights OfSystem { get; } = new(
        Guid.Empty, false, false, false, new HashSet<string>(), new Dictionary<string, string>(), new HashSet<string>());

    /// <summary>Chair, vice-chair or member of any board.</summary>
    public bool IsBoardMember => IsActive && Positions.Values.Any(position => position != BodyPosition.Secretary);

    public bool IsSecretary => IsActive && Positions.Values.Contains(BodyPosition.Secretary);

    /// <summary>May hand in revisions and answer for the deliverables of this task.</summary>
    public bool Leads(string taskKey) => IsActive && LedTaskKeys.Contains(taskKey);

    /// <summary>May read drafts and working papers: boards, alternates, leads, secretary and administrators; not observers.</summary>
    public bool ReadsWorkingPapers =>
        IsActive && (IsAdministrator || Positions.Count > 0 || AlternateIn.Count > 0 || LedTaskKeys.Count > 0);

    /// <summary>May read that a ballot runs and what was decided, without drafts and working papers.</summary>
    public bool Observes => IsActive && (ReadsWorkingPapers || IsObserver);

    /// <summary>May see and retry outgoing mail.</summary>
    public bool KeepsOutbox => IsActive && (IsAdministrator || IsSecretary);

    /// <summary>May move the programme's clock in the demo, design workflows and repair them.</summary>
    public bool Administers => IsActive && IsAdministrator;
}

/// <summary>Finds what a person may do today, by the programme's clock.</summary>
public sealed class Rights(UnitOfWork work, TimeProvider time)
{
    /// <summary>The person's rights now. An unknown id has none.</summary>
    public Task<PersonRights> OfAsync(Guid personId, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var today = Warsaw.DateOf(time.GetUtcNow());
            var person = await db.People.AsNoTracking().SingleOrDefaultAsync(p => p.Id == personId, cancellation);
            var roles = (await db.RoleAssignments.AsNoTracking().Where(role => role.PersonId == personId).ToListAsync(cancellation))
                .Where(role => role.Covers(today)).ToList();
            var places = (await db.BodyMembers.AsNoTracking()
                    .Where(member => member.PersonId == personId || member.AlternateId == personId).ToListAsync(cancellation))
                .Where(member => member.Covers(today)).ToList();

            return new PersonRights(
                personId,
                person is { IsActive: true },
                roles.Any(role => role.Role == Roles.Administrator),
                roles.Any(role => role.Role == Roles.Observer),
                roles.Where(role => role.Role == Roles.TaskLead).Select(role => role.Scope["task:".Length..]).ToHashSet(),
                places.Where(place => place.PersonId == personId)
                    .OrderBy(place => place.Votes ? 0 : 1).DistinctBy(place => place.BodyKey)
                    .ToDictionary(place => place.BodyKey, place => place.Position),
                places.Where(place => place.AlternateId == personId).Select(place => place.BodyKey).ToHashSet());
        },
        cancellation);
}
