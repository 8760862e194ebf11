using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Comments;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Meetings;

/// <content>What is recorded of a sitting: who came, what was settled, and that the minutes stand.</content>
public sealed partial class MeetingActs
{
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

    private static Refusal? Unwritable(Scene scene) =>
        scene.Meeting.State is MeetingState.Planned or MeetingState.Cancelled ? new MeetingIsOtherwise(scene.Meeting.State)
        : scene.Now < scene.Meeting.StartsAt ? new MeetingHasNotBegun()
        : scene.Meeting.MinutesApprovedAt is not null ? new MinutesAreApproved()
        : null;
}
