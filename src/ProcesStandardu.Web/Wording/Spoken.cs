using System.Globalization;
using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Web.Wording;

/// <summary>Dates, times and sizes in the reader's language, always in Warsaw's time.</summary>
public sealed class Spoken(IStringLocalizer<SpokenTexts> texts, TimeProvider time)
{
    private static CultureInfo Culture => CultureInfo.CurrentCulture;

    /// <summary>Today in Warsaw, by the programme's clock.</summary>
    public DateOnly Today => Warsaw.DateOf(time.GetUtcNow());

    /// <summary>„wtorek, 6 listopada 2012”.</summary>
    public static string LongDate(DateOnly day) => day.ToString("dddd, d MMMM yyyy", Culture);

    /// <summary>„6 listopada 2012”.</summary>
    public static string PlainDate(DateOnly day) => day.ToString("d MMMM yyyy", Culture);

    /// <summary>„6.11.2012”.</summary>
    public static string ShortDate(DateOnly day) => day.ToString("d.MM.yyyy", Culture);

    /// <summary>„6.11.2012, 8:11”.</summary>
    public static string ShortInstant(DateTimeOffset instant) => Warsaw.Local(instant).ToString("d.MM.yyyy, H:mm", Culture);

    /// <summary>„poniedziałek, 5 listopada 2012, 9:30”.</summary>
    public static string LongInstant(DateTimeOffset instant) => Warsaw.Local(instant).ToString("dddd, d MMMM yyyy, H:mm", Culture);

    /// <summary>„wtorek, 6 listopada 2012, 23:59”: the end of the day on which something is due.</summary>
    public static string DueEnd(DateOnly day) => LongDate(day) + ", 23:59";

    /// <summary>For the attribute of a <c>time</c> element.</summary>
    public static string Machine(DateTimeOffset instant) => Warsaw.Local(instant).ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>For the attribute of a <c>time</c> element.</summary>
    public static string Machine(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>A date as exactly as its source gives it: „30 kwietnia 2014”, „kwiecień 2014” or „2014”.</summary>
    public static string AsSourced(DateOnly day, DatePrecision precision) => precision switch
    {
        DatePrecision.Day => PlainDate(day),
        DatePrecision.Month => day.ToString("MMMM yyyy", Culture),
        _ => day.ToString("yyyy", Culture),
    };

    /// <summary>How far off a day is: „dziś”, „jutro”, „za 5 dni roboczych” (those after today, the day itself included), or „3 dni temu”.</summary>
    public string Distance(DateOnly due)
    {
        var today = Today;
        if (due < today)
        {
            return texts.Count("DaysAgo", today.DayNumber - due.DayNumber);
        }

        return (due.DayNumber - today.DayNumber) switch
        {
            0 => texts["Today"],
            1 => texts["Tomorrow"],
            > 60 => texts.Count("InMonths", ((due.Year - today.Year) * 12) + due.Month - today.Month),
            _ when WorkingCalendar.WorkingDaysBetween(today, due) is > 0 and var days => texts.Count("InWorkingDays", days),
            var days => texts.Count("InDays", days),
        };
    }

    /// <summary>„482 kB”, „1,2 MB”.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1_000 => string.Create(Culture, $"{bytes} B"),
        < 1_000_000 => string.Create(Culture, $"{(bytes + 500) / 1_000} kB"),
        _ => string.Create(Culture, $"{bytes / 1_000_000m:0.0} MB"),
    };

    /// <summary>A number with the language's grouping, without zeros that say nothing: „3 000”, „2,5”.</summary>
    public static string Number(decimal number) => number.ToString("#,0.##", Culture);

    /// <summary>The first eight signs of a hash, as people compare it.</summary>
    public static string ShortHash(byte[] hash) => Convert.ToHexStringLower(hash)[..8];
}

/// <summary>Names the resources with the words for time.</summary>
public sealed class SpokenTexts;
