using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Gives the exact bytes of a revision to who may read it.</summary>
public sealed class DownloadFile(UnitOfWork work, Rights rights, StoredFiles files)
{
    public sealed record Query(Guid RevisionId, Guid PersonId);

    /// <summary>A file to send. The receiver disposes of <paramref name="Content"/>, which can be positioned.</summary>
    /// <param name="MediaType">The type that the content was found to be.</param>
    /// <param name="FileName">Clean, yet still to be quoted for a header.</param>
    /// <param name="Sha256">64 hexadecimal digits, lower case.</param>
    public sealed record Download(
        Stream Content, long Length, string MediaType, string FileName, string Sha256, DateTimeOffset SubmittedAt);

    public async Task<Result<Download>> HandleAsync(Query query, CancellationToken cancellation) =>
        await work.RunAsync<Download>(
            async db =>
            {
                var person = await rights.OfAsync(query.PersonId, cancellation);
                var found = await (
                    from revision in db.Revisions.AsNoTracking()
                    join deliverable in db.Deliverables.AsNoTracking() on revision.DeliverableKey equals deliverable.Key
                    join file in db.StoredFiles.AsNoTracking() on revision.FileId equals file.Id
                    where revision.Id == query.RevisionId
                    select new { revision, deliverable, file }).SingleOrDefaultAsync(cancellation);
                if (found is null || !RevisionReading.IsAllowed(person, found.deliverable, found.revision.Id))
                {
                    return new NotFoundOrNotYours();
                }

                return found.revision.Status == RevisionStatus.Withdrawn
                    ? new RevisionIsWithdrawn(found.revision.Number.ToString())
                    : files.WhyNotRead(found.file) is { } held ? held
                    : new Download(
                        files.Open(found.file), found.file.Length, found.file.MediaType, found.file.FileName,
                        Convert.ToHexStringLower(found.file.Sha256), found.revision.SubmittedAt);
            },
            cancellation);
}

/// <summary>Who reads which revision.</summary>
internal static class RevisionReading
{
    /// <summary>Boards, leads, secretary and administrators read all; observers what is voted on or adopted.</summary>
    public static bool IsAllowed(PersonRights person, Deliverable deliverable, Guid revisionId) =>
        person.ReadsWorkingPapers || (person.Observes && deliverable.IsOpenToObservers(revisionId));
}
