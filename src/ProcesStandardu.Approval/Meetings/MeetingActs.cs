using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Meetings;

/// <summary>
/// What the secretary and the chair do with a sitting: plan, convene, cancel, record who came and what was settled, approve
/// the minutes. Each act locks the sitting's row first.
/// </summary>
public sealed class MeetingActs(UnitOfWork work, Rights rights, AuditTrail audit, Outbox outbox, TimeProvider time)
{
    /// <summary>The most items on one agenda.</summary>
    public const int MostItems = 50;

    /// <param name="Agenda">One item a line; blank lines are dropped.</param>
    public sealed record Plan(string BodyKey, Guid PersonId, DateOnly? Day, TimeOnly? Hour, string Place, string Agenda, string? FormKey);

    public sealed record Act(Guid MeetingId, Guid PersonId, string? FormKey);

    /// <param name="Presence">By member; members who are left out count as absent.</param>
    public sealed record Attend(Guid MeetingId, Guid PersonId, IReadOnlyDictionary<Guid, string> Presence, string? FormKey);

    /// <param name="Courses">By item: what was settled, and the ballot taken on it at the sitting; null when there was none.</param>
    public sealed record Write(
        Guid MeetingId, Guid PersonId, IReadOnlyDictionary<Guid, (string Course, Guid? BallotId)> Courses, string Minutes, string? FormKey);

    public sealed record Planned(Guid MeetingId);

    private sealed record Scene(ProcesDbContext Db, Meeting Meeting, RuleTerms Rules, string Place, DateTimeOffset Now);

    /// <returns>The sitting, or <see cref="MeetingTimeIsMissing"/>, <see cref="AgendaIsEmpty"/>, <see cref="NoRulesInForce"/>.</returns>
    public Task<Result<Planned>> PlanAsync(Plan command, CancellationToken cancellation) => work.OnceAsync<Planned>(
        command.PersonId, command.FormKey, command with { FormKey = null },
        async db =>
        {
            var person = await rights.OfAsync(command.PersonId, cancellation);
            if (!person.Observes)
            {
                return new NotFoundOrNotYours();
            }

            var now = time.GetUtcNow();
            var today = Warsaw.DateOf(now);
            var rules = await db.RulesOfProcedure.AsNoTracking().Where(r => r.BodyKey == command.BodyKey && r.ValidFrom <= today)
                .OrderByDescending(r => r.Version).FirstOrDefaultAsync(cancellation);
            if (rules is null)
            {
                return new NoRulesInForce(today);
            }

            if (!MayConvene(person, command.BodyKey))
            {
                return new ActIsNotYours();
            }

            var items = command.Agenda.Split('\n').Select(CommentSheet.Clean).Where(line => line.Length > 0).ToList();
            var place = CommentSheet.Clean(command.Place);
            if (command.Day is not { } day || command.Hour is not { } hour)
            {
                return new MeetingTimeIsMissing();
            }

            if (place.Length == 0)
            {
                return new FieldIsEmpty("Place");
            }

            if (items.Count is 0 or > MostItems)
            {
                return new AgendaIsEmpty();
            }

            if (place.Length > 500 || items.Any(item => item.Length > 500))
            {
                return new TextIsTooLong(place.Length > 500 ? "Place" : "Agenda", 500);
            }

            var meeting = new Meeting
            {
                Id = Guid.CreateVersion7(now),
                BodyKey = command.BodyKey,
                RulesVersion = rules.Version,
                StartsAt = Warsaw.At(day, hour),
                Place = place,
                PlannedById = command.PersonId,
                PlannedAt = now,
            };
            db.Meetings.Add(meeting);
            db.AgendaItems.AddRange(items.Select((title, i) => new AgendaItem
            {
                Id = Guid.CreateVersion7(now),
                MeetingId = meeting.Id,
                Ordinal = i + 1,
                Title = title,
            }));
            audit.Record(Subjects.Meeting(meeting.Id), "meeting_planned", new Actor(command.PersonId), new { startsAt = meeting.StartsAt, items = items.Count });
            return new Planned(meeting.Id);
        },
        cancellation);

