using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>„Tabela uwag”: every comment on a deliverable, each with the revision that it is about, oldest first.</summary>
public sealed class ListComments(UnitOfWork work, Rights rights)
{
    public sealed record Query(string DeliverableKey, Guid PersonId);

    /// <param name="Title">The deliverable's.</param>
    /// <param name="Revisions">What the form may choose from, newest first; withdrawn ones are left out.</param>
    public sealed record View(
        string DeliverableKey, string Title, IReadOnlyList<Row> Rows, IReadOnlyList<(Guid Id, string Label)> Revisions);

    /// <param name="Number">The place in the table, from 1; it never changes, since rows are only added.</param>
    /// <param name="Revision">The label of the revision commented on.</param>
    /// <param name="IsMine">True for the reader's own comments.</param>
    public sealed record Row(
        int Number, Guid Id, string Revision, string Author, string ClauseReference, CommentKind Kind, string Text,
        string Rationale, string ProposedChange, DateTimeOffset SubmittedAt, bool IsMine);

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

                var revisions = await db.Revisions.AsNoTracking().Where(r => r.DeliverableKey == deliverable.Key)
                    .OrderByDescending(r => r.Major).ThenByDescending(r => r.Minor).ToListAsync(cancellation);
                var labels = revisions.ToDictionary(r => r.Id, r => r.Number.ToString());
                var rows = await (
                    from comment in db.Comments.AsNoTracking()
                    join author in db.People.AsNoTracking() on comment.AuthorId equals author.Id
                    where comment.DeliverableKey == deliverable.Key
                    orderby comment.SubmittedAt, comment.Id
                    select new { comment, author.DisplayName }).ToListAsync(cancellation);
                return new View(
                    deliverable.Key, deliverable.Title,
                    [.. rows.Select((row, i) => new Row(
                        i + 1, row.comment.Id, labels[row.comment.RevisionId], row.DisplayName, row.comment.ClauseReference,
                        row.comment.Kind, row.comment.Text, row.comment.Rationale, row.comment.ProposedChange,
                        row.comment.SubmittedAt, row.comment.AuthorId == query.PersonId))],
                    [.. revisions.Where(r => r.Status == RevisionStatus.Submitted).Select(r => (r.Id, labels[r.Id]))]);
            },
            cancellation);
}
