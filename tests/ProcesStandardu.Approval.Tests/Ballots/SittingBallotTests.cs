using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Resolutions;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Ballots;

/// <summary>At a sitting the rules count who is there, in the demo's board: seven entitled, a quorum of four.</summary>
[Trait("Scenario", "S2")]
[Trait("Scenario", "S8")]
public sealed class SittingBallotTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private static readonly string[] There = ["halina-zawadzka", "anna-nowak", "adam-lis", "zofia-mak"];

    [Fact]
    public async Task A_quorum_of_people_who_are_there_is_a_quorum_and_their_silence_abstains()
    {
        await using var ballot = await AtSittingAsync();
        (await CloseAsync(ballot)).Refusal.ShouldBe(new AttendanceIsMissing());

        await AttendAsync(ballot, There);
        (await ballot.VoteAsync("anna-nowak", PositionKind.InFavour)).Succeeded.ShouldBeTrue();
        var open = (await ballot.ShowAsync("ewa-gorna"))!.WhatMustHappen;
        (open.Present, open.PresentSilent, open.MissingToQuorum, open.YourPositionClosesQuorum).ShouldBe((4, 3, 0, false));
        (await CloseAsync(ballot)).Succeeded.ShouldBeTrue();

        var view = (await ballot.ShowAsync("ewa-gorna"))!;
        (view.Outcome, view.Result!.InFavour, view.Result.Abstain, view.WhatMustHappen.Present).ShouldBe((BallotOutcome.Adopted, 1, 0, 4));
        (await ballot.CountAsync("select count(*) from ballot_elector where present")).ShouldBe(4);

        var report = await CheckAsync(ballot);
        report.Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_enough_people_there_is_no_result_though_everybody_there_voted()
    {
        await using var ballot = await AtSittingAsync();
        await AttendAsync(ballot, There[..3]);
        foreach (var person in There[..3])
        {
            (await ballot.VoteAsync(person, PositionKind.InFavour)).Succeeded.ShouldBeTrue();
        }

        (await ballot.ShowAsync("ewa-gorna"))!.WhatMustHappen.YourPositionClosesQuorum.ShouldBeTrue();
        (await CloseAsync(ballot)).Succeeded.ShouldBeTrue();

        (await ballot.ShowAsync("ewa-gorna"))!.Outcome.ShouldBe(BallotOutcome.Inquorate);
    }

    /// <summary>A sitting convened for Wednesday 14 November 2012, 12:00, and a ballot opened there.</summary>
    private static async Task<BallotCase> AtSittingAsync()
    {
        var ballot = await BallotCase.SubmittedAsync();
        var product = ballot.Product;
        var secretary = await product.PersonAsync("joanna-cicha");
        var planned = await product.RunAsync<MeetingActs, Result<MeetingActs.Planned>>(acts => acts.PlanAsync(
            new MeetingActs.Plan(BallotCase.Board, secretary, new DateOnly(2012, 11, 14), new TimeOnly(12, 0), "Sala 1", "Wnioski OSL", null), Cancellation));
        (await product.RunAsync<MeetingActs, Result<Done>>(acts => acts.ConveneAsync(
            new MeetingActs.Act(planned.Value.MeetingId, secretary, null), Cancellation))).Succeeded.ShouldBeTrue();
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 14, 12, 30));
        await ballot.OpenAsync(BallotProcedure.Sitting);
        return ballot;
    }

    private static async Task AttendAsync(BallotCase ballot, IEnumerable<string> people)
    {
        var product = ballot.Product;
        var presence = new Dictionary<Guid, string>();
        foreach (var person in people)
        {
            presence[await product.PersonAsync(person)] = Presence.Present;
        }

        var meeting = await product.Database.ScalarAsync<Guid>("select id from meeting");
        var secretary = await product.PersonAsync("joanna-cicha");
        (await product.RunAsync<MeetingActs, Result<Done>>(acts => acts.AttendAsync(
            new MeetingActs.Attend(meeting, secretary, presence, null), Cancellation))).Succeeded.ShouldBeTrue();
    }

    private static async Task<Result<Done>> CloseAsync(BallotCase ballot)
    {
        var chair = await ballot.Product.PersonAsync("halina-zawadzka");
        return await ballot.Product.RunAsync<CloseBallot, Result<Done>>(close =>
            close.HandleAsync(new CloseBallot.Command(ballot.BallotId, chair), Cancellation));
    }

    internal static async Task<EvidenceReport> CheckAsync(BallotCase ballot)
    {
        var reader = await ballot.Product.PersonAsync("krystyna-jasna");
        var written = (await ballot.Product.RunAsync<ShowResolution, Result<(Stream Content, string FileName)>>(show =>
            show.EvidenceAsync(new ShowResolution.Query(ballot.BallotId, reader), Cancellation))).Value;
        await using (written.Content)
        {
            return EvidenceCheck.Check(written.Content, null);
        }
    }
}