    /// <summary>Sends the convocation; refused when the rules' notice would be too short.</summary>
    public Task<Result<Done>> ConveneAsync(Act command, CancellationToken cancellation) => RunAsync(
        command.MeetingId, command.PersonId, command.FormKey, command with { FormKey = null },
        async scene =>
        {
            var meeting = scene.Meeting;
            if (meeting.State != MeetingState.Planned)
            {
                return new MeetingIsOtherwise(meeting.State);
            }

            var today = Warsaw.DateOf(scene.Now);
            var earliest = EarliestDay(today, scene.Rules);
            if (Warsaw.DateOf(meeting.StartsAt) < earliest)
            {
                return new MeetingIsTooSoon(earliest, scene.Rules.MeetingNoticeWorkingDays);
            }

            var number = await work.NextMeetingNumberAsync(meeting.BodyKey, Warsaw.DateOf(meeting.StartsAt).Year, cancellation);
            meeting.Convene(number, command.PersonId, scene.Now);
            audit.Record(Subjects.Meeting(meeting.Id), "meeting_convened", new Actor(command.PersonId), new { number, startsAt = meeting.StartsAt });
            await scene.Db.SaveChangesAsync(cancellation);
            var agenda = await scene.Db.AgendaItems.AsNoTracking().Where(item => item.MeetingId == meeting.Id)
                .OrderBy(item => item.Ordinal).Select(item => item.Title).ToListAsync(cancellation);
            var members = await scene.Db.BodyMembers.AsNoTracking().Where(member => member.BodyKey == meeting.BodyKey).ToListAsync(cancellation);
            await outbox.AddAsync(
                new MeetingConvocation(meeting.Id, number, meeting.StartsAt, meeting.Place, agenda),
                [.. members.Where(member => member.Covers(today)).OrderBy(member => member.Ordinal).Select(member => member.PersonId).Distinct()],
                cancellation);
            return default(Done);
        },
        cancellation);

    public Task<Result<Done>> CancelAsync(Act command, string reason, CancellationToken cancellation) => RunAsync(
        command.MeetingId, command.PersonId, command.FormKey, new { command.MeetingId, reason },
        scene =>
        {
            var why = CommentSheet.Clean(reason);
            Refusal? refusal = scene.Meeting.State is MeetingState.Held or MeetingState.Cancelled ? new MeetingIsOtherwise(scene.Meeting.State)
                : why.Length == 0 ? new FieldIsEmpty("Reason")
                : why.Length > 2000 ? new TextIsTooLong("Reason", 2000)
                : null;
            if (refusal is not null)
            {
                return Task.FromResult<Result<Done>>(refusal);
            }

            scene.Meeting.Cancel(why);
            audit.Record(Subjects.Meeting(scene.Meeting.Id), "meeting_cancelled", new Actor(command.PersonId), new { why });
            return Task.FromResult<Result<Done>>(default(Done));
        },
        cancellation);

    /// <summary>Records who came; a represented member's place was taken by his permanent alternate.</summary>
    public Task<Result<Done>> AttendAsync(Attend command, CancellationToken cancellation) => RunAsync(
        command.MeetingId, command.PersonId, command.FormKey,
        new { command.MeetingId, presence = command.Presence.OrderBy(line => line.Key).Select(line => $"{line.Key}={line.Value}") },
        async scene =>
        {
            var meeting = scene.Meeting;
            if (Unwritable(scene) is { } refusal)
            {
                return refusal;
            }

            var day = Warsaw.DateOf(meeting.StartsAt);
            var members = (await scene.Db.BodyMembers.AsNoTracking().Where(member => member.BodyKey == meeting.BodyKey).ToListAsync(cancellation))
                .Where(member => member.Covers(day) && member.Votes).OrderBy(member => member.Ordinal).ToList();
            var lines = await scene.Db.Attendances.Where(line => line.MeetingId == meeting.Id).ToDictionaryAsync(line => line.PersonId, cancellation);
            foreach (var member in members)
            {
                var presence = command.Presence.GetValueOrDefault(member.PersonId, Presence.Absent);
                if (!Presence.All.Contains(presence) || (presence == Presence.Represented && member.AlternateId is null))
                {
                    return new FieldIsEmpty($"Presence-{member.PersonId:D}");
                }

                if (!lines.TryGetValue(member.PersonId, out var line))
                {
                    scene.Db.Attendances.Add(line = new Attendance
                    {
                        MeetingId = meeting.Id,
                        PersonId = member.PersonId,
                        Position = member.Position,
                        Ordinal = member.Ordinal,
                        Presence = presence,
                        RecordedById = command.PersonId,
                        RecordedAt = scene.Now,
                    });
                }

                line.Presence = presence;
                line.AlternateId = presence == Presence.Represented ? member.AlternateId : null;
                line.RecordedById = command.PersonId;
                line.RecordedAt = scene.Now;
            }

            meeting.Hold(scene.Now);
            audit.Record(Subjects.Meeting(meeting.Id), "attendance_recorded", new Actor(command.PersonId), new
            {
                present = members.Count(member => command.Presence.GetValueOrDefault(member.PersonId) is Presence.Present or Presence.Represented),
                members = members.Count,
            });
            return default(Done);
        },
        cancellation);

