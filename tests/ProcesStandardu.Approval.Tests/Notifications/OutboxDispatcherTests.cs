using ProcesStandardu.Approval.Notifications;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class OutboxDispatcherTests
{
    private static readonly SendOutcome Busy = new SendOutcome.TemporaryFailure("451 later");

    [Fact]
    public async Task A_due_mail_leaves_once_as_it_was_queued()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Clock.Advance(TimeSpan.FromMinutes(3));

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Sent = 1 });
        (await room.RunAsync()).ShouldBe(default);

        var mail = await room.OnlyMailAsync();
        (mail.State, mail.SentAt, mail.Attempts, mail.LastError).ShouldBe((MailState.Sent, room.Clock.GetUtcNow(), 1, null));
        var left = room.Mailbox.Received.Single();
        left.Bytes.ToArray().ShouldBe(mail.Bytes);
        (left.From.Value, left.Recipient.Value, left.MessageId).ShouldBe(("rada@rada.example", "anna-nowak@forum.example", mail.MessageId));
    }

    [Fact]
    public async Task A_mail_that_fails_for_now_is_tried_again_after_growing_pauses()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Mailbox.AlwaysEndsWith(Busy);

        foreach (var minutes in new[] { 1, 5, 15, 30, 60, 60 })
        {
            var triedAt = room.Clock.GetUtcNow();
            (await room.RunAsync()).ShouldBe(new DispatchCounts { Retried = 1 });
            (await room.RunAsync()).ShouldBe(default);
            var mail = await room.OnlyMailAsync();
            (mail.State, mail.LastError).ShouldBe((MailState.Retry, "451 later"));
            var pause = mail.NextAttemptAt!.Value - triedAt;
            pause.ShouldBeInRange(TimeSpan.FromMinutes(minutes), TimeSpan.FromMinutes(minutes * 1.2));
            room.Clock.SetTo(mail.NextAttemptAt.Value);
        }

        room.Mailbox.AlwaysEndsWith(new SendOutcome.Accepted());
        (await room.RunAsync()).Sent.ShouldBe(1);
        room.Mailbox.Received.Select(left => Convert.ToHexString(left.Bytes.Span)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_mail_that_keeps_failing_is_given_up_after_five_days_and_the_history_says_so()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Mailbox.AlwaysEndsWith(Busy);
        await room.RunAsync();

        room.Clock.Advance(TimeSpan.FromDays(5) - TimeSpan.FromSeconds(1));
        (await room.RunAsync()).ShouldBe(new DispatchCounts { Retried = 1 });
        room.Clock.Advance(TimeSpan.FromDays(1));
        (await room.RunAsync()).ShouldBe(new DispatchCounts { Dead = 1 });

        var mail = await room.OnlyMailAsync();
        (mail.State, mail.NextAttemptAt, mail.LastError).ShouldBe((MailState.Dead, null, "451 later"));
        (await room.HistoryAsync()).ShouldBe(["mail_died"]);
    }

    [Fact]
    public async Task A_mail_refused_for_good_dies_at_once_and_the_others_go()
    {
        await using var room = await PostRoom.OpenAsync();
        var people = await room.AddPeopleAsync(3);
        await room.QueueAsync(Some.Notice(), people);
        room.Mailbox.Decide = (mail, _) => Task.FromResult<SendOutcome>(
            mail.Recipient.Value.StartsWith("osoba-02", StringComparison.Ordinal)
                ? new SendOutcome.PermanentFailure("550 No such mailbox")
                : new SendOutcome.Accepted());

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Sent = 2, Dead = 1 });
        room.Clock.Advance(TimeSpan.FromDays(2));
        (await room.RunAsync()).ShouldBe(default);

        (await room.MailsAsync()).Select(mail => mail.State).ShouldBe([MailState.Sent, MailState.Dead, MailState.Sent]);
        (await room.MailsAsync())[1].LastError.ShouldBe("550 No such mailbox");
    }

    [Fact]
    [Trait("Fault", "S06")]
    public async Task An_uncertain_end_is_tried_once_more_with_the_same_bytes_and_then_left_to_a_person()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Mailbox.AlwaysEndsWith(new SendOutcome.Ambiguous("The server closed the connection."));

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Ambiguous = 1 });
        (await room.RunAsync()).ShouldBe(default);
        var once = await room.OnlyMailAsync();
        (once.State, once.AmbiguousEnds).ShouldBe((MailState.Ambiguous, 1));
        once.NextAttemptAt.ShouldBe(room.Clock.GetUtcNow() + room.Options.AmbiguousPause);

        room.Clock.Advance(room.Options.AmbiguousPause);
        (await room.RunAsync()).ShouldBe(new DispatchCounts { Ambiguous = 1 });
        room.Clock.Advance(TimeSpan.FromDays(30));
        (await room.RunAsync()).ShouldBe(default);

        var twice = await room.OnlyMailAsync();
        (twice.State, twice.AmbiguousEnds, twice.NextAttemptAt).ShouldBe((MailState.Ambiguous, 2, null));
        room.Mailbox.Received.Count.ShouldBe(2);
        room.Mailbox.Received.Select(left => Convert.ToHexString(left.Bytes.Span)).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task When_the_server_takes_no_mail_the_rest_waits_untouched()
    {
        await using var room = await PostRoom.OpenAsync();
        room.Options.Concurrency = 1;
        await room.QueueAsync(Some.Notice(), await room.AddPeopleAsync(12));
        room.Mailbox.AlwaysEndsWith(new SendOutcome.TemporaryFailure("no connection", ConcernsAllMail: true));

        (await room.RunAsync()).ShouldBe(new DispatchCounts { Retried = 1 });

        (await room.MailsAsync()).Count(mail => mail.Attempts == 0 && mail.State == MailState.Pending).ShouldBe(11);
    }

    [Fact]
    public async Task A_pass_sends_no_more_than_its_batch()
    {
        await using var room = await PostRoom.OpenAsync();
        room.Options.BatchSize = 5;
        await room.QueueAsync(Some.Notice(), await room.AddPeopleAsync(8));

        (await room.RunAsync()).Sent.ShouldBe(5);
        (await room.RunAsync()).Sent.ShouldBe(3);
    }

    [Fact]
    [Trait("Fault", "S20")]
    public async Task Two_dispatchers_at_once_send_each_mail_once_and_one_sender_sends_in_order()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPeopleAsync(30));
        room.Mailbox.Decide = async (_, _) =>
        {
            await Task.Yield();
            return new SendOutcome.Accepted();
        };

        var counts = await Task.WhenAll(room.RunAsync(), room.RunAsync(), room.RunAsync());

        counts.Sum(count => count.Sent).ShouldBe(30);
        room.Mailbox.Received.Select(left => left.MessageId).Distinct().Count().ShouldBe(30);
        room.Mailbox.Received.Count.ShouldBe(30);
        (await room.MailsAsync()).ShouldAllBe(mail => mail.State == MailState.Sent && mail.Attempts == 1);

        room.Options.Concurrency = 1;
        await room.QueueAsync(Some.Notice("2"), (await room.MailsAsync()).Select(mail => mail.RecipientPersonId).Take(5).ToList());
        await room.RunAsync();
        room.Mailbox.Received.Skip(30).Select(left => left.Recipient.Value[..8])
            .ShouldBe(["osoba-01", "osoba-02", "osoba-03", "osoba-04", "osoba-05"]);
    }

    [Fact]
    [Trait("Fault", "S41")]
    public async Task A_sending_that_hangs_keeps_one_place_and_not_the_queue()
    {
        await using var room = await PostRoom.OpenAsync();
        var people = await room.AddPeopleAsync(10);
        await room.QueueAsync(Some.Notice(), people);
        var hang = new TaskCompletionSource<SendOutcome>();
        var tenth = new TaskCompletionSource();
        var nineteenth = new TaskCompletionSource();
        room.Mailbox.Decide = (mail, _) =>
        {
            var received = room.Mailbox.Received.Count;
            (received >= 19 ? nineteenth : received >= 10 ? tenth : null)?.TrySetResult();
            return mail.Recipient.Value.StartsWith("osoba-01", StringComparison.Ordinal)
                ? hang.Task
                : Task.FromResult<SendOutcome>(new SendOutcome.Accepted());
        };
        using var dispatcher = room.Dispatcher();

        var first = dispatcher.RunOnceAsync(TestContext.Current.CancellationToken);
        await await Task.WhenAny(tenth.Task, first);
        tenth.Task.IsCompleted.ShouldBeTrue();

        // What comes later goes out beside the one that hangs, by the new pass or by what is left of the first.
        await room.QueueAsync(Some.Notice("2"), people.Skip(1).ToList());
        var second = await dispatcher.RunOnceAsync(TestContext.Current.CancellationToken);
        await await Task.WhenAny(nineteenth.Task, first);
        nineteenth.Task.IsCompleted.ShouldBeTrue();
        first.IsCompleted.ShouldBeFalse();

        hang.SetResult(new SendOutcome.Accepted());
        ((await first).Sent + second.Sent).ShouldBe(19);
    }

    [Theory]
    [InlineData(false, false, MailState.Retry, 0)]
    [InlineData(true, false, MailState.Ambiguous, 1)]
    [InlineData(true, true, MailState.Retry, 0)]
    public async Task What_a_lost_sender_left_is_taken_back_for_what_it_is(
        bool wasHandedOver, bool repeatsAreHarmless, string state, int ambiguousEnds)
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        await room.ExecuteAsync(
            """
            update outbox_message set state = 'sending', attempts = 1, epoch = 1, next_attempt_at = null,
              handed_over = $1, lease_until = clock_timestamp() + interval '1 hour'
            """,
            wasHandedOver);
        var mailbox = new Testing.TestMailbox { RepeatsAreHarmless = repeatsAreHarmless };
        mailbox.AlwaysEndsWith(Busy);

        (await room.RunAsync(mailbox)).ShouldBe(default);
        await room.ExpireLeasesAsync();
        (await room.RunAsync(mailbox)).Reclaimed.ShouldBe(1);

        var mail = await room.OnlyMailAsync();
        (mail.State, mail.AmbiguousEnds).ShouldBe((state, ambiguousEnds));
        mail.NextAttemptAt.ShouldNotBeNull();
        mailbox.Received.Count.ShouldBe(state == MailState.Retry ? 1 : 0);
    }

    [Fact]
    [Trait("Fault", "S39")]
    public async Task A_sender_whose_mail_was_taken_over_neither_sends_nor_writes()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        var slow = new SlowBeforeHandOver(room);

        (await room.RunAsync(slow)).ShouldBe(default);

        room.Mailbox.Received.Count.ShouldBe(1);
        (await room.OnlyMailAsync()).State.ShouldBe(MailState.Sent);
    }

    [Fact]
    public async Task A_result_that_comes_after_the_mail_was_taken_over_changes_nothing()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        room.Mailbox.Decide = async (_, _) =>
        {
            await room.ExpireLeasesAsync();
            (await room.RunAsync(new Testing.TestMailbox())).Reclaimed.ShouldBe(1);
            return new SendOutcome.PermanentFailure("550");
        };

        await room.RunAsync();

        (await room.OnlyMailAsync()).State.ShouldBe(MailState.Ambiguous);
        (await room.HistoryAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stop_before_the_hand_over_leaves_the_mail_due_at_once()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        using var stop = new CancellationTokenSource();
        room.Mailbox.Decide = async (_, cancellation) =>
        {
            await stop.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            return new SendOutcome.Accepted();
        };
        using var dispatcher = room.Dispatcher();

        await Should.ThrowAsync<OperationCanceledException>(() => dispatcher.RunOnceAsync(stop.Token));
        (await room.OnlyMailAsync()).NextAttemptAt.ShouldBe(room.Clock.GetUtcNow());

        room.Mailbox.AlwaysEndsWith(new SendOutcome.Accepted());
        (await room.RunAsync()).Sent.ShouldBe(1);
    }

    [Fact]
    public async Task A_condition_that_this_build_does_not_know_waits_for_one_that_does()
    {
        await using var room = await PostRoom.OpenAsync();
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("anna-nowak"));
        await room.ExecuteAsync("update outbox_message set valid_while = '{\"condition\":\"from_the_future\",\"key\":\"x\"}'");

        (await room.RunAsync()).Sent.ShouldBe(0);

        var mail = await room.OnlyMailAsync();
        (mail.State, mail.LastError).ShouldBe((MailState.Pending, MailReasons.ConditionIsUnknown));
        mail.NextAttemptAt!.Value.ShouldBeGreaterThan(room.Clock.GetUtcNow());
    }

    [Theory]
    [InlineData(1, 0.0, 60)]
    [InlineData(1, 1.0, 72)]
    [InlineData(2, 0.5, 330)]
    [InlineData(3, 0.0, 900)]
    [InlineData(4, 0.0, 1800)]
    [InlineData(5, 0.0, 3600)]
    [InlineData(500, 1.0, 4320)]
    public void The_pause_grows_to_an_hour_and_up_to_a_fifth_more(int attempts, double jitter, int seconds) =>
        RetryDelay.After(attempts, jitter).ShouldBe(TimeSpan.FromSeconds(seconds));

    /// <summary>Another dispatcher takes the mail over and sends it while this one prepares to.</summary>
    private sealed class SlowBeforeHandOver(PostRoom room) : IMailTransport
    {
        public bool RepeatsAreHarmless => false;

        public bool MindsPace => false;

        public async Task<SendOutcome> SendAsync(MailSubmission mail, CancellationToken cancellation)
        {
            await room.ExpireLeasesAsync();
            (await room.RunAsync()).ShouldBe(new DispatchCounts { Sent = 1, Reclaimed = 1 });
            (await mail.MayHandOver(cancellation)).ShouldBeFalse();
            return new SendOutcome.GivenUp();
        }
    }
}
