using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows.Activities;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Programme;

/// <summary>
/// Adds a value of an indicator, with its day and evidence. A value that reaches the target meets the deadline and wakes
/// the workflows that wait for it, in the same transaction. The lead of the indicator's task reports, or an administrator.
/// </summary>
public sealed class ReportIndicator(
    UnitOfWork work, Rights rights, AuditTrail audit, MeetDeadlines deadlines, WorkflowEngine engine, ProgrammeProgress progress,
    TimeProvider time)
{
    /// <param name="AsOfOn">The day at whose end the value held; not after today in Warsaw.</param>
    /// <param name="Evidence">What proves the value.</param>
    /// <param name="FormKey">Made when the form was shown: the same key again adds nothing. Null for none.</param>
    public sealed record Command(
        Guid ActorId, string IndicatorKey, decimal? Value, DateOnly? AsOfOn, string? Evidence, string? FormKey = null);

    /// <param name="ReachesTarget">True when the current value, which need not be this one, meets the target.</param>
    public sealed record Reported(Guid ValueId, bool ReachesTarget);

    public async Task<Result<Reported>> HandleAsync(Command command, CancellationToken cancellation)
    {
        if (command.Value is not { } value)
        {
            return new FieldIsEmpty(nameof(command.Value));
        }

        if (command.AsOfOn is not { } asOf)
        {
            return new FieldIsEmpty(nameof(command.AsOfOn));
        }

        if (string.IsNullOrWhiteSpace(command.Evidence))
        {
            return new FieldIsEmpty(nameof(command.Evidence));
        }

        if (value < 0 || value > 999_999_999 || decimal.Round(value, 2) != value)
        {
            return new ValueIsNotACount();
        }

        var request = new { command.IndicatorKey, value, asOf, command.Evidence };
        return await work.OnceAsync<Reported>(
            command.ActorId,
            command.FormKey,
            request,
            async db =>
            {
                var person = await rights.OfAsync(command.ActorId, cancellation);
                if (!await RowLock.LockAsync(
                    work, "select 1 from indicator where key = $1 for no key update", command.IndicatorKey, cancellation))
                {
                    return new NotFoundOrNotYours();
                }

                var indicator = await db.Indicators.SingleAsync(i => i.Key == command.IndicatorKey, cancellation);
                if (!(indicator.TaskKey is { } task && person.Leads(task)) && !person.Administers)
                {
                    return new ActIsNotYours();
                }

                var now = time.GetUtcNow();
                if (asOf > Warsaw.DateOf(now))
                {
                    return new DayIsInTheFuture();
                }

                return await AddAsync(db, indicator, value, asOf, command.Evidence.Trim(), command.ActorId, now, cancellation);
            },
            cancellation);
    }

    private async Task<Reported> AddAsync(
        ProcesDbContext db, Indicator indicator, decimal value, DateOnly asOf, string evidence, Guid actorId, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var values = await db.IndicatorValues.Where(v => v.IndicatorKey == indicator.Key).ToListAsync(cancellation);
        var wasReached = IndicatorValue.Current(values) is { } before && indicator.IsReachedBy(before.Value);
        var reported = new IndicatorValue(Guid.CreateVersion7(now), indicator.Key, value, asOf, evidence, actorId, now);
        db.Add(reported);
        values.Add(reported);
        var isReached = indicator.IsReachedBy(IndicatorValue.Current(values)!.Value);

        audit.Record(Subjects.Indicator(indicator.Key), "indicator_reported", new Actor(actorId), new { value, asOf });
        await db.SaveChangesAsync(cancellation);
        if (isReached && !wasReached)
        {
            audit.Record(Subjects.Indicator(indicator.Key), "indicator_reached", Actor.System, new { indicator.Target });
            await deadlines.ForAsync("indicator:" + indicator.Key, new Actor(actorId), now, cancellation);
            await engine.SendAsync(
                new Stimulus(WaitForIndicator.TypeName, WaitForIndicator.WaitPayload(indicator.Key)) { KeepWhenUnmatched = false },
                cancellation);
            await progress.TellAsync(cancellation);
        }

        return new Reported(reported.Id, isReached);
    }
}
