using System.Globalization;
using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Approval.Workflows.Designing;

namespace ProcesStandardu.Approval.Refusals;

/// <summary>
/// Says a refusal in the reader's language, on pages and in Elsa Studio alike: the slice that refuses keeps its text under the refusal's
/// key.
/// </summary>
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

    /// <summary>All that there is to say: one sentence, or one for each thing that must be mended. Never empty.</summary>
    public IReadOnlyList<string> Each(Refusal refusal) => refusal switch
    {
        DraftHasProblems draft => [.. draft.Problems.Select(Of).Distinct()],
        DefinitionHasProblems definition => [.. definition.Problems.Select(problem => problem.Describe())],
        _ => [Of(refusal)],
    };

    /// <summary>What must be mended in a definition, and at which step.</summary>
    public string Of(DesignProblem problem)
    {
        var texts = localizers.Create(typeof(DesigningTexts));
        var sentence = texts[problem.Code, [.. problem.Arguments]];
        return problem.ActivityName is { } name ? texts["At", sentence.Value, name] : sentence;
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
        DateTimeOffset instant => Warsaw.Local(instant).ToString("d.MM.yyyy, H:mm", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("d.MM.yyyy", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.CurrentCulture),
        null => "",
        _ => argument,
    };
}
