using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>The deadlines of the programme for the page „Terminy”.</summary>
public sealed class ListDeadlines(UnitOfWork work, Rights rights, TimeProvider time)
{
    /// <param name="Month">Only those due in the month of this day; null for all.</param>
    /// <param name="State">Only those in this state, see <see cref="DeadlineState"/>; null for all.</param>
    public sealed record Query(Guid PersonId, DateOnly? Month = null, string? State = null);

    /// <returns>In the order in which they are due; empty for people who may not see them.</returns>
    public Task<IReadOnlyList<DeadlineView>> HandleAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<DeadlineView>>(
            async db =>
            {
                if (!(await rights.OfAsync(query.PersonId, cancellation)).Observes)
                {
                    return [];
                }

                var deadlines = db.Deadlines.AsNoTracking();
                if (query.State is { } state)
                {
                    deadlines = deadlines.Where(deadline => deadline.State == state);
                }

                if (query.Month is { } month)
                {
                    var first = new DateOnly(month.Year, month.Month, 1);
                    var next = first.AddMonths(1);
                    deadlines = deadlines.Where(deadline => deadline.DueOn >= first && deadline.DueOn < next);
                }

                var today = Warsaw.DateOf(time.GetUtcNow());
                return [.. (await deadlines.OrderBy(deadline => deadline.DueAt).ThenBy(deadline => deadline.Key).ToListAsync(cancellation))
                    .Select(deadline => new DeadlineView(
                        deadline.Key, deadline.Title, deadline.Subject, deadline.DueOn, deadline.Precision, deadline.Source,
                        deadline.State, deadline.MetAt, deadline.PassedAt,
                        deadline.State == DeadlineState.Passed && deadline.MetAt is null,
                        WorkingCalendar.WorkingDaysBetween(today, deadline.DueOn)))];
            },
            cancellation);

    /// <summary>A deadline ready to be rendered.</summary>
    /// <param name="IsOverdue">True when it passed and nothing has come in since.</param>
    /// <param name="WorkingDaysLeft">Working days after today up to its day; 0 when it is today or over.</param>
    public sealed record DeadlineView(
        string Key, string Title, string Subject, DateOnly DueOn, string Precision, string Source, string State,
        DateTimeOffset? MetAt, DateTimeOffset? PassedAt, bool IsOverdue, int WorkingDaysLeft);
}
