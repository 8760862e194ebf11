using System.Text.RegularExpressions;

namespace ProcesStandardu.Approval.Documents;

/// <summary>A unit of a document that people refer to: a chapter, §, ust., pkt, lit. or an attachment.</summary>
/// <param name="Reference">As it is quoted in Polish documents: „rozdz. 2, pkt 4”, „§ 7 ust. 2”, „zał. 3”; empty before the first unit.</param>
/// <param name="Paragraphs">Its words without its own number; the units below it are clauses of their own.</param>
public sealed record Clause(string Reference, IReadOnlyList<string> Paragraphs)
{
    /// <summary>The words as one text, a line for each paragraph.</summary>
    public string Text => string.Join('\n', Paragraphs);
}

/// <summary>
/// Divides a document into clauses by its headings, its list numbers and the words that legal texts begin with. The
/// abbreviations are those of the documents, which are Polish whatever language the reader's page has.
/// </summary>
public static partial class Clauses
{
    // A sentence may begin with „Rozdział 2 stosuje się…”; a heading is short.
    private const int LongestHeading = 160;

    private enum Rank
    {
        Attachment,
        Chapter,
        Heading,
        Section,
        Passage,
        Point,
        SubPoint,
        Letter,
    }

    /// <summary>
    /// The clauses in reading order. A document without any structure is one clause; a unit that has no words of its own,
    /// such as „§ 7.” above „1.”, is none.
    /// </summary>
    public static IReadOnlyList<Clause> Of(IEnumerable<DocumentParagraph> paragraphs) =>
        [.. Divide(paragraphs, [])
            .Where(clause => clause.Lines.Count > 0)
            .Select(clause => new Clause(clause.Reference, clause.Lines))];

    /// <summary>For each paragraph the unit that begins with it, as it is quoted; null where none begins.</summary>
    public static IReadOnlyList<string?> BegunBy(IReadOnlyList<DocumentParagraph> paragraphs)
    {
        var begun = new List<string?>();
        Divide(paragraphs, begun);
        return begun;
    }

    /// <summary>The name of a unit's place in a page's address: „§ 7 ust. 2” is <c>par-7-ust-2</c>.</summary>
    public static string Anchor(string reference)
    {
        var plain = reference.Replace("§", "par", StringComparison.Ordinal).ToLowerInvariant().Replace('ł', 'l')
            .Normalize(System.Text.NormalizationForm.FormD)
            .Select(sign => char.IsAsciiLetterOrDigit(sign) ? sign : char.GetUnicodeCategory(sign) == System.Globalization.UnicodeCategory.NonSpacingMark ? '\0' : '-')
            .Where(sign => sign != '\0');
        return string.Join('-', string.Concat(plain).Split('-', StringSplitOptions.RemoveEmptyEntries));
    }

    private static List<(string Reference, List<string> Lines)> Divide(IEnumerable<DocumentParagraph> paragraphs, List<string?> begun)
    {
        var path = new SortedDictionary<Rank, string>();
        var clauses = new List<(string Reference, List<string> Lines)> { (string.Empty, []) };
        var chapterAwaitsTitle = false;
        foreach (var paragraph in paragraphs)
        {
            var rest = $"{paragraph.Label} {paragraph.Text}".Trim();
            var wasBareChapter = chapterAwaitsTitle;
            chapterAwaitsTitle = false;

            var found = false;
            while (Next(paragraph, rest, path, found) is var (rank, name, remainder))
            {
                if (wasBareChapter && name.StartsWith('„'))
                {
                    break; // The title stands in a paragraph of its own under „Rozdział 2”.
                }

                foreach (var lower in path.Keys.Where(key => key >= rank).ToList())
                {
                    path.Remove(lower);
                }

                path[rank] = name;
                clauses.Add((Reference(path), []));
                rest = remainder;
                chapterAwaitsTitle = rank == Rank.Chapter && rest.Length == 0;
                found = true;
            }

            begun.Add(found ? clauses[^1].Reference : null);
            if (rest.Length > 0)
            {
                clauses[^1].Lines.Add(rest);
            }
        }

        return clauses;
    }

