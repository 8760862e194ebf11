using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>
/// Notes that what was owed came in: a submitted revision, a completed phase, a reached target. Part of the act that
/// brought it; the workflows that watch the deadline go on with it.
/// </summary>
public sealed class MeetDeadlines(UnitOfWork work, AuditTrail audit, WorkflowEngine engine)
{
    /// <param name="subject">What came in, as deadlines name it: <c>deliverable:…</c>, <c>phase:…</c>, <c>indicator:…</c>, <c>programme:…</c>.</param>
    /// <param name="now">When it came.</param>
    /// <returns>How many deadlines were changed; 0 when none waited for it.</returns>
    public async Task<int> ForAsync(string subject, Actor actor, DateTimeOffset now, CancellationToken cancellation)
    {
        var keys = await work.Db.Deadlines.Where(deadline => deadline.Subject == subject && deadline.MetAt == null)
            .OrderBy(deadline => deadline.Key).Select(deadline => deadline.Key).ToListAsync(cancellation);
        var met = 0;
        foreach (var key in keys)
        {
            await RowLock.LockAsync(work, "select 1 from deadline where key = $1 for no key update", key, cancellation);
            var deadline = await work.Db.Deadlines.SingleAsync(d => d.Key == key, cancellation);
            if (!deadline.Meet(now))
            {
                continue;
            }

            met++;
            audit.Record(subject, deadline.State == DeadlineState.Met ? "deadline_met" : "deadline_met_late", actor, new
            {
                deadline = key,
                dueOn = deadline.DueOn,
            });
            await work.Db.SaveChangesAsync(cancellation);
            await engine.SendAsync(EnforceDeadlines.StimulusOf(deadline, EnforceDeadlines.Met), cancellation);
        }

        return met;
    }
}
