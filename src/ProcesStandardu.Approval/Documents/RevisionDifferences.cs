using System.Text.RegularExpressions;
using DiffPlex;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What happened to a clause between two revisions.</summary>
public enum ClauseChangeKind
{
    Added,
    Removed,

    /// <summary>Its words changed (and perhaps its number).</summary>
    Changed,

    /// <summary>Its words are the same; its number or its place is another.</summary>
    Renumbered,
}

/// <summary>Whether a piece of text stands in both revisions or in one.</summary>
public enum TextPieceKind
{
    Same,
    Inserted,
    Deleted,
}

/// <summary>A run of words of a changed clause; the pieces of a clause, read on, give both texts.</summary>
public sealed record TextPiece(TextPieceKind Kind, string Text);

/// <summary>One difference between two revisions.</summary>
/// <param name="ReferenceBefore">Where it stood; null when it was added. Empty means: before the first clause.</param>
/// <param name="ReferenceAfter">Where it stands; null when it was removed.</param>
/// <param name="Pieces">The words, with line ends between paragraphs.</param>
public sealed record ClauseChange(
    ClauseChangeKind Kind, string? ReferenceBefore, string? ReferenceAfter, IReadOnlyList<TextPiece> Pieces);

/// <summary>Compares two revisions clause by clause, then word by word.</summary>
public static partial class RevisionDifferences
{
    // From this likeness on, two clauses are one that was rewritten rather than one gone and one new.
    private const double Alike = 0.5;

    // Longer passages that changed wholly are shown as deleted and inserted: nobody reads such a weave of words.
    private const int MostWords = 6_000;

    /// <summary>The differences in the order of the newer revision; empty when a reader would see none.</summary>
    public static IReadOnlyList<ClauseChange> Between(IReadOnlyList<Clause> before, IReadOnlyList<Clause> after) =>
        [.. Whole(before, after).Select(line => line.Change).OfType<ClauseChange>()];

