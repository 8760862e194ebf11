using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>„Zgłoś uwagę”: a reader of working papers adds a row to the comment table, about one place of one revision.</summary>
public sealed class SubmitComment(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    /// <summary>The longest clause reference, in characters.</summary>
    public const int LongestReference = 200;

    /// <summary>The longest text, rationale or proposed change, in characters.</summary>
    public const int LongestText = 10_000;

    /// <param name="ClauseReference">The place, for example „rozdz. 2, pkt 4”; may be empty for a general comment only.</param>
    /// <param name="Rationale">May be empty.</param>
    /// <param name="ProposedChange">May be empty.</param>
    /// <param name="FormKey">Made when the form was shown: the same key again gives the same comment.</param>
    public sealed record Command(
        Guid RevisionId, Guid PersonId, string ClauseReference, CommentKind Kind, string Text, string Rationale,
        string ProposedChange, string? FormKey);

    /// <summary>The comment that now exists.</summary>
    public sealed record Submitted(Guid CommentId, string DeliverableKey);

    public Task<Result<Submitted>> HandleAsync(Command command, CancellationToken cancellation)
    {
        command = command with
        {
            ClauseReference = command.ClauseReference.Trim(),
            Text = command.Text.Trim(),
            Rationale = command.Rationale.Trim(),
            ProposedChange = command.ProposedChange.Trim(),
        };
        return work.OnceAsync(
            command.PersonId, command.FormKey, command with { FormKey = null },
            db => SubmitAsync(db, command, cancellation), cancellation);
    }

    private async Task<Result<Submitted>> SubmitAsync(ProcesDbContext db, Command command, CancellationToken cancellation)
    {
        var person = await rights.OfAsync(command.PersonId, cancellation);
        var revision = await db.Revisions.AsNoTracking().SingleOrDefaultAsync(r => r.Id == command.RevisionId, cancellation);
        if (revision is null || !person.Observes)
        {
            return new NotFoundOrNotYours();
        }

        if (!person.ReadsWorkingPapers)
        {
            return new ActIsNotYours();
        }

        if (revision.Status == RevisionStatus.Withdrawn)
        {
            return new RevisionIsWithdrawn(revision.Number.ToString());
        }

        if (Problem(command) is { } problem)
        {
            return problem;
        }

        var now = time.GetUtcNow();
        var comment = new Comment
        {
            Id = Guid.CreateVersion7(now),
            DeliverableKey = revision.DeliverableKey,
            RevisionId = revision.Id,
            AuthorId = command.PersonId,
            ClauseReference = command.ClauseReference,
            Kind = command.Kind,
            Text = command.Text,
            Rationale = command.Rationale,
            ProposedChange = command.ProposedChange,
            SubmittedAt = now,
        };
        db.Comments.Add(comment);
        audit.Record(Subjects.Deliverable(revision.DeliverableKey), "comment_submitted", new Actor(command.PersonId), new
        {
            commentId = comment.Id,
            revision = revision.Number.ToString(),
            clause = comment.ClauseReference,
            kind = DocumentNames.CommentKinds[comment.Kind],
        });
        return new Submitted(comment.Id, comment.DeliverableKey);
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
