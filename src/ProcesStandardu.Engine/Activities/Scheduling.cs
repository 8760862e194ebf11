using System.Globalization;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Waits for the clock; the wait is a row with a due time, never a timer in memory.</summary>
internal abstract class ClockActivity : BuiltInActivity
{
    /// <summary>When to go on; null for at once.</summary>
    protected abstract DateTimeOffset? DueAt(ActivityContext context);

    protected virtual string PayloadName => "ResumeAt";

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (context.StartedBy is not null || DueAt(context) is not { } due || due <= context.Now)
        {
            context.Complete();
        }
        else
        {
            context.WaitFor(Descriptor.TypeName, Payload(due), due);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>An instant as waits write it; two equal instants are equal text.</summary>
    protected JsonObject Payload(DateTimeOffset due) => new()
    {
        [PayloadName] = due.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture),
    };
}

/// <summary>Waits a length of time.</summary>
internal sealed class Delay : ClockActivity
{
    protected override DateTimeOffset? DueAt(ActivityContext context) => context.Now + context.GetInput<TimeSpan>("TimeSpan");

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Delay", "Scheduling") with
    {
        Inputs = [BuiltIn.Input("Delay", "TimeSpan", "TimeSpan", defaultValue: "00:01:00")],
    };
}

/// <summary>Waits until an instant, or starts a workflow at it; one that has passed is not waited for.</summary>
internal sealed class StartAt : ClockActivity
{
    public override TriggerStimulus GetTrigger(ActivityContext context) =>
        new(Descriptor.TypeName, null, DueAt(context));

    protected override string PayloadName => "ExecuteAt";

    protected override DateTimeOffset? DueAt(ActivityContext context) =>
        ValueConversion.DateOf(context.GetInput("DateTime"), context.TimeZone);

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.StartAt", "Scheduling") with
    {
        Kind = ActivityKind.Trigger,
        Inputs = [BuiltIn.Input("StartAt", "DateTime", "DateTimeOffset", "datetime-picker")],
    };
}

/// <summary>Waits one interval, or starts a workflow each interval.</summary>
internal sealed class Timer : ClockActivity
{
    public override TriggerStimulus GetTrigger(ActivityContext context) =>
        new(Descriptor.TypeName, null, DueAt(context));

    protected override DateTimeOffset? DueAt(ActivityContext context)
    {
        var interval = context.GetInput<TimeSpan>("Interval");
        return context.Now + (interval > TimeSpan.Zero ? interval : TimeSpan.FromMinutes(1));
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Timer", "Scheduling") with
    {
        Kind = ActivityKind.Trigger,
        Inputs = [BuiltIn.Input("Timer", "Interval", "TimeSpan", defaultValue: "00:01:00")],
    };
}

/// <summary>Waits until, or starts a workflow at, the next moment of a cron expression.</summary>
internal sealed class Cron : ClockActivity
{
    public override TriggerStimulus GetTrigger(ActivityContext context) =>
        new(Descriptor.TypeName, null, DueAt(context));

    protected override DateTimeOffset? DueAt(ActivityContext context)
    {
        var text = context.GetInput<string>("CronExpression") ?? "";
        var schedule = CronSchedule.TryParse(text)
            ?? throw new FlowException("CronExpressionIsMalformed", EngineTexts.Get("CronExpressionIsMalformed", text));
        return schedule.NextAfter(context.Now, Zone(context))
            ?? throw new FlowException("CronExpressionNeverFires", EngineTexts.Get("CronExpressionNeverFires", text));
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Cron", "Scheduling") with
    {
        Kind = ActivityKind.Trigger,
        Inputs = [BuiltIn.Input("Cron", "CronExpression", "String"), BuiltIn.Input("Cron", "TimeZone", "String")],
    };

    private static TimeZoneInfo Zone(ActivityContext context)
    {
        var name = context.GetInput<string>("TimeZone");
        return string.IsNullOrWhiteSpace(name) ? context.TimeZone
            : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone
            : throw new FlowException("TimeZoneIsUnknown", EngineTexts.Get("TimeZoneIsUnknown", name));
    }
}
