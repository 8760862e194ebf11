using ProcesStandardu.Approval.Outward;

namespace ProcesStandardu.Approval.Notifications;

/// <summary>Made-up mails of every kind, for the page that shows what mails look like and for tests. None of them is ever queued.</summary>
public static class MailSamples
{
    private const string Hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly DateTimeOffset Now = new(2012, 11, 5, 8, 0, 0, TimeSpan.Zero);
    private static readonly Guid Id = Guid.Parse("0198c5a0-0000-7000-8000-000000000001");

    /// <summary>At least one mail of each kind, with every way of saying it.</summary>
    /// <param name="title">What the documents in them are called.</param>
    public static IEnumerable<OutboundMail> All(string title)
    {
        var ballot = new BallotCase(Id, "G-2012/08", title, "osl-prawo", "1.0", new DateOnly(2012, 11, 12));
        var deadline = new DeadlineCase("osl-prawo", title, "deliverable:osl-prawo", new DateOnly(2012, 11, 30), SitePaths.Deliverable("osl-prawo"));
        yield return new BallotNotice(ballot);
        yield return new BallotNotice(ballot with { DueOn = null });
        yield return new BallotNotice(ballot, Round: 2, InPlaceOf: title);
        yield return new BallotNotice(ballot with { DueOn = null }, ForInformation: true, SilenceConsents: true);
        foreach (var what in BallotNewsOf.All)
        {
            yield return new BallotNews(ballot, what, "1", title);
        }

        yield return new BallotReminder(ballot, "T-2");
        yield return new VoteRecorded(ballot, Id, Now, Hash, "in_favour");
        yield return new VoteRecorded(ballot, Id, Now, Hash, null);
        foreach (var outcome in new[] { "adopted", "not_adopted", "inquorate", "discontinued" })
        {
            yield return new BallotClosed(ballot, outcome, outcome == "adopted" ? "7/2012" : null, Now);
        }

        yield return new DeliverableRequested("osl-prawo", title, new DateOnly(2012, 11, 30), "w1");
        yield return new DeliverableRequested("osl-prawo", title, null, "w1");
        yield return new RevisionSubmitted("osl-prawo", title, Id, "1.0", title, Now, Hash);
        yield return new RevisionWithdrawn("osl-prawo", title, Id, "0.9", "other", Now);
        yield return new DeadlineReminder(deadline, "T-7");
        yield return new DeadlinePassed(deadline, title);
        yield return new MeetingConvocation(Id, "3/2013", Now, title, [title, title]);
        yield return new MeetingConvocation(Id, "3/2013", Now, title, [title, title], Revision: 1);
        yield return new MeetingCancelled(Id, "3/2013", Now, title);
        yield return new CommentsDecided("osl-prawo", title, 12, "d1");
        foreach (var level in new[] { 0, 1, 2 })
        {
            yield return new DeadlineEscalation(deadline, title, level, 3);
        }

        yield return new DatesMoved(Id, title, new DateOnly(2012, 11, 5), [new("osl-prawo", title, new(2012, 11, 30), new(2012, 12, 14), 1)]);
        yield return new WatchAlarm(
            Id, [.. new[] { "deadline_not_fired", "ballot_not_closed", "reminder_not_sent", "mail_too_old", "wait_not_fired", "pass_silent" }
                .Select(kind => new WatchAlarm.Silence(kind, title, Now))]);
        foreach (var act in OutwardActs.All)
        {
            yield return new ActWasRefused(Id, act, title, "deliverable:osl-prawo", SitePaths.Deliverable("osl-prawo"));
        }

        yield return new DailyDigest(
            new DateOnly(2012, 11, 5), Id,
            [new(title, SitePaths.Ballot(Id), new DateOnly(2012, 11, 6), 1), new(title, SitePaths.Ballot(Id), null, 0)],
            [new(title, SitePaths.Deliverable("osl-prawo"), new DateOnly(2012, 10, 31), -3), new(title, SitePaths.Deliverable("osl-prawo"), new DateOnly(2012, 11, 16), 8)],
            [new(title, SitePaths.Deliverable("osl-prawo"))]);
        yield return new WorkflowNotice("work:osl", title, title, SitePaths.Work("osl"), "n1");
    }
}
