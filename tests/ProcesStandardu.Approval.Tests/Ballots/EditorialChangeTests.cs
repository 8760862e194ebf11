using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

/// <summary>A revision that votes survive: the chair says it is editorial, anybody on the roll may say that it is not.</summary>
[Trait("Scenario", "S9")]
public sealed class EditorialChangeTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Votes_stand_the_resolution_names_both_texts_and_its_file_defends_itself()
    {
        await using var ballot = await BallotCase.OpenAsync();
        foreach (var person in new[] { "halina-zawadzka", "tomasz-brzeski", "anna-nowak" })
        {
            (await ballot.VoteAsync(person, PositionKind.InFavour)).Succeeded.ShouldBeTrue();
        }

        (await ConfirmAsync(ballot, "halina-zawadzka")).Refusal.ShouldBe(new NoNewerRevision());
        await ballot.SubmitAsync("Rozdział 1\n\n§ 1. Wnioski z pilotażu, poprawka literówki.", ChangeKind.Editorial, RevisionStep.NextMinor);
        (await ballot.CountAsync("select count(*) from outbox_message where kind = 'ballot_news' and mail_key like '%new_revision%'")).ShouldBe(1);
        (await ConfirmAsync(ballot, "joanna-cicha")).Refusal.ShouldBe(new ActIsNotYours());
        (await ConfirmAsync(ballot, "halina-zawadzka", " ")).Refusal.ShouldBe(new ReasonIsMissing());
        (await ConfirmAsync(ballot, "halina-zawadzka")).Succeeded.ShouldBeTrue();

        var view = (await ballot.ShowAsync("anna-nowak"))!;
        (view.Revision, view.Own!.Kind, view.WhatMustHappen.Cast).ShouldBe(("1.1", PositionKind.InFavour, 3));
        view.ContentHash.ShouldNotBe(ballot.ContentHash);
        var told = await ballot.CountAsync("select count(distinct recipient_person_id) from outbox_message where mail_key like '%editorial_change%'");
        told.ShouldBe(await ballot.CountAsync(
            "select count(distinct id) from (select person_id from ballot_elector where recusal_basis is null union "
            + "select alternate_id from ballot_elector where recusal_basis is null and alternate_id is not null) as p (id)"));

        // A page from before the change shows another text: the vote is refused, and the way to the difference is known.
        (await ballot.VoteAsync("adam-lis", PositionKind.InFavour)).Refusal.ShouldBe(new TextUnderBallotDiffers());
        view.EditorialChanges.Single().BeforeHash.ShouldBe(ballot.ContentHash);
        (await ballot.VoteAsync("adam-lis", PositionKind.InFavour, contentHash: view.ContentHash)).Succeeded.ShouldBeTrue();
        (await ballot.VoteAsync("ewa-gorna", PositionKind.Against, contentHash: view.ContentHash)).Succeeded.ShouldBeTrue();

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 9, 0));
        (await ballot.CloseDueAsync()).ShouldBe(1);
        (await ballot.CountAsync("select in_favour_count::bigint from ballot where outcome = 'adopted'")).ShouldBe(4);
        (await ballot.CountAsync("select count(*) from deliverable d join revision r on r.id = d.adopted_revision_id where r.major = 1 and r.minor = 1"))
            .ShouldBe(1);
        (await SittingBallotTests.CheckAsync(ballot)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_contests_it_in_time_makes_the_vote_start_anew_and_nobody_needs_to_agree()
    {
        await using var ballot = await BallotCase.OpenAsync();
        await ballot.VoteAsync("halina-zawadzka", PositionKind.InFavour);
        await ballot.VoteAsync("anna-nowak", PositionKind.InFavour);
        (await ContestAsync(ballot, "adam-lis")).Refusal.ShouldBe(new NoEditorialChangeToContest());
        await ballot.SubmitAsync("Rozdział 1\n\n§ 1. Wnioski, ale inne.", ChangeKind.Editorial, RevisionStep.NextMinor);
        (await ConfirmAsync(ballot, "halina-zawadzka")).Succeeded.ShouldBeTrue();
        (await ContestAsync(ballot, "marek-pole")).Refusal.ShouldBe(new YouAreNotAnElector());
        (await ContestAsync(ballot, "adam-lis", "")).Refusal.ShouldBe(new ReasonIsMissing());

        // Monday 29 October; the 1st of November is a holiday, but two working days end on Wednesday the 31st.
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 10, 31, 23, 59));
        var next = await ContestAsync(ballot, "adam-lis", "§ 1 mówi co innego");

        next.Succeeded.ShouldBeTrue();
        (await ballot.CountAsync("select count(*) from ballot where outcome = 'discontinued' and close_reason = 'new_revision'")).ShouldBe(1);
        var before = (await ballot.ShowAsync("anna-nowak"))!;
        (before.After!.Id, before.EditorialChanges.Single().ContestedBy).ShouldBe((next.Value.BallotId, "Adam Lis"));
        var anna = await ballot.Product.PersonAsync("anna-nowak");
        var repeated = await ballot.Product.RunAsync<ShowBallot, ShowBallot.BallotView?>(show =>
            show.HandleAsync(new ShowBallot.Query(next.Value.BallotId.ToString("D"), anna), Cancellation));
        (repeated!.Revision, repeated.HasVoted, repeated.ToUphold!.Revision).ShouldBe(("1.1", false, "1.0"));
    }

    [Fact]
    public async Task What_is_too_late_or_material_cannot_be_confirmed_and_what_ran_out_cannot_be_contested()
    {
        await using var ballot = await BallotCase.OpenAsync(closesWhenAllVoted: true);
        await ballot.SubmitAsync("Rozdział 1\n\n§ 1. Poprawka.", ChangeKind.Editorial, RevisionStep.NextMinor);
        (await ConfirmAsync(ballot, "halina-zawadzka")).Succeeded.ShouldBeTrue();
        var hash = (await ballot.ShowAsync("anna-nowak"))!.ContentHash;
        foreach (var person in new[] { "halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak" })
        {
            (await ballot.VoteAsync(person, PositionKind.InFavour, contentHash: hash)).Succeeded.ShouldBeTrue();
        }

        // Everybody voted, and yet it stays open while somebody may say that the change is not editorial.
        (await ballot.CountAsync("select count(*) from ballot where state = 'open'")).ShouldBe(1);
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 2, 0, 0));
        (await ContestAsync(ballot, "adam-lis")).Refusal.ShouldBe(new NoEditorialChangeToContest());
        await ballot.SubmitAsync("Rozdział 1\n\n§ 1. Poprawka druga.", ChangeKind.Editorial, RevisionStep.NextMinor);
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 9, 0));
        (await ConfirmAsync(ballot, "halina-zawadzka")).Refusal.ShouldBe(new EditorialChangeComesTooLate(new DateOnly(2012, 11, 7)));
        await ballot.SubmitAsync("Rozdział 1\n\n§ 1. Nowa treść.", ChangeKind.Material, RevisionStep.NextMinor);
        (await ConfirmAsync(ballot, "halina-zawadzka")).Refusal.ShouldBe(new RevisionIsMaterial("1.3"));
    }

    private static async Task<Result<Done>> ConfirmAsync(BallotCase ballot, string person, string reason = "Poprawiono literówkę")
    {
        var id = await ballot.Product.PersonAsync(person);
        return await ballot.Product.RunAsync<ConfirmEditorialChange, Result<Done>>(confirm =>
            confirm.HandleAsync(new ConfirmEditorialChange.Command(ballot.BallotId, id, reason), Cancellation));
    }

    private static async Task<Result<OpenBallot.Opened>> ContestAsync(BallotCase ballot, string person, string reason = "Zmienia sens")
    {
        var id = await ballot.Product.PersonAsync(person);
        return await ballot.Product.RunAsync<ContestEditorialChange, Result<OpenBallot.Opened>>(contest =>
            contest.HandleAsync(new ContestEditorialChange.Command(ballot.BallotId, id, reason), Cancellation));
    }
}
