using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Ballots;
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

    private static readonly int[] BallotSteps = [0, 1, 2];
    private static readonly int[] DeadlineSteps = [1, 2, 7, 14];

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
            async db => await RemindVotersAsync(scope.ServiceProvider, db, today, now, cancellation)
                + await RemindOwersAsync(scope.ServiceProvider, db, today, now, cancellation),
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

    /// <summary>The working days on which somebody is reminded of an end; each is a day for which <see cref="StepOn"/> finds a step.</summary>
    public static IEnumerable<DateOnly> DaysBefore(DateOnly dueOn, bool isBallot) =>
        (isBallot ? BallotSteps : DeadlineSteps).Select(step =>
            WorkingCalendar.AddWorkingDays(dueOn, WorkingCalendar.IsWorkingDay(dueOn) ? -step : -step - 1));

    private static async Task<int> RemindVotersAsync(
        IServiceProvider services, ProcesDbContext db, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        var rules = (await db.RulesOfProcedure.AsNoTracking().ToListAsync(cancellation)).ToDictionary(r => (r.BodyKey, r.Version), r => r.Read());
        var open = await db.Ballots.AsNoTracking().Include(b => b.Electors).Include(b => b.Positions)
            .Where(b => b.State == BallotState.Open && b.DueAt > now).ToListAsync(cancellation);
        var reminded = 0;
        foreach (var ballot in open)
        {
            // The notice itself is enough on the day it goes out.
            if (ballot.DueOn is not { } dueOn || StepOn(today, dueOn, BallotSteps) is not { } step || Warsaw.DateOf(ballot.NoticedAt) == today)
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
        IServiceProvider services, ProcesDbContext db, DateOnly today, DateTimeOffset now, CancellationToken cancellation)
    {
        // Fourteen working days never span more than thirty-one days in the Polish calendar.
        var horizon = today.AddDays(31);
        var pending = await db.Deadlines
            .Where(d => d.State == DeadlineState.Pending && d.DueAt > now && d.DueOn <= horizon).ToListAsync(cancellation);
        var reminded = 0;
        foreach (var deadline in pending)
        {
            if (StepOn(today, deadline.DueOn, DeadlineSteps) is { } step)
            {
                await services.GetRequiredService<DeadlinePeople>().RemindAsync(deadline, step, cancellation);
                reminded++;
            }
        }

        return reminded;
    }
}
