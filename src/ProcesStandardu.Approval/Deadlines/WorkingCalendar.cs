namespace ProcesStandardu.Approval.Deadlines;

/// <summary>
/// Polish working days: every day but Saturdays, Sundays and the days off work of the act of 18 January 1951 as it
/// stood in the year asked for.
/// </summary>
public static class WorkingCalendar
{
    /// <summary>True on Monday to Friday unless the day is a holiday.</summary>
    public static bool IsWorkingDay(DateOnly day) =>
        day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && !IsHoliday(day);

    /// <summary>True on a statutory day off other than an ordinary Sunday.</summary>
    public static bool IsHoliday(DateOnly day) => HolidayName(day) is not null;

    /// <summary>The resource key of the holiday on this day, for example <c>Holiday_corpus_christi</c>; null on other days.</summary>
    public static string? HolidayName(DateOnly day)
    {
        var easter = EasterSunday(day.Year);
        return (day.Month, day.Day) switch
        {
            (1, 1) => "Holiday_new_year",

            // Off work again from 2011: Dz.U. 2010 nr 224 poz. 1459.
            (1, 6) when day.Year >= 2011 => "Holiday_epiphany",
            (5, 1) => "Holiday_labour_day",
            (5, 3) => "Holiday_constitution_day",
            (8, 15) => "Holiday_assumption",
            (11, 1) => "Holiday_all_saints",
            (11, 11) => "Holiday_independence_day",

            // Off work from 2025: Dz.U. 2024 poz. 1965.
            (12, 24) when day.Year >= 2025 => "Holiday_christmas_eve",
            (12, 25) => "Holiday_christmas_day",
            (12, 26) => "Holiday_second_christmas_day",
            _ when day == easter => "Holiday_easter_sunday",
            _ when day == easter.AddDays(1) => "Holiday_easter_monday",
            _ when day == easter.AddDays(49) => "Holiday_pentecost",
            _ when day == easter.AddDays(60) => "Holiday_corpus_christi",
            _ => null,
        };
    }

    /// <summary>
    /// The day on which a term of <paramref name="count"/> working days ends. The day it starts from is not counted;
    /// a negative count goes backwards; zero is the day itself.
    /// </summary>
    public static DateOnly AddWorkingDays(DateOnly from, int count)
    {
        var step = Math.Sign(count);
        var day = from;
        for (var left = Math.Abs(count); left > 0;)
        {
            day = day.AddDays(step);
            if (IsWorkingDay(day))
            {
                left--;
            }
        }

        return day;
    }

    /// <summary>How many working days lie after <paramref name="from"/> up to and including <paramref name="until"/>; 0 when none is left.</summary>
    public static int WorkingDaysBetween(DateOnly from, DateOnly until)
    {
        var count = 0;
        for (var day = from.AddDays(1); day <= until; day = day.AddDays(1))
        {
            if (IsWorkingDay(day))
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>Gregorian Easter, by the anonymous algorithm published in Nature in 1876.</summary>
    public static DateOnly EasterSunday(int year)
    {
        var a = year % 19;
        var (b, c) = Math.DivRem(year, 100);
        var (d, e) = Math.DivRem(b, 4);
        var f = (b + 8) / 25;
        var g = (b - f + 1) / 3;
        var h = ((19 * a) + b - d - g + 15) % 30;
        var (i, k) = Math.DivRem(c, 4);
        var l = (32 + (2 * e) + (2 * i) - h - k) % 7;
        var m = (a + (11 * h) + (22 * l)) / 451;
        var (month, day) = Math.DivRem(h + l - (7 * m) + 114, 31);
        return new DateOnly(year, month, day + 1);
    }
}
