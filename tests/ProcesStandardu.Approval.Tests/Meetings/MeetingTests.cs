using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Tests.Ballots;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Meetings;

[Trait("Scenario", "S2")]
[Trait("Scenario", "S8")]
public sealed class MeetingTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_sitting_is_convened_in_time_attended_minuted_and_tells_what_was_adopted_without_one()
    {
        await using var ballot = await BallotCase.OpenAsync();
        foreach (var person in new[] { "anna-nowak", "halina-zawadzka", "tomasz-brzeski", "adam-lis", "ewa-gorna" })
        {
            await ballot.VoteAsync(person, PositionKind.InFavour);
        }

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 9, 0));
        await ballot.CloseDueAsync();
        var product = ballot.Product;
        var secretary = await product.PersonAsync("joanna-cicha");
        var chair = await product.PersonAsync("halina-zawadzka");
        var member = await product.PersonAsync("anna-nowak");

        // Wednesday 7 November; Monday the 12th is an ordinary day, so five working days end on Wednesday the 14th.
        (await PlanAsync(product, member, new DateOnly(2012, 11, 14))).Refusal.ShouldBe(new ActIsNotYours());
        var soon = (await PlanAsync(product, secretary, new DateOnly(2012, 11, 13))).Value.MeetingId;
        (await ActAsync(product, acts => acts.ConveneAsync(new MeetingActs.Act(soon, secretary, null), Cancellation)))
            .Refusal.ShouldBe(new MeetingIsTooSoon(new DateOnly(2012, 11, 14), 5));
        (await ShowAsync(product, soon, member)).Refusal.ShouldBe(new NotFoundOrNotYours());
        var meeting = (await PlanAsync(product, secretary, new DateOnly(2012, 11, 14))).Value.MeetingId;
        (await ActAsync(product, acts => acts.ConveneAsync(new MeetingActs.Act(meeting, secretary, null), Cancellation))).Succeeded.ShouldBeTrue();
        (await ActAsync(product, acts => acts.ConveneAsync(new MeetingActs.Act(meeting, secretary, null), Cancellation)))
            .Refusal.ShouldBe(new MeetingIsOtherwise(MeetingState.Convened));
        (await product.Database.ScalarAsync<long>("select count(*) from outbox_message where kind = 'meeting_convocation'")).ShouldBe(
            await product.Database.ScalarAsync<long>("select count(distinct person_id) from body_member where body_key = 'zespol-doradczy'"));

        var attendance = new MeetingActs.Attend(meeting, secretary, new Dictionary<Guid, string> { [chair] = Presence.Present, [member] = Presence.Represented }, null);
        (await ActAsync(product, acts => acts.AttendAsync(attendance, Cancellation))).Refusal.ShouldBe(new MeetingHasNotBegun());
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 14, 12, 0));
        (await ActAsync(product, acts => acts.AttendAsync(attendance, Cancellation))).Succeeded.ShouldBeTrue();
        var items = (await ShowAsync(product, meeting, member)).Value.Items;
        (await ActAsync(product, acts => acts.WriteAsync(
            new MeetingActs.Write(
                meeting, secretary, new Dictionary<Guid, (string, Guid?)> { [items[0].Id] = ("Omówiono wnioski.\nPrzyjęto bez uwag.", null) },
                "Następne posiedzenie w grudniu.", null), Cancellation))).Succeeded.ShouldBeTrue();
        (await ActAsync(product, acts => acts.ApproveAsync(new MeetingActs.Act(meeting, secretary, null), Cancellation))).Refusal.ShouldBe(new ActIsNotYours());
        (await ActAsync(product, acts => acts.ApproveAsync(new MeetingActs.Act(meeting, chair, null), Cancellation))).Succeeded.ShouldBeTrue();
        (await ActAsync(product, acts => acts.AttendAsync(attendance, Cancellation))).Refusal.ShouldBe(new MinutesAreApproved());

        var view = (await ShowAsync(product, meeting, member)).Value;
        (view.Number, view.State).ShouldBe(("1/2012", MeetingState.Held));
        view.Written.Select(vote => vote.ResolutionNumber).ShouldBe(["1/2012"]);
        view.Members.Count(line => line.Presence is Presence.Present or Presence.Represented).ShouldBe(2);
        using var content = new MemoryStream(MinutesPaper.Docx(view));
        var words = string.Join('\n', TextExtraction.Read(content, FileKind.Docx).Select(paragraph => paragraph.Text));
        words.ShouldContain("Protokół posiedzenia nr 1/2012 Zespołu Doradczego");
        words.ShouldContain("Obecnych lub zastępowanych: 2 z ");
        words.ShouldContain("Przyjęto bez uwag.");
        words.ShouldContain("Protokół zatwierdza: Halina Zawadzka");
        (await product.Database.ScalarAsync<long>(
            "select count(*) from history_entry where subject = 'meeting:' || $1", meeting.ToString("D"))).ShouldBe(5);
    }

    [Fact]
    public async Task Attendance_of_a_ballots_sitting_tells_who_was_there()
    {
        await using var ballot = await BallotCase.OpenAsync();
        var product = ballot.Product;
        var secretary = await product.PersonAsync("joanna-cicha");
        var chair = await product.PersonAsync("halina-zawadzka");
        var meeting = (await PlanAsync(product, secretary, new DateOnly(2012, 11, 14))).Value.MeetingId;
        await ActAsync(product, acts => acts.ConveneAsync(new MeetingActs.Act(meeting, secretary, null), Cancellation));
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 14, 12, 0));
        await ActAsync(product, acts => acts.AttendAsync(
            new MeetingActs.Attend(meeting, secretary, new Dictionary<Guid, string> { [chair] = Presence.Present }, null), Cancellation));

        // The written ballot was noticed on another day; one that the sitting takes up finds its attendance.
        (await product.InUnitOfWorkAsync(async db => await SittingAttendance.OfBallotAsync(db, await db.Ballots.SingleAsync(Cancellation), Cancellation)))
            .ShouldBeNull();
        await product.Database.ExecuteAsync(
            "update ballot set procedure = 'sitting', noticed_at = $2, due_on = '2012-11-14', due_at = '2012-11-14 23:00:00Z' where id = $1", ballot.BallotId, product.Clock.GetUtcNow().UtcDateTime);
        var there = await product.InUnitOfWorkAsync(async db => await SittingAttendance.OfBallotAsync(db, await db.Ballots.SingleAsync(Cancellation), Cancellation));

        there!.MeetingId.ShouldBe(meeting);
        there.Members.ShouldBe([chair], ignoreOrder: true);
    }

    [Fact]
    public async Task A_plan_without_time_place_or_agenda_is_refused_and_a_sitting_is_cancelled_with_a_reason()
    {
        await using var product = await TestProduct.CreateAsync();
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 9, 0));
        var secretary = await product.PersonAsync("joanna-cicha");
        var good = new MeetingActs.Plan("zespol-doradczy", secretary, new DateOnly(2012, 11, 20), new TimeOnly(10, 0), "Sala 1", "Wnioski", null);

        (await ActAsync(product, acts => acts.PlanAsync(good with { Day = null }, Cancellation))).Refusal.ShouldBe(new MeetingTimeIsMissing());
        (await ActAsync(product, acts => acts.PlanAsync(good with { Place = " " }, Cancellation))).Refusal.ShouldBe(new FieldIsEmpty("Place"));
        (await ActAsync(product, acts => acts.PlanAsync(good with { Agenda = "\n \n" }, Cancellation))).Refusal.ShouldBe(new AgendaIsEmpty());
        (await ActAsync(product, acts => acts.PlanAsync(good with { BodyKey = "nikt" }, Cancellation))).Refusal.ShouldBeOfType<NoRulesInForce>();
        var meeting = (await ActAsync(product, acts => acts.PlanAsync(good, Cancellation))).Value.MeetingId;
        var act = new MeetingActs.Act(meeting, secretary, null);
        (await ActAsync(product, acts => acts.CancelAsync(act, "", Cancellation))).Refusal.ShouldBe(new FieldIsEmpty("Reason"));
        (await ActAsync(product, acts => acts.CancelAsync(act, "Brak sali", Cancellation))).Succeeded.ShouldBeTrue();
        (await ActAsync(product, acts => acts.ConveneAsync(act, Cancellation))).Refusal.ShouldBe(new MeetingIsOtherwise(MeetingState.Cancelled));
        (await product.Database.ScalarAsync<long>("select count(*) from outbox_message where kind = 'meeting_convocation'")).ShouldBe(0);
    }

    private static Task<Result<MeetingActs.Planned>> PlanAsync(TestProduct product, Guid person, DateOnly day) => ActAsync(product, acts => acts.PlanAsync(
        new MeetingActs.Plan("zespol-doradczy", person, day, new TimeOnly(10, 0), "ul. Zielona 1, sala 2", "Wnioski z pilotażu\n\nSprawy różne", null), Cancellation));

    private static Task<Result<T>> ActAsync<T>(TestProduct product, Func<MeetingActs, Task<Result<T>>> act) => product.RunAsync(act);

    private static Task<Result<ShowMeetings.View>> ShowAsync(TestProduct product, Guid meeting, Guid person) =>
        product.RunAsync<ShowMeetings, Result<ShowMeetings.View>>(show => show.HandleAsync(new ShowMeetings.Query(meeting, person), Cancellation));
}
