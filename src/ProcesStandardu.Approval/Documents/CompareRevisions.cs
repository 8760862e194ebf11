using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>„Porównaj z…”: what differs between two revisions of one deliverable, clause by clause.</summary>
public sealed class CompareRevisions(UnitOfWork work, Rights rights, StoredFiles files)
{
    /// <param name="FromRevisionId">The older text; the order is the reader's choice and not checked.</param>
    public sealed record Query(Guid FromRevisionId, Guid ToRevisionId, Guid PersonId);

    /// <param name="From">The label of the older text.</param>
    /// <param name="NotCompared">Why there is no comparison (a PDF, an unreadable text); null when there is one.</param>
    /// <param name="Changes">In the order of the newer text; empty when a reader would see no difference.</param>
    /// <param name="UnchangedCount">Clauses that are the same in words and number.</param>
    public sealed record View(
        string DeliverableKey, string Title, Guid FromId, string From, Guid ToId, string To, Refusal? NotCompared,
        IReadOnlyList<ClauseChange> Changes, int UnchangedCount);

    private sealed record ClauseList(IReadOnlyList<Clause> Clauses);

    private sealed record Side(Revision Revision, StoredFile File, Deliverable Deliverable);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation)
    {
        var sides = await work.RunAsync<(Side From, Side To)>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var from = await FindAsync(db, query.FromRevisionId, person, cancellation);
                var to = await FindAsync(db, query.ToRevisionId, person, cancellation);
                if (from is null || to is null || from.Deliverable.Key != to.Deliverable.Key)
                {
                    return new NotFoundOrNotYours();
                }

                var withdrawn = new[] { from, to }.FirstOrDefault(side => side.Revision.Status == RevisionStatus.Withdrawn);
                return withdrawn is null ? (from, to) : new RevisionIsWithdrawn(withdrawn.Revision.Number.ToString());
            },
            cancellation);
        if (!sides.Succeeded)
        {
            return sides.Refusal!;
        }

        // Read and compared outside the transaction: the bytes never change, and a long text takes a while.
        var (older, newer) = sides.Value;
        var before = Read(older);
        var after = Read(newer);
        var view = new View(
            older.Deliverable.Key, older.Deliverable.Title, older.Revision.Id, older.Revision.Number.ToString(),
            newer.Revision.Id, newer.Revision.Number.ToString(), before.Refusal ?? after.Refusal, [], 0);
        if (view.NotCompared is not null)
        {
            return view;
        }

        var changes = RevisionDifferences.Between(before.Value.Clauses, after.Value.Clauses);
        return view with
        {
            Changes = changes,
            UnchangedCount = after.Value.Clauses.Count - changes.Count(change => change.ReferenceAfter is not null),
        };
    }

    private Result<ClauseList> Read(Side side)
    {
        var label = side.Revision.Number.ToString();
        if (FileKinds.FromMediaType(side.File.MediaType) is not { } kind)
        {
            return new TextCannotBeRead(label);
        }

        if (files.WhyNotRead(side.File) is { } held)
        {
            return held;
        }

        try
        {
            using var content = files.Open(side.File);
            var paragraphs = TextExtraction.Read(content, kind);
            return paragraphs.Count == 0 && kind == FileKind.Pdf ? new PdfHasNoWords(label) : new ClauseList(Clauses.Of(paragraphs));
        }
        catch (Exception error) when (error is InvalidDataException or TooMuchUnpackedException)
        {
            return new TextCannotBeRead(label);
        }
    }

    private static async Task<Side?> FindAsync(
        ProcesDbContext db, Guid revisionId, PersonRights person, CancellationToken cancellation)
    {
        var found = await (
            from revision in db.Revisions.AsNoTracking()
            join file in db.StoredFiles.AsNoTracking() on revision.FileId equals file.Id
            join deliverable in db.Deliverables.AsNoTracking() on revision.DeliverableKey equals deliverable.Key
            where revision.Id == revisionId
            select new { revision, file, deliverable }).SingleOrDefaultAsync(cancellation);
        return found is not null && RevisionReading.IsAllowed(person, found.deliverable, revisionId)
            ? new Side(found.revision, found.file, found.deliverable)
            : null;
    }
}
