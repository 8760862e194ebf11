using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Persistence;

public sealed class TestDatabaseTests
{
    [Fact]
    public async Task Two_test_databases_see_nothing_of_each_other()
    {
        await using var one = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var other = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);

        await one.ExecuteAsync("create table only_here (x int)");

        (await one.ScalarAsync<long>("select count(*) from pg_tables where tablename = $1", "only_here")).ShouldBe(1);
        (await other.ScalarAsync<long>("select count(*) from pg_tables where tablename = $1", "only_here")).ShouldBe(0);
    }

    [Fact]
    public void The_test_clock_stands_in_Warsaw_until_it_is_moved()
    {
        var clock = new TestClock();
        clock.GetLocalNow().ToString("yyyy-MM-dd HH:mm zzz", null).ShouldBe("2012-11-05 08:00 +01:00");

        clock.Advance(TimeSpan.FromDays(1));
        clock.GetUtcNow().ShouldBe(new DateTimeOffset(2012, 11, 6, 7, 0, 0, TimeSpan.Zero));

        clock.SetTo(TestClock.InWarsaw(2014, 4, 30, 23, 59, 59));
        clock.GetUtcNow().ShouldBe(new DateTimeOffset(2014, 4, 30, 21, 59, 59, TimeSpan.Zero));
    }
}
