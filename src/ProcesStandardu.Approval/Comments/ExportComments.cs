using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// The comment table as offices pass it on: a Word table or a text table for spreadsheets, in Polish. Read in again, it adds
/// nothing that was not there.
/// </summary>
public sealed class ExportComments(UnitOfWork work, Rights rights, TimeProvider time)
{
    /// <param name="RevisionId">Only the comments on this revision; null for all.</param>
    public sealed record Query(string DeliverableKey, Guid PersonId, Guid? RevisionId = null);

    /// <summary>A file that was written now.</summary>
    public sealed record Paper(byte[] Content, string MediaType, string FileName);

    private static readonly string[] Columns =
        ["Place", "Reporter", "Clause", "Kind", "Text", "Rationale", "Proposal", "Disposition"];

    private static readonly int[] Shares = [6, 13, 12, 10, 26, 18, 18, 22];

    private sealed record Basis(Deliverable Deliverable, IReadOnlyList<TableComment> Table);

    /// <summary>The table as a Word document, A4 across.</summary>
    public async Task<Result<Paper>> DocxAsync(Query query, CancellationToken cancellation)
    {
        var found = await FindAsync(query, cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        var (deliverable, table) = found.Value;
        var blocks = new List<DocxBlock>
        {
            new DocxBlock.Paragraph(CommentTexts.Polish("PaperAbout", deliverable.Title)),
            new DocxBlock.Paragraph(CommentTexts.Polish("PaperAsOf", Today())),
        };
        if (table.Count == 0)
        {
            blocks.Add(new DocxBlock.Paragraph(CommentTexts.Polish("PaperNoComments")));
        }

        foreach (var revision in table.GroupBy(entry => entry.Revision))
        {
            blocks.Add(new DocxBlock.Heading(1, CommentTexts.Polish("PaperRevision", revision.Key)));
            blocks.Add(new DocxBlock.Table(
                CommentTexts.Polish("PaperCaption", revision.Key), [.. Columns.Select(column => CommentTexts.Polish("Column_" + column))],
                [.. revision.SelectMany(Rows)], Shares));
        }

        return new Paper(
            DocxDocument.Write(CommentTexts.Polish("PaperTitle"), blocks, isWide: true),
            FileKind.Docx.MediaType(), $"uwagi-{deliverable.Key}.docx");
    }

    /// <summary>The table for spreadsheets; cells that look like formulas are made harmless.</summary>
    public async Task<Result<Paper>> CsvAsync(Query query, CancellationToken cancellation)
    {
        var found = await FindAsync(query, cancellation);
        return found.Succeeded
            ? new Paper(
                CsvTable.Write([
                    [.. Columns.Select(column => CommentTexts.Polish("Column_" + column))],
                    .. found.Value.Table.SelectMany(Rows)]),
                "text/csv; charset=utf-8", $"uwagi-{found.Value.Deliverable.Key}.csv")
            : found.Refusal!;
    }

    /// <summary>
    /// A comment's rows: one, or more where those who said the same gave other reasons. Names in one cell stand one below
    /// the other, as they are read in again.
    /// </summary>
    internal static IEnumerable<IReadOnlyList<string>> Rows(TableComment entry)
    {
        var said = entry.Voices.Select(voice => (voice.Name, voice.Rationale, voice.ProposedChange))
            .Prepend((Name: entry.Author, entry.Comment.Rationale, entry.Comment.ProposedChange))
            .GroupBy(voice => (voice.Rationale, voice.ProposedChange)).ToList();
        return said.Select((same, i) => (IReadOnlyList<string>)
        [
            entry.Comment.Number.ToString(CommentTexts.PolishCulture) + (i == 0 ? "" : Letter(i)),
            string.Join('\n', same.Select(voice => voice.Name)),
            entry.Comment.ClauseReference,
            CommentTexts.Polish("CommentKind_" + entry.Comment.Kind),
            entry.Comment.Text,
            same.Key.Rationale,
            same.Key.ProposedChange,
            i == 0 ? Position(entry) : "",
        ]);
    }

    /// <summary>The disposition in words: what was decided, where the text changed, why, and what the maker says to it.</summary>
    internal static string Position(TableComment entry)
    {
        if (entry.Disposition is not { } decided)
        {
            return "";
        }

        var change = decided.ChangeRevision is null
            ? null
            : CommentTexts.Polish("PaperChange", decided.ChangeRevision, decided.ChangeClause!);
        return string.Join('\n', new[] { CommentTexts.Polish("Disposition_" + decided.Kind), change, decided.Reason }
            .Concat(entry.Answers.Select(answer => CommentTexts.Polish("PaperAnswer_" + answer.Kind, answer.By)
                + (answer.Words.Length > 0 ? $" {answer.Words}" : "")))
            .Where(line => !string.IsNullOrEmpty(line)));
    }

    private string Today() => Warsaw.DateOf(time.GetUtcNow()).ToString("d MMMM yyyy", CommentTexts.PolishCulture);

    private static string Letter(int place) => place <= 25 ? ((char)('a' + place)).ToString() : $"-{place + 1}";

    private async Task<Result<Basis>> FindAsync(Query query, CancellationToken cancellation) => await work.RunAsync<Basis>(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var deliverable = await db.Deliverables.AsNoTracking()
                .SingleOrDefaultAsync(d => d.Key == query.DeliverableKey, cancellation);
            return deliverable is null || !person.ReadsWorkingPapers
                ? new NotFoundOrNotYours()
                : new Basis(deliverable, [.. (await CommentTable.ReadableAsync(db, deliverable, null, person, query.PersonId, cancellation))
                    .Where(entry => query.RevisionId is null || entry.Comment.RevisionId == query.RevisionId)]);
        },
        cancellation);
}
