using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Deadlines;

public sealed class EnforceDeadlinesTests : IAsyncLifetime
{
    private TestProduct product = null!;

    public async ValueTask InitializeAsync()
    {
        product = await TestProduct.CreateAsync();
        await product.Database.ExecuteAsync("update deadline set state = 'cancelled'");
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    [Trait("Fault", "S05")]
    public async Task A_worker_killed_at_any_place_neither_misses_a_deadline_nor_fires_one_twice()
    {
        string[] places = [EnforceDeadlines.Claimed, EnforceDeadlines.Marked, WriteLetters.Written, Failpoints.BeforeCommit, Failpoints.AfterCommit];
        const int Rounds = 20;
        const int Each = 8;
        product.Clock.SetTo(TestClock.InWarsaw(2013, 1, 2));
        var kills = 0;
        for (var round = 0; round < Rounds * places.Length; round++)
        {
            await AddAsync($"r{round}", Each, new DateOnly(2013, 1, 1));
            var place = places[round % places.Length];
            Failpoints.OnReached = reached =>
            {
                if (reached == place)
                {
                    // The process is gone: nothing of it goes on.
                    kills++;
                    throw new OperationCanceledException($"killed at {place}");
                }
            };
            await Should.ThrowAsync<OperationCanceledException>(FireAndWriteAsync);
            Failpoints.OnReached = null;
            await FireAndWriteAsync();
        }

        var fired = await CountAsync("select count(*) from history_entry where kind = 'deadline_passed'");
        var distinct = await CountAsync("select count(distinct details ->> 'deadline') from history_entry where kind = 'deadline_passed'");
        var missed = await CountAsync("select count(*) from deadline where state = 'pending'");
        TestContext.Current.TestOutputHelper!.WriteLine($"kills {kills}, deadlines {Rounds * places.Length * Each}, fired {fired}, missed {missed}, double {fired - distinct}");
        kills.ShouldBe(Rounds * places.Length);
        fired.ShouldBe(Rounds * places.Length * Each);
        distinct.ShouldBe(fired);
        missed.ShouldBe(0);
        (await CountAsync("select count(*) from outbox_letter")).ShouldBe(0);
        var told = await CountAsync("select count(distinct cause) from outbox_message where kind = 'deadline_passed'");
        TestContext.Current.TestOutputHelper!.WriteLine($"told of {told}, mails {await CountAsync("select count(*) from outbox_message")}");
        told.ShouldBe(fired);
        (await CountAsync("select count(*) - count(distinct mail_key) from outbox_message")).ShouldBe(0);
    }

    [Theory]
    [InlineData(1.0 / 60)]
    [InlineData(1)]
    [InlineData(72)]
    [Trait("Fault", "S08")]
    public async Task After_all_nodes_were_down_every_deadline_fires_once_the_oldest_first_and_says_how_late(double hours)
    {
        for (var day = 0; day < 3; day++)
        {
            await AddAsync($"d{day}", 100, new DateOnly(2013, 5, 6).AddDays(day));
        }

        product.Clock.SetTo(Warsaw.FirstInstantAfter(new DateOnly(2013, 5, 8)).AddHours(hours));
        var passed = await EnforceAsync();
        (await EnforceAsync()).ShouldBe(0);
        (await WriteAsync()).ShouldBe(300);

        // Mails are numbered in the order in which deadlines are told of.
        var order = await product.InUnitOfWorkAsync(db => Task.FromResult(db.OutboxMessages.Where(mail => mail.Kind == "deadline_passed")
            .Join(db.Deadlines, mail => mail.Cause, d => "deadline:" + d.Key, (mail, d) => new { mail.QueueNo, d.Key, d.DueOn })
            .OrderBy(row => row.QueueNo).ToList().DistinctBy(row => row.Key).Select(row => row.DueOn).ToList()));
        TestContext.Current.TestOutputHelper!.WriteLine($"down {hours:0.##} h: due 300, fired {passed}, told of {order.Count}");
        passed.ShouldBe(300);
        order.Count.ShouldBe(300);
        order.ShouldBe(order.Order());
        (await CountAsync("select count(*) from history_entry where kind = 'deadline_passed' and details ->> 'lateBy' is null"))
            .ShouldBe(hours > 0.5 ? 0 : 100, "only what is at most a minute late is not told as late");
    }

    [Fact]
    [Trait("Fault", "S13")]
    public async Task In_every_night_of_changing_clocks_an_end_comes_at_its_own_midnight()
    {
        var days = Enumerable.Range(2009, 6).SelectMany(year => new[] { LastSunday(year, 3), LastSunday(year, 10) })
            .SelectMany(sunday => new[] { sunday.AddDays(-1), sunday }).ToList();
        foreach (var day in days)
        {
            await AddAsync($"n{day:yyyyMMdd}", 1, day);
            var end = new DateTimeOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue), Warsaw.Zone.GetUtcOffset(day.AddDays(1).ToDateTime(TimeOnly.MinValue)));
            foreach (var early in new[] { -25, -24, -23, -2, -1 })
            {
                product.Clock.SetTo(end.AddHours(early));
                (await EnforceAsync()).ShouldBe(0, $"{day:O} {early} h");
            }

            product.Clock.SetTo(end.AddTicks(-1));
            (await EnforceAsync()).ShouldBe(0, $"{day:O} one tick early");
            product.Clock.SetTo(end);
            (await EnforceAsync()).ShouldBe(1, $"{day:O}");
            product.Clock.SetTo(end.AddHours(-1));
            (await EnforceAsync()).ShouldBe(0, "a clock that went back fires nothing again");
        }

