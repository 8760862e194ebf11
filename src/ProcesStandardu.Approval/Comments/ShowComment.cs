using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>One comment, everything decided and answered about it, and what this reader may do with it.</summary>
public sealed class ShowComment(UnitOfWork work, Rights rights, StoredFiles files)
{
    public sealed record Query(Guid CommentId, Guid PersonId);

    /// <param name="Earlier">Dispositions that no longer stand, oldest first.</param>
    /// <param name="LaterRevisions">Where a change may be pointed at, newest first.</param>
    /// <param name="MayDispose">True for leads of the task while the comment is not withdrawn.</param>
    /// <param name="MayAnswer">True for whoever made it, and for the secretary, once something is decided.</param>
    /// <param name="AnswersFor">In whose name the answer would be; null when the reader speaks for himself.</param>
    /// <param name="MayWithdraw">True for its author alone.</param>
    /// <param name="FileName">Of the file that goes with it; null when there is none.</param>
    public sealed record View(
        string DeliverableKey, string Title, TableComment Entry, IReadOnlyList<TableDisposition> Earlier,
        IReadOnlyList<(Guid Id, string Label)> LaterRevisions, bool MayDispose, bool MayAnswer, string? AnswersFor, bool MayWithdraw,
        string? FileName);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) =>
        await work.RunAsync<View>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var comment = await db.Comments.AsNoTracking().SingleOrDefaultAsync(c => c.Id == query.CommentId, cancellation);
                if (comment is null || !person.ReadsWorkingPapers)
                {
                    return new NotFoundOrNotYours();
                }

                var deliverable = await db.Deliverables.AsNoTracking().SingleAsync(d => d.Key == comment.DeliverableKey, cancellation);
                var entry = (await CommentTable.ReadableAsync(db, deliverable, comment.Id, person, query.PersonId, cancellation)).SingleOrDefault();
                if (entry is null)
                {
                    return new NotFoundOrNotYours();
                }

                var all = await CommentTable.DispositionsAsync(db, comment.Id, cancellation);
                var revisions = await db.Revisions.AsNoTracking()
                    .Where(r => r.DeliverableKey == deliverable.Key && r.Status == RevisionStatus.Submitted).ToListAsync(cancellation);
                var commented = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == comment.RevisionId, cancellation);
                var isMaker = entry.IsOf(query.PersonId);
                var isOpen = entry.State != CommentState.Withdrawn;
                return new View(
                    deliverable.Key, deliverable.Title, entry, [.. all.SkipLast(1)],
                    [.. revisions.Where(r => DisposeComment.IsLater(r, commented)).OrderByDescending(r => r.Major)
                        .ThenByDescending(r => r.Minor).Select(r => (r.Id, r.Number.ToString()))],
                    isOpen && person.Leads(deliverable.TaskKey),
                    isOpen && entry.Disposition is not null && (isMaker || person.IsSecretary),
                    isMaker ? null : entry.Author,
                    isOpen && comment.AuthorId == query.PersonId,
                    comment.FileId is null ? null
                        : await db.StoredFiles.Where(f => f.Id == comment.FileId).Select(f => f.FileName).SingleAsync(cancellation));
            },
            cancellation);

    /// <summary>The file that goes with a comment, to be read once.</summary>
    public async Task<Result<DownloadFile.Download>> OpenAsync(Query query, CancellationToken cancellation)
    {
        var found = await work.RunAsync<StoredFile>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var comment = await db.Comments.AsNoTracking().SingleOrDefaultAsync(c => c.Id == query.CommentId, cancellation);
                if (comment?.FileId is null || !person.ReadsWorkingPapers)
                {
                    return new NotFoundOrNotYours();
                }

                var deliverable = await db.Deliverables.AsNoTracking().SingleAsync(d => d.Key == comment.DeliverableKey, cancellation);
                return (await CommentTable.ReadableAsync(db, deliverable, comment.Id, person, query.PersonId, cancellation)).Count == 0
                    ? new NotFoundOrNotYours()
                    : await db.StoredFiles.AsNoTracking().SingleAsync(stored => stored.Id == comment.FileId, cancellation);
            },
            cancellation);
        return found.Succeeded
            ? new DownloadFile.Download(
                files.Open(found.Value), found.Value.Length, found.Value.MediaType, found.Value.FileName,
                Convert.ToHexStringLower(found.Value.Sha256), found.Value.CreatedAt)
            : found.Refusal!;
    }
}
