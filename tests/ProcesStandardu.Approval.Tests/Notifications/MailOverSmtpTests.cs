using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>The whole way: outbox, dispatcher, our conversation, a real SMTP server in a process of its own.</summary>
public sealed class MailOverSmtpTests
{
    [Fact]
    [Trait("Fault", "S20")]
    public async Task A_sender_that_dies_anywhere_loses_no_mail_and_doubles_none_unknowingly()
    {
        await using var room = await PostRoom.OpenAsync();
        await using var sink = await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken);
        room.Options.Concurrency = 1;
        var people = await room.AddPeopleAsync(3);
        var crashes = 0;
        foreach (var place in MailFailpoints.Smtp)
        {
            for (var dying = 1; dying <= people.Count; dying++)
            {
                await room.QueueAsync(Some.Notice($"{place}-{dying}"), people);
                await CrashAsync(room, place, dying, room.Smtp(sink));
                await FinishAsync(room, room.Smtp(sink));
                crashes++;
            }
        }

        crashes.ShouldBe(15);
        var arrived = (await sink.MailsAsync()).ToLookup(mail => MessageIdOf(mail.Bytes));
        var mails = await room.MailsAsync();
        mails.Count.ShouldBe(45);
        foreach (var mail in mails)
        {
            mail.State.ShouldBe(MailState.Sent);
            var copies = arrived[mail.MessageId].ToList();
            copies.Count.ShouldBe(1 + mail.AmbiguousEnds, "a second copy only after an uncertain end that is on record");
            copies.ShouldAllBe(copy => copy.Bytes.SequenceEqual(mail.Bytes) && copy.Recipients.Single() == mail.RecipientAddress);
        }

