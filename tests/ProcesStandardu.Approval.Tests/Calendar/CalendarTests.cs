using System.Text;
using ProcesStandardu.Approval.Calendar;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Calendar;

public sealed class CalendarTests
{
    [Fact]
    [Trait("Scenario", "S1")]
    public async Task An_independent_reader_finds_each_end_at_its_last_second_winter_and_summer()
    {
        DateOnly[] days = [new(2009, 3, 28), new(2009, 3, 29), new(2010, 10, 31), new(2012, 11, 6), new(2013, 3, 30), new(2013, 4, 5), new(2014, 4, 30)];
        var file = CalendarFile.Write([.. days.Select((day, place) =>
            CalendarEvent.Deadline($"t{place}", "Zażółć, gęślą; jaźń\r\nBEGIN:VEVENT " + new string('ż', 90), day, 0))]);

        var read = await CalendarReader.ReadAsync(file, TestContext.Current.CancellationToken);

        read.Zones.ShouldBe(["Europe/Warsaw"]);
        read.Method.ShouldBe("PUBLISH");
        read.Events.Select(happening => happening.At).ShouldBe(days.Select(Warsaw.EndOf));
        read.Events.ShouldAllBe(happening => happening.Zone == "Europe/Warsaw" && happening.Status == "CONFIRMED");
        read.Events[0].Title.ShouldBe("Zażółć, gęślą; jaźń BEGIN:VEVENT " + new string('ż', 90));
        read.Events[3].At.ShouldBe(new DateTimeOffset(2012, 11, 6, 22, 59, 59, TimeSpan.Zero));
        file.Split("\r\n").ShouldAllBe(line => Encoding.UTF8.GetByteCount(line) <= 75 && !line.Contains('\n'));
    }

    [Fact]
    [Trait("Scenario", "S10")]
    public async Task A_moved_end_changes_its_event_and_a_cancelled_one_says_so()
    {
        var before = CalendarEvent.Deadline("a", "A", new DateOnly(2013, 12, 31), 0);
        var after = CalendarEvent.Deadline("a", "A", new DateOnly(2014, 3, 31), 1);
        var gone = CalendarEvent.Deadline("a", "A", new DateOnly(2014, 3, 31), 1, isCancelled: true);
        after.Uid.ShouldBe(before.Uid);
        new[] { before.Sequence, after.Sequence, gone.Sequence }.ShouldBe([0, 2, 3]);

        var read = await CalendarReader.ReadAsync(CalendarFile.Write([gone]), TestContext.Current.CancellationToken);
        read.Events.ShouldHaveSingleItem().Status.ShouldBe("CANCELLED");
        CalendarFile.Write([after]).ShouldBe(CalendarFile.Write([after]), "the same event always gives the same bytes");
    }

    [Fact]
    public async Task A_feed_shows_its_persons_ends_until_it_is_revoked_or_the_person_leaves()
    {
        await using var product = await TestProduct.CreateAsync();
        var anna = await product.PersonAsync("anna-nowak");
        var token = CalendarFeed.NewToken();
        (await IssueAsync(product, anna, token)).Succeeded.ShouldBeTrue();
        (await product.Database.ScalarAsync<long>("select count(*) from calendar_feed where encode(token_hash, 'escape') like '%' || $1 || '%'", token)).ShouldBe(0);

        var read = await CalendarReader.ReadAsync((await FeedAsync(product, token))!, TestContext.Current.CancellationToken);
        read.Events.Single(happening => happening.Uid == "termin-program-koniec@processtandardu").At
            .ShouldBe(new DateTimeOffset(2014, 4, 30, 21, 59, 59, TimeSpan.Zero));
        read.Events.Select(happening => happening.Uid).ShouldBeUnique();

        var second = CalendarFeed.NewToken();
        await IssueAsync(product, anna, second);
        (await FeedAsync(product, token)).ShouldBeNull();
        (await FeedAsync(product, second)).ShouldNotBeNull();

        await product.Database.ExecuteAsync("update person set is_active = false where key = 'anna-nowak'");
        (await FeedAsync(product, second)).ShouldBeNull();
        await product.Database.ExecuteAsync("update person set is_active = true where key = 'anna-nowak'");
        await IssueAsync(product, anna, null);
        (await FeedAsync(product, second)).ShouldBeNull();
        (await FeedAsync(product, "nic")).ShouldBeNull();
    }

    private static Task<Result<Done>> IssueAsync(TestProduct product, Guid person, string? token) =>
        product.RunAsync<IssueCalendarFeed, Result<Done>>(issue => issue.HandleAsync(new(person, token), CancellationToken.None));

    private static Task<string?> FeedAsync(TestProduct product, string token) =>
        product.RunAsync<ReadCalendar, string?>(read => read.OfFeedAsync(token, "Terminy", CancellationToken.None));
}
