using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Answers „skąd to wiadomo?”: the facts and conflicts about one thing, each with its sources.</summary>
public sealed class WhereFrom(UnitOfWork work)
{
    /// <param name="Subject">What is asked about, as 'kind:key': <c>indicator:osl-sesje</c>, <c>phase:osl-pilotaz</c>; null asks for everything.</param>
    public sealed record Query(string? Subject);

    /// <summary>Both empty when no source speaks about the thing.</summary>
    public sealed record View(IReadOnlyList<FactView> Facts, IReadOnlyList<ConflictView> Conflicts);

    public sealed record FactView(
        string Key, string Subject, string Statement, FactCertainty Certainty, bool IsExternal, IReadOnlyList<SourceView> Sources);

    public sealed record ConflictView(
        string Key, string Title, string ChosenReading, string Reason, string ChosenBy, IReadOnlyList<ReadingView> Readings);

    /// <param name="Source">Null when no source reads so.</param>
    public sealed record ReadingView(string Text, bool IsChosen, SourceView? Source);

    public sealed record SourceView(
        string Key,
        string Title,
        string Publisher,
        DateOnly? PublishedOn,
        DatePrecision? PublishedPrecision,
        string Dating,
        string? Address,
        bool IsExternal);

    public Task<View> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var facts = await db.Facts.AsNoTracking()
                .Where(fact => query.Subject == null || fact.About.Contains(query.Subject))
                .OrderBy(fact => fact.Ordinal).ToListAsync(cancellation);
            var conflicts = await db.Conflicts.AsNoTracking()
                .Where(conflict => query.Subject == null || conflict.About.Contains(query.Subject))
                .OrderBy(conflict => conflict.Ordinal).ToListAsync(cancellation);
            return new View(
                [.. facts.Select(fact => new FactView(
                    fact.Key, fact.Subject, fact.Statement, fact.Certainty, fact.IsExternal,
                    [.. fact.Sources.OrderBy(source => source.SourceKey).Select(source => ViewOf(source.Source))]))],
                [.. conflicts.Select(conflict => new ConflictView(
                    conflict.Key, conflict.Title, conflict.ChosenReading, conflict.Reason, conflict.ChosenBy,
                    [.. conflict.Readings.OrderBy(reading => reading.Ordinal).Select(reading => new ReadingView(
                        reading.Text, reading.IsChosen, reading.Source is null ? null : ViewOf(reading.Source)))]))]);
        },
        cancellation);

    internal static SourceView ViewOf(Source source) => new(
        source.Key, source.Title, source.Publisher, source.PublishedOn, source.PublishedPrecision, source.Dating, source.Address,
        source.IsExternal);
}
