using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Deadlines;

/// <summary>„Skąd ta data?”: a deadline with the chain of its dates, the rule behind the present one and all that hangs on it.</summary>
public sealed class ShowDeadline(UnitOfWork work, Rights rights, ReminderSteps steps, TimeProvider time)
{
    /// <param name="AsOf">„Stan na dzień”: the day at whose end the deadline is shown; null shows it as it is.</param>
    public sealed record Query(string Key, Guid PersonId, DateOnly? AsOf = null);

    /// <param name="AsOf">The state at the end of the day that was asked for; null when none was.</param>
    /// <param name="Chain">Every date it had, the first one first.</param>
    /// <param name="Rule">How its date follows from another deadline's; null for a date of its own.</param>
    /// <param name="Followers">Deadlines whose dates follow from this one's.</param>
    /// <param name="Reminders">Mornings on which those who still owe are reminded; empty once it does not run.</param>
    /// <param name="WaitingWorkflows">How many running workflows wait for it.</param>
    public sealed record View(
        string Key, string Title, string Subject, DateOnly DueOn, string Precision, string State, DateTimeOffset? MetAt,
        DateTimeOffset? PassedAt, bool IsOverdue, bool IsDemo, bool MayAmend, StateThen? AsOf, IReadOnlyList<Link> Chain, RuleView? Rule,
        IReadOnlyList<Follower> Followers, IReadOnlyList<Reminder> Reminders, IReadOnlyList<OwedThing> Owed, int WaitingWorkflows);

    /// <summary>What held at the end of a day.</summary>
    public sealed record StateThen(DateOnly Day, DateOnly DueOn, string State);

    /// <summary>One date of the chain and what gave it: a source or an amendment.</summary>
    /// <param name="SourceTitle">The source's title; null where the chain names an amendment, or the source is not registered.</param>
    public sealed record Link(
        DateOnly DueOn, string Precision, string Source, string? SourceTitle, Guid? AmendmentId, string? AmendmentNumber,
        DateOnly? AmendmentDatedOn, DateTimeOffset? DatedAt);

    public sealed record RuleView(string BaseKey, string BaseTitle, DateOnly BaseDueOn, int WorkingDays, IReadOnlyList<CountedDay> Counted);

    public sealed record Follower(string Key, string Title, DateOnly DueOn, int WorkingDays, string State);

    public sealed record Reminder(DateOnly Day, int Step, bool IsOver);

    /// <param name="Kind"><c>deliverable</c>, <c>phase</c>, <c>indicator</c> or <c>programme</c>.</param>
    public sealed record OwedThing(string Kind, string Key, string Title);

