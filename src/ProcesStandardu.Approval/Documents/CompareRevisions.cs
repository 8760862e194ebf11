using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Comments;
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
        IReadOnlyList<ClauseChange> Changes, int UnchangedCount)
    {
        /// <summary>Comments whose answer points at a place of the newer text, by that place; empty for observers.</summary>
        public ILookup<string, AnsweredComment> Answers { get; init; } = Array.Empty<AnsweredComment>().ToLookup(_ => "");
    }

    /// <summary>A comment that a change answers.</summary>
    /// <param name="Revision">The label of the revision it was made on.</param>
    public sealed record AnsweredComment(Guid Id, int Number, string Revision, string Author, string Text, DispositionKind Disposition);

    /// <summary>The comparison as a paper: the whole newer text with what was put in and taken out.</summary>
    public sealed record Paper(string Title, string From, string To, IReadOnlyList<DocxBlock> Blocks);

    private sealed record ClauseList(IReadOnlyList<Clause> Clauses);

    private sealed record Side(Revision Revision, StoredFile File, Deliverable Deliverable);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation)
    {
        var sides = await SidesAsync(query, cancellation);
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
            Answers = await AnswersAsync(newer, query.PersonId, cancellation),
        };
    }

    /// <summary>The same comparison as a paper to take away; refused with why there is none.</summary>
    public async Task<Result<Paper>> WriteAsync(Query query, CancellationToken cancellation)
    {
        var sides = await SidesAsync(query, cancellation);
        if (!sides.Succeeded)
        {
            return sides.Refusal!;
        }

        var (older, newer) = sides.Value;
        var before = Read(older);
        var after = Read(newer);
        if ((before.Refusal ?? after.Refusal) is { } refusal)
        {
            return refusal;
        }

        var (from, to) = (older.Revision.Number.ToString(), newer.Revision.Number.ToString());
        return new Paper(
            newer.Deliverable.Title, from, to,
            [.. RevisionDifferences.Whole(before.Value.Clauses, after.Value.Clauses)
                .Select(line => new DocxBlock.Tracked(Pieces(line.Change, line.Same), to, newer.Revision.SubmittedAt))]);
    }

    /// <summary>A clause with its place in front; a place that changed is a change like any other.</summary>
    private static List<TextPiece> Pieces(ClauseChange? change, Clause? same)
    {
        if (same is not null)
        {
            return [new(TextPieceKind.Same, Placed(same.Reference) + same.Text)];
        }

        var pieces = new List<TextPiece>();
        var (was, becomes) = (Placed(change!.ReferenceBefore ?? ""), Placed(change.ReferenceAfter ?? ""));
        if (was == becomes)
        {
            Add(TextPieceKind.Same, was);
        }
        else
        {
            Add(TextPieceKind.Deleted, was);
            Add(TextPieceKind.Inserted, becomes);
        }

        return [.. pieces, .. change.Pieces];

        void Add(TextPieceKind kind, string text)
        {
            if (text.Length > 0)
            {
                pieces.Add(new(kind, text));
            }
        }

        static string Placed(string reference) => reference.Length > 0 ? $"[{reference}] " : "";
    }

    private Task<ILookup<string, AnsweredComment>> AnswersAsync(Side newer, Guid personId, CancellationToken cancellation) =>
        work.RunAsync(
            async db =>
            {
                var person = await rights.OfAsync(personId, cancellation);
                if (!person.ReadsWorkingPapers)
                {
                    return Array.Empty<AnsweredComment>().ToLookup(_ => "");
                }

                var table = await CommentTable.ReadableAsync(db, newer.Deliverable, null, person, personId, cancellation);
                return table
                    .Where(row => row.Disposition is { ChangeClause: { Length: > 0 } } answer && answer.ChangeRevisionId == newer.Revision.Id)
                    .ToLookup(
                        row => row.Disposition!.ChangeClause!,
                        row => new AnsweredComment(
                            row.Comment.Id, row.Comment.Number, row.Revision, row.Author, row.Comment.Text, row.Disposition!.Kind),
                        StringComparer.OrdinalIgnoreCase);
            },
            cancellation);

    private Task<Result<(Side From, Side To)>> SidesAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync<(Side From, Side To)>(
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
