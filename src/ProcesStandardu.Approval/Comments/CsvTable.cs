using System.Text;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// Reads and writes tables as Polish offices exchange them: semicolons, UTF-8 with a mark or Windows-1250; commas and tabs
/// are read too. Cells that a spreadsheet would take for formulas carry an apostrophe, which is taken off again on reading.
/// </summary>
public static class CsvTable
{
    /// <summary>The most cells in one row.</summary>
    public const int MostColumns = 64;

    private static readonly char[] Separators = [';', '\t', ','];

    // Spreadsheets take the wide forms of these signs for the signs.
    private static readonly char[] FormulaStarts = ['=', '+', '-', '@', '\t', '\r', '\uff1d', '\uff0b', '\uff0d', '\uff20'];

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InvalidDataException">It is no text table: binary, a quotation that does not end, too many columns.</exception>
    public static RawTable Read(byte[] file)
    {
        var text = Decode(file);
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidDataException("A text has no zero bytes.");
        }

        // Excel's own way of naming the separator; it shows no row for this line.
        var separator = '\0';
        if (text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.Length > 4)
        {
            separator = text[4];
            var end = text.IndexOf('\n', StringComparison.Ordinal);
            text = end < 0 ? "" : text[(end + 1)..];
        }

        return new RawTable(1, Rows(text, separator == '\0' ? Separator(text) : separator));
    }

    /// <summary>Writes rows for Excel: the mark of UTF-8, semicolons, every cell quoted.</summary>
    public static byte[] Write(IEnumerable<IReadOnlyList<string>> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendJoin(';', row.Select(cell => '"' + Guarded(cell).Replace("\"", "\"\"", StringComparison.Ordinal) + '"')).Append("\r\n");
        }

        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    /// <summary>The cell so that no spreadsheet calculates it; <see cref="Unguarded"/> gives back exactly what was given.</summary>
    public static string Guarded(string cell) => IsFormulaLike(cell) ? "'" + cell : cell;

    /// <summary>The cell as it was before <see cref="Guarded"/>; others stay as they are.</summary>
    public static string Unguarded(string cell) => cell.StartsWith('\'') && IsFormulaLike(cell) ? cell[1..] : cell;

    private static bool IsFormulaLike(string cell) => cell.TrimStart('\'') is { Length: > 0 } rest && FormulaStarts.Contains(rest[0]);

    private static string Decode(byte[] file)
    {
        if (file.AsSpan().StartsWith(Encoding.UTF8.Preamble))
        {
            return Encoding.UTF8.GetString(file.AsSpan(3));
        }

        if (file.AsSpan().StartsWith(Encoding.Unicode.Preamble))
        {
            return Encoding.Unicode.GetString(file.AsSpan(2));
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(1250)!.GetString(file);
        }
    }

    /// <summary>The sign that divides the first line most often, outside quotations.</summary>
    private static char Separator(string text)
    {
        var counts = new int[Separators.Length];
        var quoted = false;
        foreach (var letter in text)
        {
            quoted ^= letter == '"';
            if (!quoted && letter == '\n')
            {
                break;
            }

            if (!quoted && Array.IndexOf(Separators, letter) is >= 0 and var which)
            {
                counts[which]++;
            }
        }

        return Separators[Array.IndexOf(counts, counts.Max())];
    }

    private static List<RawRow> Rows(string text, char separator)
    {
        var rows = new List<RawRow>();
        var cells = new List<string>();
        var cell = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (quoted)
            {
                if (letter != '"')
                {
                    cell.Append(letter);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append('"');
                    i++;
                }
                else
                {
                    quoted = false;
                }
            }
            else if (letter == '"' && cell.Length == 0)
            {
                quoted = true;
            }
            else if (letter == separator)
            {
                EndCell();
            }
            else if (letter == '\n')
            {
                EndRow();
            }
            else if (letter != '\r')
            {
                cell.Append(letter);
            }
        }

        if (quoted)
        {
            throw new InvalidDataException($"The quotation in row {rows.Count + 1} does not end.");
        }

        if (cell.Length > 0 || cells.Count > 0)
        {
            EndRow();
        }

        return rows;

        void EndCell()
        {
            cells.Add(Unguarded(cell.ToString()));
            cell.Clear();
            if (cells.Count > MostColumns)
            {
                throw new InvalidDataException("More columns than a table of comments has.");
            }
        }

        void EndRow()
        {
            EndCell();
            rows.Add(new RawRow(rows.Count + 1, [.. cells]));
            cells.Clear();
            if (rows.Count > 20 * CommentSheet.MostRows)
            {
                throw new InvalidDataException("More rows than a table of comments has.");
            }
        }
    }
}