    public Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync<View>(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var deadline = await db.Deadlines.AsNoTracking().SingleOrDefaultAsync(d => d.Key == query.Key, cancellation);
            if (deadline is null || !person.Observes)
            {
                return new NotFoundOrNotYours();
            }

            var now = time.GetUtcNow();
            var dates = await db.DeadlineDates.AsNoTracking().Where(date => date.DeadlineKey == deadline.Key)
                .OrderBy(date => date.Ordinal).ToListAsync(cancellation);
            var followers = await db.Deadlines.AsNoTracking().Where(d => d.RuleBaseKey == deadline.Key)
                .OrderBy(d => d.DueOn).ThenBy(d => d.Key).ToListAsync(cancellation);
            return new View(
                deadline.Key, deadline.Title, deadline.Subject, deadline.DueOn, deadline.Precision, deadline.State, deadline.MetAt,
                deadline.PassedAt, deadline.State == DeadlineState.Passed && deadline.MetAt is null, deadline.IsDemo,
                person.KeepsOutbox && deadline.State == DeadlineState.Pending,
                query.AsOf is { } day ? Then(deadline, dates, day) : null,
                await ChainAsync(db, dates, cancellation),
                await RuleAsync(db, deadline, cancellation),
                [.. followers.Select(d => new Follower(d.Key, d.Title, d.DueOn, d.RuleDays!.Value, d.State))],
                deadline.State == DeadlineState.Pending ? Reminders(deadline, await steps.ReadAsync(cancellation), now) : [],
                await OwedAsync(db, deadline.Subject, cancellation),
                await WaitingAsync(deadline.Key, cancellation));
        },
        cancellation);

    private static StateThen Then(Deadline deadline, IReadOnlyList<DeadlineDate> dates, DateOnly day) => new(
        day,
        DeadlineDate.AsOf(dates, day).DueOn,
        deadline.PassedAt is { } passed && Warsaw.DateOf(passed) <= day ? DeadlineState.Passed
        : deadline.MetAt is { } met && Warsaw.DateOf(met) <= day ? DeadlineState.Met
        : deadline.State == DeadlineState.Cancelled ? DeadlineState.Cancelled
        : DeadlineState.Pending);

    private static async Task<IReadOnlyList<Link>> ChainAsync(
        ProcesDbContext db, IReadOnlyList<DeadlineDate> dates, CancellationToken cancellation)
    {
        var sourceKeys = dates.Select(date => date.Source).ToList();
        var sources = await db.Sources.AsNoTracking().Where(source => sourceKeys.Contains(source.Key))
            .ToDictionaryAsync(source => source.Key, source => source.Title, cancellation);
        var amendmentIds = dates.Where(date => date.AmendmentId != null).Select(date => date.AmendmentId!.Value).ToList();
        var amendments = await db.Amendments.AsNoTracking().Where(amendment => amendmentIds.Contains(amendment.Id))
            .ToDictionaryAsync(amendment => amendment.Id, cancellation);
        return [.. dates.Select(date => date.AmendmentId is { } id && amendments.GetValueOrDefault(id) is { } amendment
            ? new Link(date.DueOn, date.Precision, date.Source, null, id, amendment.Number, amendment.DatedOn, date.DatedAt)
            : new Link(date.DueOn, date.Precision, date.Source, sources.GetValueOrDefault(date.Source), null, null, null, date.DatedAt))];
    }

    private static async Task<RuleView?> RuleAsync(ProcesDbContext db, Deadline deadline, CancellationToken cancellation)
    {
        if (deadline is not { RuleBaseKey: { } key, RuleDays: { } days })
        {
            return null;
        }

        var basis = await db.Deadlines.AsNoTracking().SingleAsync(d => d.Key == key, cancellation);
        return new RuleView(basis.Key, basis.Title, basis.DueOn, days, CountedDays.Of(basis.DueOn, days));
    }

    private static IReadOnlyList<Reminder> Reminders(Deadline deadline, StepPlan plan, DateTimeOffset now) =>
        [.. plan.Deadlines.Distinct().OrderDescending().Select(step => (Step: step, Day: SendReminders.DayOf(deadline.DueOn, step)))
            .Select(reminder => new Reminder(reminder.Day, reminder.Step, Warsaw.At(reminder.Day, SendReminders.Morning) <= now))];

    private static async Task<IReadOnlyList<OwedThing>> OwedAsync(ProcesDbContext db, string subject, CancellationToken cancellation)
    {
        var (kind, key) = DeadlinePeople.Split(subject);
        var title = kind switch
        {
            "deliverable" => await db.Deliverables.Where(d => d.Key == key).Select(d => d.Title).SingleOrDefaultAsync(cancellation),
            "phase" => await db.Phases.Where(p => p.Key == key).Select(p => p.Title).SingleOrDefaultAsync(cancellation),
            "indicator" => await db.Indicators.Where(i => i.Key == key).Select(i => i.Title).SingleOrDefaultAsync(cancellation),
            _ => await db.Programmes.Where(p => p.Key == key).Select(p => p.Title).SingleOrDefaultAsync(cancellation),
        };
        return title is null ? [] : [new OwedThing(kind, key, title)];
    }

    private async Task<int> WaitingAsync(string key, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            """
            select count(distinct instance_id)::int from workflow_bookmark
            where name like 'ProcesStandardu.%' and payload::jsonb ->> 'deadlineKey' = $1
            """,
            work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
