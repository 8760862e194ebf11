using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Comments;

/// <summary>
/// „Zawiadom zgłaszających”: everybody whose comments were decided since the last time gets one mail, however many they are.
/// </summary>
public sealed class TellCommenters(UnitOfWork work, Rights rights, AuditTrail audit, Outbox outbox, TimeProvider time)
{
    public sealed record Command(string DeliverableKey, Guid PersonId, string? FormKey);

    /// <summary>How many people were written to, and about how many comments.</summary>
    public sealed record Told(int People, int Comments);

    public Task<Result<Told>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Told>(
        command.PersonId, command.FormKey, new { command.DeliverableKey },
        async db =>
        {
            var person = await rights.OfAsync(command.PersonId, cancellation);
            var deliverable = await db.Deliverables.AsNoTracking()
                .SingleOrDefaultAsync(d => d.Key == command.DeliverableKey, cancellation);
            if (deliverable is null || !person.ReadsWorkingPapers)
            {
                return new NotFoundOrNotYours();
            }

            if (!person.Leads(deliverable.TaskKey))
            {
                return new ActIsNotYours();
            }

            await work.LockDeliverableAsync(deliverable.Key, cancellation);
            var waiting = (await CommentTable.LoadAsync(db, deliverable.Key, null, cancellation)).Where(Waits).ToList();
            if (waiting.Count == 0)
            {
                return new NobodyToTell();
            }

            var now = time.GetUtcNow();
            var ids = waiting.Select(entry => entry.Comment.Id).ToList();
            foreach (var disposition in await db.CommentDispositions
                .Where(d => ids.Contains(d.CommentId) && d.ToldAt == null).ToListAsync(cancellation))
            {
                disposition.Tell(now);
            }

            var makers = waiting
                .SelectMany(entry => entry.Voices.Select(voice => voice.EnteredById).Append(entry.Comment.AuthorId).Distinct())
                .Where(id => id != command.PersonId).GroupBy(id => id).ToList();
            var occurrence = waiting.Max(entry => entry.Disposition!.Id).ToString("D");
            await db.SaveChangesAsync(cancellation);
            foreach (var maker in makers)
            {
                await outbox.AddAsync(
                    new CommentsDecided(deliverable.Key, deliverable.Title, maker.Count(), occurrence), maker.Key, cancellation);
            }

            audit.Record(Subjects.Deliverable(deliverable.Key), "commenters_told", new Actor(command.PersonId), new
            {
                people = makers.Count,
                comments = waiting.Count,
            });
            return new Told(makers.Count, waiting.Count);
        },
        cancellation);

    /// <summary>True for comments decided by the lead whose makers have not been told.</summary>
    internal static bool Waits(TableComment entry) => entry.Disposition is { IsTold: false, Kind: not DispositionKind.Withdrawn };
}
