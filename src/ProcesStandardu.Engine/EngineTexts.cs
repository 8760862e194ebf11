using System.Globalization;
using System.Resources;

namespace ProcesStandardu.Engine;

/// <summary>Texts of the engine that people read: names of activities, incidents, problems of definitions.</summary>
public sealed class EngineTexts
{
    private static readonly ResourceManager Resources = new(typeof(EngineTexts));

    private EngineTexts()
    {
    }

    /// <summary>The text in the current language of the reader, with its arguments filled in; the key when there is none.</summary>
    public static string Get(string key, params object?[] arguments) => Get(key, CultureInfo.CurrentUICulture, arguments);

    public static string Get(string key, CultureInfo culture, params object?[] arguments)
    {
        var text = Resources.GetString(key, culture);
        return text is null ? key : arguments.Length == 0 ? text : string.Format(culture, text, arguments);
    }
}