    /// <summary>Writes what was said and settled; may be repeated until the minutes are approved.</summary>
    public Task<Result<Done>> WriteAsync(Write command, CancellationToken cancellation) => RunAsync(
        command.MeetingId, command.PersonId, command.FormKey,
        new { command.MeetingId, command.Minutes, courses = command.Courses.OrderBy(item => item.Key).Select(item => $"{item.Key}={item.Value}") },
        async scene =>
        {
            if (Unwritable(scene) is { } refusal)
            {
                return refusal;
            }

            var minutes = CommentSheet.Clean(command.Minutes);
            if (minutes.Length > 50_000 || command.Courses.Values.Any(item => item.Course.Length > 20_000))
            {
                return new TextIsTooLong("Minutes", 50_000);
            }

            var ballots = (await MeetingBallots.AtSittingAsync(scene.Db, scene.Meeting, cancellation)).Select(ballot => ballot.Id).ToHashSet();
            foreach (var item in await scene.Db.AgendaItems.Where(item => item.MeetingId == scene.Meeting.Id).ToListAsync(cancellation))
            {
                var (course, ballot) = command.Courses.GetValueOrDefault(item.Id, (item.Course, item.BallotId));
                item.Write(CommentSheet.Clean(course), ballot is { } id && ballots.Contains(id) ? id : null);
            }

            scene.Meeting.Write(minutes);
            audit.Record(Subjects.Meeting(scene.Meeting.Id), "minutes_written", new Actor(command.PersonId));
            return default(Done);
        },
        cancellation);

    /// <summary>The chair or vice-chair approves the minutes; from then on they stand.</summary>
    public Task<Result<Done>> ApproveAsync(Act command, CancellationToken cancellation) => RunAsync(
        command.MeetingId, command.PersonId, command.FormKey, new { command.MeetingId, act = "approve" },
        scene =>
        {
            Refusal? refusal = scene.Place is not (BodyPosition.Chair or BodyPosition.ViceChair) ? new ActIsNotYours()
                : scene.Meeting.State != MeetingState.Held ? new MeetingIsOtherwise(scene.Meeting.State)
                : scene.Meeting.MinutesApprovedAt is not null ? new MinutesAreApproved()
                : null;
            if (refusal is not null)
            {
                return Task.FromResult<Result<Done>>(refusal);
            }

            scene.Meeting.Approve(command.PersonId, scene.Now);
            audit.Record(Subjects.Meeting(scene.Meeting.Id), "minutes_approved", new Actor(command.PersonId));
            return Task.FromResult<Result<Done>>(default(Done));
        },
        cancellation);

    /// <summary>The first day on which a sitting convened on <paramref name="today"/> may take place.</summary>
    public static DateOnly EarliestDay(DateOnly today, RuleTerms rules) =>
        WorkingCalendar.AddWorkingDays(today, rules.MeetingNoticeWorkingDays);

    internal static bool MayConvene(PersonRights person, string bodyKey) =>
        person.IsActive && person.Positions.GetValueOrDefault(bodyKey) is BodyPosition.Chair or BodyPosition.ViceChair or BodyPosition.Secretary;

    private static Refusal? Unwritable(Scene scene) =>
        scene.Meeting.State is MeetingState.Planned or MeetingState.Cancelled ? new MeetingIsOtherwise(scene.Meeting.State)
        : scene.Now < scene.Meeting.StartsAt ? new MeetingHasNotBegun()
        : scene.Meeting.MinutesApprovedAt is not null ? new MinutesAreApproved()
        : null;

    private Task<Result<Done>> RunAsync(
        Guid meetingId, Guid personId, string? formKey, object request, Func<Scene, Task<Result<Done>>> act, CancellationToken cancellation) =>
        work.OnceAsync(
            personId, formKey, request,
            async db =>
            {
                var person = await rights.OfAsync(personId, cancellation);
                if (!person.Observes || !await RowLock.LockAsync(work, "select 1 from meeting where id = $1 for no key update", meetingId, cancellation))
                {
                    return new NotFoundOrNotYours();
                }

                var meeting = await db.Meetings.SingleAsync(m => m.Id == meetingId, cancellation);
                if (!MayConvene(person, meeting.BodyKey))
                {
                    return new ActIsNotYours();
                }

                var rules = await db.RulesOfProcedure.AsNoTracking()
                    .SingleAsync(r => r.BodyKey == meeting.BodyKey && r.Version == meeting.RulesVersion, cancellation);
                return await act(new Scene(db, meeting, rules.Read(), person.Positions[meeting.BodyKey], time.GetUtcNow()));
            },
            cancellation);
}

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