        days.Count.ShouldBe(24);
    }

    [Fact]
    public async Task A_letter_that_cannot_be_written_waits_with_its_error_and_holds_up_no_other()
    {
        await AddAsync("ok", 5, new DateOnly(2013, 5, 6));
        product.Clock.SetTo(TestClock.InWarsaw(2013, 5, 8));
        await EnforceAsync();
        await product.Database.ExecuteAsync("update outbox_letter set kind = 'of_tomorrow' where facts ->> 'awaited' = 'ok-3'");

        (await WriteAsync()).ShouldBe(4);
        (await WriteAsync()).ShouldBe(0);
        (await CountAsync("select count(*) from outbox_letter where failures = 1 and last_error like '%of_tomorrow%'")).ShouldBe(1);

        await product.Database.ExecuteAsync("update outbox_letter set kind = 'deadline_passed'");
        product.Clock.Advance(TimeSpan.FromMinutes(2));
        (await WriteAsync()).ShouldBe(1);
        (await CountAsync("select count(distinct cause) from outbox_message")).ShouldBe(5);
    }

    [Fact]
    public async Task One_that_cannot_be_marked_does_not_hold_up_the_others()
    {
        await AddAsync("ok", 5, new DateOnly(2013, 5, 6));
        await product.Database.ExecuteAsync(
            """
            create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$;
            create trigger refuse before update on deadline for each row when (old.key = 'ok-3') execute function refuse();
            """);
        product.Clock.SetTo(TestClock.InWarsaw(2013, 5, 8));
        (await EnforceAsync()).ShouldBe(4);
        (await CountAsync("select count(*) from deadline where state = 'pending'")).ShouldBe(1);
    }

    private static DateOnly LastSunday(int year, int month)
    {
        var day = new DateOnly(year, month, 31);
        return day.AddDays(-(int)day.DayOfWeek);
    }

    private async Task AddAsync(string prefix, int count, DateOnly dueOn) => await product.Database.ExecuteAsync(
        """
        insert into deadline (key, title, subject, due_on, precision, due_at, source)
        select $1 || '-' || n, $1 || ' ' || n, 'indicator:' || $1 || '-' || n, $2, 'day', $3, 'R000' from generate_series(1, $4) as n
        """,
        prefix, dueOn, Warsaw.FirstInstantAfter(dueOn), count);

    private Task<int> EnforceAsync() => product.Services.GetRequiredService<EnforceDeadlines>().RunOnceAsync(CancellationToken.None);

    private Task<int> WriteAsync() => product.Services.GetRequiredService<WriteLetters>().RunOnceAsync(CancellationToken.None);

    private async Task FireAndWriteAsync()
    {
        await EnforceAsync();
        await WriteAsync();
    }

    private Task<long> CountAsync(string sql) => product.Database.ScalarAsync<long>(sql);
}
