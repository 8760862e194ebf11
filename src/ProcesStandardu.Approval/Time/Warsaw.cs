namespace ProcesStandardu.Approval.Time;

/// <summary>Local dates and times of the programme: everything people read and every rule about days is Warsaw's.</summary>
public static class Warsaw
{
    /// <summary>Europe/Warsaw, with its changes of summer time.</summary>
    public static TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById("Europe/Warsaw");

    /// <summary>The local date at an instant.</summary>
    public static DateOnly DateOf(DateTimeOffset instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Zone).DateTime);

    /// <summary>The same instant, shown with Warsaw's offset.</summary>
    public static DateTimeOffset Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone);

    /// <summary>The first instant of a local day, in UTC.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => At(day, TimeOnly.MinValue);

    /// <summary>
    /// The end of a local day in UTC: the last whole second, 23:59:59, as deadlines are written. An act in that
    /// second still counts; use <see cref="FirstInstantAfter"/> as the exclusive bound.
    /// </summary>
    public static DateTimeOffset EndOf(DateOnly day) => At(day, new TimeOnly(23, 59, 59));

    /// <summary>The first instant that is too late for a deadline on this day: the next local midnight, in UTC.</summary>
    public static DateTimeOffset FirstInstantAfter(DateOnly day) => StartOf(day.AddDays(1));

    /// <summary>A local date and time as an instant in UTC. A time that the clocks skip becomes the first one after the gap.</summary>
    public static DateTimeOffset At(DateOnly day, TimeOnly time)
    {
        var local = day.ToDateTime(time, DateTimeKind.Unspecified);
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30);
        }

        return new DateTimeOffset(local, Zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
