using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// „Zapisz szkic” and „Prześlij do oceny”: a draft may lack anything; what is sent must be complete and waits through the
/// undo window, in which nobody is told and no number is used. With a window of zero it is a revision at once.
/// </summary>
public sealed class HandInSubmission(
    UnitOfWork work, Rights rights, StoredFiles files, SubmitRevision submit, AuditTrail audit, VirusScanner scanner,
    TimeProvider time, IOptions<DocumentOptions> options)
{
    /// <param name="File">The content; null keeps the file of the draft that is there.</param>
    /// <param name="Declared">Items of the completeness list that the submitter vouches for.</param>
    /// <param name="IsDraft">True to keep it for later; false to send it.</param>
    /// <param name="FormKey">The same key again gives the same answer.</param>
    public sealed record Command(
        string DeliverableKey, Guid PersonId, Stream? File, string? FileName, string Summary, string ChangeList,
        ChangeKind ChangeKind, RevisionStep Step, Guid? BaseRevisionId, IReadOnlyList<string> Declared, bool IsDraft, string? FormKey);

    /// <param name="RevisionId">The revision, when there is no window; otherwise null.</param>
    /// <param name="ReleasesAt">Until when it can be taken back; null for drafts and revisions.</param>
    public sealed record HandedIn(Guid SubmissionId, Guid? RevisionId, DateTimeOffset? ReleasesAt);

    public async Task<Result<HandedIn>> HandleAsync(Command command, CancellationToken cancellation)
    {
        command = command with { Summary = command.Summary.Trim(), ChangeList = command.ChangeList.Trim() };
        var found = await work.RunAsync<Deliverable>(db => FindAsync(db, command, cancellation), cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        // Before the file is received, so that nobody uploads 50 MB to learn that a field is empty.
        if (command.Summary.Length > SubmitRevision.LongestText || command.ChangeList.Length > SubmitRevision.LongestText)
        {
            return new TextIsTooLong(
                command.Summary.Length > SubmitRevision.LongestText ? nameof(command.Summary) : nameof(command.ChangeList),
                SubmitRevision.LongestText);
        }

        IncomingFile? file = null;
        try
        {
            if (command.File is not null && !string.IsNullOrWhiteSpace(command.FileName))
            {
                var received = await SubmitRevision.ReceiveAsync(
                    command.File, command.FileName, found.Value, scanner, options.Value, cancellation);
                if (!received.Succeeded)
                {
                    return received.Refusal!;
                }

                file = received.Value;
            }

            var request = new
            {
                command.DeliverableKey, command.Summary, command.ChangeList, command.ChangeKind, command.Step, command.BaseRevisionId,
                command.Declared, command.IsDraft, file?.Name, file?.Sha256,
            };
            return await work.OnceAsync(
                command.PersonId, command.FormKey, request, db => HandInAsync(db, command, file, cancellation), cancellation);
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    private async Task<Result<HandedIn>> HandInAsync(
        ProcesDbContext db, Command command, IncomingFile? file, CancellationToken cancellation)
    {
        await work.LockDeliverableAsync(command.DeliverableKey, cancellation);
        var found = await FindAsync(db, command, cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        var deliverable = found.Value;
        var mine = await db.Set<Submission>()
            .Where(s => s.DeliverableKey == deliverable.Key && s.PersonId == command.PersonId
                && (s.State == SubmissionState.Draft || s.State == SubmissionState.Confirmed)).ToListAsync(cancellation);
        if (mine.Exists(s => s.State == SubmissionState.Confirmed))
        {
            return new SubmissionWaitsAlready();
        }

        var now = time.GetUtcNow();
        var draft = mine.SingleOrDefault();
        if (!command.IsDraft && await LackingAsync(db, deliverable, command, file is not null || draft?.FileId is not null, cancellation) is { } lacking)
        {
            return lacking;
        }

        if (file is not null && await SubmitRevision.SameContentAsync(db, deliverable.Key, file.Sha256, cancellation) is { } twin)
        {
            return new RevisionHasSameContent(twin.Number.ToString());
        }

        if (command.BaseRevisionId is { } origin
            && !await db.Revisions.AnyAsync(r => r.Id == origin && r.DeliverableKey == deliverable.Key, cancellation))
        {
            return new BaseRevisionIsUnknown();
        }

        if (draft is null)
        {
            draft = new Submission
            {
                Id = Guid.CreateVersion7(now), DeliverableKey = deliverable.Key, PersonId = command.PersonId, Summary = "", ChangeList = "",
                ChangeKind = command.ChangeKind, Step = command.Step, Declared = [], SavedAt = now,
            };
            db.Add(draft);
        }

        var replaced = file is null ? null : draft.FileId;
        draft.Summary = command.Summary;
        draft.ChangeList = command.ChangeList;
        draft.ChangeKind = command.ChangeKind;
        draft.Step = command.Step;
        draft.BaseRevisionId = command.BaseRevisionId;
        draft.Declared = [.. command.Declared.Distinct().Order(StringComparer.Ordinal)];
        draft.SavedAt = now;
        draft.FileId = file is null ? draft.FileId : (await files.AddAsync(file, now, cancellation)).Id;
        await db.SaveChangesAsync(cancellation);
        if (replaced is { } old)
        {
            await files.RemoveAsync(old, cancellation);
        }

        return command.IsDraft ? new HandedIn(draft.Id, null, null) : await SendAsync(db, deliverable, draft, now, cancellation);
    }

    private async Task<Result<HandedIn>> SendAsync(
        ProcesDbContext db, Deliverable deliverable, Submission draft, DateTimeOffset now, CancellationToken cancellation)
    {
        var window = TimeSpan.FromMinutes(options.Value.UndoWindowMinutes);
        draft.Confirm(now, await ReleasesAtAsync(db, deliverable, now, window, cancellation));
        if (window == TimeSpan.Zero)
        {
            await db.SaveChangesAsync(cancellation);
            var made = await submit.MakeAsync(db, draft, cancellation);
            if (!made.Succeeded)
            {
                return made.Refusal!;
            }

            draft.Release(made.Value.RevisionId);
            await db.SaveChangesAsync(cancellation);
            return new HandedIn(draft.Id, made.Value.RevisionId, null);
        }

        await db.SaveChangesAsync(cancellation);
        var file = await db.StoredFiles.AsNoTracking().SingleAsync(f => f.Id == draft.FileId, cancellation);
        audit.Record(Subjects.Deliverable(deliverable.Key), "revision_handed_in", new Actor(draft.PersonId), new
        {
            submissionId = draft.Id,
            fileName = file.FileName,
            sha256 = Convert.ToHexStringLower(file.Sha256),
            releasesAt = draft.ReleasesAt,
        });
        return new HandedIn(draft.Id, null, draft.ReleasesAt);
    }

    /// <summary>The end of the window; not later than the last second in which the deliverable is in time.</summary>
    private static async Task<DateTimeOffset> ReleasesAtAsync(
        ProcesDbContext db, Deliverable deliverable, DateTimeOffset now, TimeSpan window, CancellationToken cancellation)
    {
        var due = await db.Deadlines.AsNoTracking().Where(d => d.Key == deliverable.DueDeadlineKey)
            .Select(d => (DateTimeOffset?)d.DueAt).SingleOrDefaultAsync(cancellation);
        var end = now + window;
        return due is { } last && last > now && last <= end ? Max(now, last - TimeSpan.FromSeconds(2)) : end;

        static DateTimeOffset Max(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
    }

    private async Task<Result<Deliverable>> FindAsync(ProcesDbContext db, Command command, CancellationToken cancellation)
    {
        var person = await rights.OfAsync(command.PersonId, cancellation);
        var deliverable = await db.Deliverables.SingleOrDefaultAsync(d => d.Key == command.DeliverableKey, cancellation);
        return deliverable is null || !person.Observes ? new NotFoundOrNotYours()
            : !person.Leads(deliverable.TaskKey) ? new ActIsNotYours()
            : deliverable.AcceptsRevisions ? deliverable
            : new DeliverableIsAdopted((await db.Revisions.AsNoTracking()
                .SingleAsync(r => r.Id == deliverable.AdoptedRevisionId, cancellation)).Number.ToString());
    }

    /// <summary>What hinders sending: fields first, so that the form points at them, then what was not declared.</summary>
    private static async Task<Refusal?> LackingAsync(
        ProcesDbContext db, Deliverable deliverable, Command command, bool hasFile, CancellationToken cancellation)
    {
        var isFirst = !await db.Revisions.AnyAsync(revision => revision.DeliverableKey == deliverable.Key, cancellation);
        var lines = Completeness.Check(
            await Completeness.OfKindAsync(db, deliverable.Kind, cancellation), command.Summary, command.ChangeList, command.Declared, isFirst);
        List<string> fields = [];
        if (!hasFile)
        {
            fields.Add(nameof(command.File));
        }

        // Every revision is listed by its summary, whatever a kind's list asks.
        if (command.Summary.Length == 0)
        {
            fields.Add(nameof(command.Summary));
        }

        if (command.ChangeList.Length == 0 && !isFirst)
        {
            fields.Add(nameof(command.ChangeList));
        }

        return fields.Count > 0 ? new SubmissionIsIncomplete(fields)
            : lines.Where(line => line is { IsDeclared: true, IsInPlace: false }).Select(line => line.Item).ToList() is { Count: > 0 } missing
                ? new SubmissionLacksDeclarations(missing)
                : null;
    }
}
