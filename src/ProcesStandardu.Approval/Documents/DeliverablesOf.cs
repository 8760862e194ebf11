using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Documents;

/// <summary>„Moje produkty”: the deliverables of the tasks that a person leads, what is due first at the top.</summary>
public sealed class DeliverablesOf(UnitOfWork work, Rights rights, TimeProvider time)
{
    public sealed record Query(Guid PersonId);

    /// <param name="DueOn">The last local day; null when none is known.</param>
    /// <param name="IsOverdue">True when the day is over and nothing was submitted.</param>
    /// <param name="NewestRevision">Its label; null when there is none.</param>
    public sealed record Line(
        string Key, string Title, string Kind, DeliverableStatus Status, string TaskKey, string TaskTitle, DateOnly? DueOn,
        bool IsOverdue, bool IsRequiredForProgrammeEnd, string? NewestRevision, DateTimeOffset? NewestAt);

    /// <summary>Empty for people who lead nothing.</summary>
    public Task<IReadOnlyList<Line>> HandleAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<Line>>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var tasks = person.IsActive ? person.LedTaskKeys.ToList() : [];
                var rows = await (
                    from deliverable in db.Deliverables.AsNoTracking()
                    where tasks.Contains(deliverable.TaskKey)
                    from task in db.ProgrammeTasks.Where(task => task.Key == deliverable.TaskKey).DefaultIfEmpty()
                    from deadline in db.Deadlines.Where(deadline => deadline.Key == deliverable.DueDeadlineKey).DefaultIfEmpty()
                    select new
                    {
                        deliverable,
                        TaskTitle = task == null ? null : task.Title,
                        DueOn = deadline == null ? (DateOnly?)null : deadline.DueOn,
                        Newest = db.Revisions.Where(revision => revision.DeliverableKey == deliverable.Key)
                            .OrderByDescending(revision => revision.Major).ThenByDescending(revision => revision.Minor)
                            .FirstOrDefault(),
                    }).ToListAsync(cancellation);

                var today = Warsaw.DateOf(time.GetUtcNow());
                return [.. rows
                    .OrderBy(row => row.deliverable.Status == DeliverableStatus.Adopted)
                    .ThenBy(row => row.DueOn ?? DateOnly.MaxValue)
                    .ThenBy(row => row.deliverable.Title, StringComparer.Ordinal)
                    .Select(row => new Line(
                        row.deliverable.Key, row.deliverable.Title, row.deliverable.Kind, row.deliverable.Status,
                        row.deliverable.TaskKey, row.TaskTitle ?? row.deliverable.TaskKey, row.DueOn,
                        row.DueOn < today && row.deliverable.Status == DeliverableStatus.Awaited,
                        row.deliverable.IsRequiredForProgrammeEnd, row.Newest?.Number.ToString(), row.Newest?.SubmittedAt))];
            },
            cancellation);
}
