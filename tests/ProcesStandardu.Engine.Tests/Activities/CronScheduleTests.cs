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
    [InlineData("0 12 13 * 5", "2012-11-05 08:00", "2012-11-09 12:00")] // the 13th or a Friday
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

        found.ShouldNotBeNull().Year.ShouldBe(2014, "at 2:30 on 31 March 2013 no clock in Warsaw stood");
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("61 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("5-1 * * * *")]
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
