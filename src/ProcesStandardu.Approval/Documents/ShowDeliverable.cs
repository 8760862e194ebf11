using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>A deliverable's page: what it is, where it stands, its revisions, and what this reader may do.</summary>
public sealed class ShowDeliverable(UnitOfWork work, Rights rights)
{
    public sealed record Query(string DeliverableKey, Guid PersonId);

    /// <param name="Kind">The lower_snake name; its text is <c>DeliverableKind_…</c>.</param>
    /// <param name="PhaseTitle">Null when it belongs to no phase; likewise the work and the deadline.</param>
    /// <param name="DueOn">The last local day, ending 23:59:59 in Warsaw.</param>
    /// <param name="ExpectedFileKinds">Upper-case endings, for example DOCX.</param>
    /// <param name="AcceptedEndings">For the file field's <c>accept</c>: „.docx,.odt,.pdf”.</param>
    /// <param name="AdoptedRevision">The label of the adopted revision; null until there is one.</param>
    /// <param name="Revisions">Newest first; for observers only those they may read.</param>
    /// <param name="NeedsChangeList">True when the next submission must say what it changes.</param>
    /// <param name="NextMinor">The number that the next draft would get now; <paramref name="NextMajor"/> the next whole one.</param>
    /// <param name="CommentCount">Zero for readers who do not see comments.</param>
    public sealed record View(
        string Key, string Title, string Kind, DeliverableStatus Status, string TaskKey, string TaskTitle,
        string? WorkKey, string? WorkTitle, string? PhaseKey, string? PhaseTitle, DateOnly? DueOn,
        IReadOnlyList<string> ExpectedFileKinds, string AcceptedEndings, bool IsRequiredForProgrammeEnd,
        IReadOnlyList<string> AuthorOrganisations, string? SourceKey, string? AdoptedRevision, DateTimeOffset? AdoptedAt,
        DateTimeOffset? PublishedAt, IReadOnlyList<RevisionLine> Revisions, int CommentCount,
        bool MaySubmit, bool MayComment, bool NeedsChangeList, string NextMinor, string NextMajor);

    /// <param name="Label">For example „1.0”.</param>
    /// <param name="BasedOn">The base's label; null for the first.</param>
    /// <param name="NotOn">The label of the newer revision that the submitter did not have; null in the ordinary case.</param>
    /// <param name="FileKind">Upper-case ending, for example DOCX.</param>
    /// <param name="Sha256">64 hexadecimal digits, lower case.</param>
    /// <param name="PreviousId">The revision to compare with by default; null for the oldest shown.</param>
    public sealed record RevisionLine(
        Guid Id, string Label, RevisionStatus Status, ChangeKind ChangeKind, string Summary, string ChangeList,
        string SubmittedBy, DateTimeOffset SubmittedAt, string? BasedOn, string? NotOn, string FileName, string FileKind,
        long Length, string Sha256, bool IsInBallot, bool IsAdopted, Guid? PreviousId, string? PreviousLabel)
    {
        /// <summary>The withdrawal that was confirmed, or the one that waits for a second person; null when there is neither.</summary>
        public WithdrawalLine? Withdrawal { get; init; }

        /// <summary>True when this reader may ask for its withdrawal now.</summary>
        public bool MayAskWithdrawal { get; init; }

        /// <summary>True when this reader may decide about the withdrawal that waits.</summary>
        public bool MayDecideWithdrawal { get; init; }
    }