    /// <summary>The whole newer text with what was removed in its place: each line is a change or a clause that stayed as it was.</summary>
    public static IReadOnlyList<(ClauseChange? Change, Clause? Same)> Whole(IReadOnlyList<Clause> before, IReadOnlyList<Clause> after)
    {
        var partner = Match(before, after);
        var matched = partner.Where(index => index >= 0).ToHashSet();
        var changes = new List<(ClauseChange? Change, Clause? Same)>();
        var next = 0;
        for (var i = 0; i < after.Count; i++)
        {
            // What was removed is told where it stood: before the first clause that followed it and stayed.
            if (partner[i] >= next)
            {
                AddRemoved(next, partner[i]);
                next = partner[i] + 1;
            }

            if (partner[i] < 0)
            {
                changes.Add((new(ClauseChangeKind.Added, null, after[i].Reference, [new(TextPieceKind.Inserted, after[i].Text)]), null));
            }
            else
            {
                var change = Compare(before[partner[i]], after[i]);
                changes.Add((change, change is null ? after[i] : null));
            }
        }

        AddRemoved(next, before.Count);
        return changes;

        void AddRemoved(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                if (!matched.Contains(i))
                {
                    changes.Add((new(
                        ClauseChangeKind.Removed, before[i].Reference, null, [new(TextPieceKind.Deleted, before[i].Text)]), null));
                }
            }
        }
    }

    private static ClauseChange? Compare(Clause before, Clause after)
    {
        if (before.Text == after.Text)
        {
            return before.Reference == after.Reference
                ? null
                : new(ClauseChangeKind.Renumbered, before.Reference, after.Reference, [new(TextPieceKind.Same, after.Text)]);
        }

        return new(ClauseChangeKind.Changed, before.Reference, after.Reference, Weave(before.Text, after.Text));
    }

    /// <summary>For each clause after, the index of the same clause before, or -1. Surest matches first.</summary>
    private static int[] Match(IReadOnlyList<Clause> before, IReadOnlyList<Clause> after)
    {
        var partner = Enumerable.Repeat(-1, after.Count).ToArray();
        var free = Enumerable.Range(0, before.Count).ToHashSet();

        Pair((b, a) => b.Reference == a.Reference && b.Text == a.Text, clause => clause.Reference + "\n" + clause.Text);
        Pair((b, a) => b.Text == a.Text && a.Text.Length > 0, clause => clause.Text);
        PairAlike();
        Pair((b, a) => b.Reference == a.Reference, clause => clause.Reference);
        return partner;

        void Pair(Func<Clause, Clause, bool> isSame, Func<Clause, string> key)
        {
            var byKey = free.Order().GroupBy(i => key(before[i])).ToDictionary(same => same.Key, same => new Queue<int>(same));
            for (var i = 0; i < after.Count; i++)
            {
                if (partner[i] < 0 && byKey.TryGetValue(key(after[i]), out var candidates)
                    && candidates.TryPeek(out var candidate) && isSame(before[candidate], after[i]))
                {
                    candidates.Dequeue();
                    free.Remove(candidate);
                    partner[i] = candidate;
                }
            }
        }

        void PairAlike()
        {
            var wordsBefore = free.ToDictionary(i => i, i => WordSet(before[i].Text));
            var wordsAfter = Enumerable.Range(0, after.Count).Where(i => partner[i] < 0)
                .ToDictionary(i => i, i => WordSet(after[i].Text));
            var pairs =
                from i in wordsAfter.Keys
                from j in wordsBefore.Keys
                let likeness = Likeness(wordsBefore[j], wordsAfter[i])
                where likeness >= Alike
                orderby likeness + (before[j].Reference == after[i].Reference ? 0.25 : 0) descending, Math.Abs(i - j)
                select (i, j);
            foreach (var (i, j) in pairs)
            {
                if (partner[i] < 0 && free.Remove(j))
                {
                    partner[i] = j;
                }
            }
        }
    }

    private static HashSet<string> WordSet(string text) =>
        Words().Matches(text).Select(word => word.Value).Where(word => !string.IsNullOrWhiteSpace(word))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Twice the common words over all words of both: 1 for the same words, 0 for none in common.</summary>
    private static double Likeness(HashSet<string> one, HashSet<string> other)
    {
        var (small, large) = one.Count < other.Count ? (one, other) : (other, one);

        // Not worth counting when even all the smaller one's words could not be enough.
        return small.Count == 0 || 2.0 * small.Count / (small.Count + large.Count) < Alike
            ? 0
            : 2.0 * small.Count(large.Contains) / (one.Count + other.Count);
    }

    /// <summary>The words of both texts in one run: first by paragraphs, then by words where paragraphs differ.</summary>
    public static IReadOnlyList<TextPiece> Weave(string before, string after)
    {
        var pieces = new List<TextPiece>();
        foreach (var (kind, old, fresh) in Runs(before, after, Lines))
        {
            if (kind == TextPieceKind.Same)
            {
                Add(TextPieceKind.Same, fresh);
            }
            else if (old.Length == 0 || fresh.Length == 0 || Words().Count(old) + Words().Count(fresh) > MostWords)
            {
                Add(TextPieceKind.Deleted, old);
                Add(TextPieceKind.Inserted, fresh);
            }
            else
            {
                foreach (var (inner, oldWords, freshWords) in Runs(old, fresh, text => [.. Words().Matches(text).Select(m => m.Value)]))
                {
                    Add(inner == TextPieceKind.Same ? TextPieceKind.Same : TextPieceKind.Deleted, oldWords);
                    Add(TextPieceKind.Inserted, inner == TextPieceKind.Same ? string.Empty : freshWords);
                }
            }
        }

        return JoinAcrossBlanks(pieces);

        void Add(TextPieceKind kind, string text)
        {
            if (text.Length > 0)
            {
                pieces.Add(new TextPiece(kind, text));
            }
        }
    }

    /// <summary>Runs that both texts share (Same) and places where they differ (any other kind, with both wordings).</summary>
    private static IEnumerable<(TextPieceKind Kind, string Old, string Fresh)> Runs(
        string before, string after, Func<string, string[]> divide)
    {
        var result = new Differ().CreateCustomDiffs(before, after, ignoreWhiteSpace: false, ignoreCase: false, divide);
        var at = 0;
        foreach (var block in result.DiffBlocks)
        {
            if (block.DeleteStartA > at)
            {
                var same = string.Concat(result.PiecesOld[at..block.DeleteStartA]);
                yield return (TextPieceKind.Same, same, same);
            }

            yield return (
                TextPieceKind.Deleted,
                string.Concat(result.PiecesOld.AsSpan(block.DeleteStartA, block.DeleteCountA).ToArray()),
                string.Concat(result.PiecesNew.AsSpan(block.InsertStartB, block.InsertCountB).ToArray()));
            at = block.DeleteStartA + block.DeleteCountA;
        }

        if (at < result.PiecesOld.Length)
        {
            var rest = string.Concat(result.PiecesOld[at..]);
            yield return (TextPieceKind.Same, rest, rest);
        }
    }

    /// <summary>Two changes with only a blank between them are one change to a reader.</summary>
    private static List<TextPiece> JoinAcrossBlanks(List<TextPiece> pieces)
    {
        var joined = new List<TextPiece>();
        var deleted = string.Empty;
        var inserted = string.Empty;
        for (var i = 0; i < pieces.Count; i++)
        {
            var piece = pieces[i];
            var isBridge = piece.Kind == TextPieceKind.Same && piece.Text == " " && deleted.Length + inserted.Length > 0
                && i + 1 < pieces.Count;
            if (piece.Kind == TextPieceKind.Same && !isBridge)
            {
                Flush();
                joined.Add(piece);
                continue;
            }

            deleted += piece.Kind == TextPieceKind.Inserted ? string.Empty : piece.Text;
            inserted += piece.Kind == TextPieceKind.Deleted ? string.Empty : piece.Text;
        }

        Flush();
        return joined;

        void Flush()
        {
            if (deleted.Length > 0)
            {
                joined.Add(new TextPiece(TextPieceKind.Deleted, deleted));
            }

            if (inserted.Length > 0)
            {
                joined.Add(new TextPiece(TextPieceKind.Inserted, inserted));
            }

            (deleted, inserted) = (string.Empty, string.Empty);
        }
    }

    private static string[] Lines(string text)
    {
        var lines = text.Split('\n');
        return [.. lines.Select((line, i) => i < lines.Length - 1 ? line + "\n" : line)];
    }

    /// <summary>Words with their apostrophes and hyphens, blanks, and single signs.</summary>
    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*|\s+|.", RegexOptions.Singleline)]
    private static partial Regex Words();
}
