using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>The ballots that belong to a sitting.</summary>
internal static class MeetingBallots
{
    /// <summary>Those taken at the board's sittings on the sitting's day.</summary>
    public static async Task<IReadOnlyList<Ballot>> AtSittingAsync(ProcesDbContext db, Meeting meeting, CancellationToken cancellation)
    {
        var day = Warsaw.DateOf(meeting.StartsAt);
        var (from, until) = (Warsaw.StartOf(day), Warsaw.FirstInstantAfter(day));
        return await db.Ballots.AsNoTracking()
            .Where(b => b.BodyKey == meeting.BodyKey && b.Procedure == BallotProcedure.Sitting && b.NoticedAt >= from && b.NoticedAt < until)
            .OrderBy(b => b.Number).ToListAsync(cancellation);
    }

    /// <summary>What was adopted without a sitting since the one before („wykaz spraw przyjętych obiegiem”).</summary>
    public static async Task<IReadOnlyList<Ballot>> WithoutSittingAsync(ProcesDbContext db, Meeting meeting, CancellationToken cancellation)
    {
        var before = await db.Meetings.AsNoTracking()
            .Where(m => m.BodyKey == meeting.BodyKey && m.State == MeetingState.Held && m.StartsAt < meeting.StartsAt)
            .MaxAsync(m => (DateTimeOffset?)m.StartsAt, cancellation) ?? DateTimeOffset.MinValue;
        return await db.Ballots.AsNoTracking()
            .Where(b => b.BodyKey == meeting.BodyKey && b.Procedure != BallotProcedure.Sitting && b.ResolutionNumber != null
                && b.AnnouncedAt > before && b.AnnouncedAt <= meeting.StartsAt)
            .OrderBy(b => b.AnnouncedAt).ThenBy(b => b.Number).ToListAsync(cancellation);
    }
}

/// <summary>Who is at the sitting at which a ballot is taken: what quorum and majority rules mean by „present”.</summary>
/// <param name="Members">The members of the roll who are there, in person or by their alternates.</param>
public sealed record SittingAttendance(Guid MeetingId, IReadOnlySet<Guid> Members)
{
    /// <summary>
    /// The attendance of the board's sitting on the day of the ballot; of several, that whose agenda names the ballot, otherwise the
    /// latest. Null when none is recorded.
    /// </summary>
    public static async Task<SittingAttendance?> OfBallotAsync(ProcesDbContext db, Ballot ballot, CancellationToken cancellation)
    {
        var sitting = await OnTheDayOf(db, ballot).Where(m => m.State == MeetingState.Held)
            .OrderByDescending(m => db.AgendaItems.Any(item => item.MeetingId == m.Id && item.BallotId == ballot.Id)).ThenByDescending(m => m.StartsAt)
            .Select(m => (Guid?)m.Id).FirstOrDefaultAsync(cancellation);
        if (sitting is not { } id)
        {
            return null;
        }

        var there = await db.Attendances.AsNoTracking()
            .Where(line => line.MeetingId == id && (line.Presence == Presence.Present || line.Presence == Presence.Represented))
            .Select(line => line.PersonId).ToListAsync(cancellation);
        return new SittingAttendance(id, there.ToHashSet());
    }

    /// <summary>True when the board was convened for the day of the ballot and nobody has written down who came.</summary>
    public static async Task<bool> IsMissingAsync(ProcesDbContext db, Ballot ballot, CancellationToken cancellation)
    {
        var states = await OnTheDayOf(db, ballot).Select(m => m.State).ToListAsync(cancellation);
        return states.Contains(MeetingState.Convened) && !states.Contains(MeetingState.Held);
    }

    private static IQueryable<Meeting> OnTheDayOf(ProcesDbContext db, Ballot ballot)
    {
        var day = Warsaw.DateOf(ballot.NoticedAt);
        var (from, until) = (Warsaw.StartOf(day), Warsaw.FirstInstantAfter(day));
        return db.Meetings.AsNoTracking().Where(m => m.BodyKey == ballot.BodyKey && m.StartsAt >= from && m.StartsAt < until);
    }
}
