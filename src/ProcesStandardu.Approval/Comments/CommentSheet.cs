using System.Text;

namespace ProcesStandardu.Approval.Comments;

/// <summary>A table as it stands in a file: rows of cells, the merged ones filled in. Rows are numbered from 1 as its program shows them.</summary>
public sealed record RawTable(int Number, IReadOnlyList<RawRow> Rows);

/// <summary>A row with its number and its cells.</summary>
/// <param name="IsTitle">True for one cell across the whole table.</param>
public sealed record RawRow(int Number, IReadOnlyList<string> Cells, bool IsTitle = false);

/// <summary>One row read from a table of comments, checked and cleaned.</summary>
/// <param name="Table">From 1; more than 1 only where a document holds several tables.</param>
/// <param name="Row">The row's number in that table, its heading counted.</param>
/// <param name="Reporters">In whose names; empty when the table does not say.</param>
public sealed record SheetRow(
    int Table, int Row, IReadOnlyList<string> Reporters, string ClauseReference, CommentKind Kind, string Text, string Rationale,
    string ProposedChange);

/// <summary>Why a row cannot be taken.</summary>
/// <param name="Key">The name of its text, <c>RowProblem_…</c> without the beginning.</param>
/// <param name="Fact">What fills the text's place; may be empty.</param>
public sealed record RowProblem(int Table, int Row, string Key, string Fact);

/// <summary>What a file of comments says: its rows, what is wrong with others, and the columns that are not read.</summary>
public sealed record CommentSheet(
    IReadOnlyList<SheetRow> Rows, IReadOnlyList<RowProblem> Problems, IReadOnlyList<string> ColumnsNotRead)
{
    /// <summary>The most rows that one file may hold.</summary>
    public const int MostRows = 5_000;

    // Above the heading there may stand a title and a line or two about the project.
    private const int HeadingWithin = 8;

    /// <summary>Reads the tables whose heading is recognised; null when there is none.</summary>
    /// <param name="reporter">In whose name rows are that do not say it; may be empty.</param>
    internal static CommentSheet? From(IEnumerable<RawTable> tables, string reporter)
    {
        var rows = new List<SheetRow>();
        var problems = new List<RowProblem>();
        var notRead = new List<string>();
        var found = false;
        foreach (var table in tables)
        {
            if (Heading(table) is not { } heading)
            {
                continue;
            }

            found = true;
            notRead.AddRange(heading.NotRead.Where(title => !notRead.Contains(title)));
            foreach (var row in table.Rows.SkipWhile(row => row.Number <= heading.Row))
            {
                if (!heading.IsContent(row))
                {
                    continue;
                }

                if (rows.Count + problems.Count == MostRows)
                {
                    problems.Add(new RowProblem(table.Number, row.Number, "TooManyRows", $"{MostRows}"));
                    return new CommentSheet(rows, problems, notRead);
                }

                Take(table.Number, row, heading);
            }
        }

        return found ? new CommentSheet(rows, problems, notRead) : null;

        void Take(int table, RawRow row, CommentColumns heading)
        {
            var reporters = Reporters(heading.Of(row, CommentColumn.Reporter));
            var clause = OneLine(heading.Of(row, CommentColumn.Clause));
            var kindWord = heading.Of(row, CommentColumn.Kind);
            var kind = kindWord.Length == 0
                ? clause.Length == 0 ? CommentKind.General : CommentKind.Technical
                : CommentColumns.KindOf(kindWord);
            var text = heading.Of(row, CommentColumn.Text);
            var rationale = heading.Of(row, CommentColumn.Rationale);
            var proposal = heading.Of(row, CommentColumn.Proposal);
            var problem =
                text.Length == 0 ? ("TextIsEmpty", "")
                : kind is null ? ("KindIsUnknown", kindWord.Length > 40 ? kindWord[..40] : kindWord)
                : clause.Length == 0 && kind != CommentKind.General ? ("ClauseIsMissing", "")
                : clause.Length > SubmitComment.LongestReference ? ("ClauseIsTooLong", $"{SubmitComment.LongestReference}")
                : new[] { text, rationale, proposal }.Any(cell => cell.Length > SubmitComment.LongestText)
                    ? ("CellIsTooLong", $"{SubmitComment.LongestText}")
                : reporters.Any(name => name.Length > SubmitComment.LongestReference)
                    ? ("ReporterIsTooLong", $"{SubmitComment.LongestReference}")
                : default((string Key, string Fact)?);
            if (problem is var (key, fact))
            {
                problems.Add(new RowProblem(table, row.Number, key, fact));
                return;
            }

            rows.Add(new SheetRow(
                table, row.Number, reporters.Count > 0 ? reporters : Reporters(reporter), clause, kind!.Value, text, rationale, proposal));
        }
    }

    /// <summary>Text as it is kept: one spelling of each letter, line ends as LF, no signs that control something.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var letter in WellFormed(text).Normalize(NormalizationForm.FormC).ReplaceLineEndings("\n"))
        {
            if (letter is '\n' or '\t' || (!char.IsControl(letter) && letter is not ('\ufffe' or '\uffff' or '\ufeff')))
            {
                clean.Append(letter == '\u00a0' ? ' ' : letter);
            }
        }

        return clean.ToString().Trim();
    }

    private static List<string> Reporters(string cell) =>
        [.. cell.Split(['\n', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(OneLine).Distinct(StringComparer.CurrentCultureIgnoreCase)];

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // Half a pair of a sign outside the first plane cannot be stored; it becomes the replacement sign.
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static CommentColumns? Heading(RawTable table) =>
        table.Rows.Take(HeadingWithin).Select(CommentColumns.Recognise).FirstOrDefault(heading => heading is not null);
}
