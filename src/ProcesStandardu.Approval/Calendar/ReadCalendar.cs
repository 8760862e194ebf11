using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Calendar;

/// <summary>Gives calendar programs what a person may see today: the programme's deadlines, and the ballots in which he votes.</summary>
public sealed class ReadCalendar(UnitOfWork work, Rights rights)
{
    /// <returns>The file; null for an unknown or revoked secret, and for people who may not see deadlines any more.</returns>
    public Task<string?> OfFeedAsync(string token, string name, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var hash = CalendarFeed.HashOf(token);
            var feed = await db.Set<CalendarFeed>().AsNoTracking()
                .SingleOrDefaultAsync(candidate => candidate.TokenHash == hash && candidate.RevokedAt == null, cancellation);
            return feed is null || !(await rights.OfAsync(feed.PersonId, cancellation)).Observes
                ? null
                : CalendarFile.Write(
                    [.. await DeadlinesAsync(db, null, cancellation), .. await BallotsAsync(db, feed.PersonId, cancellation)], name);
        },
        cancellation);

    /// <returns>One deadline as a file; null when there is none or the person may not see it.</returns>
    public Task<string?> OfDeadlineAsync(string key, Guid personId, CancellationToken cancellation) => work.RunAsync(
        async db => (await rights.OfAsync(personId, cancellation)).Observes
            && await DeadlinesAsync(db, key, cancellation) is { Count: 1 } found ? CalendarFile.Write(found) : null,
        cancellation);

    /// <summary>True when the person has an address that works.</summary>
    public Task<bool> HasFeedAsync(Guid personId, CancellationToken cancellation) => work.RunAsync(
        db => db.Set<CalendarFeed>().AnyAsync(feed => feed.PersonId == personId && feed.RevokedAt == null, cancellation), cancellation);

    private static async Task<List<CalendarEvent>> DeadlinesAsync(ProcesDbContext db, string? key, CancellationToken cancellation) =>
        [.. (await db.Deadlines.AsNoTracking().Where(deadline => key == null || deadline.Key == key)
                .OrderBy(deadline => deadline.DueAt).ThenBy(deadline => deadline.Key)
                .Select(deadline => new
                {
                    deadline.Key,
                    deadline.Title,
                    deadline.DueOn,
                    deadline.State,
                    Dates = db.DeadlineDates.Count(date => date.DeadlineKey == deadline.Key),
                })
                .ToListAsync(cancellation))
            .Select(deadline => CalendarEvent.Deadline(
                deadline.Key, deadline.Title, deadline.DueOn, deadline.Dates - 1, deadline.State == DeadlineState.Cancelled))];

    private static async Task<List<CalendarEvent>> BallotsAsync(ProcesDbContext db, Guid personId, CancellationToken cancellation) =>
        [.. (await db.Ballots.AsNoTracking()
                .Where(ballot => ballot.DueOn != null && ballot.Electors.Any(elector => elector.PersonId == personId))
                .OrderBy(ballot => ballot.DueAt).ThenBy(ballot => ballot.Number).ToListAsync(cancellation))
            .Select(ballot => CalendarEvent.Ballot(
                ballot.Id, $"{ballot.Number}: {ballot.Title}", ballot.DueOn!.Value,
                ballot.State != BallotState.Open && ballot.ClosedAt < ballot.DueAt))];
}
