using System.Globalization;
using Microsoft.Extensions.Localization;

namespace ProcesStandardu.Web.Wording;

/// <summary>Counted nouns: 1 głos, 2 głosy, 5 głosów, 22 głosy. A text with a count is stored under its key and <c>_one</c>, <c>_few</c>, <c>_many</c>.</summary>
public static class Plurals
{
    /// <summary>The sentence for this count; {0} in it is the count, further places follow.</summary>
    public static string Count(this IStringLocalizer texts, string key, int count, params object[] more) =>
        texts[$"{key}_{Form(count, CultureInfo.CurrentUICulture)}", [count, .. more]];

    /// <summary><c>one</c>, <c>few</c> or <c>many</c>. In English everything but one is many.</summary>
    public static string Form(int count, CultureInfo culture)
    {
        var number = Math.Abs((long)count);
        return number == 1 ? "one"
            : culture.TwoLetterISOLanguageName == "pl" && number % 10 is >= 2 and <= 4 && number % 100 is not (>= 12 and <= 14) ? "few"
            : "many";
    }
}
