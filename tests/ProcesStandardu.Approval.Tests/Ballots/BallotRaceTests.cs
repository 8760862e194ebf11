using System.Globalization;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

/// <summary>
/// Two people at the same moment, over and over on two nodes with one real database. After each race: every acknowledged vote is there once and as it
/// was cast, none is there that nobody meant, the result is what a second count says, and whoever lost was told what stands.
/// </summary>
[Trait("Scenario", "S12")]
public sealed class BallotRaceTests
{
    private static readonly string[] Entitled =
        ["halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak"];

    /// <summary>Races of each kind; <c>PROCES_RACES</c> asks for more than fit into every build.</summary>
    private static readonly int Races = int.TryParse(
        Environment.GetEnvironmentVariable("PROCES_RACES"), NumberStyles.None, CultureInfo.InvariantCulture, out var races) ? races : 40;

    [Fact]
    [Trait("Fault", "S03")]
    public async Task One_voter_in_many_windows_has_one_standing_position_and_every_receipt_is_true()
    {
        await using var race = await OpenedAsync();
        var (acknowledged, refused) = (0, 0);
        for (var round = 0; round < Races; round++)
        {
            var receipts = await Task.WhenAll(Enumerable.Range(0, 8).Select(window => race.VoteAsync(
                Entitled[round % 7], PositionKind.All[window / 2 % 3], $"{round}-{window / 2}")));

            foreach (var receipt in receipts.Where(receipt => receipt.Succeeded))
            {
                acknowledged++;
                (await race.Product.Database.ScalarAsync<string>("select kind from ballot_position where id = $1", receipt.Value.PositionId))
                    .ShouldBe(receipt.Value.Position);
            }

            refused += receipts.Count(receipt => !receipt.Succeeded);
            receipts.Where(receipt => !receipt.Succeeded).ShouldAllBe(receipt => receipt.Refusal is FormWasAlreadyUsed);

            // A double click is one position: the eight windows were four forms.
            (await race.CountAsync($"select count(distinct id) from ballot_position where elector_id = '{await race.Product.PersonAsync(Entitled[round % 7])}' and superseded_by_id is null"))
                .ShouldBe(1);
        }

        (await race.CountAsync("select count(*) from (select elector_id from ballot_position where superseded_by_id is null group by 1 having count(*) > 1) as twice")).ShouldBe(0);
        (await race.CountAsync("select count(*) from ballot_position")).ShouldBe(
            await race.CountAsync("select count(*) from history_entry where kind in ('vote_cast', 'vote_changed')"));
        Report("one voter, eight windows", Races, acknowledged, refused);
    }

    [Fact]
    [Trait("Fault", "S04")]
    public async Task A_change_of_mind_either_counts_or_is_told_that_the_earlier_vote_does_when_the_chair_closes()
    {
        await using var race = await OpenedAsync();
        var (counted, late) = (0, 0);
        for (var round = 0; round < Races; round++)
        {
            await EverybodyVotesAsync(race);
            Task<Result<CastVote.Receipt>> change;
            Task<Result<Done>> close;
            if (round % 2 == 0)
            {
                change = race.VoteAsync("adam-lis", PositionKind.Against);
                close = CloseAsync(race, "halina-zawadzka");
            }
            else
            {
                close = CloseAsync(race, "halina-zawadzka");
                change = race.VoteAsync("adam-lis", PositionKind.Against);
            }

            (await close).Succeeded.ShouldBeTrue();
            var against = await race.CountAsync("select against_count::bigint from ballot");
            if ((await change).Succeeded)
            {
                against.ShouldBe(1, "an acknowledged change is in the result");
                counted++;
            }
            else
            {
                (await change).Refusal.ShouldBeOfType<BallotIsClosed>().StandingCastAt.ShouldNotBeNull();
                against.ShouldBe(0, "a refused change is not in the result");
                late++;
            }

            await ResultIsTrueAsync(race);
            await ReopenAsync(race);
        }

        Report("a change against the chair's closing", Races, counted, late);
    }

