using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>
/// One pass that reminds those who still owe a vote or a document, on the mornings T-14, T-7, T-2 and T-1 working days
/// before the end and on its last day. Each step reaches a person once, however often the pass runs.
/// </summary>
public sealed class SendReminders(IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>Reminders leave from this local hour on.</summary>
    public static readonly TimeOnly Morning = new(7, 0);

    /// <returns>How many open ballots and pending deadlines stand at one of their steps today.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var local = Warsaw.Local(now);
        var today = DateOnly.FromDateTime(local.DateTime);
        if (TimeOnly.FromDateTime(local.DateTime) < Morning || !WorkingCalendar.IsWorkingDay(today))
        {
            return 0;
        }

        await using var scope = scopes.CreateAsyncScope();
        var work = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        return await work.RunAsync(
            async db =>
            {
                var plan = await scope.ServiceProvider.GetRequiredService<ReminderSteps>().ReadAsync(cancellation);
                return await RemindVotersAsync(scope.ServiceProvider, db, plan.Ballots, today, now, cancellation)
                    + await RemindOwersAsync(scope.ServiceProvider, db, plan.Deadlines, today, now, cancellation)
                    + await EscalateAsync(scope.ServiceProvider, db, plan.Escalation, today, cancellation);
            },
            cancellation);
    }

    /// <summary>The step that a day stands at before an end: its working days left, if it is one of those asked for; otherwise null.</summary>
    public static string? StepOn(DateOnly today, DateOnly dueOn, IReadOnlyCollection<int> steps)
    {
        if (today > dueOn)
        {
            return null;
        }

        var left = WorkingCalendar.WorkingDaysBetween(today, dueOn);
        return steps.Contains(left) ? $"T-{left}" : null;
    }

    /// <summary>The working day on which a step of an end stands: the one for which <see cref="StepOn"/> finds it.</summary>
    public static DateOnly DayOf(DateOnly dueOn, int step) =>
        WorkingCalendar.AddWorkingDays(dueOn, WorkingCalendar.IsWorkingDay(dueOn) ? -step : -step - 1);

    private static async Task<int> RemindVotersAsync(
        IServiceProvider services, ProcesDbContext db, IReadOnlyCollection<int> steps, DateOnly today, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var rules = (await db.RulesOfProcedure.AsNoTracking().ToListAsync(cancellation)).ToDictionary(r => (r.BodyKey, r.Version), r => r.Read());
        var open = await db.Ballots.AsNoTracking().Include(b => b.Electors).Include(b => b.Positions)
            .Where(b => b.State == BallotState.Open && b.DueAt > now).ToListAsync(cancellation);
        var reminded = 0;
        foreach (var ballot in open)
        {
            // The notice itself is enough on the day it goes out.
            if (ballot.DueOn is not { } dueOn || StepOn(today, dueOn, steps) is not { } step || Warsaw.DateOf(ballot.NoticedAt) == today)
            {
                continue;
            }

            var revision = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
            var absent = await BallotElectorate.AbsentAsync(db, ballot.Electors, now, cancellation);
            await services.GetRequiredService<Outbox>().AddAsync(
                new BallotReminder(BallotCases.Of(ballot, revision), step),

                // Whoever votes is reminded: for an absent member that is his alternate.
                [.. ballot.Missing().Select(elector => !ballot.IsSecret && BallotElectorate.IsStoodInFor(elector, absent, rules[(ballot.BodyKey, ballot.RulesVersion)])
                    ? elector.AlternateId!.Value
                    : elector.PersonId)],
                cancellation);
            reminded++;
        }

        return reminded;
    }

    private static async Task<int> RemindOwersAsync(
        IServiceProvider services, ProcesDbContext db, IReadOnlyCollection<int> steps, DateOnly today, DateTimeOffset now,
        CancellationToken cancellation)
    {
        // In the Polish calendar a working day comes at the latest after four that are none, and a week has four of them at least.
        var horizon = today.AddDays((steps.DefaultIfEmpty().Max() * 2) + 7);
        var pending = await db.Deadlines
            .Where(d => d.State == DeadlineState.Pending && d.DueAt > now && d.DueOn <= horizon).ToListAsync(cancellation);
        var reminded = 0;
        foreach (var deadline in pending)
        {
            if (StepOn(today, deadline.DueOn, steps) is { } step)
            {
                await services.GetRequiredService<DeadlinePeople>().RemindAsync(deadline, step, cancellation);
                reminded++;
            }
        }

        return reminded;
    }

    /// <summary>
    /// Tells one after another, lead, secretary and chair, that what was owed has still not come. Each is told once about one end; a
    /// morning that was missed is made up for, unless the next one's turn has come meanwhile.
    /// </summary>
    private static async Task<int> EscalateAsync(
        IServiceProvider services, ProcesDbContext db, IReadOnlyList<int> steps, DateOnly today, CancellationToken cancellation)
    {
        var horizon = today.AddDays(-((steps.DefaultIfEmpty().Max() * 2) + 7));
        var overdue = await db.Deadlines.Where(d => d.State == DeadlineState.Passed && d.MetAt == null && d.DueOn >= horizon)
            .OrderBy(d => d.DueAt).ThenBy(d => d.Key).ToListAsync(cancellation);
        var told = 0;
        foreach (var deadline in overdue)
        {
            if (LevelOn(today, deadline.DueOn, steps) is { } level)
            {
                told += await services.GetRequiredService<DeadlinePeople>().EscalateAsync(
                    deadline, level, WorkingCalendar.WorkingDaysBetween(deadline.DueOn, today), cancellation);
            }
        }

        return told;
    }

    /// <summary>Whose turn it is on a day after an end: the last of lead (0), secretary (1) and chair (2) whose day has come; null before the first.</summary>
    public static int? LevelOn(DateOnly today, DateOnly dueOn, IReadOnlyList<int> steps)
    {
        var after = WorkingCalendar.WorkingDaysBetween(dueOn, today);
        var level = steps.Count(step => step > 0 && step <= after) - 1;
        return today > dueOn && level >= 0 ? level : null;
    }
}
