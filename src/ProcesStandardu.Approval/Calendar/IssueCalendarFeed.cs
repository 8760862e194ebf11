using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Calendar;

/// <summary>Gives a person the address of a calendar of his own; an earlier address stops at once. Or only stops it.</summary>
public sealed class IssueCalendarFeed(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    /// <param name="Token">The secret of the new address, made by the caller so that it is in no receipt; null only revokes the present one.</param>
    public sealed record Command(Guid PersonId, string? Token);

    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Done>(
        async db =>
        {
            if (!(await rights.OfAsync(command.PersonId, cancellation)).Observes)
            {
                return new ActIsNotYours();
            }

            await RowLock.LockAsync(work, "select 1 from person where id = $1 for no key update", command.PersonId, cancellation);
            var now = time.GetUtcNow();
            var present = await db.Set<CalendarFeed>()
                .SingleOrDefaultAsync(feed => feed.PersonId == command.PersonId && feed.RevokedAt == null, cancellation);
            if (present is not null)
            {
                // The clock of the demo may have been set anew since.
                present.RevokedAt = now > present.CreatedAt ? now : present.CreatedAt;
                await db.SaveChangesAsync(cancellation);
            }

            if (command.Token is { } token)
            {
                db.Add(new CalendarFeed
                {
                    Id = Guid.CreateVersion7(now),
                    PersonId = command.PersonId,
                    TokenHash = CalendarFeed.HashOf(token),
                    CreatedAt = now,
                });
            }

            if (present is not null || command.Token is not null)
            {
                audit.Record(
                    Subjects.Person(command.PersonId), command.Token is null ? "calendar_revoked" : "calendar_issued",
                    new Actor(command.PersonId));
            }

            return default(Done);
        },
        cancellation);
}
