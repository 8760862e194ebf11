using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Approval.Workflows.Activities;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// „Prześlij wersję”: the lead of a task hands in the next revision of a deliverable. The file's bytes, the revision, the
/// history, the waiting workflow's next step and the mails are one transaction. A ballot that runs on an earlier revision
/// is not touched.
/// </summary>
public sealed class SubmitRevision(
    UnitOfWork work, Rights rights, StoredFiles files, AuditTrail audit, Outbox outbox, Audience audience,
    MeetDeadlines deadlines, WorkflowEngine engine, VirusScanner scanner, TimeProvider time, IOptions<DocumentOptions> options)
{
    /// <summary>The longest summary or change list, in characters.</summary>
    public const int LongestText = 10_000;

    /// <param name="File">The content; read once and to its end. Null when the form came without one.</param>
    /// <param name="FileName">The name that the browser sent; cleaned before anything else sees it.</param>
    /// <param name="Summary">What the document says.</param>
    /// <param name="ChangeList">What differs from the base; needed from the second revision on.</param>
    /// <param name="Step">Whether the number is the next draft or the next whole one.</param>
    /// <param name="BaseRevisionId">The revision worked from; null means the newest one.</param>
    /// <param name="FormKey">Made when the form was shown: the same key again gives the same revision.</param>
    public sealed record Command(
        string DeliverableKey, Guid PersonId, Stream? File, string? FileName, string Summary, string ChangeList,
        ChangeKind ChangeKind, RevisionStep Step, Guid? BaseRevisionId, string? FormKey);

    /// <summary>The revision that now exists.</summary>
    /// <param name="Revision">Its label, for example „1.0”.</param>
    /// <param name="BasedOn">The base's label, when a newer revision had come meanwhile; otherwise null.</param>
    /// <param name="NotOn">The label of that newer revision; null like <paramref name="BasedOn"/>.</param>
    public sealed record Submitted(Guid RevisionId, string Revision, string? BasedOn, string? NotOn);

    public async Task<Result<Submitted>> HandleAsync(Command command, CancellationToken cancellation)
    {
        command = command with { Summary = command.Summary.Trim(), ChangeList = command.ChangeList.Trim() };

        // Asked before the file is received, so that nobody uploads 50 MB in vain, and again under the lock.
        var first = await work.RunAsync<Deliverable>(db => FindAsync(db, command, isReceived: false, cancellation), cancellation);
        if (!first.Succeeded)
        {
            return first.Refusal!;
        }

        var received = await ReceiveAsync(command.File!, command.FileName, first.Value, scanner, options.Value, cancellation);
        if (!received.Succeeded)
        {
            return received.Refusal!;
        }

        await using var file = received.Value;
        var request = new
        {
            command.DeliverableKey,
            command.Summary,
            command.ChangeList,
            command.ChangeKind,
            command.Step,
            command.BaseRevisionId,
            file.Name,
            file.Sha256,
        };
        return await work.OnceAsync(
            command.PersonId, command.FormKey, request,
            db => SubmitAsync(db, command, file.Sha256, now => files.AddAsync(file, now, cancellation), cancellation), cancellation);
    }

    /// <summary>Makes the revision of a submission whose file is stored; the caller has locked the deliverable.</summary>
    internal async Task<Result<Submitted>> MakeAsync(ProcesDbContext db, Submission submission, CancellationToken cancellation)
    {
        var file = await db.StoredFiles.SingleAsync(f => f.Id == submission.FileId, cancellation);
        return await SubmitAsync(
            db,
            new Command(
                submission.DeliverableKey, submission.PersonId, Stream.Null, file.FileName, submission.Summary, submission.ChangeList,
                submission.ChangeKind, submission.Step, submission.BaseRevisionId, null),
            file.Sha256, _ => Task.FromResult(file), cancellation);
    }

    /// <summary>Takes a file in whole and judges it: its kind, what the deliverable expects, and the virus scanner's word.</summary>
    internal static async Task<Result<IncomingFile>> ReceiveAsync(
        Stream content, string? name, Deliverable deliverable, VirusScanner scanner, DocumentOptions limits, CancellationToken cancellation)
    {
        var received = await IncomingFile.ReceiveAsync(content, name, limits.LargestFile, cancellation);
        if (!received.Succeeded)
        {
            return received;
        }

        var file = received.Value;
        var refusal = deliverable.ExpectedFileKinds.Contains(file.Kind.ToStored())
            ? await file.ScanAsync(scanner, cancellation)
            : new FileKindIsNotExpected(
                file.Kind.ToStored().ToUpperInvariant(),
                string.Join(", ", deliverable.ExpectedFileKinds.Select(kind => kind.ToUpperInvariant())));
        if (refusal is null)
        {
            return file;
        }

        await file.DisposeAsync();
        return refusal;
    }

    private async Task<Result<Submitted>> SubmitAsync(
        ProcesDbContext db, Command command, byte[] sha256, Func<DateTimeOffset, Task<StoredFile>> store, CancellationToken cancellation)
    {
        await work.LockDeliverableAsync(command.DeliverableKey, cancellation);
        var found = await FindAsync(db, command, isReceived: true, cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        var deliverable = found.Value;
        var earlier = await db.Revisions.AsNoTracking().Where(revision => revision.DeliverableKey == deliverable.Key)
            .OrderBy(revision => revision.Major).ThenBy(revision => revision.Minor).ToListAsync(cancellation);
        var twin = await SameContentAsync(db, deliverable.Key, sha256, cancellation);
        if (twin is not null)
        {
            return new RevisionHasSameContent(twin.Number.ToString());
        }

        // A withdrawn revision keeps its number, but nobody works from what is gone.
        var newest = earlier.LastOrDefault();
        var readable = earlier.LastOrDefault(revision => revision.Status == RevisionStatus.Submitted);
        var origin = command.BaseRevisionId is { } id ? earlier.SingleOrDefault(revision => revision.Id == id) : readable;
        if (origin is null && command.BaseRevisionId is not null)
        {
            return new BaseRevisionIsUnknown();
        }

        var now = time.GetUtcNow();
        var stored = await store(now);
        var number = RevisionNumber.After(newest?.Number, command.Step);
        var revision = new Revision
        {
            Id = Guid.CreateVersion7(now),
            DeliverableKey = deliverable.Key,
            Major = number.Major,
            Minor = number.Minor,
            BaseRevisionId = origin?.Id,
            ChangeKind = command.ChangeKind,
            Summary = command.Summary,
            ChangeList = command.ChangeList,
            SubmittedById = command.PersonId,
            SubmittedAt = now,
            FileId = stored.Id,
        };
        db.Revisions.Add(revision);
        deliverable.NoteSubmission();
        await db.SaveChangesAsync(cancellation);

        var isOnOlder = origin is not null && readable is not null && origin.Id != readable.Id;
        var submitted = new Submitted(
            revision.Id, number.ToString(),
            isOnOlder ? origin!.Number.ToString() : null, isOnOlder ? readable!.Number.ToString() : null);
        audit.Record(Subjects.Deliverable(deliverable.Key), "revision_submitted", new Actor(command.PersonId), new
        {
            revisionId = revision.Id,
            revision = submitted.Revision,
            basedOn = origin?.Number.ToString(),
            changeKind = DocumentNames.ChangeKinds[revision.ChangeKind],
            fileName = stored.FileName,
            length = stored.Length,
            sha256 = Convert.ToHexStringLower(stored.Sha256),
        });

        var submitter = await db.People.AsNoTracking().SingleAsync(person => person.Id == command.PersonId, cancellation);
        await outbox.QueueAsync(
            new RevisionSubmitted(
                deliverable.Key, deliverable.Title, revision.Id, submitted.Revision, submitter.DisplayName, now,
                Convert.ToHexStringLower(stored.Sha256)),
            await audience.FindAsync([Audience.Secretary], deliverable.TaskKey, cancellation),
            cancellation);

        await AskChairAsync(db, deliverable, submitted.Revision, now, cancellation);

        // Last, because workflows lock their instances after the document. They look at the row and not at the signal,
        // so a signal that nobody waits for is worth nothing later.
        await deadlines.ForAsync(Subjects.Deliverable(deliverable.Key), new Actor(command.PersonId), now, cancellation);
        await engine.SendAsync(
            new Stimulus(RequestDeliverable.TypeName, RequestDeliverable.WaitPayload(deliverable.Key))
            {
                Input = new JsonObject { ["revisionId"] = revision.Id, ["revisionLabel"] = submitted.Revision },
                KeepWhenUnmatched = false,
            },
            cancellation);
        return submitted;
    }

    /// <summary>A new revision does nothing to a ballot that runs; the chair is asked what is to become of it.</summary>
    private async Task AskChairAsync(
        ProcesDbContext db, Deliverable deliverable, string revision, DateTimeOffset now, CancellationToken cancellation)
    {
        if (deliverable.Status != DeliverableStatus.InBallot
            || await db.Ballots.AsNoTracking().SingleOrDefaultAsync(
                b => b.DeliverableKey == deliverable.Key && b.State != BallotState.Closed, cancellation) is not { } ballot)
        {
            return;
        }

        var today = Warsaw.DateOf(now);
        var under = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
        var chairs = await db.BodyMembers.AsNoTracking()
            .Where(member => member.BodyKey == ballot.BodyKey && member.Position == BodyPosition.Chair).ToListAsync(cancellation);
        await outbox.QueueAsync(
            new BallotNews(BallotCases.Of(ballot, under), BallotNewsOf.NewRevision, revision),
            [.. chairs.Where(member => member.Covers(today)).Select(member => member.PersonId)], cancellation);
    }

    /// <summary>The deliverable, if this person may submit to it and the form is complete.</summary>
    /// <param name="isReceived">
    /// False before the file is received. What an earlier sending of the same form may have changed is not asked then:
    /// the form's receipt must answer first.
    /// </param>
    private async Task<Result<Deliverable>> FindAsync(
        ProcesDbContext db, Command command, bool isReceived, CancellationToken cancellation)
    {
        var person = await rights.OfAsync(command.PersonId, cancellation);
        var deliverable = await db.Deliverables.SingleOrDefaultAsync(d => d.Key == command.DeliverableKey, cancellation);
        if (deliverable is null || !person.Observes)
        {
            return new NotFoundOrNotYours();
        }

        if (!person.Leads(deliverable.TaskKey))
        {
            return new ActIsNotYours();
        }

        if (isReceived && !deliverable.AcceptsRevisions)
        {
            var adopted = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == deliverable.AdoptedRevisionId, cancellation);
            return new DeliverableIsAdopted(adopted.Number.ToString());
        }

        var isFirst = !await db.Revisions.AnyAsync(revision => revision.DeliverableKey == deliverable.Key, cancellation);
        var refusal = Incompleteness(command, isFirst);
        return refusal is null || (!isReceived && refusal is SubmissionIsIncomplete { Missing: [nameof(Command.ChangeList)] })
            ? deliverable
            : refusal;
    }

    private static Refusal? Incompleteness(Command command, bool isFirst)
    {
        List<string> missing = [];
        if (command.File is null || string.IsNullOrWhiteSpace(command.FileName))
        {
            missing.Add(nameof(Command.File));
        }

        if (command.Summary.Length == 0)
        {
            missing.Add(nameof(Command.Summary));
        }

        if (command.ChangeList.Length == 0 && !isFirst)
        {
            missing.Add(nameof(Command.ChangeList));
        }

        return missing.Count > 0 ? new SubmissionIsIncomplete(missing)
            : command.Summary.Length > LongestText ? new TextIsTooLong(nameof(Command.Summary), LongestText)
            : command.ChangeList.Length > LongestText ? new TextIsTooLong(nameof(Command.ChangeList), LongestText)
            : null;
    }

    internal static Task<Revision?> SameContentAsync(
        ProcesDbContext db, string deliverableKey, byte[] sha256, CancellationToken cancellation) =>
        (from revision in db.Revisions.AsNoTracking()
         join file in db.StoredFiles on revision.FileId equals file.Id
         where revision.DeliverableKey == deliverableKey && file.Sha256 == sha256
         select revision).FirstOrDefaultAsync(cancellation);
}
