using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// „Protokół rozbieżności”: the comments of substance that were decided otherwise than asked and that their makers uphold.
/// It goes with the document to the next body.
/// </summary>
public sealed class DivergenceReport(UnitOfWork work, Rights rights, TimeProvider time)
{
    public sealed record Query(string DeliverableKey, Guid PersonId);

    /// <param name="Divergences">By revision and place.</param>
    /// <param name="UndecidedCount">Comments of substance without a disposition: the report is not complete while there are any.</param>
    /// <param name="UnansweredCount">Decided otherwise than asked, and nobody who made them has answered yet.</param>
    public sealed record View(
        string DeliverableKey, string Title, IReadOnlyList<TableComment> Divergences, int UndecidedCount, int UnansweredCount, DateOnly AsOf);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => await work.RunAsync<View>(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var deliverable = await db.Deliverables.AsNoTracking()
                .SingleOrDefaultAsync(d => d.Key == query.DeliverableKey, cancellation);
            if (deliverable is null || !person.ReadsWorkingPapers)
            {
                return new NotFoundOrNotYours();
            }

            var table = await CommentTable.ReadableAsync(db, deliverable, null, person, query.PersonId, cancellation);
            var ofSubstance = table.Where(entry => entry.Comment.Kind != CommentKind.Editorial).ToList();
            return new View(
                deliverable.Key, deliverable.Title, [.. table.Where(entry => entry.IsDivergence)],
                ofSubstance.Count(entry => entry.State == CommentState.Open),
                ofSubstance.Count(entry => entry.State == CommentState.Decided && entry.Disposition!.Kind != DispositionKind.Accepted),
                Warsaw.DateOf(time.GetUtcNow()));
        },
        cancellation);

    /// <summary>The report as a Word document, in Polish.</summary>
    public static ExportComments.Paper Docx(View view)
    {
        var blocks = new List<DocxBlock>
        {
            new DocxBlock.Paragraph(CommentTexts.Polish("PaperAbout", view.Title)),
            new DocxBlock.Paragraph(CommentTexts.Polish("PaperAsOf", view.AsOf.ToString("d MMMM yyyy", CommentTexts.PolishCulture))),
        };
        if (view.UndecidedCount > 0)
        {
            blocks.Add(new DocxBlock.Paragraph(CommentTexts.Polish("DivergencesUndecided", view.UndecidedCount)));
        }

        if (view.UnansweredCount > 0)
        {
            blocks.Add(new DocxBlock.Paragraph(CommentTexts.Polish("DivergencesUnanswered", view.UnansweredCount)));
        }

        blocks.Add(view.Divergences.Count == 0
            ? new DocxBlock.Paragraph(CommentTexts.Polish("NoDivergences"))
            : new DocxBlock.Table(
                CommentTexts.Polish("DivergencesCaption"),
                [.. new[] { "Place", "Reporter", "Clause", "Text", "Proposal", "Disposition" }.Select(column => CommentTexts.Polish("Column_" + column))],
                [.. view.Divergences.Select((entry, i) => (IReadOnlyList<string>)
                [
                    (i + 1).ToString(CommentTexts.PolishCulture),
                    string.Join('\n', entry.Voices.Select(voice => voice.Name).Prepend(entry.Author)),
                    CommentTexts.Polish("DivergencePlace", entry.Comment.ClauseReference, entry.Revision, entry.Comment.Number),
                    string.Join('\n', new[] { entry.Comment.Text, entry.Comment.Rationale }.Where(text => text.Length > 0)),
                    entry.Comment.ProposedChange,
                    ExportComments.Position(entry),
                ])],
                [5, 13, 12, 28, 20, 24]));
        return new ExportComments.Paper(
            DocxDocument.Write(CommentTexts.Polish("DivergencesTitle"), blocks, isWide: true),
            FileKind.Docx.MediaType(), $"rozbieznosci-{view.DeliverableKey}.docx");
    }
}