        // Before the final dot nothing had left: only the three places after it can end uncertainly.
        mails.Count(mail => mail.AmbiguousEnds == 1).ShouldBe(9);
    }

    [Fact]
    [Trait("Fault", "S20")]
    public async Task A_sender_to_the_pickup_folder_that_dies_anywhere_leaves_each_mail_once()
    {
        await using var room = await PostRoom.OpenAsync();
        var folder = Directory.CreateTempSubdirectory("pickup-");
        try
        {
            room.Options.Concurrency = 1;
            room.Options.PickupFolder = folder.FullName;
            var pickup = new PickupFolderMailTransport(Microsoft.Extensions.Options.Options.Create(room.Options));
            var people = await room.AddPeopleAsync(2);
            foreach (var place in MailFailpoints.Pickup)
            {
                for (var dying = 1; dying <= people.Count; dying++)
                {
                    await room.QueueAsync(Some.Notice($"{place}-{dying}"), people);
                    await CrashAsync(room, place, dying, pickup);
                    await FinishAsync(room, pickup);
                }
            }

            var mails = await room.MailsAsync();
            mails.ShouldAllBe(mail => mail.State == MailState.Sent && mail.AmbiguousEnds == 0);
            Directory.GetFiles(folder.FullName).Select(file => Path.GetFileName(file))
                .ShouldBe(mails.Select(mail => mail.MessageId.Trim('<', '>') + ".eml"), ignoreOrder: true);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("reset")]
    [InlineData("silent")]
    [Trait("Fault", "S06")]
    public async Task An_answer_that_does_not_come_makes_one_more_copy_with_the_same_id_and_bytes(string how)
    {
        await using var room = await PostRoom.OpenAsync();
        await using var sink = await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken);
        await room.QueueAsync(Some.Notice(), await room.AddPeopleAsync(4));
        room.Options.Concurrency = 1;
        room.Options.DotReplyTimeout = TimeSpan.FromSeconds(how == "silent" ? 1 : 20);
        await sink.BehaveAsync(new SinkBehaviour
        {
            CutAfterDot = how == "cut" ? 1 : 0,
            ResetAfterDot = how == "reset" ? 1 : 0,
            SilentAfterDot = how == "silent" ? 1 : 0,
        });

        (await room.RunAsync(room.Smtp(sink))).ShouldBe(new DispatchCounts { Sent = 3, Ambiguous = 1 });
        (await room.RunAsync(room.Smtp(sink))).ShouldBe(default);
        room.Clock.Advance(room.Options.AmbiguousPause);
        (await room.RunAsync(room.Smtp(sink))).ShouldBe(new DispatchCounts { Sent = 1 });

        var mails = await room.MailsAsync();
        mails.Select(mail => (mail.State, mail.AmbiguousEnds)).ShouldBe(
            [(MailState.Sent, 1), (MailState.Sent, 0), (MailState.Sent, 0), (MailState.Sent, 0)]);
        var copies = (await sink.MailsAsync()).Where(mail => MessageIdOf(mail.Bytes) == mails[0].MessageId).ToList();
        copies.Count.ShouldBe(2);
        copies.ShouldAllBe(copy => copy.Bytes.SequenceEqual(mails[0].Bytes));
        (await sink.MailsAsync()).Count.ShouldBe(5);
    }

    [Fact]
    [Trait("Fault", "S42")]
    public async Task One_refused_of_thirty_leaves_twenty_nine_with_one_copy_each()
    {
        await using var room = await PostRoom.OpenAsync();
        await using var sink = await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken);
        await room.QueueAsync(Some.Notice(), await room.AddPeopleAsync(30));
        await sink.BehaveAsync(new SinkBehaviour { Refused = ["osoba-17@forum.example"] });

        (await room.RunAsync(room.Smtp(sink))).ShouldBe(new DispatchCounts { Sent = 29, Dead = 1 });
        room.Clock.Advance(TimeSpan.FromDays(10));
        (await room.RunAsync(room.Smtp(sink))).ShouldBe(default);

        var arrived = await sink.MailsAsync();
        arrived.Count.ShouldBe(29);
        arrived.Select(mail => mail.Recipients.Single()).Distinct().Count().ShouldBe(29);
        var dead = (await room.MailsAsync()).Single(mail => mail.State == MailState.Dead);
        (dead.RecipientAddress, dead.LastError).ShouldBe(("osoba-17@forum.example", "550 No such mailbox"));
    }

    [Fact]
    [Trait("Fault", "S41")]
    public async Task A_busy_and_greylisting_server_gets_every_mail_once_minutes_later()
    {
        await using var room = await PostRoom.OpenAsync();
        await using var sink = await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken);
        room.Options.Concurrency = 1;
        await room.QueueAsync(Some.Notice(), await room.AddPeopleAsync(5));
        await sink.BehaveAsync(new SinkBehaviour { Busy = 1, Greylist = 5 });

        // 421 at the greeting concerns all mail: the pass ends. Then each is greylisted once.
        (await room.RunAsync(room.Smtp(sink))).ShouldBe(new DispatchCounts { Retried = 1 });
        (await room.RunAsync(room.Smtp(sink))).ShouldBe(new DispatchCounts { Retried = 4 });
        (await room.RunAsync(room.Smtp(sink))).ShouldBe(default);
        for (var minutes = 0; minutes < 12; minutes++)
        {
            room.Clock.Advance(TimeSpan.FromMinutes(1));
            await room.RunAsync(room.Smtp(sink));
        }

        (await sink.MailsAsync()).Select(mail => MessageIdOf(mail.Bytes))
            .ShouldBe((await room.MailsAsync()).Select(mail => mail.MessageId), ignoreOrder: true);
        (await room.MailsAsync()).ShouldAllBe(mail => mail.State == MailState.Sent && mail.AmbiguousEnds == 0);
    }

    [Fact]
    [Trait("Fault", "S54")]
    public async Task Titles_and_names_of_any_shape_become_one_mail_to_one_recipient()
    {
        string[] nasty =
        [
            "Standard\r\nBcc: all@example.org", "a\rb", "a\nb", "\r\n.\r\nMAIL FROM:<x@example.org>", ".", "..", "\u202eLSO",
            "=?utf-8?Q?=0D=0ABcc:_x@example.org?=", new string('ż', 10_000), "\"><script>", "🗳️", "a\u0001b",
        ];
        await using var room = await PostRoom.OpenAsync();
        await using var sink = await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken);
        for (var number = 0; number < nasty.Length; number++)
        {
            var person = await room.AddPersonAsync(string.Create(null, $"osoba-{number:00}"), name: nasty[number][..Math.Min(300, nasty[number].Length)]);
            await room.QueueAsync(Some.Notice("1", nasty[number]) with { Text = nasty[number] }, person);
        }

        (await room.RunAsync(room.Smtp(sink))).ShouldBe(new DispatchCounts { Sent = nasty.Length });

        var arrived = (await sink.MailsAsync()).ToDictionary(mail => MessageIdOf(mail.Bytes));
        arrived.Count.ShouldBe(nasty.Length);
        foreach (var mail in await room.MailsAsync())
        {
            arrived[mail.MessageId].Bytes.ShouldBe(mail.Bytes);
            arrived[mail.MessageId].Recipients.ShouldBe([mail.RecipientAddress]);
            MimeReader.Read(mail.Bytes).Header("Bcc").ShouldBeNull();
        }
    }

    [Fact]
    [Trait("Scenario", "S4")]
    public async Task A_day_without_mail_ends_with_each_mail_once_in_order_and_no_stale_reminder()
    {
        await using var room = await PostRoom.OpenAsync();
        room.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 10));
        room.Options.Port = await NobodysPortAsync();
        room.Options.Concurrency = 1;
        var people = await room.AddPeopleAsync(12);
        await room.QueueAsync(Some.Notice("noc"), people);
        await room.QueueAsync(new BallotReminder(Some.Ballot(Guid.CreateVersion7(room.Clock.GetUtcNow())), "T-1"), people[0]);
        var noConnection = new SmtpMailTransport(Microsoft.Extensions.Options.Options.Create(room.Options));
        while (room.Clock.GetUtcNow() < TestClock.InWarsaw(2012, 11, 8, 7, 39))
        {
            (await room.RunAsync(noConnection)).Sent.ShouldBe(0);
            room.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        // The reminder's ballot is not in the database at all: it is out of date and never tried.
        var waiting = await room.MailsAsync();
        waiting.Count(mail => mail.State is MailState.Retry or MailState.Pending).ShouldBe(12);
        waiting[^1].State.ShouldBe(MailState.Suppressed);

        await using var sink = await SmtpSink.StartAsync(cancellation: TestContext.Current.CancellationToken);
        room.Clock.Advance(TimeSpan.FromHours(2));
        (await room.RunAsync(room.Smtp(sink))).ShouldBe(new DispatchCounts { Sent = 12 });

        (await sink.MailsAsync()).Select(mail => MessageIdOf(mail.Bytes)).ShouldBe(waiting.Take(12).Select(mail => mail.MessageId));
    }

    private static async Task CrashAsync(PostRoom room, string place, int dying, IMailTransport transport)
    {
        var reached = 0;
        Failpoints.OnReached = name =>
        {
            if (name == place && ++reached == dying)
            {
                throw new ProcessEnded();
            }
        };
        try
        {
            await Should.ThrowAsync<ProcessEnded>(() => room.RunAsync(transport));
        }
        finally
        {
            Failpoints.OnReached = null;
        }
    }

    /// <summary>What the next process does: it takes the lost mail back and sends until nothing waits.</summary>
    private static async Task FinishAsync(PostRoom room, IMailTransport transport)
    {
        await room.ExpireLeasesAsync();
        (await room.RunAsync(transport)).Reclaimed.ShouldBe(1);
        room.Clock.Advance(room.Options.AmbiguousPause);
        await room.RunAsync(transport);
    }

    private static string MessageIdOf(byte[] mail) => MimeReader.Read(mail).Header("Message-ID")!;

    private static async Task<int> NobodysPortAsync()
    {
        var server = new ScriptedServer();
        await server.DisposeAsync();
        return server.Port;
    }

    /// <summary>The process ends here.</summary>
    private sealed class ProcessEnded : Exception;
}
