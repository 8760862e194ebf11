using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Makes revisions of what was sent and not taken back: when the window ends, or when the author will not wait.</summary>
public sealed class ReleaseSubmissions(UnitOfWork work, SubmitRevision submit, AuditTrail audit, TimeProvider time)
{
    /// <param name="SubmissionId">A submission of this person that waits.</param>
    public sealed record Command(Guid SubmissionId, Guid PersonId);

    /// <summary>„Wyślij od razu”: the author gives up the rest of the window.</summary>
    public Task<Result<SubmitRevision.Submitted>> HandleAsync(Command command, CancellationToken cancellation) =>
        work.RunAsync<SubmitRevision.Submitted>(
            async db =>
            {
                var submission = await LockAsync(db, command.SubmissionId, cancellation);
                return submission is null || submission.PersonId != command.PersonId ? new NotFoundOrNotYours()
                    : submission.State != SubmissionState.Confirmed ? new SubmissionDoesNotWait()
                    : await ReleaseAsync(db, submission, cancellation);
            },
            cancellation);

    /// <summary>One pass over what is due.</summary>
    /// <returns>How many were decided: released, or refused because they cannot be a revision any more.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var due = await work.RunAsync(
            db => db.Set<Submission>().AsNoTracking()
                .Where(s => s.State == SubmissionState.Confirmed && s.ReleasesAt <= time.GetUtcNow())
                .OrderBy(s => s.ReleasesAt).ThenBy(s => s.Id).Select(s => s.Id).Take(100).ToListAsync(cancellation),
            cancellation);
        var moved = 0;
        foreach (var id in due)
        {
            moved += await work.RunAsync(
                async db =>
                {
                    // Another node may have been here since the list was read.
                    var submission = await LockAsync(db, id, cancellation);
                    if (submission is not { State: SubmissionState.Confirmed })
                    {
                        return 0;
                    }

                    if (await ReleaseAsync(db, submission, cancellation) is { Succeeded: false, Refusal: { } refusal })
                    {
                        submission.Refuse(refusal.Key);
                        audit.Record(Subjects.Deliverable(submission.DeliverableKey), "revision_not_released", new Actor(submission.PersonId), new
                        {
                            submissionId = submission.Id,
                            refusal = refusal.Key,
                        });
                        await db.SaveChangesAsync(cancellation);
                    }

                    return 1;
                },
                cancellation);
        }

        return moved;
    }

    private async Task<Result<SubmitRevision.Submitted>> ReleaseAsync(ProcesDbContext db, Submission submission, CancellationToken cancellation)
    {
        var made = await submit.MakeAsync(db, submission, cancellation);
        if (made.Succeeded)
        {
            submission.Release(made.Value.RevisionId);
            await db.SaveChangesAsync(cancellation);
        }

        return made;
    }

    /// <summary>The document first, as everywhere; then the submission, read after both locks.</summary>
    private async Task<Submission?> LockAsync(ProcesDbContext db, Guid id, CancellationToken cancellation)
    {
        var key = await db.Set<Submission>().AsNoTracking().Where(s => s.Id == id).Select(s => s.DeliverableKey).SingleOrDefaultAsync(cancellation);
        if (key is null)
        {
            return null;
        }

        await work.LockDeliverableAsync(key, cancellation);
        return await db.Set<Submission>().SingleAsync(s => s.Id == id, cancellation);
    }
}
