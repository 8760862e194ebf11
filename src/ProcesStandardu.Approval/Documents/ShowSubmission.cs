using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Documents;

/// <summary>A person's own draft or waiting submission of a deliverable, and the list of what must be in place.</summary>
public sealed class ShowSubmission(UnitOfWork work, TimeProvider time)
{
    public sealed record Query(string DeliverableKey, Guid PersonId);

    /// <param name="Own">Null when there is neither a draft nor one that waits.</param>
    /// <param name="Lines">The completeness list, checked against the draft.</param>
    /// <param name="LastRefused">The name of the refusal that met the person's last submission; null when there is none since.</param>
    public sealed record View(OwnSubmission? Own, IReadOnlyList<Completeness.Line> Lines, string? LastRefused);

    /// <param name="FileName">Null while there is no file.</param>
    /// <param name="MinutesLeft">Whole minutes, rounded up, until it is released; null for drafts.</param>
    public sealed record OwnSubmission(
        Guid Id, bool IsDraft, string? FileName, string? Sha256, string Summary, string ChangeList, ChangeKind ChangeKind, RevisionStep Step,
        Guid? BaseRevisionId, IReadOnlyList<string> Declared, DateTimeOffset SavedAt, DateTimeOffset? ReleasesAt, int? MinutesLeft);

    public Task<View> HandleAsync(Query query, CancellationToken cancellation) =>
        work.RunAsync(
            async db =>
            {
                var mine = await db.Set<Submission>().AsNoTracking()
                    .Where(s => s.DeliverableKey == query.DeliverableKey && s.PersonId == query.PersonId)
                    .OrderByDescending(s => s.SavedAt).ToListAsync(cancellation);
                var own = mine.Find(s => s.State is SubmissionState.Confirmed) ?? mine.Find(s => s.State is SubmissionState.Draft);
                var file = own?.FileId is { } id ? await db.StoredFiles.AsNoTracking().SingleAsync(f => f.Id == id, cancellation) : null;
                var kind = await db.Deliverables.AsNoTracking().Where(d => d.Key == query.DeliverableKey).Select(d => d.Kind)
                    .SingleOrDefaultAsync(cancellation);
                var isFirst = !await db.Revisions.AnyAsync(r => r.DeliverableKey == query.DeliverableKey, cancellation);
                return new View(
                    own is null ? null : new OwnSubmission(
                        own.Id, own.State == SubmissionState.Draft, file?.FileName, file is null ? null : Convert.ToHexStringLower(file.Sha256),
                        own.Summary, own.ChangeList, own.ChangeKind, own.Step, own.BaseRevisionId, own.Declared, own.SavedAt, own.ReleasesAt,
                        own.ReleasesAt is { } end ? Math.Max(0, (int)Math.Ceiling((end - time.GetUtcNow()).TotalMinutes)) : null),
                    Completeness.Check(
                        kind is null ? [] : await Completeness.OfKindAsync(db, kind, cancellation),
                        own?.Summary ?? "", own?.ChangeList ?? "", own?.Declared ?? [], isFirst),
                    mine.FirstOrDefault() is { State: SubmissionState.Refused } refused ? refused.Refusal : null);
            },
            cancellation);
}
