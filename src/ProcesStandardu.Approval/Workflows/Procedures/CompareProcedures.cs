using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Workflows.Procedures;

/// <summary>What differs between two versions of a definition, step by step and in words.</summary>
public sealed class CompareProcedures(UnitOfWork work, ShowProcedure show)
{
    /// <param name="From">The older version's number; the order is the reader's choice and not checked.</param>
    public sealed record Query(string DefinitionId, int From, int To);

    /// <param name="Changes">In the order of the newer version; empty when a reader would see none.</param>
    public sealed record View(string DefinitionId, string Name, int From, int To, IReadOnlyList<StepChange> Changes);

    /// <summary>Null when there is no such definition, or one of the versions was never published.</summary>
    public Task<View?> HandleAsync(Query query, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var versions = await show.VersionsAsync(query.DefinitionId, cancellation);
            if (versions.Find(version => version.Version == query.From) is not { } from
                || versions.Find(version => version.Version == query.To) is not { } to)
            {
                return null;
            }

            var before = await show.WriteAsync(db, from.VersionId, cancellation);
            var after = await show.WriteAsync(db, to.VersionId, cancellation);
            return new View(query.DefinitionId, after.Name, query.From, query.To, ProcedureDifferences.Between(before, after));
        },
        cancellation);
}

/// <summary>A difference between two versions of a procedure.</summary>
/// <param name="NumberBefore">Null when the step was added, and for what holds for the whole.</param>
/// <param name="NumberAfter">Null when the step was removed, and for what holds for the whole.</param>
/// <param name="Pieces">The step's words, a line for each thing it says.</param>
public sealed record StepChange(
    ClauseChangeKind Kind, string? NumberBefore, string? NumberAfter, string Title, IReadOnlyList<TextPiece> Pieces);

/// <summary>Compares procedures by the ids of their activities, then word by word.</summary>
public static class ProcedureDifferences
{
    /// <summary>
    /// The differences in the order of the newer procedure, what was removed at its end. A step that only has another number
    /// because others came or went is none; the same step inside another, or in another place of it, is.
    /// </summary>
    public static IReadOnlyList<StepChange> Between(Procedure before, Procedure after)
    {
        var changes = new List<StepChange>();
        var (general, generalNow) = (GeneralOf(before), GeneralOf(after));
        if (general != generalNow)
        {
            changes.Add(new(ClauseChangeKind.Changed, null, null, after.Name, RevisionDifferences.Weave(general, generalNow)));
        }

        var old = Flatten(before);
        foreach (var (id, now) in Flatten(after))
        {
            if (!old.Remove(id, out var was))
            {
                changes.Add(new(ClauseChangeKind.Added, null, now.Step.Number, now.Step.Title, [new(TextPieceKind.Inserted, now.Words)]));
            }
            else if (was.Words != now.Words)
            {
                changes.Add(new(
                    ClauseChangeKind.Changed, was.Step.Number, now.Step.Number, now.Step.Title,
                    RevisionDifferences.Weave(was.Words, now.Words)));
            }
        }

        changes.AddRange(old.Values.OrderBy(was => was.At).Select(was => new StepChange(
            ClauseChangeKind.Removed, was.Step.Number, null, was.Step.Title, [new(TextPieceKind.Deleted, was.Words)])));
        return changes;
    }

    private static string GeneralOf(Procedure procedure) => string.Join('\n', procedure.General.Prepend(procedure.Name));

    private static Dictionary<string, Spoken> Flatten(Procedure procedure)
    {
        var flat = new Dictionary<string, Spoken>(StringComparer.Ordinal);
        Add(procedure.Steps, parent: null);
        return flat;

        void Add(IReadOnlyList<ProcedureStep> steps, ProcedureStep? parent)
        {
            foreach (var step in steps)
            {
                flat.TryAdd(step.ActivityId, new Spoken(step, WordsOf(step, parent), flat.Count));
                Add(step.Children, step);
            }
        }
    }

    /// <summary>Everything the step says, without numbers: they change whenever a step before it comes or goes.</summary>
    private static string WordsOf(ProcedureStep step, ProcedureStep? parent)
    {
        var lines = new List<string> { step.Title };
        if (parent is not null)
        {
            lines.Add($"({parent.Title}{(step.Place is null ? "" : ": " + step.Place)})");
        }

        lines.Add($"{step.Who}: {step.What}");
        if (step.ByWhen is { } byWhen)
        {
            lines.Add(byWhen);
        }

        lines.AddRange(step.Details.Select(detail => $"{detail.Label}: {detail.Value}"));
        lines.AddRange(step.Ways.Select(way =>
            $"{way.Outcome} → {(way.Targets.Count == 0 ? "–" : string.Join(", ", way.Targets.Select(target => target.Title)))}".TrimStart()));
        return string.Join('\n', lines);
    }

    private sealed record Spoken(ProcedureStep Step, string Words, int At);
}
