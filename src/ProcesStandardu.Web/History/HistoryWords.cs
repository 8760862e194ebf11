using System.Globalization;
using Microsoft.Extensions.Localization;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Web.Wording;

namespace ProcesStandardu.Web.History;

/// <summary>Says an entry of the history in a sentence, with the facts that help a reader.</summary>
public sealed class HistoryWords(IStringLocalizer<HistoryTexts> texts)
{
    /// <summary>Facts worth a reader's while, in the order in which they are said.</summary>
    private static readonly string[] Told =
    [
        "phase", "revision", "basedOn", "fileName", "commentNumber", "clause", "question", "choice", "number", "outcome", "resolution",
        "until", "after", "member", "words", "title", "value", "version", "asOf", "source", "fromVersion", "toVersion", "name", "target",
        "dueAt", "why",
    ];

    /// <summary>The sentence; the stored name itself where nobody has given it a text.</summary>
    public string Of(ShowHistory.Entry entry)
    {
        var sentence = texts["History_" + entry.Kind];
        var facts = Told.Where(entry.Details.ContainsKey)
            .Select(name => texts["Fact_" + name, Value(name, entry.Details[name])].Value).ToList();
        return (sentence.ResourceNotFound ? entry.Kind : sentence.Value) + (facts.Count == 0 ? "" : $" ({string.Join(", ", facts)})");
    }

    private string Value(string name, string stored) => name switch
    {
        "outcome" when texts["Outcome_" + stored] is { ResourceNotFound: false } outcome => outcome.Value,
        "dueAt" when DateTimeOffset.TryParse(stored, CultureInfo.InvariantCulture, out var at) => Spoken.ShortInstant(at),
        "until" when DateOnly.TryParse(stored, CultureInfo.InvariantCulture, out var day) => Spoken.ShortDate(day),
        _ => stored,
    };
}

/// <summary>Names the resources with the words of the history.</summary>
public sealed class HistoryTexts;
