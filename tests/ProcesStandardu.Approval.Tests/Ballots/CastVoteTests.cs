using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

public sealed class CastVoteTests
{
    /// <summary>Those entitled in the matter: the members from CAL and ISP are recused because theirs wrote it.</summary>
    private static readonly string[] Entitled =
        ["halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak"];

    [Fact]
    public async Task The_electorate_and_the_term_are_fixed_when_the_ballot_opens()
    {
        await using var ballot = await BallotCase.OpenAsync();

        var view = (await ballot.ShowAsync("anna-nowak"))!;

        view.DueOn.ShouldBe(new DateOnly(2012, 11, 6));
        view.WhatMustHappen.Entitled.ShouldBe(7);
        view.WhatMustHappen.Quorum.ShouldBe(4);
        view.Electors.Where(elector => elector.RecusalBasis is not null).Select(elector => elector.Name)
            .ShouldBe(["Maria Dolna", "Piotr Sęk"], ignoreOrder: true);
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'ballot_notice'")).ShouldBe(7);
    }

    [Fact]
    public async Task A_vote_leaves_one_position_one_entry_and_one_receipt_by_mail()
    {
        await using var ballot = await BallotCase.OpenAsync();

        var receipt = (await ballot.VoteAsync("anna-nowak", PositionKind.InFavour)).Value;

        receipt.Revision.ShouldBe("1.0");
        receipt.ContentHash.ShouldBe(ballot.ContentHash);
        (await ballot.CountAsync("select count(*) from ballot_position")).ShouldBe(1);
        (await ballot.CountAsync("select count(*) from history_entry where kind = 'vote_cast'")).ShouldBe(1);
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'vote_recorded'")).ShouldBe(1);
        (await ballot.ShowAsync("anna-nowak"))!.Own!.Kind.ShouldBe(PositionKind.InFavour);
    }

    [Fact]
    public async Task A_second_position_replaces_the_first_and_keeps_both_on_record()
    {
        await using var ballot = await BallotCase.OpenAsync();

        await ballot.VoteAsync("anna-nowak", PositionKind.InFavour);
        ballot.Product.Clock.Advance(TimeSpan.FromHours(1));
        await ballot.VoteAsync("anna-nowak", PositionKind.Against, reason: "§ 1 jest niejasny");
        await ballot.VoteAsync("anna-nowak", PositionKind.Against, reason: "§ 1 jest niejasny");

        (await ballot.CountAsync("select count(*) from ballot_position")).ShouldBe(2);
        (await ballot.CountAsync("select count(*) from ballot_position where superseded_by_id is null and kind = 'against'")).ShouldBe(1);
        (await ballot.CountAsync("select count(*) from history_entry where kind in ('vote_cast', 'vote_changed')")).ShouldBe(2);
    }

