using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>The boards' sittings, and one of them with its agenda, attendance and minutes.</summary>
public sealed class ShowMeetings(UnitOfWork work, Rights rights, TimeProvider time)
{
    public sealed record Query(Guid MeetingId, Guid PersonId);

    /// <param name="Boards">Boards for which the reader may plan: key, name and the earliest day of a sitting convened today.</param>
    public sealed record List(IReadOnlyList<Line> Meetings, IReadOnlyList<(string Key, string Name, DateOnly Earliest)> Boards);

    public sealed record Line(Guid Id, string? Number, string Body, DateTimeOffset StartsAt, string Place, string State);

    /// <param name="Earliest">The first day allowed if it were convened today.</param>
    /// <param name="Ballots">Ballots taken at the sitting, to be put beside items.</param>
    /// <param name="Members">The attendance list; before it is recorded everybody on the roll without a word.</param>
    /// <param name="Written">Adopted without a sitting since the one before.</param>
    /// <param name="MayConduct">True for chair, vice-chair and secretary.</param>
    public sealed record View(
        Guid Id, string? Number, string Body, string BodyGenitive, DateTimeOffset StartsAt, string Place, string State, string? Cancellation,
        DateTimeOffset? ConvenedAt, string Minutes, DateTimeOffset? MinutesApprovedAt, string? MinutesApprovedBy, DateOnly Earliest,
        int NoticeWorkingDays, IReadOnlyList<Item> Items, IReadOnlyList<Member> Members, IReadOnlyList<Vote> Ballots,
        IReadOnlyList<Vote> Written, bool MayConduct, bool MayApprove, bool HasBegun);

    public sealed record Item(Guid Id, int Ordinal, string Title, string Course, Vote? Ballot);

    /// <param name="Presence">Null until it is recorded.</param>
    public sealed record Member(Guid PersonId, string Name, string Position, string? Alternate, string? Presence);

    /// <param name="ResolutionNumber">Null when nothing was adopted.</param>
    public sealed record Vote(
        Guid Id, string Number, string Title, string? Outcome, string? ResolutionNumber, DateTimeOffset? ClosedAt, int? InFavour, int? Against, int? Abstain);

    public Task<List> ListAsync(Guid personId, CancellationToken cancellation) => work.RunAsync(
        async db =>
        {
            var person = await rights.OfAsync(personId, cancellation);
            if (!person.Observes)
            {
                return new List([], []);
            }

            var bodies = await db.Bodies.AsNoTracking().OrderBy(body => body.Key).ToListAsync(cancellation);
            var today = Warsaw.DateOf(time.GetUtcNow());
            var boards = new List<(string, string, DateOnly)>();
            foreach (var body in bodies.Where(body => MeetingActs.MayConvene(person, body.Key)))
            {
                var rules = await db.RulesOfProcedure.AsNoTracking().Where(r => r.BodyKey == body.Key && r.ValidFrom <= today)
                    .OrderByDescending(r => r.Version).FirstOrDefaultAsync(cancellation);
                if (rules is not null)
                {
                    boards.Add((body.Key, body.Name, MeetingActs.EarliestDay(today, rules.Read())));
                }
            }

            var meetings = await db.Meetings.AsNoTracking().OrderByDescending(m => m.StartsAt).ThenBy(m => m.Id).ToListAsync(cancellation);
            var names = bodies.ToDictionary(body => body.Key, body => body.Name);
            return new List(
                [.. meetings.Where(m => m.State != MeetingState.Planned || MeetingActs.MayConvene(person, m.BodyKey))
                    .Select(m => new Line(m.Id, m.Number, names[m.BodyKey], m.StartsAt, m.Place, m.State))],
                boards);
        },
        cancellation);

    /// <summary>A plan is seen only by those who may convene.</summary>
    public async Task<Result<View>> HandleAsync(Query query, CancellationToken cancellation) => await work.RunAsync<View>(
        async db =>
        {
            var person = await rights.OfAsync(query.PersonId, cancellation);
            var meeting = await db.Meetings.AsNoTracking().SingleOrDefaultAsync(m => m.Id == query.MeetingId, cancellation);
            if (meeting is null || !person.Observes
                || (meeting.State == MeetingState.Planned && !MeetingActs.MayConvene(person, meeting.BodyKey)))
            {
                return new NotFoundOrNotYours();
            }

            var body = await db.Bodies.AsNoTracking().SingleAsync(b => b.Key == meeting.BodyKey, cancellation);
            var rules = (await db.RulesOfProcedure.AsNoTracking()
                .SingleAsync(r => r.BodyKey == meeting.BodyKey && r.Version == meeting.RulesVersion, cancellation)).Read();
            var names = await db.People.AsNoTracking().ToDictionaryAsync(p => p.Id, p => p.DisplayName, cancellation);
            var day = Warsaw.DateOf(meeting.StartsAt);
            var members = (await db.BodyMembers.AsNoTracking().Where(m => m.BodyKey == meeting.BodyKey).ToListAsync(cancellation))
                .Where(m => m.Covers(day) && m.Votes).OrderBy(m => m.Ordinal).ToList();
            var lines = await db.Attendances.AsNoTracking().Where(l => l.MeetingId == meeting.Id).ToDictionaryAsync(l => l.PersonId, cancellation);
            var atSitting = await MeetingBallots.AtSittingAsync(db, meeting, cancellation);
            var items = await db.AgendaItems.AsNoTracking().Where(i => i.MeetingId == meeting.Id).OrderBy(i => i.Ordinal).ToListAsync(cancellation);
            var conducts = MeetingActs.MayConvene(person, meeting.BodyKey);
            var now = time.GetUtcNow();
            return new View(
                meeting.Id, meeting.Number, body.Name, body.GenitiveName, meeting.StartsAt, meeting.Place, meeting.State, meeting.Cancellation,
                meeting.ConvenedAt, meeting.Minutes, meeting.MinutesApprovedAt,
                meeting.MinutesApprovedById is { } by ? names[by] : null,
                MeetingActs.EarliestDay(Warsaw.DateOf(now), rules), rules.MeetingNoticeWorkingDays,
                [.. items.Select(i => new Item(i.Id, i.Ordinal, i.Title, i.Course, atSitting.FirstOrDefault(b => b.Id == i.BallotId) is { } b ? Of(b) : null))],
                [.. members.Select(m => new Member(
                    m.PersonId, names[m.PersonId], m.Position, m.AlternateId is { } alternate ? names[alternate] : null,
                    lines.GetValueOrDefault(m.PersonId)?.Presence))],
                [.. atSitting.Select(Of)], [.. (await MeetingBallots.WithoutSittingAsync(db, meeting, cancellation)).Select(Of)],
                conducts, conducts && person.Positions[meeting.BodyKey] is BodyPosition.Chair or BodyPosition.ViceChair, now >= meeting.StartsAt);
        },
        cancellation);

    /// <summary>Counts are told only once the result is announced.</summary>
    private static Vote Of(Ballot ballot) => ballot.AnnouncedAt is null
        ? new Vote(ballot.Id, ballot.Number, ballot.Title, null, null, null, null, null, null)
        : new Vote(
            ballot.Id, ballot.Number, ballot.Title, ballot.Outcome, ballot.ResolutionNumber, ballot.ClosedAt, ballot.InFavourCount,
            ballot.AgainstCount, ballot.AbstainCount);
}
