using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Programme;

/// <summary>
/// Shows one standard or model: its path and where it is on it, since when, what is awaited from whom and until when,
/// its deliverables, ballots and indicators.
/// </summary>
public sealed class ShowStandard(UnitOfWork work, Rights rights, ShowIndicators showIndicators, TimeProvider time)
{
    public sealed record Query(string WorkKey, Guid PersonId);

    /// <param name="IsConcluded">True when the work has a path and each of its phases is completed.</param>
    public sealed record View(
        string Key,
        string Title,
        string ShortTitle,
        WorkKind Kind,
        IReadOnlyList<string> Aliases,
        string Description,
        string TaskKey,
        string TaskTitle,
        string SourceKey,
        bool IsConcluded,
        IReadOnlyList<PhaseView> Phases,
        IReadOnlyList<AwaitedThing> Awaited,
        IReadOnlyList<DeliverableLine> Deliverables,
        IReadOnlyList<BallotLine> Ballots,
        IReadOnlyList<ShowIndicators.IndicatorView> Indicators);

    /// <param name="Status">How far it is.</param>
    /// <param name="LatestRevision">The newest revision's label; null when there is none or the reader may not know of drafts.</param>
    /// <param name="DueOn">Null when no deadline is known.</param>
    public sealed record DeliverableLine(
        string Key,
        string Title,
        string? PhaseKey,
        DeliverableStatus Status,
        string? LatestRevision,
        bool IsRequiredForProgrammeEnd,
        DateOnly? DueOn,
        string? DuePrecision,
        string? DeadlineState,
        DateTimeOffset? AdoptedAt);

    /// <summary>A ballot's outward facts; nothing about positions.</summary>
    public sealed record BallotLine(
        Guid Id,
        string Number,
        string Title,
        string DeliverableKey,
        string State,
        string? Outcome,
        DateTimeOffset NoticedAt,
        DateOnly? DueOn,
        DateTimeOffset? ClosedAt,
        string? ResolutionNumber);

    /// <summary>Null when there is no such work.</summary>
    public Task<View?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var standard = await db.StandardWorks.AsNoTracking().Include(candidate => candidate.Task)
                .SingleOrDefaultAsync(candidate => candidate.Key == query.WorkKey, cancellation);
            if (standard is null)
            {
                return null;
            }

            var person = await rights.OfAsync(query.PersonId, cancellation);
            var phases = await db.Phases.AsNoTracking().Where(phase => phase.WorkKey == query.WorkKey)
                .OrderBy(phase => phase.Ordinal).ToListAsync(cancellation);
            var deliverables = await db.Deliverables.AsNoTracking().Where(deliverable => deliverable.WorkKey == query.WorkKey)
                .OrderBy(deliverable => deliverable.Key).ToListAsync(cancellation);
            var keys = deliverables.Select(deliverable => deliverable.Key).ToList();
            var ballots = await db.Ballots.AsNoTracking().Where(ballot => keys.Contains(ballot.DeliverableKey))
                .OrderByDescending(ballot => ballot.NoticedAt).ToListAsync(cancellation);
            var revisions = (await db.Revisions.AsNoTracking()
                    .Where(revision => keys.Contains(revision.DeliverableKey) && revision.Status == RevisionStatus.Submitted)
                    .ToListAsync(cancellation))
                .ToLookup(revision => revision.DeliverableKey);
            var deadlines = await db.Deadlines.AsNoTracking().ToDictionaryAsync(deadline => deadline.Key, cancellation);
            var indicators = (await showIndicators.HandleAsync(new ShowIndicators.Query(WorkKey: query.WorkKey), cancellation)).Indicators;
            var place = phases.ToDictionary(phase => phase.Key, phase => phase.Ordinal);
            var awaited = new Awaited(phases, deadlines, ballots, await LeadsAsync(db, standard.TaskKey, cancellation), time.GetUtcNow());

            return new View(
                standard.Key, standard.Title, standard.ShortTitle, standard.Kind, standard.Aliases, standard.Description,
                standard.TaskKey, standard.Task.Title, standard.SourceKey,
                phases.Count > 0 && phases.TrueForAll(phase => phase.Status == PhaseStatus.Completed),
                [.. phases.Select(PhaseView.Of)],
                awaited.List(
                    deliverables,
                    indicators,
                    await db.DecisionRequests.AsNoTracking()
                        .Where(request => request.State == DecisionRequest.Open
                            && request.DeliverableKey != null && keys.Contains(request.DeliverableKey))
                        .ToListAsync(cancellation),
                    await db.Bodies.AsNoTracking().ToDictionaryAsync(body => body.Key, body => body.Name, cancellation)),
                [.. deliverables
                    .OrderBy(deliverable => place.GetValueOrDefault(deliverable.PhaseKey ?? "", int.MaxValue))
                    .ThenBy(deliverable => Due(deliverable)?.DueOn)
                    .Select(deliverable => new DeliverableLine(
                        deliverable.Key, deliverable.Title, deliverable.PhaseKey, deliverable.Status,
                        LatestShown(deliverable, revisions[deliverable.Key], person), deliverable.IsRequiredForProgrammeEnd,
                        Due(deliverable)?.DueOn, Due(deliverable)?.Precision, Due(deliverable)?.State, deliverable.AdoptedAt))],
                [.. ballots.Select(ballot => new BallotLine(
                    ballot.Id, ballot.Number, ballot.Title, ballot.DeliverableKey, ballot.State,
                    ballot.HasResult && ballot.AnnouncedAt is null ? null : ballot.Outcome, ballot.NoticedAt,
                    ballot.DueOn, ballot.ClosedAt, ballot.ResolutionNumber))],
                indicators);