    [Fact]
    [Trait("Fault", "S04")]
    public async Task The_last_vote_either_counts_or_is_refused_when_the_term_ends()
    {
        await using var race = await OpenedAsync();
        var (counted, late) = (0, 0);
        for (var round = 0; round < Races; round++)
        {
            foreach (var person in Entitled[..^1])
            {
                await race.VoteAsync(person, PositionKind.InFavour);
            }

            race.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 23, 59, 59).AddMilliseconds(900));
            var vote = race.VoteAsync(Entitled[^1], PositionKind.Against);
            if (round % 3 == 0)
            {
                await Task.Yield();
            }

            race.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7));
            var passes = await Task.WhenAll(race.CloseDueAsync(), race.CloseDueAsync());
            var receipt = await vote;

            // A pass that found the document in the voter's hands left the closing to the next one.
            (passes.Sum() + await race.CloseDueAsync()).ShouldBe(1);
            (await race.CountAsync("select against_count::bigint from ballot")).ShouldBe(receipt.Succeeded ? 1 : 0);
            _ = receipt.Succeeded ? counted++ : late++;
            if (!receipt.Succeeded)
            {
                receipt.Refusal.ShouldBeOfType<BallotIsClosed>();
            }

            await ResultIsTrueAsync(race);
            await ReopenAsync(race);
        }

        Report("the last vote against the end of the term", Races, counted, late);
    }

    [Fact]
    public async Task A_member_comes_before_the_alternate_whoever_is_quicker()
    {
        await using var race = await OpenedAsync();
        var anna = await race.Product.PersonAsync("anna-nowak");
        await race.Product.RunAsync<RecordAbsence, Result<Guid>>(record => record.HandleAsync(
            new RecordAbsence.Command(anna, anna, new DateOnly(2012, 10, 29), new DateOnly(2012, 11, 30), AbsenceMode.Alternate), CancellationToken.None));
        var (both, memberOnly) = (0, 0);
        for (var round = 0; round < Races; round++)
        {
            Task<Result<CastVote.Receipt>> alternate;
            Task<Result<CastVote.Receipt>> member;
            if (round % 2 == 0)
            {
                alternate = race.VoteAsync("karol-wrona", PositionKind.InFavour);
                member = VoteHerselfAsync(race, anna);
            }
            else
            {
                member = VoteHerselfAsync(race, anna);
                alternate = race.VoteAsync("karol-wrona", PositionKind.InFavour);
            }

            (await member).Succeeded.ShouldBeTrue();
            if ((await alternate).Succeeded)
            {
                both++;
            }
            else
            {
                (await alternate).Refusal.ShouldBeOfType<MemberHasVoted>();
                memberOnly++;
            }

            (await race.CountAsync("select count(*) from ballot_position where superseded_by_id is null")).ShouldBe(1);
            (await race.Product.Database.ScalarAsync<string>("select kind || ':' || capacity from ballot_position where superseded_by_id is null"))
                .ShouldBe("against:self");
            await race.Product.Database.ExecuteAsync("update ballot_elector set alternate_revoked_at = null");
            await race.Product.Database.ExecuteAsync("delete from ballot_position");
        }

        Report("alternate against member", Races, both, memberOnly);
    }

    [Fact]
    public async Task Of_two_who_close_one_does_and_the_other_is_told_when()
    {
        await using var race = await OpenedAsync();
        for (var round = 0; round < Races; round++)
        {
            await EverybodyVotesAsync(race);

            var closings = await Task.WhenAll(CloseAsync(race, "halina-zawadzka"), CloseAsync(race, "tomasz-brzeski"));

            closings.Count(closing => closing.Succeeded).ShouldBe(1);
            closings.Single(closing => !closing.Succeeded).Refusal.ShouldBeOfType<BallotWasClosed>();
            (await race.CountAsync("select count(*) from history_entry where kind = 'ballot_closed' and subject like 'ballot:%'")).ShouldBe(round + 1);
            await ResultIsTrueAsync(race);
            await ReopenAsync(race);
        }

        Report("two who close", Races, Races, Races);
    }

    [Fact]
    [Trait("Fault", "S14")]
    public async Task A_revision_that_comes_in_leaves_the_ballot_and_its_votes_on_the_text_that_was_shown()
    {
        await using var race = await OpenedAsync();
        for (var round = 0; round < Math.Max(5, Races / 8); round++)
        {
            var submitted = race.SubmitAsync($"Rozdział 1\n\n§ 1. Wnioski, poprawka {round}.");
            var receipt = await race.VoteAsync(Entitled[round % 7], PositionKind.All[round % 2], $"glos-{round}");
            await submitted;

            receipt.Value.ContentHash.ShouldBe(race.ContentHash);
            receipt.Value.Revision.ShouldBe("1.0");
        }

        (await race.CountAsync("select count(distinct content_hash) from ballot_position")).ShouldBe(1);
        (await race.CountAsync("select count(distinct revision_id) from ballot_position")).ShouldBe(1);
        Report("a revision against a vote", Math.Max(5, Races / 8), 0, 0);
    }

    private static async Task<BallotCase> OpenedAsync()
    {
        var race = await BallotCase.OpenAsync();
        race.AddNode();
        foreach (var person in Entitled)
        {
            await race.Product.PersonAsync(person);
        }

        return race;
    }

    private static Task<Result<CastVote.Receipt>[]> EverybodyVotesAsync(BallotCase race) =>
        Task.WhenAll(Entitled.Select(person => race.VoteAsync(person, PositionKind.InFavour)));

    private static async Task<Result<CastVote.Receipt>> VoteHerselfAsync(BallotCase race, Guid anna) =>
        await race.OnSomeNodeAsync<CastVote, Result<CastVote.Receipt>>(cast => cast.HandleAsync(
            new CastVote.Command(race.BallotId, anna, PositionKind.Against, null, race.ContentHash, null, TakesBack: true), CancellationToken.None));

    private static async Task<Result<Done>> CloseAsync(BallotCase race, string person)
    {
        var id = await race.Product.PersonAsync(person);
        return await race.OnSomeNodeAsync<CloseBallot, Result<Done>>(close => close.HandleAsync(
            new CloseBallot.Command(race.BallotId, id), CancellationToken.None));
    }

    /// <summary>The stored decision is what the standing positions say, by a count in SQL that shares nothing with the product's.</summary>
    private static async Task ResultIsTrueAsync(BallotCase race) =>
        (await race.Product.Database.ScalarAsync<bool>(
            """
            select b.in_favour_count = c.plus and b.against_count = c.minus and b.abstain_count = c.none
              and b.outcome = case when c.plus + c.minus + c.none < 4 then 'inquorate' when c.plus > c.minus then 'adopted' else 'not_adopted' end
              and not exists (select from ballot_position where cast_at >= b.due_at)
            from ballot b, lateral (
              select count(*) filter (where kind = 'in_favour') as plus, count(*) filter (where kind = 'against') as minus,
                count(*) filter (where kind = 'abstain') as none
              from ballot_position p where p.ballot_id = b.id and p.superseded_by_id is null) as c
            """)).ShouldBeTrue();

    /// <summary>The same ballot as it was before anybody voted: the races are many, opening is not what they are about.</summary>
    private static async Task ReopenAsync(BallotCase race)
    {
        race.Product.Clock.SetTo(TestClock.InWarsaw(2012, 10, 29, 10, 0));
        await race.Product.Database.ExecuteAsync("delete from ballot_position");
        await race.Product.Database.ExecuteAsync(
            """
            update ballot set state = 'open', outcome = null, close_reason = null, closed_at = null, closed_by_id = null, announced_at = null,
              announced_by_id = null, resolution_number = null, in_favour_count = null, against_count = null, abstain_count = null,
              silent_count = null, blocking_count = null
            """);
        await race.Product.Database.ExecuteAsync(
            "update deliverable set status = 'in_ballot', adopted_revision_id = null, adopted_at = null where key = $1", BallotCase.Deliverable);
    }

    private static void Report(string kind, int races, int one, int other) =>
        TestContext.Current.SendDiagnosticMessage("{0}: {1} races, {2} / {3}", kind, races, one, other);
}