    /// <summary>The unit that begins here; null when these are only words. One paragraph may begin several: „§ 7. 1. …”.</summary>
    private static (Rank Rank, string Name, string Words)? Next(
        DocumentParagraph paragraph, string rest, SortedDictionary<Rank, string> path, bool found)
    {
        var isHeading = paragraph.HeadingLevel is not null;
        var isShort = isHeading || rest.Length <= LongestHeading;
        var inSection = path.ContainsKey(Rank.Section);

        if (!found && isShort && AttachmentStart().Match(rest) is { Success: true } attachment)
        {
            return (Rank.Attachment, "zał. " + attachment.Groups[1].Value, After(rest, attachment));
        }

        if (!found && isShort && ChapterStart().Match(rest) is { Success: true } chapter)
        {
            return (Rank.Chapter, "rozdz. " + chapter.Groups[1].Value, After(rest, chapter));
        }

        if (!found && SectionStart().Match(rest) is { Success: true } section)
        {
            return (Rank.Section, "§ " + section.Groups[1].Value, After(rest, section));
        }

        if (!found && ArticleStart().Match(rest) is { Success: true } article)
        {
            return (Rank.Section, "art. " + article.Groups[1].Value, After(rest, article));
        }

        // After „§ 7.” only the passage „1.” may follow in the same paragraph, and after it nothing.
        if (found && !(path.Keys.Last() == Rank.Section && !isHeading))
        {
            return null;
        }

        if (!inSection && CompoundStart().Match(rest) is { Success: true } compound)
        {
            return (Rank.Point, "pkt " + compound.Groups[1].Value, After(rest, compound));
        }

        if (NumberStart().Match(rest) is { Success: true } number)
        {
            return paragraph.HeadingLevel == 1 ? (Rank.Chapter, "rozdz. " + number.Groups[1].Value, After(rest, number))
                : inSection && !isHeading ? (Rank.Passage, "ust. " + number.Groups[1].Value, After(rest, number))
                : (Rank.Point, "pkt " + number.Groups[1].Value, After(rest, number));
        }

        if (found)
        {
            return null;
        }

        if (paragraph.HeadingLevel == 1 && RomanStart().Match(rest) is { Success: true } roman)
        {
            return (Rank.Chapter, "rozdz. " + roman.Groups[1].Value, After(rest, roman));
        }

        if (BracketStart().Match(rest) is { Success: true } bracket)
        {
            // Outside a § „1)” may stand under „4.” or alone; alone it keeps its bracket, as one quotes it.
            var place = bracket.Groups[1].Value;
            var isUnderPoint = !inSection && path.TryGetValue(Rank.Point, out var point) && !point.EndsWith(')');
            return isUnderPoint ? (Rank.SubPoint, $"ppkt {place}", After(rest, bracket))
                : (Rank.Point, inSection ? $"pkt {place}" : $"pkt {place})", After(rest, bracket));
        }

        // „a.” is a letter only where a list put it: a sentence may begin with an abbreviation.
        if (LetterStart().Match(rest) is { Success: true } letter && (paragraph.Label.Length > 0 || rest[letter.Length - 1] == ')'))
        {
            return (Rank.Letter, "lit. " + letter.Groups[1].Value, After(rest, letter));
        }

        return isHeading && rest.Length > 0
            ? (paragraph.HeadingLevel == 1 ? Rank.Chapter : Rank.Heading, $"„{rest}”", rest)
            : null;
    }

    private static string After(string text, Match match) => text[match.Length..].TrimStart(' ', '.', '–', '-', ':');

    /// <summary>§ are numbered through the whole text, so they need no chapter in front; an attachment counts anew.</summary>
    private static string Reference(SortedDictionary<Rank, string> path)
    {
        var isLegal = path.ContainsKey(Rank.Section);
        var outer = path
            .Where(part => part.Key == Rank.Attachment || (!isLegal && part.Key is Rank.Chapter or Rank.Heading))
            .Select(part => part.Value);
        var inner = string.Join(' ', path.Where(part => part.Key >= Rank.Section).Select(part => part.Value));
        return string.Join(", ", inner.Length > 0 ? outer.Append(inner) : outer);
    }

    [GeneratedRegex(@"^Załącznik(?:\s+nr)?\s+(\d+[a-z]?|[A-Z]|[IVXLC]+)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AttachmentStart();

    [GeneratedRegex(@"^(?:Rozdział|Rozdz\.)\s+(\d+[a-z]?|[IVXLC]+)\b", RegexOptions.IgnoreCase)]
    private static partial Regex ChapterStart();

    [GeneratedRegex(@"^§\s*(\d+[a-z]{0,2})\b\.?\s*")]
    private static partial Regex SectionStart();

    [GeneratedRegex(@"^Art\.\s*(\d+[a-z]{0,2})\b\.?\s*")]
    private static partial Regex ArticleStart();

    [GeneratedRegex(@"^(\d+(?:\.\d+)+)\.?(?=\s|$)")]
    private static partial Regex CompoundStart();

    [GeneratedRegex(@"^(\d{1,3}[a-z]?)\.(?=\s|$)")]
    private static partial Regex NumberStart();

    [GeneratedRegex(@"^([IVXLC]+)\.(?=\s|$)")]
    private static partial Regex RomanStart();

    [GeneratedRegex(@"^(\d{1,3}[a-z]?)\)(?=\s|$)")]
    private static partial Regex BracketStart();

    [GeneratedRegex(@"^([a-z]{1,2})[).](?=\s|$)")]
    private static partial Regex LetterStart();
}
