using System.Text;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// The task's lead says what becomes of a comment. Who says „uwzględniona” must point at a place where a later revision
/// really reads otherwise; the comparison is asked, not the lead's word.
/// </summary>
public sealed class DisposeComment(
    UnitOfWork work, Rights rights, AuditTrail audit, CompareRevisions compare, TimeProvider time)
{
    /// <param name="Kind">Any but withdrawn, which is the commenter's own act.</param>
    /// <param name="ChangeRevisionId">The revision in which the text changed; for accepting kinds only.</param>
    /// <param name="ChangeClause">The place in it, as the comparison names it.</param>
    /// <param name="AfterOrdinal">The disposition that the form showed; 0 for none. Another one since then refuses the act.</param>
    public sealed record Command(
        Guid CommentId, Guid PersonId, DispositionKind Kind, string Reason, Guid? ChangeRevisionId, string? ChangeClause,
        int AfterOrdinal, string? FormKey);

    /// <summary>The disposition that now stands.</summary>
    public sealed record Disposed(Guid DispositionId, Guid CommentId);

    private sealed record Basis(Comment Comment, Revision Commented, Revision? Changed);

    public async Task<Result<Disposed>> HandleAsync(Command command, CancellationToken cancellation)
    {
        command = command with
        {
            Reason = CommentSheet.Clean(command.Reason),
            ChangeClause = CommentSheet.Clean(command.ChangeClause ?? ""),
        };
        var basis = await work.RunAsync<Basis>(db => FindAsync(db, command, cancellation), cancellation);
        if (!basis.Succeeded)
        {
            return basis.Refusal!;
        }

        // Revisions never change, so what the comparison says outside the transaction still holds inside it.
        Change? change = null;
        if (basis.Value.Changed is { } changed)
        {
            var proved = await ProveAsync(basis.Value, changed, command, cancellation);
            if (!proved.Succeeded)
            {
                return proved.Refusal!;
            }

            change = proved.Value;
        }

        return await work.OnceAsync(
            command.PersonId, command.FormKey, command with { FormKey = null },
            db => DisposeAsync(db, command, basis.Value, change, cancellation), cancellation);
    }

    /// <summary>The places that differ between the commented revision and a later one, as a form may offer them; null when one of the files is not compared.</summary>
    public async Task<IReadOnlyList<string>?> ChangedPlacesAsync(
        Guid fromRevisionId, Guid toRevisionId, Guid personId, CancellationToken cancellation)
    {
        var compared = await compare.HandleAsync(new CompareRevisions.Query(fromRevisionId, toRevisionId, personId), cancellation);
        return compared is { Succeeded: true, Value.NotCompared: null } ? [.. Places(compared.Value).Distinct()] : null;
    }

    internal static bool IsLater(Revision revision, Revision than) => (revision.Major, revision.Minor).CompareTo((than.Major, than.Minor)) > 0;

    private sealed record Change(Guid RevisionId, string Clause, string Proof);

    private async Task<Result<Change>> ProveAsync(Basis basis, Revision changed, Command command, CancellationToken cancellation)
    {
        var clause = command.ChangeClause!;
        var compared = await compare.HandleAsync(
            new CompareRevisions.Query(basis.Commented.Id, changed.Id, command.PersonId), cancellation);
        if (!compared.Succeeded)
        {
            return compared.Refusal!;
        }

        if (compared.Value.NotCompared is not null)
        {
            return Plain(changed.ChangeList).Contains(Plain(clause), StringComparison.Ordinal)
                ? new Change(changed.Id, clause, ChangeProof.ChangeList)
                : new ChangeListDoesNotName(clause, changed.Number.ToString());
        }

        return Places(compared.Value).FirstOrDefault(place => Plain(place) == Plain(clause)) is { } found
            ? new Change(changed.Id, found, ChangeProof.Comparison)
            : new NothingChangedThere(clause, changed.Number.ToString());
    }

    /// <summary>Where words changed; another number for the same words is no change.</summary>
    private static IEnumerable<string> Places(CompareRevisions.View compared) =>
        from change in compared.Changes
        where change.Kind != ClauseChangeKind.Renumbered
        from place in new[] { change.ReferenceAfter, change.ReferenceBefore }
        where !string.IsNullOrEmpty(place)
        select place;

    private async Task<Result<Disposed>> DisposeAsync(
        ProcesDbContext db, Command command, Basis basis, Change? change, CancellationToken cancellation)
    {
        await work.LockDeliverableAsync(basis.Comment.DeliverableKey, cancellation);
        var standing = await db.CommentDispositions.AsNoTracking().Where(d => d.CommentId == command.CommentId)
            .OrderByDescending(d => d.Ordinal).FirstOrDefaultAsync(cancellation);
        if (standing?.Kind == DispositionKind.Withdrawn)
        {
            return new CommentIsWithdrawn();
        }

        if ((standing?.Ordinal ?? 0) != command.AfterOrdinal)
        {
            return new DispositionIsNotTheLast();
        }

        if (standing is not null && standing.Kind == command.Kind && standing.Reason == command.Reason
            && standing.ChangeRevisionId == change?.RevisionId && standing.ChangeClause == change?.Clause)
        {
            return new DispositionIsTheSame();
        }

        var now = time.GetUtcNow();
        var disposition = new CommentDisposition
        {
            Id = Guid.CreateVersion7(now),
            CommentId = command.CommentId,
            Ordinal = command.AfterOrdinal + 1,
            Kind = command.Kind,
            Reason = command.Reason,
            ChangeRevisionId = change?.RevisionId,
            ChangeClause = change?.Clause,
            ChangeProof = change?.Proof,
            DecidedById = command.PersonId,
            DecidedAt = now,
        };
        db.CommentDispositions.Add(disposition);
        audit.Record(Subjects.Deliverable(basis.Comment.DeliverableKey), "comment_disposed", new Actor(command.PersonId), new
        {
            commentId = command.CommentId,
            revision = basis.Commented.Number.ToString(),
            commentNumber = basis.Comment.Number,
            disposition = CommentNames.Dispositions[command.Kind],
            changeRevision = basis.Changed?.Number.ToString(),
            changeClause = change?.Clause,
        });
        return new Disposed(disposition.Id, command.CommentId);
    }

    private async Task<Result<Basis>> FindAsync(ProcesDbContext db, Command command, CancellationToken cancellation)
    {
        var person = await rights.OfAsync(command.PersonId, cancellation);
        var comment = await db.Comments.AsNoTracking().SingleOrDefaultAsync(c => c.Id == command.CommentId, cancellation);
        if (comment is null || !person.ReadsWorkingPapers)
        {
            return new NotFoundOrNotYours();
        }

        var taskKey = await db.Deliverables.Where(d => d.Key == comment.DeliverableKey).Select(d => d.TaskKey).SingleAsync(cancellation);
        if (!person.Leads(taskKey) || command.Kind == DispositionKind.Withdrawn)
        {
            return new ActIsNotYours();
        }

        if (command.Reason.Length == 0 && command.Kind != DispositionKind.Accepted)
        {
            return new DispositionNeedsReason();
        }

        if (command.Reason.Length > SubmitComment.LongestText)
        {
            return new TextIsTooLong(nameof(Command.Reason), SubmitComment.LongestText);
        }

        var commented = await db.Revisions.AsNoTracking().SingleAsync(r => r.Id == comment.RevisionId, cancellation);
        if (command.Kind is not (DispositionKind.Accepted or DispositionKind.AcceptedInPart))
        {
            return new Basis(comment, commented, null);
        }

        var changed = await db.Revisions.AsNoTracking().SingleOrDefaultAsync(
            r => r.Id == command.ChangeRevisionId && r.DeliverableKey == comment.DeliverableKey, cancellation);
        return changed is null || command.ChangeClause!.Length is 0 or > SubmitComment.LongestReference ? new DispositionNeedsChange()
            : changed.Status == RevisionStatus.Withdrawn ? new RevisionIsWithdrawn(changed.Number.ToString())
            : !IsLater(changed, commented) ? new ChangeMustBeLater(changed.Number.ToString(), commented.Number.ToString())
            : new Basis(comment, commented, changed);
    }

    /// <summary>A place as it is compared: without blanks and case, composed letters.</summary>
    private static string Plain(string place) =>
        string.Concat(place.Normalize(NormalizationForm.FormC).ToLowerInvariant().Where(letter => !char.IsWhiteSpace(letter)));
}
