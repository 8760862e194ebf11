using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// Takes a table that was read into the comment table: all of it or nothing. What is there already is recognised at this
/// moment, whatever the preview said, so two people with the same file add it once.
/// </summary>
public sealed class ImportComments(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    public sealed record Query(Guid ImportId, Guid PersonId);

    public sealed record Command(Guid ImportId, Guid PersonId, string? FormKey);

    /// <summary>What would be, or was, added.</summary>
    /// <param name="Plan">Voice by voice, in the file's order.</param>
    /// <param name="Done">True once it was taken in.</param>
    /// <param name="SameFileTakenAt">When a file of the very same bytes was taken into this revision's table; null when never.</param>
    public sealed record View(
        Guid ImportId, string DeliverableKey, string Title, string Revision, string FileName, CommentSheet Sheet,
        IReadOnlyList<PlannedVoice> Plan, bool Done, DateTimeOffset? SameFileTakenAt)
    {
        public int Count(RowFate fate) => Plan.Count(voice => voice.Fate == fate);
    }

    /// <summary>What the table has become.</summary>
    public sealed record Imported(string DeliverableKey, int Added, int Joined, int Known);

    /// <summary>The preview. Only who read the file sees it.</summary>
    public async Task<Result<View>> ShowAsync(Query query, CancellationToken cancellation) => await work.RunAsync<View>(
        async db =>
        {
            if (await FindAsync(db, query.ImportId, query.PersonId, cancellation) is not { } import)
            {
                return new NotFoundOrNotYours();
            }

            var sheet = import.Read();
            var revision = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == import.RevisionId, cancellation);
            var title = await db.Deliverables.Where(d => d.Key == import.DeliverableKey).Select(d => d.Title).SingleAsync(cancellation);
            var earlier = await db.CommentImports.AsNoTracking()
                .Where(other => other.RevisionId == import.RevisionId && other.Id != import.Id && other.DoneAt != null && other.Sha256 == import.Sha256)
                .MinAsync(other => other.DoneAt, cancellation);
            return new View(
                import.Id, import.DeliverableKey, title, revision.Number.ToString(), import.FileName, sheet,
                import.DoneAt is null ? await PlanAsync(db, import, sheet, cancellation) : [], import.DoneAt is not null, earlier);
        },
        cancellation);

    public Task<Result<Imported>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Imported>(
        command.PersonId, command.FormKey, new { command.ImportId },
        async db =>
        {
            if (await FindAsync(db, command.ImportId, command.PersonId, cancellation) is not { } found)
            {
                return new NotFoundOrNotYours();
            }

            await work.LockDeliverableAsync(found.DeliverableKey, cancellation);
            var import = await db.CommentImports.SingleAsync(i => i.Id == command.ImportId, cancellation);
            await db.Entry(import).ReloadAsync(cancellation);
            var revision = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == import.RevisionId, cancellation);
            var sheet = import.Read();
            if (import.DoneAt is not null)
            {
                return new CommentTableIsTaken();
            }

            if (revision.Status == RevisionStatus.Withdrawn)
            {
                return new RevisionIsWithdrawn(revision.Number.ToString());
            }

            if (sheet.Problems.Count > 0)
            {
                return new CommentTableHasMistakes(sheet.Problems.Count);
            }

            var now = time.GetUtcNow();
            var plan = await PlanAsync(db, import, sheet, cancellation);
            await AddAsync(db, import, plan, now, cancellation);
            import.Finish(plan, now);
            audit.Record(Subjects.Deliverable(import.DeliverableKey), "comments_imported", new Actor(command.PersonId), new
            {
                importId = import.Id,
                revision = revision.Number.ToString(),
                fileName = import.FileName,
                sha256 = Convert.ToHexStringLower(import.Sha256),
                added = import.AddedCount,
                joined = import.JoinedCount,
                known = import.KnownCount,
            });
            return new Imported(import.DeliverableKey, import.AddedCount!.Value, import.JoinedCount!.Value, import.KnownCount!.Value);
        },
        cancellation);

    private static async Task AddAsync(
        ProcesDbContext db, CommentImport import, IReadOnlyList<PlannedVoice> plan, DateTimeOffset now, CancellationToken cancellation)
    {
        var ids = await db.Comments.Where(comment => comment.RevisionId == import.RevisionId)
            .ToDictionaryAsync(comment => comment.Number, comment => comment.Id, cancellation);
        var voices = await (
            from voice in db.CommentVoices
            join comment in db.Comments on voice.CommentId equals comment.Id
            where comment.RevisionId == import.RevisionId
            group voice by voice.CommentId into same
            select new { same.Key, Count = same.Count() }).ToDictionaryAsync(same => same.Key, same => same.Count, cancellation);
        foreach (var voice in plan.Where(voice => voice.Fate != RowFate.Known))
        {
            if (voice.Fate == RowFate.Added)
            {
                var comment = new Comment
                {
                    Id = Guid.CreateVersion7(now),
                    DeliverableKey = import.DeliverableKey,
                    RevisionId = import.RevisionId,
                    Number = voice.Number,
                    AuthorId = import.PersonId,
                    ReportedBy = voice.Reporter,
                    ClauseReference = voice.Row.ClauseReference,
                    Kind = voice.Row.Kind,
                    Text = voice.Row.Text,
                    Rationale = voice.Row.Rationale,
                    ProposedChange = voice.Row.ProposedChange,
                    SubmittedAt = now,
                    ImportId = import.Id,
                };
                db.Comments.Add(comment);
                ids[voice.Number] = comment.Id;
                continue;
            }

            var id = ids[voice.Number];
            voices[id] = voices.GetValueOrDefault(id) + 1;
            db.CommentVoices.Add(new CommentVoice
            {
                Id = Guid.CreateVersion7(now),
                CommentId = id,
                Ordinal = voices[id],
                ReportedBy = voice.Reporter,
                EnteredById = import.PersonId,
                Rationale = voice.Row.Rationale,
                ProposedChange = voice.Row.ProposedChange,
                ImportId = import.Id,
                JoinedAt = now,
            });
        }
    }

    private static async Task<IReadOnlyList<PlannedVoice>> PlanAsync(
        ProcesDbContext db, CommentImport import, CommentSheet sheet, CancellationToken cancellation)
    {
        var names = await db.People.AsNoTracking().ToDictionaryAsync(person => person.Id, person => person.DisplayName, cancellation);
        var comments = await db.Comments.AsNoTracking().Where(comment => comment.RevisionId == import.RevisionId)
            .OrderBy(comment => comment.Number).ToListAsync(cancellation);
        var voices = (await (
                from voice in db.CommentVoices.AsNoTracking()
                join comment in db.Comments on voice.CommentId equals comment.Id
                where comment.RevisionId == import.RevisionId
                select voice).ToListAsync(cancellation))
            .ToLookup(voice => voice.CommentId);
        return CommentMatching.Plan(
            comments.Select(comment => new CommentInTable(
                comment.Number, comment.ClauseReference, comment.Text,
                [
                    Name(comment.ReportedBy, comment.AuthorId),
                    .. voices[comment.Id].Select(voice => Name(voice.ReportedBy, voice.EnteredById)),
                ])),
            sheet.Rows, names[import.PersonId]);

        string Name(string reportedBy, Guid person) => reportedBy.Length > 0 ? reportedBy : names[person];
    }

    private async Task<CommentImport?> FindAsync(ProcesDbContext db, Guid importId, Guid personId, CancellationToken cancellation) =>
        (await rights.OfAsync(personId, cancellation)).ReadsWorkingPapers
            ? await db.CommentImports.AsNoTracking().SingleOrDefaultAsync(i => i.Id == importId && i.PersonId == personId, cancellation)
            : null;
}
