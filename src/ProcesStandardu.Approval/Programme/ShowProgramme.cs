using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Shows the programme as a whole: its span and status, tasks with their partners and paths, works, and what its end still lacks.</summary>
public sealed class ShowProgramme(UnitOfWork work, TimeProvider time)
{
    public sealed record Query;

    /// <param name="Missing">What the end still lacks now; empty once concluded.</param>
    public sealed record View(
        string Key,
        string Title,
        string ShortTitle,
        string Goal,
        string Framework,
        string Funding,
        string? Website,
        DateOnly StartsOn,
        DateOnly EndsOn,
        string SourceKey,
        ProgrammeStatus Status,
        DateTimeOffset? StatusSince,
        DateTimeOffset? ConcludedAt,
        IReadOnlyList<TaskView> Tasks,
        IReadOnlyList<MissingThing> Missing);

    public sealed record TaskView(
        string Key,
        int Number,
        string Title,
        string Goal,
        string SourceKey,
        bool SourceIsExternal,
        IReadOnlyList<PartnerView> Partners,
        IReadOnlyList<WorkView> Works,
        IReadOnlyList<PathView> Paths);

    public sealed record PartnerView(string OrganisationKey, string Name, string ShortName, TaskPartnerRole Role);

    public sealed record WorkView(string Key, string Title, string ShortTitle, WorkKind Kind, IReadOnlyList<string> Aliases);

    /// <summary>The phases of one path, in order.</summary>
    /// <param name="Title">The work's or the pilot's title, or the task's where the path belongs to the whole task.</param>
    public sealed record PathView(string Path, string Title, string? WorkKey, IReadOnlyList<PhaseView> Phases);

    /// <summary>Null when the programme's files were not taken over yet.</summary>
    public Task<View?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var programme = await db.Programmes.AsNoTracking().SingleOrDefaultAsync(cancellation);
            if (programme is null)
            {
                return null;
            }

            var tasks = await db.ProgrammeTasks.AsNoTracking()
                .Include(task => task.Source)
                .Include(task => task.Partners).ThenInclude(partner => partner.Organisation)
                .OrderBy(task => task.Number).ToListAsync(cancellation);
            var works = await db.StandardWorks.AsNoTracking().OrderBy(standard => standard.Ordinal).ToListAsync(cancellation);
            var phases = await db.Phases.AsNoTracking().OrderBy(phase => phase.Ordinal).ToListAsync(cancellation);
            var pilots = await db.Pilots.AsNoTracking().ToDictionaryAsync(pilot => pilot.Key, pilot => pilot.Title, cancellation);
            var ending = programme.IsConcluded
                ? null
                : await CloseProgramme.EvaluateAsync(db, programme, time.GetUtcNow(), cancellation);

            PathView PathOf(ProgrammeTask task, IGrouping<string, Phase> path)
            {
                var first = path.First();
                var standard = first.WorkKey is { } key ? works.Single(candidate => candidate.Key == key) : null;
                var title = standard?.Title ?? (first.PilotKey is { } pilot ? pilots[pilot] : task.Title);
                return new PathView(path.Key, title, first.WorkKey, [.. path.Select(PhaseView.Of)]);
            }

            return new View(
                programme.Key, programme.Title, programme.ShortTitle, programme.Goal, programme.Framework, programme.Funding,
                programme.Website, programme.StartsOn, programme.EndsOn, programme.SourceKey, programme.Status,
                programme.StatusSince, programme.ConcludedAt,
                [.. tasks.Select(task => new TaskView(
                    task.Key, task.Number, task.Title, task.Goal, task.SourceKey, task.Source.IsExternal,
                    [.. task.Partners.OrderBy(partner => partner.Role).ThenBy(partner => partner.Organisation.Ordinal)
                        .Select(partner => new PartnerView(
                            partner.OrganisationKey, partner.Organisation.Name, partner.Organisation.ShortName, partner.Role))],
                    [.. works.Where(standard => standard.TaskKey == task.Key).Select(standard => new WorkView(
                        standard.Key, standard.Title, standard.ShortTitle, standard.Kind, standard.Aliases))],
                    [.. phases.Where(phase => phase.TaskKey == task.Key).GroupBy(phase => phase.Path)
                        .Select(path => PathOf(task, path))]))],
                ending?.Missing ?? []);
        },
        cancellation);
}

/// <summary>A phase ready to be rendered: its plan with precision and source, and what has happened to it.</summary>
/// <param name="IsTestDatum">True when a planned date stands in no source.</param>
/// <param name="StartedBeforeGate">True when it was started while the phase before it was open.</param>
public sealed record PhaseView(
    string Key,
    int Ordinal,
    string Title,
    string Description,
    DateOnly? StartsOn,
    DatePrecision? StartsPrecision,
    DateOnly? EndsOn,
    DatePrecision? EndsPrecision,
    bool IsTestDatum,
    string SourceKey,
    PhaseStatus Status,
    DateTimeOffset? StartedAt,
    bool StartedBeforeGate,
    DateTimeOffset? CompletedAt)
{
    internal static PhaseView Of(Phase phase) => new(
        phase.Key, phase.Ordinal, phase.Title, phase.Description, phase.StartsOn, phase.StartsPrecision, phase.EndsOn,
        phase.EndsPrecision, phase.IsTestDatum, phase.SourceKey, phase.Status, phase.StartedAt, phase.StartedBeforeGate,
        phase.CompletedAt);
}