            Deadline? Due(Deliverable deliverable) =>
                deliverable.DueDeadlineKey is { } key ? deadlines.GetValueOrDefault(key) : null;
        },
        cancellation);

    // A draft's existence is a working paper; a revision under ballot or adopted is not.
    private static string? LatestShown(Deliverable deliverable, IEnumerable<Revision> revisions, PersonRights person)
    {
        var shown = person.ReadsWorkingPapers
            ? revisions
            : revisions.Where(revision => revision.Id == deliverable.AdoptedRevisionId || revision.Id == deliverable.BallotRevisionId);
        return shown.OrderBy(revision => revision.Number).LastOrDefault()?.Number.ToString();
    }

    private static async Task<IReadOnlyList<string>> LeadsAsync(ProcesDbContext db, string taskKey, CancellationToken cancellation) =>
        await db.RoleAssignments.AsNoTracking()
            .Where(role => role.Role == Roles.TaskLead && role.Scope == "task:" + taskKey && role.ValidUntil == null)
            .Join(db.People, role => role.PersonId, person => person.Id, (role, person) => person.DisplayName)
            .OrderBy(name => name).ToListAsync(cancellation);
}

/// <summary>What a path waits for.</summary>
public enum AwaitedKind
{
    /// <summary>A revision of a deliverable, from the leads of its task.</summary>
    Revision,

    /// <summary>The opening of a ballot on a submitted revision.</summary>
    BallotOpening,

    /// <summary>The outcome of an open ballot, from the board.</summary>
    BallotOutcome,

    /// <summary>An answer to a question that a workflow put to the holder of a role.</summary>
    Decision,

    /// <summary>An indicator's target, from the leads of its task.</summary>
    Indicator,
}

/// <summary>One thing that the path waits for.</summary>
/// <param name="Key">The deliverable's or indicator's key, or the ballot's id.</param>
/// <param name="From">Names of people or of the board; for a decision the role's stored name alone; empty when nobody is named.</param>
/// <param name="Since">When it began to be awaited; null when that is not known.</param>
/// <param name="DueOn">The last day; null when there is no deadline.</param>
/// <param name="IsOverdue">True when the last day is over.</param>
public sealed record AwaitedThing(
    AwaitedKind Kind, string Key, string Title, IReadOnlyList<string> From, DateTimeOffset? Since, DateOnly? DueOn, bool IsOverdue);

/// <summary>Finds what a path waits for now, from the rows that say so; the first to fall due comes first.</summary>
internal sealed class Awaited(
    IReadOnlyList<Phase> phases,
    IReadOnlyDictionary<string, Deadline> deadlines,
    IReadOnlyList<Ballot> ballots,
    IReadOnlyList<string> leads,
    DateTimeOffset now)
{
    private readonly Dictionary<string, Phase> running =
        phases.Where(phase => phase.Status == PhaseStatus.Running).ToDictionary(phase => phase.Key);

    public IReadOnlyList<AwaitedThing> List(
        IEnumerable<Deliverable> deliverables,
        IEnumerable<ShowIndicators.IndicatorView> indicators,
        IEnumerable<DecisionRequest> decisions,
        IReadOnlyDictionary<string, string> bodyNames) =>
        [.. deliverables.Select(deliverable => Of(deliverable, bodyNames)).OfType<AwaitedThing>()
            .Concat(decisions.Select(decision => new AwaitedThing(
                AwaitedKind.Decision, decision.DeliverableKey!, decision.Title, [decision.Role], decision.AskedAt, null, false)))
            .Concat(indicators.Where(IsAwaited).Select(indicator => new AwaitedThing(
                AwaitedKind.Indicator, indicator.Key, indicator.Title, leads, null, indicator.DueOn, indicator.IsOverdue)))
            .OrderBy(thing => thing.DueOn ?? DateOnly.MaxValue).ThenBy(thing => thing.Title, StringComparer.Ordinal)];

    private AwaitedThing? Of(Deliverable deliverable, IReadOnlyDictionary<string, string> bodyNames)
    {
        if (ballots.FirstOrDefault(ballot => ballot.DeliverableKey == deliverable.Key && ballot.IsOpen) is { } open)
        {
            return new AwaitedThing(
                AwaitedKind.BallotOutcome, open.Id.ToString("D"), $"{open.Number} {deliverable.Title}",
                [bodyNames[open.BodyKey]], open.NoticedAt, open.DueOn, now >= open.DueAt);
        }

        // Outside a running phase nothing of the path waits for it, though it may be handed in early.
        if (deliverable.PhaseKey is not { } phaseKey || !running.TryGetValue(phaseKey, out var phase))
        {
            return null;
        }

        var lastClosed = ballots.FirstOrDefault(ballot => ballot.DeliverableKey == deliverable.Key)?.ClosedAt;
        var due = deliverable.DueDeadlineKey is { } key ? deadlines.GetValueOrDefault(key) : null;
        return deliverable.Status switch
        {
            DeliverableStatus.Awaited or DeliverableStatus.NotAdopted => new AwaitedThing(
                AwaitedKind.Revision, deliverable.Key, deliverable.Title, leads, lastClosed ?? phase.StartedAt, due?.DueOn,
                due is not null && now >= due.DueAt),
            DeliverableStatus.Submitted => new AwaitedThing(
                AwaitedKind.BallotOpening, deliverable.Key, deliverable.Title, [], lastClosed, null, false),
            _ => null,
        };
    }

    // The pilot's counts belong to the pilot's phase, everything else to the last phase of the path.
    private bool IsAwaited(ShowIndicators.IndicatorView indicator) =>
        !indicator.IsReached && indicator.DueOn is not null && running.Count > 0
        && (running.Values.Any(phase => phase.Ordinal == phases.Max(last => last.Ordinal)) || indicator.IsOverdue);
}
