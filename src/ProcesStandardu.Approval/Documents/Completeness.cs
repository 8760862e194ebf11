using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Documents;

/// <summary>One line of the list of what must be in place; a row of data, so a kind's list changes without a new build.</summary>
public sealed class CompletenessItem
{
    /// <summary>The kind of deliverable; <c>*</c> for every kind without lines of its own.</summary>
    public required string Kind { get; init; }

    /// <summary>A lower_snake name; its text is <c>Completeness_…</c>.</summary>
    public required string Item { get; init; }

    public required int Ordinal { get; init; }

    /// <summary><c>field</c>: seen in the form; <c>declared</c>: the submitter says so.</summary>
    public required string ShownBy { get; init; }
}

/// <summary>What a deliverable of a kind needs before it goes to the board.</summary>
public static class Completeness
{
    public const string EveryKind = "*";
    public const string Summary = "summary";
    public const string ChangeList = "change_list";
    private const string Declared = "declared";

    /// <param name="IsInPlace">True when it is there or was declared.</param>
    /// <param name="IsDeclared">True when only the submitter can say it.</param>
    public sealed record Line(string Item, bool IsInPlace, bool IsDeclared);

    /// <summary>The list of a kind, or the one for every kind where it has none; in order.</summary>
    public static async Task<IReadOnlyList<CompletenessItem>> OfKindAsync(
        ProcesDbContext db, string kind, CancellationToken cancellation)
    {
        var all = await db.Set<CompletenessItem>().AsNoTracking().Where(item => item.Kind == kind || item.Kind == EveryKind)
            .OrderBy(item => item.Ordinal).ToListAsync(cancellation);
        var own = all.Where(item => item.Kind == kind).ToList();
        return own.Count > 0 ? own : all;
    }

    /// <summary>The list as it stands for a form.</summary>
    /// <param name="isFirst">A first revision changes nothing, so its list of changes may be empty.</param>
    public static IReadOnlyList<Line> Check(
        IEnumerable<CompletenessItem> items, string summary, string changeList, IReadOnlyCollection<string> declared, bool isFirst) =>
        [.. items.Select(item => new Line(
            item.Item,
            item.Item switch
            {
                Summary => summary.Trim().Length > 0,
                ChangeList => isFirst || changeList.Trim().Length > 0,
                _ => declared.Contains(item.Item),
            },
            item.ShownBy == Declared))];
}
