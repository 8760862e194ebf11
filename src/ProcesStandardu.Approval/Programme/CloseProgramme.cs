using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Programme;

/// <summary>
/// Evaluates whether the programme has ended and records it: on time, late, or not – and then what is missing. A
/// concluded programme stays as it was concluded.
/// </summary>
public sealed class CloseProgramme(UnitOfWork work, AuditTrail audit, MeetDeadlines deadlines, TimeProvider time)
{
    public sealed record Command(Actor Actor);

    /// <param name="Missing">What is owed; empty exactly when the programme is concluded.</param>
    public sealed record Closing(ProgrammeStatus Status, IReadOnlyList<MissingThing> Missing);

    public Task<Result<Closing>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Closing>(
        async db =>
        {
            var key = await db.Programmes.Select(programme => programme.Key).SingleOrDefaultAsync(cancellation);
            if (key is null)
            {
                return new ProgrammeIsNotImported();
            }

            await RowLock.LockAsync(work, "select 1 from programme where key = $1 for no key update", key, cancellation);
            var programme = await db.Programmes.SingleAsync(p => p.Key == key, cancellation);
            if (programme.IsConcluded)
            {
                return new Closing(programme.Status, []);
            }

            var now = time.GetUtcNow();
            var ending = await EvaluateAsync(db, programme, now, cancellation);
            if (programme.Follow(ending, now))
            {
                audit.Record(
                    Subjects.Programme,
                    programme.IsConcluded ? "programme_concluded" : "programme_overdue",
                    command.Actor,
                    new { status = programme.Status.ToString(), missing = ending.Missing.Select(thing => thing.Key) });
                await db.SaveChangesAsync(cancellation);
                if (programme.IsConcluded)
                {
                    await deadlines.ForAsync("programme:" + key, command.Actor, programme.ConcludedAt!.Value, cancellation);
                }
            }

            return new Closing(programme.Status, ending.Missing);
        },
        cancellation);

    /// <summary>What would be recorded now; changes nothing.</summary>
    internal static async Task<ProgrammeEnding> EvaluateAsync(
        ProcesDbContext db, PublicProgramme programme, DateTimeOffset now, CancellationToken cancellation)
    {
        var deliverables = await db.Deliverables.AsNoTracking()
            .Where(deliverable => deliverable.IsRequiredForProgrammeEnd)
            .OrderBy(deliverable => deliverable.TaskKey).ThenBy(deliverable => deliverable.Key)
            .ToListAsync(cancellation);
        var phases = await db.Phases.AsNoTracking().Where(phase => phase.IsRequired)
            .OrderBy(phase => phase.Path).ThenBy(phase => phase.Ordinal).ToListAsync(cancellation);
        var indicators = await db.Indicators.AsNoTracking().Where(indicator => indicator.IsRequired)
            .OrderBy(indicator => indicator.Ordinal).ToListAsync(cancellation);
        var works = await db.StandardWorks.AsNoTracking().ToDictionaryAsync(w => w.Key, w => w.ShortTitle, cancellation);
        var pilots = await db.Pilots.AsNoTracking().ToDictionaryAsync(pilot => pilot.Key, pilot => pilot.Title, cancellation);
        var tasks = await db.ProgrammeTasks.AsNoTracking().ToDictionaryAsync(task => task.Key, task => task.Title, cancellation);
        var values = (await db.IndicatorValues.AsNoTracking().ToListAsync(cancellation)).ToLookup(value => value.IndicatorKey);

        return ProgrammeEnding.Evaluate(
            [.. deliverables.Select(deliverable => new RequiredDeliverable(
                deliverable.Key,
                deliverable.Title,
                deliverable.TaskKey,
                deliverable.Status == DeliverableStatus.Adopted ? deliverable.AdoptedAt : null))],
            [.. phases.Select(phase => new RequiredPhase(
                phase.Key, $"{phase.Title} ({OwnerOf(phase)})", phase.TaskKey, phase.CompletedAt))],
            [.. indicators.Select(indicator => Required(indicator, values[indicator.Key]))],
            Warsaw.FirstInstantAfter(programme.EndsOn),
            now);

        // „Realizacja” alone says nothing: several paths have phases of one name.
        string OwnerOf(Phase phase) =>
            phase.WorkKey is { } w ? works[w] : phase.PilotKey is { } pilot ? pilots[pilot] : tasks[phase.TaskKey];
    }

    private static RequiredIndicator Required(Indicator indicator, IEnumerable<IndicatorValue> values)
    {
        var current = IndicatorValue.Current(values)?.Value ?? 0;
        DateTimeOffset? reachedAt = indicator.IsReachedBy(current)
            ? values.Where(value => indicator.IsReachedBy(value.Value)).Min(value => value.ReportedAt)
            : null;
        return new RequiredIndicator(indicator.Key, indicator.Title, indicator.TaskKey, current, indicator.Target, reachedAt);
    }
}
