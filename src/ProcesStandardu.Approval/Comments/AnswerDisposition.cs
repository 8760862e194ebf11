using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// Whoever made a comment says whether its disposition satisfies him, or takes the comment back. The board's secretary enters
/// the answer of an office that has no account here.
/// </summary>
public sealed class AnswerDisposition(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    /// <param name="DispositionId">The disposition that the form showed; another one since then refuses the answer.</param>
    public sealed record Command(Guid CommentId, Guid DispositionId, Guid PersonId, ResponseKind Kind, string Words, string? FormKey);

    /// <param name="AfterOrdinal">The disposition that the form showed; 0 for none.</param>
    public sealed record Withdrawal(Guid CommentId, Guid PersonId, int AfterOrdinal, string? FormKey);

    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation)
    {
        var words = CommentSheet.Clean(command.Words);
        return work.OnceAsync<Done>(
            command.PersonId, command.FormKey, command with { FormKey = null },
            async db =>
            {
                var found = await LockedAsync(db, command.CommentId, command.PersonId, cancellation);
                if (!found.Succeeded)
                {
                    return found.Refusal!;
                }

                var (entry, person) = found.Value;
                var isMaker = entry.IsOf(command.PersonId);
                if (!isMaker && !person.IsSecretary)
                {
                    return new ActIsNotYours();
                }

                if (words.Length > SubmitComment.LongestText)
                {
                    return new TextIsTooLong(nameof(Command.Words), SubmitComment.LongestText);
                }

                if (entry.State == CommentState.Withdrawn)
                {
                    return new CommentIsWithdrawn();
                }

                if (entry.Disposition is not { } standing)
                {
                    return new NothingToAnswer();
                }

                if (standing.Id != command.DispositionId)
                {
                    return new DispositionIsNotTheLast();
                }

                var whose = isMaker ? command.PersonId : entry.Comment.AuthorId;
                if (entry.Answers.Any(answer => answer.ById == whose && answer.Kind == command.Kind && answer.Words == words))
                {
                    return new Done();
                }

                var now = time.GetUtcNow();
                db.CommentResponses.Add(new CommentResponse
                {
                    Id = Guid.CreateVersion7(now),
                    DispositionId = standing.Id,
                    Ordinal = (await db.CommentResponses.Where(r => r.DispositionId == standing.Id)
                        .MaxAsync(r => (int?)r.Ordinal, cancellation) ?? 0) + 1,
                    Kind = command.Kind,
                    Words = words,
                    GivenById = whose,
                    EnteredById = command.PersonId,
                    GivenAt = now,
                });
                audit.Record(
                    Subjects.Deliverable(entry.Comment.DeliverableKey), "comment_answered",
                    new Actor(command.PersonId, isMaker ? null : whose), new
                    {
                        commentId = entry.Comment.Id,
                        revision = entry.Revision,
                        commentNumber = entry.Comment.Number,
                        answer = CommentNames.Responses[command.Kind],
                    });
                return new Done();
            },
            cancellation);
    }

    /// <summary>Takes a comment back. It stays in the table, withdrawn.</summary>
    public Task<Result<Done>> WithdrawAsync(Withdrawal command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId, command.FormKey, command with { FormKey = null },
        async db =>
        {
            var found = await LockedAsync(db, command.CommentId, command.PersonId, cancellation);
            if (!found.Succeeded)
            {
                return found.Refusal!;
            }

            var (entry, _) = found.Value;
            if (entry.Comment.AuthorId != command.PersonId)
            {
                return new ActIsNotYours();
            }

            if (entry.State == CommentState.Withdrawn)
            {
                return new CommentIsWithdrawn();
            }

            if ((entry.Disposition?.Ordinal ?? 0) != command.AfterOrdinal)
            {
                return new DispositionIsNotTheLast();
            }

            var now = time.GetUtcNow();
            db.CommentDispositions.Add(new CommentDisposition
            {
                Id = Guid.CreateVersion7(now),
                CommentId = entry.Comment.Id,
                Ordinal = command.AfterOrdinal + 1,
                Kind = DispositionKind.Withdrawn,
                Reason = "",
                DecidedById = command.PersonId,
                DecidedAt = now,
            });
            audit.Record(Subjects.Deliverable(entry.Comment.DeliverableKey), "comment_withdrawn", new Actor(command.PersonId), new
            {
                commentId = entry.Comment.Id,
                revision = entry.Revision,
                commentNumber = entry.Comment.Number,
            });
            return new Done();
        },
        cancellation);

    private async Task<Result<(TableComment Entry, PersonRights Person)>> LockedAsync(
        ProcesDbContext db, Guid commentId, Guid personId, CancellationToken cancellation)
    {
        var person = await rights.OfAsync(personId, cancellation);
        var key = await db.Comments.Where(c => c.Id == commentId).Select(c => c.DeliverableKey).SingleOrDefaultAsync(cancellation);
        if (key is null || !person.ReadsWorkingPapers)
        {
            return new NotFoundOrNotYours();
        }

        await work.LockDeliverableAsync(key, cancellation);
        return ((await CommentTable.LoadAsync(db, key, commentId, cancellation)).Single(), person);
    }
}
