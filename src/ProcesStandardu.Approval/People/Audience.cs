using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.People;

/// <summary>Finds the people behind a role today, so that a mail or a task reaches whoever holds it and nobody who left.</summary>
public sealed class Audience(UnitOfWork work, TimeProvider time)
{
    public const string TaskLead = "task_lead";
    public const string Board = "board";
    public const string Chair = "chair";
    public const string ViceChair = "vice_chair";
    public const string Secretary = "secretary";
    public const string Administrators = "administrators";
    public const string Observers = "observers";

    /// <summary>Every audience that a workflow may name, in the order in which the designer shows them.</summary>
    public static IReadOnlyList<string> All { get; } = [TaskLead, Board, Chair, Secretary, Administrators, Observers];

    /// <summary>The active people of these audiences, each once.</summary>
    /// <param name="names">Names from <see cref="All"/> or <see cref="ViceChair"/>; unknown ones find nobody.</param>
    /// <param name="taskKey">Whose leads are meant by <see cref="TaskLead"/>; null means the leads of every task.</param>
    public Task<IReadOnlyList<Guid>> FindAsync(
        IReadOnlyCollection<string> names, string? taskKey, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<Guid>>(
            async db =>
            {
                var today = Warsaw.DateOf(time.GetUtcNow());
                var roles = (await db.RoleAssignments.AsNoTracking().ToListAsync(cancellation)).Where(role => role.Covers(today));
                var members = (await db.BodyMembers.AsNoTracking().ToListAsync(cancellation)).Where(member => member.Covers(today));
                var found = roles.Where(role => role.Role switch
                    {
                        Roles.TaskLead => names.Contains(TaskLead) && (taskKey is null || role.Scope == "task:" + taskKey),
                        Roles.Administrator => names.Contains(Administrators),
                        Roles.Observer => names.Contains(Observers),
                        _ => false,
                    })
                    .Select(role => role.PersonId)
                    .Concat(members.Where(member =>
                            (names.Contains(Board) && member.Votes)
                            || (names.Contains(Chair) && member.Position == BodyPosition.Chair)
                            || (names.Contains(ViceChair) && member.Position == BodyPosition.ViceChair)
                            || (names.Contains(Secretary) && member.Position == BodyPosition.Secretary))
                        .Select(member => member.PersonId))
                    .Distinct().ToList();
                return await db.People.AsNoTracking().Where(person => person.IsActive && found.Contains(person.Id))
                    .OrderBy(person => person.Key).Select(person => person.Id).ToListAsync(cancellation);
            },
            cancellation);
}
