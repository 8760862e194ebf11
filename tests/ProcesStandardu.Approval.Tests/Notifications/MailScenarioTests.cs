using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;
using BallotCase = ProcesStandardu.Approval.Tests.Ballots.BallotCase;

namespace ProcesStandardu.Approval.Tests.Notifications;

/// <summary>Weeks of the board with their mails over a real SMTP server that refuses, stalls, cuts after the final dot and greylists.</summary>
public sealed class MailScenarioTests
{
    [Fact]
    [Trait("Scenario", "S4")]
    [Trait("Fault", "S41")]
    [Trait("Fault", "S44")]
    [Trait("Fault", "S45")]
    public async Task A_week_with_a_day_without_mail_brings_each_mail_once_and_no_stale_one()
    {
        await using var ballot = await BallotCase.OpenAsync();
        var product = ballot.Product;
        await using var post = await RealPost.OpenAsync(product);
        await post.Sink.BehaveAsync(new SinkBehaviour { Greylist = 3, CutAfterDot = 1, ResetAfterDot = 1 });
        await post.DrainAsync();
        (await ballot.CountAsync("select count(*) from outbox_message where state = 'sent' and ambiguous_ends = 1")).ShouldBe(2);

        // Anna votes after her reminder was written and before it leaves.
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 7, 0));
        await RunAsync(product);
        await ballot.VoteAsync("anna-nowak", PositionKind.InFavour);
        await post.DrainAsync();
        (await ballot.CountAsync("select count(*) from outbox_message where last_error = 'recipient_has_voted'")).ShouldBe(1);

        // From the last morning on until the day after next the server is away; the voting ends meanwhile.
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 7, 0));
        await post.Sink.BehaveAsync(new SinkBehaviour { Busy = -1 });
        while (product.Clock.GetUtcNow() < TestClock.InWarsaw(2012, 11, 8, 7, 40))
        {
            await RunAsync(product);
            (await post.SendAsync()).Sent.ShouldBe(0);
            product.Clock.Advance(TimeSpan.FromMinutes(40));
        }

        await post.Sink.BehaveAsync(new SinkBehaviour { SilentAfterDot = 1 });
        await post.DrainAsync();
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'ballot_reminder' and last_error = 'ballot_is_closed' and state = 'suppressed'"))
            .ShouldBeGreaterThan(0);
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'ballot_reminder' and state = 'sent' and sent_at >= '2012-11-06T23:00:00Z'"))
            .ShouldBe(0);
        await post.ProveAsync();
    }

    [Fact]
    [Trait("Scenario", "S8")]
    [Trait("Fault", "S06")]
    public async Task A_voting_without_quorum_is_told_decided_and_prolonged_with_each_mail_once()
    {
        await using var ballot = await BallotCase.OpenAsync(rule: "chair_decides_inquorate");
        var product = ballot.Product;
        await using var post = await RealPost.OpenAsync(product);
        await post.DrainAsync();
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 0));
        await RunAsync(product);
        (await ballot.CountAsync("select count(*) from outbox_message where mail_key like 'ballot_news/%/undecided:%'")).ShouldBe(1);
        await post.Sink.BehaveAsync(new SinkBehaviour { CutAfterDot = 1 });
        await post.DrainAsync();

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 10, 0, 0));
        await RunAsync(product);
        (await ballot.CountAsync("select count(*) from outbox_message where mail_key like 'ballot_news/%/undecided_still:%'")).ShouldBe(2);
        await post.Sink.BehaveAsync(new SinkBehaviour { Greylist = 2, Full = [] });
        await post.DrainAsync();

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 12, 9, 15));
        var chair = await product.PersonAsync("halina-zawadzka");
        (await product.RunAsync<ExtendBallot, bool>(async extend => (await extend.HandleAsync(
            new ExtendBallot.Command(ballot.BallotId, chair, "Brak kworum"), CancellationToken.None)).Succeeded)).ShouldBeTrue();
        await post.Sink.BehaveAsync(new SinkBehaviour { ResetAfterDot = 1, Refused = ["adam.lis@example.org"] });
        await post.DrainAsync();
        await post.ProveAsync();
        (await ballot.CountAsync("select count(*) - count(distinct recipient_person_id) from outbox_message where kind = 'ballot_notice' and mail_key like '%/2/%'"))
            .ShouldBe(0);
    }

    /// <summary>Everything that is due but the mail itself.</summary>
    private static async Task RunAsync(TestProduct product)
    {
        foreach (var pass in Passes.All.Where(pass => pass.Name != "dispatch_mail"))
        {
            await pass.RunAsync(product.Services, CancellationToken.None);
        }
    }
}
