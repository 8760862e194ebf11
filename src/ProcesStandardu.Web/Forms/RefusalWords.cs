using System.Globalization;
using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Web.Wording;

namespace ProcesStandardu.Web.Forms;

/// <summary>Says a refusal in the reader's language: the slice that refuses keeps its text under the refusal's key.</summary>
public sealed class RefusalWords(IStringLocalizerFactory localizers)
{
    /// <summary>The sentence; the key itself where a text is missing, so that a reader can report it.</summary>
    public string Of(Refusal refusal)
    {
        var words = refusal.Arguments.Select(Word).ToArray();
        foreach (var resource in Resources(refusal))
        {
            var text = localizers.Create(resource)[refusal.Key, words];
            if (!text.ResourceNotFound)
            {
                return text;
            }
        }

        return refusal.Key;
    }

    /// <summary>The resources of the refusal's own slice first, then the general ones.</summary>
    private static IEnumerable<Type> Resources(Refusal refusal)
    {
        var type = refusal.GetType();
        return type.Assembly.GetExportedTypes()
            .Where(candidate => candidate.Namespace == type.Namespace && candidate.Name.EndsWith("Texts", StringComparison.Ordinal))
            .Append(typeof(RefusalTexts));
    }

    private static object Word(object? argument) => argument switch
    {
        DateTimeOffset instant => Spoken.ShortInstant(instant),
        DateOnly day => Spoken.ShortDate(day),
        IFormattable number => number.ToString(null, CultureInfo.CurrentCulture),
        null => "",
        _ => argument,
    };
}

/// <summary>Names the resources with the words of forms.</summary>
public sealed class FormTexts;
