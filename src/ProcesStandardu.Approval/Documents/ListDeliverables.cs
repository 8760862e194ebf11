using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Every deliverable of the programme, by task and then by what is due first.</summary>
public sealed class ListDeliverables(UnitOfWork work, Rights rights)
{
    public sealed record Query(Guid PersonId);

    /// <param name="NewestRevision">The label of the newest revision that this person may know of; null when there is none.</param>
    /// <param name="DueOn">The last local day; null when none is known.</param>
    public sealed record Line(
        string Key, string Title, DeliverableStatus Status, int TaskNumber, string TaskTitle, DateOnly? DueOn, string? NewestRevision);

    /// <returns>Empty for people who may not know of deliverables.</returns>
    public Task<IReadOnlyList<Line>> HandleAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<Line>>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                if (!person.Observes)
                {
                    return [];
                }

                var rows = await (
                    from deliverable in db.Deliverables.AsNoTracking()
                    join task in db.ProgrammeTasks.AsNoTracking() on deliverable.TaskKey equals task.Key
                    from deadline in db.Deadlines.Where(deadline => deadline.Key == deliverable.DueDeadlineKey).DefaultIfEmpty()
                    select new { deliverable, task.Number, TaskTitle = task.Title, DueOn = deadline == null ? (DateOnly?)null : deadline.DueOn })
                    .ToListAsync(cancellation);
                var revisions = (await db.Revisions.AsNoTracking().ToListAsync(cancellation)).ToLookup(revision => revision.DeliverableKey);
                return [.. rows
                    .OrderBy(row => row.Number)
                    .ThenBy(row => row.DueOn ?? DateOnly.MaxValue)
                    .ThenBy(row => row.deliverable.Title, StringComparer.Ordinal)
                    .Select(row => new Line(
                        row.deliverable.Key, row.deliverable.Title, row.deliverable.Status, row.Number, row.TaskTitle, row.DueOn,
                        revisions[row.deliverable.Key]
                            .Where(revision => RevisionReading.IsAllowed(person, row.deliverable, revision.Id))
                            .OrderBy(revision => revision.Number).LastOrDefault()?.Number.ToString()))];
            },
            cancellation);
}
