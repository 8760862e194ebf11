using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>„Cofnij” within the window, and „Usuń szkic”: the bytes go at once, the history keeps that it was sent and taken back.</summary>
public sealed class TakeBackSubmission(UnitOfWork work, StoredFiles files, AuditTrail audit, TimeProvider time)
{
    public sealed record Command(Guid SubmissionId, Guid PersonId);

    /// <param name="WasDraft">True when nothing had been sent.</param>
    public sealed record TakenBack(string DeliverableKey, bool WasDraft);

    public Task<Result<TakenBack>> HandleAsync(Command command, CancellationToken cancellation) =>
        work.RunAsync<TakenBack>(
            async db =>
            {
                var key = await db.Set<Submission>().AsNoTracking()
                    .Where(s => s.Id == command.SubmissionId && s.PersonId == command.PersonId)
                    .Select(s => s.DeliverableKey).SingleOrDefaultAsync(cancellation);
                if (key is null)
                {
                    return new NotFoundOrNotYours();
                }

                await work.LockDeliverableAsync(key, cancellation);
                var submission = await db.Set<Submission>().SingleOrDefaultAsync(s => s.Id == command.SubmissionId, cancellation);
                if (submission?.State is not (SubmissionState.Draft or SubmissionState.Confirmed) || submission.ReleasesAt <= time.GetUtcNow())
                {
                    return new SubmissionDoesNotWait();
                }

                var file = submission.FileId;
                var wasDraft = submission.State == SubmissionState.Draft;
                if (wasDraft)
                {
                    db.Remove(submission);
                }
                else
                {
                    submission.TakeBack();
                    submission.FileId = null;
                    audit.Record(Subjects.Deliverable(key), "revision_taken_back", new Actor(command.PersonId), new { submissionId = submission.Id });
                }

                await db.SaveChangesAsync(cancellation);
                if (file is { } id)
                {
                    await files.RemoveAsync(id, cancellation);
                }

                return new TakenBack(key, wasDraft);
            },
            cancellation);
}
