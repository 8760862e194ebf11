using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Notifications;

public sealed class MailPaceTests
{
    [Fact]
    public void A_full_domain_waits_alone_and_the_server_has_its_own_measure()
    {
        var clock = new TestClock();
        var pace = new MailPace(new MailOptions { PerMinute = 5, PerDomainPerMinute = 3, PerDomainConcurrency = 2 }, clock);
        pace.TryEnter("a.example").ShouldBeTrue();
        pace.TryEnter("a.example").ShouldBeTrue();
        pace.TryEnter("a.example").ShouldBeFalse("two at once");
        pace.ClosedDomains().ShouldBe(["a.example"]);
        pace.TryEnter("b.example").ShouldBeTrue();
        pace.Leave("a.example");
        pace.TryEnter("a.example").ShouldBeTrue();
        pace.Leave("a.example");
        pace.Leave("a.example");
        pace.ClosedDomains().ShouldBe(["a.example"], "three in this minute");
        pace.TryEnter("c.example").ShouldBeTrue();
        pace.IsOpen.ShouldBeFalse("five in this minute");
        clock.Advance(TimeSpan.FromSeconds(20));
        pace.IsOpen.ShouldBeTrue();
        pace.ClosedDomains().ShouldBeEmpty();
        clock.Advance(TimeSpan.FromMinutes(5));
        pace.TryEnter("a.example").ShouldBeTrue();
    }

    [Fact]
    [Trait("Fault", "S41")]
    public async Task A_domain_that_has_had_its_share_does_not_hold_up_the_others()
    {
        await using var room = await PostRoom.OpenAsync();
        room.Options.PerDomainPerMinute = 2;
        var slow = new List<Guid>();
        for (var number = 0; number < 5; number++)
        {
            slow.Add(await room.AddPersonAsync($"slow-{number}", $"slow-{number}@slow.example"));
        }

        await room.QueueAsync(Some.Notice(), slow);
        await room.QueueAsync(Some.Notice(), await room.AddPersonAsync("quick", "quick@quick.example"));
        var paced = new TestMailbox { MindsPace = true };

        (await room.RunAsync(paced)).Sent.ShouldBe(3);
        paced.Received.Select(mail => MailPace.DomainOf(mail.Recipient.Value)).ShouldBe(
            ["slow.example", "slow.example", "quick.example"], ignoreOrder: true);
        (await room.MailsAsync()).Count(mail => mail.State == MailState.Pending).ShouldBe(3, "untouched");
    }
}
