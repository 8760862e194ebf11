using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Engine.Tests.Activities;

public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("0 8 * * *", "2012-11-05 08:00", "2012-11-06 08:00")]
    [InlineData("*/15 * * * *", "2012-11-05 08:01", "2012-11-05 08:15")]
    [InlineData("0 9 * * MON-FRI", "2012-11-09 10:00", "2012-11-12 09:00")]
    [InlineData("0 0 1 JAN *", "2012-11-05 08:00", "2013-01-01 00:00")]
    [InlineData("30 0 8 * * 7", "2012-11-05 08:00", "2012-11-11 08:00")]
    [InlineData("0 12 13 * 5", "2012-11-05 08:00", "2013-09-13 12:00")] // a Friday that is the 13th, as Elsa reads it
    [InlineData("0 0 L * *", "2012-11-05 08:00", "2012-11-30 00:00")]
    [InlineData("0 10 * * 1#1", "2012-11-05 12:00", "2012-12-03 10:00")]
    [InlineData("0 0 29 2 *", "2012-11-05 08:00", "2016-02-29 00:00")]
    public void The_next_moment_is_found_on_the_clocks_of_the_zone(string expression, string after, string next)
    {
        var found = CronSchedule.TryParse(expression)!.NextAfter(At(after), Zone)!.Value;

        found.ToUniversalTime().ToString("yyyy-MM-dd HH:mm").ShouldBe(At(next).ToUniversalTime().ToString("yyyy-MM-dd HH:mm"));
    }

    [Fact]
    public void A_time_that_the_clocks_skip_is_the_first_one_after_the_gap()
    {
        var found = CronSchedule.TryParse("30 2 31 3 *")!.NextAfter(At("2013-03-30 12:00"), Zone);

        found.ShouldBe(new DateTimeOffset(2013, 3, 31, 1, 0, 0, TimeSpan.Zero), "at 2:30 on 31 March 2013 no clock in Warsaw stood");
    }

    [Fact]
    public void A_time_that_comes_twice_fires_once()
    {
        var schedule = CronSchedule.TryParse("30 2 * * *")!;

        var first = schedule.NextAfter(At("2012-10-27 12:00"), Zone);
        var second = schedule.NextAfter(first!.Value, Zone);

        first.ShouldBe(new DateTimeOffset(2012, 10, 28, 0, 30, 0, TimeSpan.Zero));
        second.ShouldBe(new DateTimeOffset(2012, 10, 29, 1, 30, 0, TimeSpan.Zero));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("61 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("every day")]
    public void What_is_no_expression_is_not_read(string text) => CronSchedule.TryParse(text).ShouldBeNull();

    [Fact]
    public void A_day_that_never_comes_has_no_next_moment() =>
        CronSchedule.TryParse("0 0 30 2 *")!.NextAfter(At("2012-11-05 08:00"), Zone).ShouldBeNull();

    private static TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById("Europe/Warsaw");

    private static DateTimeOffset At(string text)
    {
        var at = DateTime.Parse(text);
        return TestClock.InWarsaw(at.Year, at.Month, at.Day, at.Hour, at.Minute);
    }
}
