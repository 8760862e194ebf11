using System.Globalization;
using System.Resources;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>The sentences of mails in one language: the recipient's, whatever language the sender's page has.</summary>
public sealed class MailTexts
{
    private static readonly ResourceManager Resources = new(typeof(MailTexts));
    private static readonly MailTexts Polish = new(CultureInfo.GetCultureInfo("pl"));
    private static readonly MailTexts English = new(CultureInfo.GetCultureInfo("en"));

    private readonly CultureInfo culture;

    private MailTexts(CultureInfo culture) => this.culture = culture;

    /// <summary>The texts for a person's language; Polish for any that is not <c>en</c>.</summary>
    public static MailTexts For(string language) => language == "en" ? English : Polish;

    /// <summary><c>pl</c> or <c>en</c>.</summary>
    public string Language => culture.TwoLetterISOLanguageName;

    /// <summary>The sentence with this key.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public string this[string key] =>
        Resources.GetString(key, culture) ?? throw new KeyNotFoundException($"No mail text {key}.");

    /// <summary>The sentence with its places filled.</summary>
    public string this[string key, params object?[] arguments] =>
        string.Format(CultureInfo.InvariantCulture, this[key], arguments);

    /// <summary>A local date in words, for example <c>wtorek, 6 listopada 2012</c>.</summary>
    public string Date(DateOnly day) => string.Create(
        CultureInfo.InvariantCulture,
        $"{this["Weekdays"].Split('|')[(int)day.DayOfWeek]}, {day.Day} {this["Months"].Split('|')[day.Month - 1]} {day.Year}");

    /// <summary>An instant in Warsaw's time, for example <c>wtorek, 6 listopada 2012, 23:59 (czasu polskiego)</c>.</summary>
    public string DateAndTime(DateTimeOffset instant) =>
        this["DateAndTime", Date(Warsaw.DateOf(instant)), Warsaw.Local(instant).ToString("HH:mm", CultureInfo.InvariantCulture)];

    /// <summary>A date short enough for a subject, for example <c>6.11</c>.</summary>
    public string ShortDate(DateOnly day) => day.ToString(this["ShortDate"], CultureInfo.InvariantCulture);

    /// <summary>An instant short enough for a subject, for example <c>6.11 23:59</c>, in Warsaw's time.</summary>
    public string ShortDateAndTime(DateTimeOffset instant) =>
        Warsaw.Local(instant).ToString(this["ShortDate"] + " HH:mm", CultureInfo.InvariantCulture);
}