    /// <param name="DecidedBy">Null while it waits; likewise <paramref name="DecidedAt"/>.</param>
    public sealed record WithdrawalLine(
        WithdrawalGround Ground, string Reason, Guid AskedById, string AskedBy, DateTimeOffset AskedAt, string? DecidedBy, DateTimeOffset? DecidedAt);

    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) =>
        await work.RunAsync<View>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var deliverable = await db.Deliverables.AsNoTracking()
                    .SingleOrDefaultAsync(d => d.Key == query.DeliverableKey, cancellation);
                return deliverable is null || !person.Observes
                    ? new NotFoundOrNotYours()
                    : await ReadAsync(db, deliverable, person, cancellation);
            },
            cancellation);

    private static async Task<View> ReadAsync(
        ProcesDbContext db, Deliverable deliverable, PersonRights person, CancellationToken cancellation)
    {
        var revisions = await LinesAsync(db, deliverable, cancellation);
        var newest = revisions.LastOrDefault();
        var latest = newest is null ? null : RevisionNumber.Parse(newest.Label);
        var lines = revisions.Where(line => RevisionReading.IsAllowed(person, deliverable, line.Id)).ToList();
        RevisionLine? readable = null;
        for (var i = 0; i < lines.Count; i++)
        {
            lines[i] = lines[i] with { PreviousId = readable?.Id, PreviousLabel = readable?.Label };
            readable = lines[i].Status == RevisionStatus.Submitted ? lines[i] : readable;
        }

        lines = await WithWithdrawalsAsync(db, deliverable, person, lines, cancellation);

        lines.Reverse();
        var task = await db.ProgrammeTasks.AsNoTracking().Where(task => task.Key == deliverable.TaskKey)
            .Select(task => task.Title).SingleOrDefaultAsync(cancellation);
        var workTitle = await db.StandardWorks.AsNoTracking().Where(work => work.Key == deliverable.WorkKey)
            .Select(work => work.Title).SingleOrDefaultAsync(cancellation);
        var phase = await db.Phases.AsNoTracking().Where(phase => phase.Key == deliverable.PhaseKey)
            .Select(phase => phase.Title).SingleOrDefaultAsync(cancellation);
        var dueOn = await db.Deadlines.AsNoTracking().Where(deadline => deadline.Key == deliverable.DueDeadlineKey)
            .Select(deadline => (DateOnly?)deadline.DueOn).SingleOrDefaultAsync(cancellation);
        var authors = await db.Organisations.AsNoTracking()
            .Where(organisation => deliverable.AuthorOrganisationKeys.Contains(organisation.Key))
            .OrderBy(organisation => organisation.Ordinal).Select(organisation => organisation.ShortName).ToListAsync(cancellation);
        var comments = person.ReadsWorkingPapers
            ? await db.Comments.CountAsync(comment => comment.DeliverableKey == deliverable.Key, cancellation)
            : 0;

        return new View(
            deliverable.Key, deliverable.Title, deliverable.Kind, deliverable.Status, deliverable.TaskKey,
            task ?? deliverable.TaskKey, deliverable.WorkKey, workTitle, deliverable.PhaseKey, phase, dueOn,
            [.. deliverable.ExpectedFileKinds.Select(kind => kind.ToUpperInvariant())],
            string.Join(',', deliverable.ExpectedFileKinds.Select(kind => "." + kind)),
            deliverable.IsRequiredForProgrammeEnd, authors, deliverable.SourceKey,
            revisions.SingleOrDefault(line => line.IsAdopted)?.Label, deliverable.AdoptedAt, deliverable.PublishedAt,
            lines, comments,
            MaySubmit: person.Leads(deliverable.TaskKey) && deliverable.AcceptsRevisions,
            MayComment: person.ReadsWorkingPapers && revisions.Count > 0,
            NeedsChangeList: revisions.Count > 0,
            RevisionNumber.After(latest, RevisionStep.NextMinor).ToString(),
            RevisionNumber.After(latest, RevisionStep.NextMajor).ToString());
    }

    private static async Task<List<RevisionLine>> WithWithdrawalsAsync(
        ProcesDbContext db, Deliverable deliverable, PersonRights person, List<RevisionLine> lines, CancellationToken cancellation)
    {
        var ids = lines.Select(line => line.Id).ToList();
        var voted = await db.Ballots.AsNoTracking().Where(b => ids.Contains(b.RevisionId)).Select(b => b.RevisionId).ToListAsync(cancellation);
        var withdrawals = await db.Set<RevisionWithdrawal>().AsNoTracking()
            .Where(w => ids.Contains(w.RevisionId) && w.IsConfirmed != false).ToListAsync(cancellation);
        var people = withdrawals.SelectMany(w => new[] { w.AskedById, w.DecidedById ?? Guid.Empty }).ToList();
        var names = await db.People.AsNoTracking().Where(p => people.Contains(p.Id))
            .ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellation);
        var may = person.ReadsWorkingPapers && WithdrawRevision.MayWithdraw(person, deliverable);
        return [.. lines.Select(line =>
        {
            var withdrawal = withdrawals.SingleOrDefault(w => w.RevisionId == line.Id);
            return line with
            {
                // Why it is asked for may itself be what must not be read; until it is decided only those who decide see it.
                Withdrawal = withdrawal is null || (withdrawal.DecidedAt is null && !may) ? null : new WithdrawalLine(
                    withdrawal.Ground, may ? withdrawal.Reason : "", withdrawal.AskedById, names[withdrawal.AskedById], withdrawal.AskedAt,
                    withdrawal.DecidedById is { } id ? names[id] : null, withdrawal.DecidedAt),
                MayAskWithdrawal = may && withdrawal is null && line.Status == RevisionStatus.Submitted && !voted.Contains(line.Id) && !line.IsAdopted,
                MayDecideWithdrawal = may && withdrawal is { DecidedAt: null },
            };
        })];
    }

    /// <summary>All revisions, oldest first.</summary>
    private static async Task<List<RevisionLine>> LinesAsync(
        ProcesDbContext db, Deliverable deliverable, CancellationToken cancellation)
    {
        var rows = await (
            from revision in db.Revisions.AsNoTracking()
            join file in db.StoredFiles.AsNoTracking() on revision.FileId equals file.Id
            join submitter in db.People.AsNoTracking() on revision.SubmittedById equals submitter.Id
            where revision.DeliverableKey == deliverable.Key
            orderby revision.Major, revision.Minor
            select new { revision, file, submitter.DisplayName }).ToListAsync(cancellation);
        var labels = rows.ToDictionary(row => row.revision.Id, row => row.revision.Number.ToString());

        // A number is given under the deliverable's lock, so the one before in order is the one before in time.
        return [.. rows.Select((row, i) =>
        {
            var origin = row.revision.BaseRevisionId;
            var isOnOlder = origin is not null && i > 0 && origin != rows[i - 1].revision.Id;
            return new RevisionLine(
                row.revision.Id, labels[row.revision.Id], row.revision.Status, row.revision.ChangeKind, row.revision.Summary,
                row.revision.ChangeList, row.DisplayName, row.revision.SubmittedAt,
                origin is { } id ? labels[id] : null, isOnOlder ? labels[rows[i - 1].revision.Id] : null,
                row.file.FileName, FileKinds.FromMediaType(row.file.MediaType)?.ToStored().ToUpperInvariant() ?? row.file.MediaType,
                row.file.Length, Convert.ToHexStringLower(row.file.Sha256),
                deliverable.Status == DeliverableStatus.InBallot && row.revision.Id == deliverable.BallotRevisionId,
                row.revision.Id == deliverable.AdoptedRevisionId, null, null);
        })];
    }
}