    [Fact]
    [Trait("Scenario", "S12")]
    public async Task A_double_click_is_one_position_and_one_receipt()
    {
        await using var ballot = await BallotCase.OpenAsync();

        var receipts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ballot.VoteAsync("anna-nowak", PositionKind.Abstain, "klucz-1")));

        receipts.Select(receipt => receipt.Value.PositionId).Distinct().Count().ShouldBe(1);
        (await ballot.CountAsync("select count(*) from ballot_position")).ShouldBe(1);
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'vote_recorded'")).ShouldBe(1);
    }

    [Fact]
    [Trait("Fault", "S03")]
    public async Task One_voter_from_many_windows_has_one_standing_position()
    {
        await using var ballot = await BallotCase.OpenAsync();

        await Task.WhenAll(Enumerable.Range(0, 12).Select(window =>
            ballot.VoteAsync("anna-nowak", PositionKind.All[window % 3], $"okno-{window}")));

        (await ballot.CountAsync("select count(*) from ballot_position where superseded_by_id is null")).ShouldBe(1);
        var positions = await ballot.CountAsync("select count(*) from ballot_position");
        (await ballot.CountAsync("select count(*) from history_entry where kind in ('vote_cast', 'vote_changed')")).ShouldBe(positions);
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'vote_recorded'")).ShouldBe(positions);
    }

    [Fact]
    public async Task The_same_form_with_another_answer_is_refused()
    {
        await using var ballot = await BallotCase.OpenAsync();
        await ballot.VoteAsync("anna-nowak", PositionKind.InFavour, "klucz-1");

        var again = await ballot.VoteAsync("anna-nowak", PositionKind.Against, "klucz-1");

        again.Refusal.ShouldBeOfType<FormWasAlreadyUsed>();
        (await ballot.ShowAsync("anna-nowak"))!.Own!.Kind.ShouldBe(PositionKind.InFavour);
    }

    [Fact]
    public async Task Who_may_not_vote_is_told_why_and_leaves_no_trace()
    {
        await using var ballot = await BallotCase.OpenAsync();
        var before = await ballot.CountAsync("select count(*) from history_entry");

        (await ballot.VoteAsync("maria-dolna", PositionKind.InFavour)).Refusal.ShouldBeOfType<YouAreRecused>();
        (await ballot.VoteAsync("marek-pole", PositionKind.InFavour)).Refusal.ShouldBeOfType<YouAreNotAnElector>();
        (await ballot.VoteAsync("anna-nowak", null)).Refusal.ShouldBeOfType<PositionIsMissing>();
        (await ballot.VoteAsync("anna-nowak", "maybe")).Refusal.ShouldBeOfType<PositionIsMissing>();
        (await ballot.VoteAsync("anna-nowak", PositionKind.InFavour, contentHash: new string('0', 64))).Refusal
            .ShouldBeOfType<TextUnderBallotDiffers>();
        (await ballot.VoteAsync("anna-nowak", PositionKind.InFavour, contentHash: "nic")).Refusal
            .ShouldBeOfType<TextUnderBallotDiffers>();

        (await ballot.CountAsync("select count(*) from ballot_position")).ShouldBe(0);
        (await ballot.CountAsync("select count(*) from history_entry")).ShouldBe(before);
    }

    [Fact]
    [Trait("Scenario", "S12")]
    public async Task The_last_second_counts_and_the_next_does_not()
    {
        await using var ballot = await BallotCase.OpenAsync();
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 23, 59, 59).AddMilliseconds(900));
        (await ballot.VoteAsync("anna-nowak", PositionKind.InFavour)).Succeeded.ShouldBeTrue();

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7));
        var late = await ballot.VoteAsync("adam-lis", PositionKind.InFavour);
        var changed = await ballot.VoteAsync("anna-nowak", PositionKind.Against);

        late.Refusal.ShouldBeOfType<BallotIsClosed>().StandingCastAt.ShouldBeNull();
        changed.Refusal.ShouldBeOfType<BallotIsClosed>().StandingCastAt.ShouldNotBeNull();
        (await ballot.CountAsync("select count(*) from ballot_position")).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S1")]
    public async Task Nobody_sees_how_anybody_voted_before_the_ballot_closes()
    {
        await using var ballot = await BallotCase.OpenAsync();
        foreach (var person in Entitled[..3])
        {
            await ballot.VoteAsync(person, PositionKind.InFavour);
        }

        foreach (var reader in new[] { "halina-zawadzka", "joanna-cicha", "rafal-zdun", "marek-pole", "krystyna-jasna", "zofia-mak" })
        {
            var view = (await ballot.ShowAsync(reader))!;
            view.Result.ShouldBeNull();
            view.Electors.ShouldAllBe(elector => elector.Standing == null && elector.Reason == null);
            view.WhatMustHappen.Cast.ShouldBe(3);
            view.WhatMustHappen.MissingToQuorum.ShouldBe(1);
        }

        (await ballot.ShowAsync("zofia-mak"))!.WhatMustHappen.YourPositionClosesQuorum.ShouldBeTrue();
        (await ballot.ShowAsync("halina-zawadzka"))!.WhatMustHappen.YourPositionClosesQuorum.ShouldBeFalse();
        (await ballot.CountAsync("select count(*) from history_entry where details::text like '%in_favour%'")).ShouldBe(0);
    }

    [Fact]
    [Trait("Scenario", "S2")]
    public async Task A_ballot_closes_at_its_end_and_not_when_all_have_voted_and_the_chair_settles_a_tie()
    {
        await using var ballot = await BallotCase.OpenAsync();
        string[] says = ["in_favour", "against", "in_favour", "against", "abstain", "against", "in_favour"];
        for (var member = 0; member < Entitled.Length; member++)
        {
            (await ballot.VoteAsync(Entitled[member], says[member])).Value.Outcome.ShouldBeNull();
        }

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 23, 59, 59));
        (await ballot.CloseDueAsync()).ShouldBe(0);
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 0, 3));
        (await ballot.CloseDueAsync()).ShouldBe(1);
        (await ballot.CloseDueAsync()).ShouldBe(0);

        var view = (await ballot.ShowAsync("krystyna-jasna"))!;
        view.Outcome.ShouldBe(BallotOutcome.Adopted);
        view.Result.ShouldBe(new ShowBallot.Result(3, 3, 1, "Halina Zawadzka"));
        view.ClosedAt.ShouldBe(TestClock.InWarsaw(2012, 11, 7));
        view.ResolutionNumber.ShouldBe("1/2012");
        (await ballot.CountAsync("select count(*) from history_entry where kind = 'ballot_closed' and subject like 'ballot:%'")).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S8")]
    public async Task Without_a_quorum_there_is_no_result_and_the_positions_stay_hidden()
    {
        await using var ballot = await BallotCase.OpenAsync();
        await ballot.VoteAsync("halina-zawadzka", PositionKind.InFavour);
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7));

        await ballot.CloseDueAsync();

        var view = (await ballot.ShowAsync("halina-zawadzka"))!;
        view.Outcome.ShouldBe(BallotOutcome.Inquorate);
        view.Result.ShouldBeNull();
        view.ResolutionNumber.ShouldBeNull();
        view.Electors.ShouldAllBe(elector => elector.Standing == null);
        (await ballot.Product.Database.ScalarAsync<string>("select status from deliverable where key = 'osl-wnioski-1'")).ShouldBe("submitted");
    }

    [Fact]
    [Trait("Fault", "S04")]
    public async Task A_change_of_mind_and_the_closing_at_one_moment_end_in_one_of_two_ways()
    {
        await using var ballot = await BallotCase.OpenAsync();
        foreach (var member in Entitled)
        {
            await ballot.VoteAsync(member, PositionKind.InFavour);
        }

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 23, 59, 59).AddMilliseconds(999));
        var change = ballot.VoteAsync("adam-lis", PositionKind.Against, "zmiana");
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7));
        var closed = Enumerable.Range(0, 4).Select(_ => ballot.CloseDueAsync()).ToList();
        var counts = await Task.WhenAll(closed);
        var changed = await change;
        await ballot.CloseDueAsync();

        counts.Sum().ShouldBeLessThanOrEqualTo(1);
        (await ballot.CountAsync("select count(*) from ballot where state = 'closed' and resolution_number = '1/2012'")).ShouldBe(1);
        var against = await ballot.CountAsync("select count(*) from ballot where against_count = 1 and in_favour_count = 6");
        against.ShouldBe(changed.Succeeded ? 1 : 0);
    }

    [Fact]
    public async Task Everyones_vote_closes_a_ballot_that_may_close_early_and_moves_the_document_at_once()
    {
        await using var ballot = await BallotCase.OpenAsync(closesWhenAllVoted: true);
        foreach (var member in Entitled[..^1])
        {
            await ballot.VoteAsync(member, PositionKind.InFavour);
        }

        var last = await ballot.VoteAsync(Entitled[^1], PositionKind.InFavour);

        last.Value.Outcome.ShouldBe(BallotOutcome.Adopted);
        (await ballot.Product.Database.ScalarAsync<string>("select status from deliverable where key = 'osl-wnioski-1'")).ShouldBe("adopted");
    }

    [Theory]
    [InlineData(Failpoints.VoteLocked)]
    [InlineData(Failpoints.VoteRecorded)]
    [InlineData(Failpoints.BallotClosed)]
    [InlineData(Failpoints.BeforeCommit)]
    [Trait("Fault", "S02")]
    public async Task A_vote_that_fails_anywhere_before_its_commit_leaves_nothing_and_may_be_sent_again(string failpoint)
    {
        await using var ballot = await BallotCase.OpenAsync(closesWhenAllVoted: true);
        foreach (var member in Entitled[..^1])
        {
            await ballot.VoteAsync(member, PositionKind.InFavour);
        }

        var before = await FingerprintAsync(ballot);
        Failpoints.OnReached = name =>
        {
            if (name == failpoint)
            {
                throw new FailedOnPurposeException();
            }
        };
        await Should.ThrowAsync<FailedOnPurposeException>(() => ballot.VoteAsync(Entitled[^1], PositionKind.InFavour, "klucz-9"));
        Failpoints.OnReached = null;

        (await FingerprintAsync(ballot)).ShouldBe(before);
        (await ballot.VoteAsync(Entitled[^1], PositionKind.InFavour, "klucz-9")).Value.Outcome.ShouldBe(BallotOutcome.Adopted);
    }

    [Fact]
    [Trait("Fault", "S02")]
    public async Task A_vote_whose_answer_was_lost_after_the_commit_gets_the_same_receipt()
    {
        await using var ballot = await BallotCase.OpenAsync();
        Failpoints.OnReached = name =>
        {
            if (name == Failpoints.AfterCommit)
            {
                throw new FailedOnPurposeException();
            }
        };
        await Should.ThrowAsync<FailedOnPurposeException>(() => ballot.VoteAsync("anna-nowak", PositionKind.InFavour, "klucz-1"));
        Failpoints.OnReached = null;

        var receipt = (await ballot.VoteAsync("anna-nowak", PositionKind.InFavour, "klucz-1")).Value;

        receipt.PositionId.ShouldBe(await ballot.Product.Database.ScalarAsync<Guid>("select id from ballot_position"));
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'vote_recorded'")).ShouldBe(1);
    }

    /// <summary>Everything a vote may change, as one text.</summary>
    private static async Task<string?> FingerprintAsync(BallotCase ballot) => await ballot.Product.Database.ScalarAsync<string>(
        """
        select concat_ws('/', (select count(*) from ballot_position), (select count(*) from history_entry),
          (select count(*) from outbox_message), (select count(*) from command_receipt where response is not null),
          (select count(*) from command_receipt), (select count(*) from workflow_journal),
          (select string_agg(state || coalesce(outcome, '-'), ',') from ballot),
          (select status from deliverable where key = 'osl-wnioski-1'))
        """);

    private sealed class FailedOnPurposeException : Exception;
}
