using System.Text;

namespace ProcesStandardu.Approval.Comments;

/// <summary>What becomes of a row that is read in.</summary>
public enum RowFate
{
    /// <summary>A new comment.</summary>
    Added,

    /// <summary>Somebody has said the same about the same place: this one's name is added to that comment.</summary>
    Joined,

    /// <summary>The same person or office has said it already: nothing is added.</summary>
    Known,
}

/// <summary>One voice of a row and what becomes of it.</summary>
/// <param name="Number">The comment's place in the table of its revision.</param>
public sealed record PlannedVoice(SheetRow Row, string Reporter, RowFate Fate, int Number);

/// <summary>A comment that is in the table already, as the plan needs to know it.</summary>
/// <param name="Reporters">Everybody in whose name it is there; the author's own name where he speaks for himself.</param>
public sealed record CommentInTable(int Number, string ClauseReference, string Text, IReadOnlyCollection<string> Reporters);

/// <summary>
/// Recognises what is in the table already, so that the same file read twice adds nothing and several offices' tables
/// become one. Pure: the preview and the import ask it alike.
/// </summary>
public static class CommentMatching
{
    /// <param name="ownName">In whose name rows are that name nobody.</param>
    public static IReadOnlyList<PlannedVoice> Plan(
        IEnumerable<CommentInTable> table, IEnumerable<SheetRow> rows, string ownName)
    {
        var known = new Dictionary<string, (int Number, HashSet<string> Voices)>(StringComparer.Ordinal);
        var next = 1;
        foreach (var comment in table)
        {
            next = Math.Max(next, comment.Number + 1);
            if (!known.TryGetValue(Key(comment.ClauseReference, comment.Text), out var found))
            {
                known[Key(comment.ClauseReference, comment.Text)] = found = (comment.Number, []);
            }

            found.Voices.UnionWith(comment.Reporters.Select(Same));
        }

        var plan = new List<PlannedVoice>();
        foreach (var row in rows)
        {
            foreach (var reporter in row.Reporters.DefaultIfEmpty(""))
            {
                var key = Key(row.ClauseReference, row.Text);
                var voice = Same(reporter.Length == 0 ? ownName : reporter);
                if (!known.TryGetValue(key, out var found))
                {
                    known[key] = (next, [voice]);
                    plan.Add(new PlannedVoice(row, reporter, RowFate.Added, next++));
                }
                else
                {
                    plan.Add(new PlannedVoice(row, reporter, found.Voices.Add(voice) ? RowFate.Joined : RowFate.Known, found.Number));
                }
            }
        }

        return plan;
    }

    /// <summary>The place and the words without what people write differently each time: case, spaces, a full stop at the end.</summary>
    private static string Key(string clause, string text) => Same(clause).Replace(" ", "", StringComparison.Ordinal) + "\n" + Same(text);

    private static string Same(string text) =>
        string.Join(' ', text.Normalize(NormalizationForm.FormC).ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .TrimEnd('.', ' ');
}
