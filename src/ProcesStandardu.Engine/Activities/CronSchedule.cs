using System.Globalization;

namespace ProcesStandardu.Engine.Activities;

/// <summary>
/// A cron expression of five fields (minute, hour, day, month, weekday) or six (second first), with lists, ranges, steps
/// and English names of months and weekdays; 0 and 7 are Sunday. A moment fits when its day or its weekday fits, if
/// both are limited, and both otherwise.
/// </summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    private readonly bool[][] _fields;
    private readonly bool _limitsDay;
    private readonly bool _limitsWeekday;

    private CronSchedule(bool[][] fields, bool limitsDay, bool limitsWeekday)
    {
        _fields = fields;
        _limitsDay = limitsDay;
        _limitsWeekday = limitsWeekday;
    }

    /// <summary>Null when the text is no cron expression.</summary>
    public static CronSchedule? TryParse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 5)
        {
            parts = ["0", .. parts];
        }

        if (parts.Length != 6)
        {
            return null;
        }

        bool[]?[] fields =
        [
            Field(parts[0], 0, 59, []), Field(parts[1], 0, 59, []), Field(parts[2], 0, 23, []),
            Field(parts[3], 1, 31, []), Field(parts[4], 1, 12, Months), Field(parts[5], 0, 7, Days),
        ];
        if (fields.Contains(null))
        {
            return null;
        }

        fields[5]![0] |= fields[5]![7];
        return new CronSchedule(fields!, parts[3] is not ("*" or "?"), parts[5] is not ("*" or "?"));
    }

    /// <summary>The first fitting moment after an instant, on the clocks of a zone; null when none comes within five years.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset after, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        local = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, local.Second).AddSeconds(1);
        var end = local.AddYears(5);
        while (local < end)
        {
            if (!_fields[4][local.Month])
            {
                local = new DateTime(local.Year, local.Month, 1).AddMonths(1);
            }
            else if (!FitsDay(local))
            {
                local = local.Date.AddDays(1);
            }
            else if (!_fields[2][local.Hour])
            {
                local = local.Date.AddHours(local.Hour + 1);
            }
            else if (!_fields[1][local.Minute])
            {
                local = local.Date.AddHours(local.Hour).AddMinutes(local.Minute + 1);
            }
            else if (!_fields[0][local.Second])
            {
                local = local.AddSeconds(1);
            }
            else if (zone.IsInvalidTime(local))
            {
                local = local.AddMinutes(1);
            }
            else
            {
                return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
            }
        }

        return null;
    }

    private bool FitsDay(DateTime local)
    {
        var day = _fields[3][local.Day];
        var weekday = _fields[5][(int)local.DayOfWeek];
        return _limitsDay && _limitsWeekday ? day || weekday : day && weekday;
    }

    private static bool[]? Field(string text, int min, int max, string[] names)
    {
        var values = new bool[max + 1];
        foreach (var part in text.Split(','))
        {
            var (range, step) = part.Split('/') is [var before, var after]
                ? (before, int.TryParse(after, out var parsed) ? parsed : 0)
                : (part, 1);
            int first, last;
            if (range is "*" or "?")
            {
                (first, last) = (min, max);
            }
            else if (range.Split('-') is [var low, var high])
            {
                (first, last) = (Value(low, names, min), Value(high, names, min));
            }
            else
            {
                first = Value(range, names, min);
                last = part.Contains('/') ? max : first;
            }

            if (step < 1 || first < min || last > max || first > last)
            {
                return null;
            }

            for (var value = first; value <= last; value += step)
            {
                values[value] = true;
            }
        }

        return values;
    }

    private static int Value(string text, string[] names, int min) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number)
            ? number
            : Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase)) is var index and >= 0
                ? index + min
                : -1;
}
