using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Time;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Deadlines;

public sealed class WorkingCalendarTests
{
    [Theory]
    [InlineData("2010-01-04", "2010-01-11")]
    [InlineData("2011-01-03", "2011-01-11")]
    [InlineData("2011-10-28", "2011-11-07")]
    [InlineData("2012-04-30", "2012-05-09")]
    [InlineData("2012-06-04", "2012-06-12")]
    [InlineData("2012-10-29", "2012-11-06")]
    [InlineData("2013-03-28", "2013-04-05")]
    [InlineData("2013-08-12", "2013-08-20")]
    [InlineData("2013-12-20", "2013-12-31")]
    [InlineData("2013-12-31", "2014-01-09")]
    [InlineData("2014-04-14", "2014-04-22")]
    [InlineData("2014-04-22", "2014-04-29")]
    public void Five_working_days_after_a_notice_end_on(string notice, string end)
    {
        WorkingCalendar.AddWorkingDays(DateOnly.Parse(notice), 5).ShouldBe(DateOnly.Parse(end));
        WorkingCalendar.WorkingDaysBetween(DateOnly.Parse(notice), DateOnly.Parse(end)).ShouldBe(5);
    }

    [Fact]
    public void Ten_working_days_before_the_programmes_last_day_are_counted_backwards_over_Easter() =>
        WorkingCalendar.AddWorkingDays(new DateOnly(2014, 4, 30), -10).ShouldBe(new DateOnly(2014, 4, 15));

    [Theory]
    [InlineData("2009-04-13")]
    [InlineData("2010-04-05")]
    [InlineData("2011-04-25")]
    [InlineData("2012-04-09")]
    [InlineData("2013-04-01")]
    [InlineData("2014-04-21")]
    [InlineData("2009-06-11")]
    [InlineData("2010-06-03")]
    [InlineData("2011-06-23")]
    [InlineData("2012-06-07")]
    [InlineData("2013-05-30")]
    public void Moving_holidays_of_the_programmes_years_are_found_by_rule(string day) =>
        WorkingCalendar.IsWorkingDay(DateOnly.Parse(day)).ShouldBeFalse();

    [Theory]
    [InlineData("2010-01-06", true)]
    [InlineData("2011-01-06", false)]
    [InlineData("2013-12-24", true)]
    [InlineData("2024-12-24", true)]
    [InlineData("2025-12-24", false)]
    [InlineData("2014-04-30", true)]
    public void Days_off_follow_the_law_of_their_year(string day, bool works) =>
        WorkingCalendar.IsWorkingDay(DateOnly.Parse(day)).ShouldBe(works);

    [Theory]
    [InlineData("2012-11-06", "2012-11-06T22:59:59Z")]
    [InlineData("2013-04-05", "2013-04-05T21:59:59Z")]
    public void A_local_day_ends_at_its_last_second_whatever_the_season(string day, string end)
    {
        Warsaw.EndOf(DateOnly.Parse(day)).ShouldBe(DateTimeOffset.Parse(end));
        Warsaw.FirstInstantAfter(DateOnly.Parse(day)).ShouldBe(DateTimeOffset.Parse(end).AddSeconds(1));
    }

    [Fact]
    public void Days_on_which_the_clocks_change_are_as_long_as_they_are()
    {
        (Warsaw.FirstInstantAfter(new(2013, 3, 31)) - Warsaw.StartOf(new(2013, 3, 31))).ShouldBe(TimeSpan.FromHours(23));
        (Warsaw.FirstInstantAfter(new(2013, 10, 27)) - Warsaw.StartOf(new(2013, 10, 27))).ShouldBe(TimeSpan.FromHours(25));
    }
}
