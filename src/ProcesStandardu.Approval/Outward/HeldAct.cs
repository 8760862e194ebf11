using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Outward;

/// <summary>An act that others learn of, asked for and held for a while: until it is performed nothing of it has happened.</summary>
/// <param name="Kind">One of <see cref="OutwardActs"/>.</param>
/// <param name="Subject">What it is about, see <c>Audit.Subjects</c>.</param>
/// <param name="Title">What the person sees it called, for example the ballot's number.</param>
/// <param name="Command">The act as JSON, see <see cref="OutwardActs"/>.</param>
public sealed record HeldAct(
    Guid Id, string Kind, string Subject, string Title, string Command, Guid PersonId, DateTimeOffset AskedAt, DateTimeOffset DueAt);

/// <summary>The acts that can be held, and how each is performed. The stored names outlive the commands' types.</summary>
public sealed class OutwardActs(AnnounceResult announce, OpenBallot open, ExtendBallot extend, MeetingActs meetings)
{
    public const string Announce = "announce_result";
    public const string Open = "open_ballot";
    public const string Extend = "extend_ballot";
    public const string Convene = "convene_meeting";

    public static IReadOnlyList<string> All { get; } = [Announce, Open, Extend, Convene];

    /// <summary>An act that may be held: what it is about and what is done in the end.</summary>
    public sealed record Outward(string Kind, string Subject, string Title, object Command);

    public static Outward ToAnnounce(Guid ballotId, string number) =>
        new(Announce, Subjects.Ballot(ballotId), number, new OnBallot(ballotId, null));

    public static Outward ToExtend(Guid ballotId, string number, string? reason) =>
        new(Extend, Subjects.Ballot(ballotId), number, new OnBallot(ballotId, reason));

    /// <param name="title">The document's title.</param>
    public static Outward ToOpen(OpenBallot.Command command, string title) => new(
        Open, Subjects.Deliverable(command.DeliverableKey), title,
        new Opening(
            command.DeliverableKey, command.BodyKey, command.Title, command.WorkingDays, command.ClosesWhenAllVoted, command.Procedure,
            command.Secrecy));

    /// <param name="title">When and where it sits.</param>
    public static Outward ToConvene(Guid meetingId, string title) =>
        new(Convene, Subjects.Meeting(meetingId), title, new OnMeeting(meetingId));

    /// <summary>The page of what an act is about.</summary>
    public static string PathOf(string subject) => subject.Split(':', 2) switch
    {
        ["ballot", var id] when Guid.TryParse(id, out var ballot) => SitePaths.Ballot(ballot),
        ["meeting", var id] when Guid.TryParse(id, out var meeting) => SitePaths.Meeting(meeting),
        ["deliverable", var key] => SitePaths.Deliverable(key),
        _ => SitePaths.MyMatters,
    };

    /// <summary>
    /// How long the rules of procedure let an act be taken back: those that its ballot or sitting is bound to, for a ballot yet to be opened
    /// those in force on the day. Zero where there are none; the act itself says so.
    /// </summary>
    internal static async Task<TimeSpan> WindowAsync(ProcesDbContext db, Outward act, DateOnly today, CancellationToken cancellation)
    {
        var rules = db.RulesOfProcedure.AsNoTracking();
        var bound = act.Command switch
        {
            OnBallot { BallotId: var id } => from one in rules
                                             join ballot in db.Ballots on new { one.BodyKey, one.Version } equals new { ballot.BodyKey, Version = ballot.RulesVersion }
                                             where ballot.Id == id
                                             select one,
            OnMeeting { MeetingId: var id } => from one in rules
                                               join meeting in db.Meetings on new { one.BodyKey, one.Version } equals new { meeting.BodyKey, Version = meeting.RulesVersion }
                                               where meeting.Id == id
                                               select one,
            Opening { BodyKey: var body } => rules.Where(one => one.BodyKey == body && one.ValidFrom <= today),
            _ => throw new NotSupportedException($"Nothing says how long {act.Kind} may be taken back."),
        };
        return await bound.OrderByDescending(one => one.Version).FirstOrDefaultAsync(cancellation) is { } found
            ? TimeSpan.FromMinutes(found.Read().UndoWindowMinutes)
            : TimeSpan.Zero;
    }

    internal static string ToJson(Outward act) => JsonSerializer.Serialize(act.Command, act.Command.GetType(), JsonSerializerOptions.Web);

    /// <summary>Performs the act for its person, with the rights that he has now. Runs in the caller's unit of work.</summary>
    /// <returns>Null when it is done; otherwise why not.</returns>
    /// <exception cref="NotSupportedException">A newer build holds an act that this one does not know.</exception>
    internal async Task<Refusal?> PerformAsync(string kind, string command, Guid personId, CancellationToken cancellation) => kind switch
    {
        Announce => (await announce.HandleAsync(
            new AnnounceResult.Command(Read<OnBallot>(command).BallotId, personId), cancellation)).Refusal,
        Extend => (await extend.HandleAsync(
            new ExtendBallot.Command(Read<OnBallot>(command).BallotId, personId, Read<OnBallot>(command).Reason, null), cancellation)).Refusal,
        Open => (await open.HandleAsync(Read<Opening>(command).For(personId), cancellation)).Refusal,
        Convene => (await meetings.ConveneAsync(
            new MeetingActs.Act(Read<OnMeeting>(command).MeetingId, personId, null), cancellation)).Refusal,
        _ => throw new NotSupportedException($"Acts of the kind {kind} are unknown to this build."),
    };

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web)!;

    private sealed record OnBallot(Guid BallotId, string? Reason);

    private sealed record OnMeeting(Guid MeetingId);

    private sealed record Opening(
        string DeliverableKey, string BodyKey, string? Title, int? WorkingDays, bool? ClosesWhenAllVoted, string? Procedure, string? Secrecy)
    {
        public OpenBallot.Command For(Guid personId) =>
            new(DeliverableKey, BodyKey, Title, WorkingDays, ClosesWhenAllVoted, new Actor(personId), Procedure, Secrecy);
    }
}
