using Cronos;

namespace ProcesStandardu.Engine.Activities;

/// <summary>
/// A cron expression of five fields (minute, hour, day, month, weekday) or six (second first), as Elsa reads them. A
/// moment fits when all its fields fit.
/// </summary>
/// <remarks>
/// On the day the clocks go forward, what falls into the missing hour fires when it ends; on the day they go back, a
/// fixed time of the doubled hour fires once and an interval goes on through both.
/// </remarks>
internal sealed class CronSchedule
{
    private readonly CronExpression _expression;

    private CronSchedule(CronExpression expression) => _expression = expression;

    /// <summary>Null when the text is no cron expression.</summary>
    public static CronSchedule? TryParse(string text)
    {
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        return CronExpression.TryParse(text, fields == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard, out var expression)
            ? new CronSchedule(expression)
            : null;
    }

    /// <summary>The first fitting moment after an instant, on the clocks of a zone, in UTC; null when none comes.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset after, TimeZoneInfo zone) =>
        _expression.GetNextOccurrence(after, zone)?.ToUniversalTime();
}
