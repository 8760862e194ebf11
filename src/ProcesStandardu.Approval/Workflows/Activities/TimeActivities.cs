using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>Waits for the beginning or the end of a day, given as a date or by a deadline. A day that is over does not wait.</summary>
public sealed class WaitForDate : Activity
{
    public const string TypeName = "ProcesStandardu.WaitForDate";

    /// <summary>The stored name of the beginning of the day.</summary>
    internal const string StartOfDay = "start_of_day";
    private const string EndOfDay = "end_of_day";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName,
        ActivityTexts.Time,
        [],
        [
            ActivityTexts.Input("DeadlineKey"),
            ActivityTexts.Input("Date"),
            ActivityTexts.Input("Moment", "String", "dropdown") with
            {
                Options = [.. new[] { StartOfDay, EndOfDay }.Select(name => new InputOption(ActivityTexts.Of("Moment_" + name), name))],
                DefaultValue = EndOfDay,
            },
        ]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (await DayAsync(context, cancellation) is not { } day)
        {
            context.Fail("date_unknown", "Name a deadline that exists, or a date as year-month-day.");
            return;
        }

        // The end of a day is the first instant that is not part of it: its last second is waited for in full.
        var moment = context.GetInput<string>("Moment") == StartOfDay ? StartOfDay : EndOfDay;
        var dueAt = moment == StartOfDay ? Warsaw.StartOf(day) : Warsaw.FirstInstantAfter(day);
        if (context.Now < dueAt)
        {
            // By the deadline's key an amendment finds the wait and gives it the new time.
            var key = context.GetInput<string>("DeadlineKey");
            context.WaitFor(TypeName, string.IsNullOrEmpty(key) ? null : new { deadlineKey = key, moment }, dueAt);
        }
    }

    private static async Task<DateOnly?> DayAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (context.GetInput<string>("DeadlineKey") is { Length: > 0 } key)
        {
            // Under the row's lock: the date cannot move between this look and the wait.
            var work = context.Services.GetRequiredService<UnitOfWork>();
            await RowLock.LockAsync(work, "select 1 from deadline where key = $1 for share", key, cancellation);
            return await work.Db.Deadlines.Where(d => d.Key == key)
                .Select(d => (DateOnly?)d.DueOn).SingleOrDefaultAsync(cancellation);
        }

        return DateOnly.TryParseExact(
            context.GetInput<string>("Date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null;
    }
}

/// <summary>Waits until a deadline is met or passes.</summary>
public sealed class WatchDeadline : Activity
{
    public const string TypeName = "ProcesStandardu.WatchDeadline";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName, ActivityTexts.Time, ["Met", "Passed"], [ActivityTexts.Input("DeadlineKey")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var key = context.GetInput<string>("DeadlineKey") ?? "";
        var work = context.Services.GetRequiredService<UnitOfWork>();

        // Under the row's lock: it cannot pass or be met between this look and the wait.
        await RowLock.LockAsync(work, "select 1 from deadline where key = $1 for no key update", key, cancellation);
        var deadline = await work.Db.Deadlines.SingleOrDefaultAsync(d => d.Key == key, cancellation);
        switch (deadline?.State)
        {
            case null:
                context.Fail("deadline_unknown", $"There is no deadline {key}.");
                break;
            case DeadlineState.Pending:
                context.WaitFor(EnforceDeadlines.Stimulus, EnforceDeadlines.WaitPayload(key, EnforceDeadlines.Met));
                context.WaitFor(EnforceDeadlines.Stimulus, EnforceDeadlines.WaitPayload(key, EnforceDeadlines.Passed));
                break;
            case DeadlineState.Passed when deadline.MetAt is null:
                context.Complete("Passed");
                break;
            default:
                context.Complete("Met");
                break;
        }
    }

    public override ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.Complete(resumption.Payload?["what"]?.GetValue<string>() == EnforceDeadlines.Met ? "Met" : "Passed");
        return ValueTask.CompletedTask;
    }
}

/// <summary>
/// Waits until an indicator reaches its target, or until its deadline. Once the deadline is over it waits for the target
/// alone.
/// </summary>
public sealed class WaitForIndicator : Activity
{
    public const string TypeName = "ProcesStandardu.WaitForIndicator";

    /// <summary>The payload of the stimulus that says that an indicator reached its target.</summary>
    public static object WaitPayload(string indicatorKey) => new { indicatorKey };

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName, ActivityTexts.Programme, ["Reached", "DeadlinePassed"], [ActivityTexts.Input("IndicatorKey")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var key = context.GetInput<string>("IndicatorKey") ?? "";
        var work = context.Services.GetRequiredService<UnitOfWork>();

        // Under the row's lock: a value reported at this moment is either seen here or finds the wait.
        await RowLock.LockAsync(work, "select 1 from indicator where key = $1 for no key update", key, cancellation);
        var indicator = await work.Db.Indicators.SingleOrDefaultAsync(i => i.Key == key, cancellation);
        if (indicator is null)
        {
            context.Fail("indicator_unknown", $"There is no indicator {key}.");
            return;
        }

        var values = await work.Db.IndicatorValues.Where(value => value.IndicatorKey == key).ToListAsync(cancellation);
        if (IndicatorValue.Current(values) is { } current && indicator.IsReachedBy(current.Value))
        {
            context.Complete("Reached");
            return;
        }

        context.WaitFor(TypeName, WaitPayload(key));
        if (indicator.DueDeadlineKey is { } due && await work.Db.Deadlines.AnyAsync(
            d => d.Key == due && d.State == DeadlineState.Pending, cancellation))
        {
            context.WaitFor(EnforceDeadlines.Stimulus, EnforceDeadlines.WaitPayload(due, EnforceDeadlines.Passed));
        }
    }

    public override ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.Complete(resumption.StimulusName == EnforceDeadlines.Stimulus ? "DeadlinePassed" : "Reached");
        return ValueTask.CompletedTask;
    }
}
