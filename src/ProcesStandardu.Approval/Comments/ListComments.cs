using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>„Tabela uwag”: every comment on a deliverable, by revision and place.</summary>
public sealed class ListComments(UnitOfWork work, Rights rights)
{
    public sealed record Query(string DeliverableKey, Guid PersonId);

    /// <param name="Title">The deliverable's.</param>
    /// <param name="Revisions">What the form may choose from, newest first; withdrawn ones are left out.</param>
    /// <param name="MayDispose">True for leads of the task: they say what becomes of each comment.</param>
    /// <param name="UntoldCount">Decided comments whose makers were not told yet; 0 for readers who do not lead.</param>
    public sealed record View(
        string DeliverableKey, string Title, IReadOnlyList<Row> Rows, IReadOnlyList<(Guid Id, string Label)> Revisions,
        bool MayDispose, int UntoldCount);

    /// <param name="Number">The place in the table of its revision, from 1; it never changes.</param>
    /// <param name="Revision">The label of the revision commented on.</param>
    /// <param name="Author">In whose name it stands.</param>
    /// <param name="IsMine">True for the reader's own comments.</param>
    /// <param name="AlsoSaidBy">Others who said the same.</param>
    public sealed record Row(
        int Number, Guid Id, string Revision, string Author, string ClauseReference, CommentKind Kind, string Text,
        string Rationale, string ProposedChange, DateTimeOffset SubmittedAt, bool IsMine, IReadOnlyList<string> AlsoSaidBy,
        CommentState State, DispositionKind? Disposition);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) =>
        await work.RunAsync<View>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var deliverable = await db.Deliverables.AsNoTracking()
                    .SingleOrDefaultAsync(d => d.Key == query.DeliverableKey, cancellation);
                if (deliverable is null || !person.ReadsWorkingPapers)
                {
                    return new NotFoundOrNotYours();
                }

                var revisions = await db.Revisions.AsNoTracking()
                    .Where(r => r.DeliverableKey == deliverable.Key && r.Status == RevisionStatus.Submitted)
                    .OrderByDescending(r => r.Major).ThenByDescending(r => r.Minor).ToListAsync(cancellation);
                var table = await CommentTable.ReadableAsync(db, deliverable, null, person, query.PersonId, cancellation);
                var leads = person.Leads(deliverable.TaskKey);
                return new View(
                    deliverable.Key, deliverable.Title,
                    [.. table.Select(row => new Row(
                        row.Comment.Number, row.Comment.Id, row.Revision, row.Author, row.Comment.ClauseReference,
                        row.Comment.Kind, row.Comment.Text, row.Comment.Rationale, row.Comment.ProposedChange,
                        row.Comment.SubmittedAt, row.Comment.AuthorId == query.PersonId && row.Comment.ReportedBy.Length == 0,
                        [.. row.Voices.Select(voice => voice.Name)], row.State, row.Disposition?.Kind))],
                    [.. revisions.Select(r => (r.Id, r.Number.ToString()))],
                    leads,
                    leads ? table.Count(TellCommenters.Waits) : 0);
            },
            cancellation);
}
