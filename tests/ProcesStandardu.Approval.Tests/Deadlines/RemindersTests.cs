using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Tests.Ballots;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Deadlines;

public sealed class RemindersTests
{
    [Theory]
    [InlineData("2012-11-02", "2012-11-06", "T-2")]
    [InlineData("2012-11-05", "2012-11-06", "T-1")]
    [InlineData("2012-11-06", "2012-11-06", "T-0")]
    [InlineData("2012-10-31", "2012-11-06", null)]
    [InlineData("2012-11-07", "2012-11-06", null)]
    [InlineData("2013-11-29", "2013-11-30", "T-0")]
    public void The_step_of_a_day_is_its_working_days_left(string today, string end, string? step) =>
        SendReminders.StepOn(DateOnly.Parse(today), DateOnly.Parse(end), [0, 1, 2]).ShouldBe(step);

    [Fact]
    public void The_days_before_an_end_are_exactly_those_that_have_a_step()
    {
        for (var end = new DateOnly(2012, 12, 1); end < new DateOnly(2014, 6, 1); end = end.AddDays(1))
        {
            var days = new[] { 0, 1, 2 }.Select(step => SendReminders.DayOf(end, step)).Order().ToList();
            var found = Enumerable.Range(0, 20).Select(back => end.AddDays(-back))
                .Where(day => WorkingCalendar.IsWorkingDay(day) && SendReminders.StepOn(day, end, [0, 1, 2]) is not null)
                .Order().ToList();
            days.ShouldBe(found);
        }
    }

    [Fact]
    [Trait("Scenario", "S1")]
    public async Task Only_those_who_have_not_voted_are_reminded_and_each_step_once()
    {
        await using var ballot = await BallotCase.OpenAsync();
        await ballot.VoteAsync("anna-nowak", PositionKind.InFavour);
        var reminders = (SendReminders)ballot.Product.Services.GetService(typeof(SendReminders))!;

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 6, 59));
        await reminders.RunOnceAsync(CancellationToken.None);
        (await CountAsync(ballot)).ShouldBe(0);

        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 7, 0));
        await reminders.RunOnceAsync(CancellationToken.None);
        await reminders.RunOnceAsync(CancellationToken.None);
        (await CountAsync(ballot)).ShouldBe(6);

        await ballot.VoteAsync("adam-lis", PositionKind.InFavour);
        ballot.Product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 8, 0));
        await reminders.RunOnceAsync(CancellationToken.None);
        (await CountAsync(ballot)).ShouldBe(11);
        (await ballot.CountAsync(
            """
            select count(*) from outbox_message m join person p on p.id = m.recipient_person_id
            where m.kind = 'ballot_reminder' and p.key = 'anna-nowak'
            """)).ShouldBe(0);
    }

    private static Task<long> CountAsync(BallotCase ballot) =>
        ballot.CountAsync("select count(*) from outbox_message where kind = 'ballot_reminder'");
}
