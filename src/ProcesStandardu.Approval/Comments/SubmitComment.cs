using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>„Zgłoś uwagę”: a reader of working papers adds a row to the comment table, about one place of one revision.</summary>
public sealed class SubmitComment(
    UnitOfWork work, Rights rights, AuditTrail audit, StoredFiles files, IOptions<DocumentOptions> options, TimeProvider time)
{
    /// <summary>The longest clause reference, in characters.</summary>
    public const int LongestReference = 200;

    /// <summary>The longest text, rationale or proposed change, in characters.</summary>
    public const int LongestText = 10_000;

    /// <param name="ClauseReference">The place, for example „rozdz. 2, pkt 4”; may be empty for a general comment only.</param>
    /// <param name="Rationale">May be empty.</param>
    /// <param name="ProposedChange">May be empty.</param>
    /// <param name="FormKey">Made when the form was shown: the same key again gives the same comment.</param>
    /// <param name="File">A document that goes with the comment, read once; null when there is none.</param>
    public sealed record Command(
        Guid RevisionId, Guid PersonId, string ClauseReference, CommentKind Kind, string Text, string Rationale,
        string ProposedChange, string? FormKey, Stream? File = null, string? FileName = null);

    /// <summary>The comment that now exists.</summary>
    public sealed record Submitted(Guid CommentId, string DeliverableKey);

    public async Task<Result<Submitted>> HandleAsync(Command command, CancellationToken cancellation)
    {
        command = command with
        {
            ClauseReference = CommentSheet.Clean(command.ClauseReference),
            Text = CommentSheet.Clean(command.Text),
            Rationale = CommentSheet.Clean(command.Rationale),
            ProposedChange = CommentSheet.Clean(command.ProposedChange),
        };

        // Asked before a file is received, so that nobody uploads in vain, and again under the lock.
        var first = await work.RunAsync<Revision>(db => FindAsync(db, command, cancellation), cancellation);
        if (!first.Succeeded)
        {
            return first.Refusal!;
        }

        IncomingFile? file = null;
        if (command.File is not null)
        {
            var received = await IncomingFile.ReceiveAsync(command.File, command.FileName, options.Value.LargestFile, cancellation);
            if (!received.Succeeded)
            {
                return received.Refusal!;
            }

            file = received.Value;
        }

        await using (file)
        {
            return await work.OnceAsync(
                command.PersonId, command.FormKey,
                new
                {
                    command.RevisionId, command.ClauseReference, command.Kind, command.Text, command.Rationale, command.ProposedChange,
                    file?.Sha256,
                },
                db => SubmitAsync(db, command, first.Value.DeliverableKey, file, cancellation), cancellation);
        }
    }

    private async Task<Result<Submitted>> SubmitAsync(
        ProcesDbContext db, Command command, string deliverableKey, IncomingFile? file, CancellationToken cancellation)
    {
        // The lock orders the places in the table: two comments of one instant have two numbers.
        await work.LockDeliverableAsync(deliverableKey, cancellation);
        var found = await FindAsync(db, command, cancellation);
        if (!found.Succeeded)
        {
            return found.Refusal!;
        }

        var revision = found.Value;
        var now = time.GetUtcNow();
        var stored = file is null ? null : await files.AddAsync(file, now, cancellation);
        var comment = new Comment
        {
            Id = Guid.CreateVersion7(now),
            DeliverableKey = revision.DeliverableKey,
            RevisionId = revision.Id,
            Number = await db.NextNumberAsync(revision.Id, cancellation),
            AuthorId = command.PersonId,
            ClauseReference = command.ClauseReference,
            Kind = command.Kind,
            Text = command.Text,
            Rationale = command.Rationale,
            ProposedChange = command.ProposedChange,
            SubmittedAt = now,
            FileId = stored?.Id,
        };
        db.Comments.Add(comment);
        audit.Record(Subjects.Deliverable(revision.DeliverableKey), "comment_submitted", new Actor(command.PersonId), new
        {
            commentId = comment.Id,
            revision = revision.Number.ToString(),
            commentNumber = comment.Number,
            clause = comment.ClauseReference,
            kind = CommentNames.Kinds[comment.Kind],
        });
        return new Submitted(comment.Id, comment.DeliverableKey);
    }

    private async Task<Result<Revision>> FindAsync(ProcesDbContext db, Command command, CancellationToken cancellation)
    {
        var person = await rights.OfAsync(command.PersonId, cancellation);
        var revision = await db.Revisions.AsNoTracking().SingleOrDefaultAsync(r => r.Id == command.RevisionId, cancellation);
        return revision is null || !person.Observes ? new NotFoundOrNotYours()
            : !person.ReadsWorkingPapers ? new ActIsNotYours()
            : revision.Status == RevisionStatus.Withdrawn ? new RevisionIsWithdrawn(revision.Number.ToString())
            : Problem(command) is { } problem ? problem
            : revision;
    }

    private static Refusal? Problem(Command command) =>
        command.Text.Length == 0 ? new FieldIsEmpty(nameof(Command.Text))
        : command is { ClauseReference.Length: 0, Kind: not CommentKind.General } ? new ClauseReferenceIsMissing()
        : command.ClauseReference.Length > LongestReference ? new TextIsTooLong(nameof(Command.ClauseReference), LongestReference)
        : command.Text.Length > LongestText ? new TextIsTooLong(nameof(Command.Text), LongestText)
        : command.Rationale.Length > LongestText ? new TextIsTooLong(nameof(Command.Rationale), LongestText)
        : command.ProposedChange.Length > LongestText ? new TextIsTooLong(nameof(Command.ProposedChange), LongestText)
        : null;
}

/// <summary>The places in a revision's comment table.</summary>
internal static class CommentNumbers
{
    /// <summary>The next free place; the caller holds the document's lock.</summary>
    public static async Task<int> NextNumberAsync(this ProcesDbContext db, Guid revisionId, CancellationToken cancellation) =>
        (await db.Comments.Where(comment => comment.RevisionId == revisionId).MaxAsync(comment => (int?)comment.Number, cancellation) ?? 0) + 1;
}
