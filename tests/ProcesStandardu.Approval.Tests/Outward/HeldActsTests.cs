using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Outward;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Tests.Ballots;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Outward;

/// <summary>„Cofnij”: what others would learn of has not happened until its time to be taken back is over.</summary>
public sealed class HeldActsTests
{
    [Fact]
    [Trait("Scenario", "S3")]
    public async Task What_is_taken_back_never_happened_and_nobody_got_a_mail()
    {
        await using var ballot = await ClosedAsync();
        var (product, chair) = (ballot.Product, await ballot.Product.PersonAsync("halina-zawadzka"));
        var mails = await ballot.CountAsync("select count(*) from outbox_message");
        var held = (await AnnounceAsync(ballot, chair, "f1")).Value;
        held.DueAt.ShouldBe(product.Clock.GetUtcNow().AddMinutes(10));
        (await AnnounceAsync(ballot, chair, "f1")).Value.ShouldBe(held, "the same form twice is once");
        (await AnnounceAsync(ballot, chair, "f2")).Refusal.ShouldBeOfType<ActIsHeldAlready>();
        (await AnnounceAsync(ballot, await product.PersonAsync("anna-nowak"), "f3")).Refusal.ShouldBeOfType<ActIsNotYours>();
        (await ballot.CountAsync("select count(*) from ballot where announced_at is not null")).ShouldBe(0);

        product.Clock.Advance(TimeSpan.FromMinutes(9));
        (await PerformAsync(product)).ShouldBe(0);
        (await UndoAsync(product, await product.PersonAsync("anna-nowak"), held.Id!.Value)).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await UndoAsync(product, chair, held.Id!.Value)).Succeeded.ShouldBeTrue();
        (await UndoAsync(product, chair, held.Id!.Value)).Refusal.ShouldBeOfType<ActIsNotHeld>();
        product.Clock.Advance(TimeSpan.FromMinutes(9));
        (await PerformAsync(product)).ShouldBe(0);
        (await ballot.CountAsync("select count(*) from ballot where announced_at is not null")).ShouldBe(0);
        (await ballot.CountAsync("select count(*) from outbox_message")).ShouldBe(mails);
        (await ballot.CountAsync("select count(*) from history_entry where kind in ('act_held', 'act_undone')")).ShouldBe(2);
    }

    [Fact]
    public async Task What_is_not_taken_back_is_done_once_wherever_the_worker_dies()
    {
        foreach (var place in new[] { PerformHeldActs.Performed, Failpoints.BeforeCommit, Failpoints.AfterCommit })
        {
            await using var ballot = await ClosedAsync();
            var (product, chair) = (ballot.Product, await ballot.Product.PersonAsync("halina-zawadzka"));
            (await AnnounceAsync(ballot, chair, "f1")).Succeeded.ShouldBeTrue();
            product.Clock.Advance(TimeSpan.FromMinutes(10));
            var isArmed = place != Failpoints.BeforeCommit && place != Failpoints.AfterCommit;
            Failpoints.OnReached = reached =>
            {
                // The first transaction of the pass only looks; the act is the second.
                if (reached == place && (isArmed || !(isArmed = true)))
                {
                    throw new OperationCanceledException($"killed at {place}");
                }
            };
            await Should.ThrowAsync<OperationCanceledException>(() => PerformAsync(product));
            Failpoints.OnReached = null;
            await PerformAsync(product);
            (await ballot.CountAsync("select count(*) from history_entry where kind = 'result_announced'")).ShouldBe(1);
            (await ballot.CountAsync("select count(*) from held_act where state = 'done'")).ShouldBe(1);
            (await ballot.CountAsync("select count(*) - count(distinct mail_key) from outbox_message")).ShouldBe(0);
        }
    }

    [Fact]
    public async Task What_the_rules_refuse_by_then_is_told_to_who_asked()
    {
        await using var ballot = await ClosedAsync();
        var (product, chair) = (ballot.Product, await ballot.Product.PersonAsync("halina-zawadzka"));
        (await AnnounceAsync(ballot, chair, "f1")).Succeeded.ShouldBeTrue();
        (await product.RunAsync<AnnounceResult, Result<AnnounceResult.Announced>>(announce => announce.HandleAsync(
            new AnnounceResult.Command(ballot.BallotId, chair), CancellationToken.None))).Succeeded.ShouldBeTrue();
        product.Clock.Advance(TimeSpan.FromMinutes(10));

        (await PerformAsync(product)).ShouldBe(1);
        (await PerformAsync(product)).ShouldBe(0);
        (await ballot.CountAsync("select count(*) from held_act where state = 'refused' and refusal = 'ResultWasAnnounced'")).ShouldBe(1);
        (await ballot.CountAsync($"select count(*) from outbox_message where kind = 'act_was_refused' and recipient_person_id = '{chair}'")).ShouldBe(1);
    }

    [Fact]
    public async Task The_rules_say_how_long_and_without_a_window_the_act_is_done_at_once()
    {
        await using var ballot = await ClosedAsync();
        await ballot.Product.Database.ExecuteAsync(
            "set session_replication_role = replica; update rules_of_procedure set terms = terms || '{\"undo_window_minutes\": 0}'");
        var done = (await AnnounceAsync(ballot, await ballot.Product.PersonAsync("halina-zawadzka"), "f1")).Value;

        done.ShouldBe(new HoldAct.Held(null, null));
        (await ballot.CountAsync("select count(*) from ballot where announced_at is not null")).ShouldBe(1);
        (await ballot.CountAsync("select count(*) from held_act")).ShouldBe(0);
    }

    private static async Task<BallotCase> ClosedAsync()
    {
        var ballot = await BallotCase.OpenAsync(closesWhenAllVoted: false, rule: "result_is_announced");
        foreach (var person in new[] { "halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis" })
        {
            await ballot.VoteAsync(person, PositionKind.InFavour);
        }

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 9, 30));
        await ballot.CloseDueAsync();
        return ballot;
    }

    private static Task<Result<HoldAct.Held>> AnnounceAsync(BallotCase ballot, Guid person, string key) =>
        ballot.Product.RunAsync<HoldAct, Result<HoldAct.Held>>(hold => hold.HandleAsync(
            new HoldAct.Command(person, OutwardActs.ToAnnounce(ballot.BallotId, "G-2012/01"), key), CancellationToken.None));

    private static Task<Result<string>> UndoAsync(TestProduct product, Guid person, Guid act) =>
        product.RunAsync<UndoAct, Result<string>>(undo => undo.HandleAsync(new UndoAct.Command(person, act), CancellationToken.None));

    private static Task<int> PerformAsync(TestProduct product) =>
        product.Services.GetRequiredService<PerformHeldActs>().RunOnceAsync(CancellationToken.None);
}
