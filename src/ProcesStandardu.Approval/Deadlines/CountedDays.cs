namespace ProcesStandardu.Approval.Deadlines;

/// <summary>One day that a count of working days went over.</summary>
/// <param name="Number">Which working day it is, from 1; null for a day that was skipped.</param>
/// <param name="Why">Why it was skipped: <c>saturday</c>, <c>sunday</c> or the calendar's name of the holiday; null for a counted day.</param>
public sealed record CountedDay(DateOnly Day, int? Number, string? Why);

/// <summary>Shows how a term of working days was counted, so that anybody can check it with a calendar on the wall.</summary>
public static class CountedDays
{
    /// <summary>
    /// Every day from the one after <paramref name="from"/> to the end of the term, in the order of counting; a negative count goes
    /// backwards and zero has none.
    /// </summary>
    public static IReadOnlyList<CountedDay> Of(DateOnly from, int count)
    {
        var days = new List<CountedDay>();
        var number = 0;
        for (var day = from; number < Math.Abs(count);)
        {
            day = day.AddDays(Math.Sign(count));
            var why = WhySkipped(day);
            days.Add(new CountedDay(day, why is null ? ++number : null, why));
        }

        return days;
    }

    private static string? WhySkipped(DateOnly day) =>
        WorkingCalendar.HolidayName(day) is { } holiday ? holiday
        : day.DayOfWeek switch
        {
            DayOfWeek.Saturday => "saturday",
            DayOfWeek.Sunday => "sunday",
            _ => null,
        };
}
