using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Shows every indicator on a line of its own, with its target, its deadline and the value that held on a day.</summary>
public sealed class ShowIndicators(UnitOfWork work, TimeProvider time)
{
    /// <param name="AsOf">Shows the values as they held at the end of this day; null for today.</param>
    /// <param name="WorkKey">Only the indicators of one work; null for all.</param>
    public sealed record Query(DateOnly? AsOf = null, string? WorkKey = null);

    public sealed record View(DateOnly AsOf, IReadOnlyList<IndicatorView> Indicators);

    /// <param name="Value">Null when nothing was reported for the day asked about or before.</param>
    /// <param name="DuePrecision">How exactly the source gives the deadline: <c>day</c>, <c>month</c> or <c>year</c>; null without a deadline.</param>
    /// <param name="IsOverdue">True when the deadline is over and the target was not reached by the day asked about.</param>
    public sealed record IndicatorView(
        string Key,
        string Title,
        string Unit,
        string Population,
        decimal Target,
        bool IsApproximate,
        bool IsRequired,
        string? TaskKey,
        string? WorkKey,
        DateOnly? DueOn,
        string? DuePrecision,
        bool IsOverdue,
        decimal? Value,
        DateOnly? ValueAsOfOn,
        string? Evidence,
        string? ReportedBy,
        DateTimeOffset? ReportedAt,
        bool IsReached,
        string SourceKey);

    public Task<View> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var asOf = query.AsOf ?? Warsaw.DateOf(time.GetUtcNow());
            var indicators = await db.Indicators.AsNoTracking()
                .Where(indicator => query.WorkKey == null || indicator.WorkKey == query.WorkKey)
                .OrderBy(indicator => indicator.Ordinal).ToListAsync(cancellation);
            var values = (await db.IndicatorValues.AsNoTracking().Where(value => value.AsOfOn <= asOf).ToListAsync(cancellation))
                .ToLookup(value => value.IndicatorKey);
            var deadlines = await db.Deadlines.AsNoTracking().ToDictionaryAsync(deadline => deadline.Key, cancellation);
            var names = await db.People.AsNoTracking().ToDictionaryAsync(person => person.Id, person => person.DisplayName, cancellation);

            return new View(asOf, [.. indicators.Select(indicator =>
            {
                var current = IndicatorValue.Current(values[indicator.Key]);
                var isReached = current is not null && indicator.IsReachedBy(current.Value);
                var due = indicator.DueDeadlineKey is { } key ? deadlines.GetValueOrDefault(key) : null;
                return new IndicatorView(
                    indicator.Key, indicator.Title, indicator.Unit, indicator.Population, indicator.Target,
                    indicator.IsApproximate, indicator.IsRequired, indicator.TaskKey, indicator.WorkKey,
                    due?.DueOn, due?.Precision, due is not null && due.DueOn < asOf && !isReached,
                    current?.Value, current?.AsOfOn, current?.Evidence,
                    current is null ? null : names[current.ReportedById], current?.ReportedAt, isReached, indicator.SourceKey);
            })]);
        },
        cancellation);
}
