using System.Globalization;
using System.Text;

namespace ProcesStandardu.Approval.Comments;

/// <summary>What a column of a comment table holds.</summary>
internal enum CommentColumn
{
    Place,
    Reporter,
    Clause,
    Kind,
    Text,
    Rationale,
    Proposal,
    Disposition,
}

/// <summary>
/// The heading of a comment table. Its words are recognised whatever their order, case and accents, since every office
/// words its table a little differently.
/// </summary>
internal sealed record CommentColumns(int Row, IReadOnlyList<CommentColumn?> Columns, IReadOnlyList<string> NotRead)
{
    /// <summary>Beginnings and parts of headings, the telling ones first: „stanowisko zgłaszającego” is a disposition's column.</summary>
    private static readonly (CommentColumn Column, string[] Parts)[] Words =
    [
        (CommentColumn.Disposition, ["stanowisk", "odniesieni", "odpowiedz", "sposob uwzgl", "rozstrzygni", "observations"]),
        (CommentColumn.Proposal, ["propo", "brzmieni"]),
        (CommentColumn.Clause, ["jednostka red", "jedn red", "przepis", "czesc dokumentu", "miejsce", "clause"]),
        (CommentColumn.Kind, ["rodzaj", "typ uwagi", "charakter", "kategoria", "type of"]),
        (CommentColumn.Reporter, ["zglasz", "podmiot", "organ", "instytucja", "autor", "mb nc", "commenter"]),
        (CommentColumn.Text, ["tresc"]),
        (CommentColumn.Rationale, ["uzasadn", "rationale"]),
        (CommentColumn.Text, ["uwag", "comment"]),
        (CommentColumn.Place, ["lp", "l p", "nr", "numer"]),
    ];

    /// <summary>The heading in this row; null when it is none: a heading names at least the text and one more column.</summary>
    public static CommentColumns? Recognise(RawRow row)
    {
        var columns = new CommentColumn?[row.Cells.Count];
        var taken = new HashSet<CommentColumn>();
        for (var i = 0; i < columns.Length; i++)
        {
            var title = Plain(row.Cells[i]);
            var found = Words.FirstOrDefault(word => word.Parts.Any(part =>
                title.StartsWith(part, StringComparison.Ordinal) || (part.Length > 3 && title.Contains(part, StringComparison.Ordinal))));
            if (title.Length is > 0 and < 200 && found.Parts is not null && taken.Add(found.Column))
            {
                columns[i] = found.Column;
            }
        }

        return taken.Contains(CommentColumn.Text) && taken.Count >= 2
            ? new CommentColumns(row.Number, columns,
                [.. row.Cells.Where((title, i) => title.Length > 0 && columns[i] is null or CommentColumn.Disposition).Where(title => title.Length > 0)])
            : null;
    }

    /// <summary>A row's cell of this column; empty when it has none.</summary>
    public string Of(RawRow row, CommentColumn column)
    {
        for (var i = 0; i < Columns.Count && i < row.Cells.Count; i++)
        {
            if (Columns[i] == column)
            {
                return CommentSheet.Clean(row.Cells[i]);
            }
        }

        return "";
    }

    /// <summary>False for rows that only lay the table out: empty ones, the heading again, the columns' numbers, a title across the table.</summary>
    public bool IsContent(RawRow row)
    {
        var cells = row.Cells.Select(CommentSheet.Clean).ToList();
        if (!cells.Where((cell, i) => cell.Length > 0 && (i >= Columns.Count || Columns[i] is not (null or CommentColumn.Place))).Any())
        {
            return false;
        }

        var isNumbering = cells.Count > 2 && cells.Select((cell, i) => cell.Trim('.', ')', '(', ' ') == $"{i + 1}").All(same => same);
        return !isNumbering && !row.IsTitle && Recognise(row)?.Columns.SequenceEqual(Columns) != true;
    }

    /// <summary>The kind that a word names; null when it names none.</summary>
    public static CommentKind? KindOf(string word)
    {
        var plain = Plain(word);
        return plain switch
        {
            "o" or "ge" => CommentKind.General,
            "m" or "te" => CommentKind.Technical,
            "r" or "ed" or "l" => CommentKind.Editorial,
            _ when Begins("ogoln", "general") => CommentKind.General,
            _ when Begins("merytor", "techn", "istot") => CommentKind.Technical,
            _ when Begins("redakc", "legisl", "jezyk", "editor") => CommentKind.Editorial,
            _ => null,
        };

        bool Begins(params string[] beginnings) => beginnings.Any(beginning => plain.StartsWith(beginning, StringComparison.Ordinal));
    }

    /// <summary>Small letters without accents and signs, single spaces.</summary>
    internal static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in text.ToLowerInvariant().Replace('\u0142', 'l').Normalize(NormalizationForm.FormD))
        {
            if (char.IsLetterOrDigit(letter))
            {
                plain.Append(letter);
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark && plain.Length > 0 && plain[^1] != ' ')
            {
                plain.Append(' ');
            }
        }

        return plain.ToString().Trim();
    }
}
