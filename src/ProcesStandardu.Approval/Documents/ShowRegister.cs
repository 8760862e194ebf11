using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Documents;

/// <summary>The public register: what the board adopted and the programme published. Asks for no sign-in and tells of no person.</summary>
public sealed class ShowRegister(UnitOfWork work, StoredFiles files)
{
    /// <param name="WorkTitle">The standard or model it belongs to; null when it concerns a whole task.</param>
    /// <param name="Revision">The adopted revision's label.</param>
    /// <param name="Resolution">The resolution's number; null when the ballot had none.</param>
    /// <param name="Sha256">64 hexadecimal digits, lower case.</param>
    public sealed record Line(
        string Key, string Title, string TaskTitle, string? WorkTitle, Guid RevisionId, string Revision, string? Resolution,
        DateTimeOffset AdoptedAt, DateTimeOffset PublishedAt, string FileName, long Length, string Sha256);

    /// <summary>The newest first.</summary>
    public Task<IReadOnlyList<Line>> HandleAsync(CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Line>>(
        async db =>
        {
            var rows = await (
                from deliverable in db.Deliverables.AsNoTracking()
                where deliverable.PublishedAt != null && deliverable.AdoptedAt != null
                join revision in db.Revisions.AsNoTracking() on deliverable.AdoptedRevisionId equals revision.Id
                join file in db.StoredFiles.AsNoTracking() on revision.FileId equals file.Id
                join task in db.ProgrammeTasks.AsNoTracking() on deliverable.TaskKey equals task.Key
                from standard in db.StandardWorks.Where(standard => standard.Key == deliverable.WorkKey).DefaultIfEmpty()
                orderby deliverable.PublishedAt descending
                select new
                {
                    deliverable,
                    revision,
                    file,
                    TaskTitle = task.Title,
                    WorkTitle = standard == null ? null : standard.Title,
                    Resolution = db.Ballots.Where(ballot => ballot.RevisionId == revision.Id && ballot.ResolutionNumber != null)
                        .Select(ballot => ballot.ResolutionNumber).FirstOrDefault(),
                }).ToListAsync(cancellation);
            return [.. rows.Select(row => new Line(
                row.deliverable.Key, row.deliverable.Title, row.TaskTitle, row.WorkTitle, row.revision.Id,
                row.revision.Number.ToString(), row.Resolution, row.deliverable.AdoptedAt!.Value, row.deliverable.PublishedAt!.Value,
                row.file.FileName, row.file.Length, Convert.ToHexStringLower(row.file.Sha256)))];
        },
        cancellation);

    /// <summary>The exact bytes of a published deliverable; the receiver disposes of them. Null for everything else.</summary>
    public Task<DownloadFile.Download?> OpenAsync(string deliverableKey, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var found = await (
                from deliverable in db.Deliverables.AsNoTracking()
                where deliverable.Key == deliverableKey && deliverable.PublishedAt != null
                join revision in db.Revisions.AsNoTracking() on deliverable.AdoptedRevisionId equals revision.Id
                join file in db.StoredFiles.AsNoTracking() on revision.FileId equals file.Id
                where revision.Status == RevisionStatus.Submitted
                select new { revision, file }).SingleOrDefaultAsync(cancellation);
            return found is null
                ? null
                : new DownloadFile.Download(
                    files.Open(found.file), found.file.Length, found.file.MediaType, found.file.FileName,
                    Convert.ToHexStringLower(found.file.Sha256), found.revision.SubmittedAt);
        },
        cancellation);
}
