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
/// What the secretary and the chair do with a sitting: plan, revise, convene, call off; what is recorded of it is in
/// <c>MeetingRecords.cs</c>. Each act locks the sitting's row first.
/// </summary>
public sealed partial class MeetingActs(UnitOfWork work, Rights rights, AuditTrail audit, Outbox outbox, TimeProvider time)
{
    /// <summary>The most items on one agenda.</summary>
    public const int MostItems = 50;

    /// <param name="Agenda">One item a line; blank lines are dropped.</param>
    public sealed record Plan(string BodyKey, Guid PersonId, DateOnly? Day, TimeOnly? Hour, string Place, string Agenda, string? FormKey);

    /// <param name="Agenda">One item a line, all of them; blank lines are dropped.</param>
    public sealed record Revise(Guid MeetingId, Guid PersonId, DateOnly? Day, TimeOnly? Hour, string Place, string Agenda, string? FormKey);

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

            var items = ItemsOf(command.Agenda);
            var place = CommentSheet.Clean(command.Place);
            if (command.Day is not { } day || command.Hour is not { } hour)
            {
                return new MeetingTimeIsMissing();
            }

            if (PlanRefusal(place, items) is { } refusal)
            {
                return refusal;
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
            db.AgendaItems.AddRange(Agenda(meeting.Id, items, now));
            audit.Record(Subjects.Meeting(meeting.Id), "meeting_planned", new Actor(command.PersonId), new { startsAt = meeting.StartsAt, items = items.Count });
            return new Planned(meeting.Id);
        },
        cancellation);

    /// <summary>
    /// Changes place and agenda until the sitting begins, and the day while nobody has been told of it. Whoever was convened gets the
    /// new agenda by mail.
    /// </summary>
    /// <returns>
    /// Done, or <see cref="MeetingIsOtherwise"/>, <see cref="MeetingTimeIsMissing"/>, <see cref="AgendaIsEmpty"/>,
    /// <see cref="ConvenedDayStands"/>.
    /// </returns>
    public Task<Result<Done>> ReviseAsync(Revise command, CancellationToken cancellation) => RunAsync(
        command.MeetingId, command.PersonId, command.FormKey, command with { FormKey = null },
        async scene =>
        {
            var meeting = scene.Meeting;
            if (meeting.State is MeetingState.Held or MeetingState.Cancelled || scene.Now >= meeting.StartsAt)
            {
                return new MeetingIsOtherwise(meeting.State is MeetingState.Cancelled ? meeting.State : MeetingState.Held);
            }

            if (command.Day is not { } day || command.Hour is not { } hour)
            {
                return new MeetingTimeIsMissing();
            }

            var (items, place, startsAt) = (ItemsOf(command.Agenda), CommentSheet.Clean(command.Place), Warsaw.At(day, hour));
            if (PlanRefusal(place, items) is { } refusal)
            {
                return refusal;
            }

            if (meeting.State == MeetingState.Convened && startsAt != meeting.StartsAt)
            {
                return new ConvenedDayStands();
            }

            var before = await scene.Db.AgendaItems.Where(item => item.MeetingId == meeting.Id).OrderBy(item => item.Ordinal).ToListAsync(cancellation);
            if (startsAt == meeting.StartsAt && place == meeting.Place && before.Select(item => item.Title).SequenceEqual(items))
            {
                return default(Done);
            }

            meeting.Revise(startsAt, place);
            scene.Db.AgendaItems.RemoveRange(before);
            await scene.Db.SaveChangesAsync(cancellation);
            scene.Db.AgendaItems.AddRange(Agenda(meeting.Id, items, scene.Now));
            audit.Record(Subjects.Meeting(meeting.Id), "meeting_revised", new Actor(command.PersonId), new { startsAt, items = items.Count });
            await scene.Db.SaveChangesAsync(cancellation);
            if (meeting.State == MeetingState.Convened)
            {
                await outbox.AddAsync(
                    new MeetingConvocation(meeting.Id, meeting.Number!, startsAt, place, items, meeting.Revisions),
                    await EverybodyAsync(scene, cancellation), cancellation);
            }

            return default(Done);
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
            await outbox.AddAsync(
                new MeetingConvocation(meeting.Id, number, meeting.StartsAt, meeting.Place, agenda),
                await EverybodyAsync(scene, cancellation), cancellation);
            return default(Done);
        },
        cancellation);

    /// <summary>Calls a sitting off with a reason; whoever was convened is told.</summary>
    public Task<Result<Done>> CancelAsync(Act command, string reason, CancellationToken cancellation) => RunAsync(
        command.MeetingId, command.PersonId, command.FormKey, new { command.MeetingId, reason },
        async scene =>
        {
            var meeting = scene.Meeting;
            var why = CommentSheet.Clean(reason);
            if (meeting.State is MeetingState.Held or MeetingState.Cancelled)
            {
                return new MeetingIsOtherwise(meeting.State);
            }

            if (why.Length is 0 or > 2000)
            {
                return why.Length == 0 ? new FieldIsEmpty("Reason") : new TextIsTooLong("Reason", 2000);
            }

            var wasConvened = meeting.State == MeetingState.Convened;
            meeting.Cancel(why);
            audit.Record(Subjects.Meeting(meeting.Id), "meeting_cancelled", new Actor(command.PersonId), new { why });
            await scene.Db.SaveChangesAsync(cancellation);
            if (wasConvened)
            {
                await outbox.AddAsync(
                    new MeetingCancelled(meeting.Id, meeting.Number!, meeting.StartsAt, why), await EverybodyAsync(scene, cancellation), cancellation);
            }

            return default(Done);
        },
        cancellation);

    /// <summary>The first day on which a sitting convened on <paramref name="today"/> may take place.</summary>
    public static DateOnly EarliestDay(DateOnly today, RuleTerms rules) =>
        WorkingCalendar.AddWorkingDays(today, rules.MeetingNoticeWorkingDays);

    internal static bool MayConvene(PersonRights person, string bodyKey) =>
        person.IsActive && person.Positions.GetValueOrDefault(bodyKey) is BodyPosition.Chair or BodyPosition.ViceChair or BodyPosition.Secretary;

    private static List<string> ItemsOf(string agenda) =>
        [.. agenda.Split('\n').Select(CommentSheet.Clean).Where(line => line.Length > 0)];

    private static IEnumerable<AgendaItem> Agenda(Guid meetingId, IEnumerable<string> titles, DateTimeOffset now) =>
        titles.Select((title, i) => new AgendaItem { Id = Guid.CreateVersion7(now), MeetingId = meetingId, Ordinal = i + 1, Title = title });

    private static Refusal? PlanRefusal(string place, List<string> items) =>
        place.Length == 0 ? new FieldIsEmpty("Place")
        : items.Count is 0 or > MostItems ? new AgendaIsEmpty()
        : place.Length > 500 ? new TextIsTooLong("Place", 500)
        : items.Any(item => item.Length > 500) ? new TextIsTooLong("Agenda", 500)
        : null;

    /// <summary>Everybody who has a place in the board today, its secretary included.</summary>
    private static async Task<List<Guid>> EverybodyAsync(Scene scene, CancellationToken cancellation)
    {
        var today = Warsaw.DateOf(scene.Now);
        var members = await scene.Db.BodyMembers.AsNoTracking().Where(member => member.BodyKey == scene.Meeting.BodyKey).ToListAsync(cancellation);
        return [.. members.Where(member => member.Covers(today)).OrderBy(member => member.Ordinal).Select(member => member.PersonId).Distinct()];
    }

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
