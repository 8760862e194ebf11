using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Deadlines.Watch;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Deadlines;

public sealed class WatchTests : IAsyncLifetime
{
    private const string Alarms = "select count(*) from outbox_message where kind = 'watch_alarm'";

    private TestProduct product = null!;

    public async ValueTask InitializeAsync()
    {
        product = await TestProduct.CreateAsync();
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 4, 12));
        await EnforceAsync();
        await product.Database.ExecuteAsync("delete from outbox_message");
    }

    public ValueTask DisposeAsync() => product.DisposeAsync();

    [Fact]
    public async Task A_deadline_that_nobody_fired_is_told_once_and_not_repaired()
    {
        (await WatchAsync()).Found.ShouldBe(0);
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 10, 0, 1));
        (await WatchAsync()).Found.ShouldBe(0, "two minutes of patience");

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 10, 0, 3));
        (await WatchAsync()).ShouldBe(new KeepWatch.Counts(1, 0, 1));
        (await WatchAsync()).ShouldBe(new KeepWatch.Counts(0, 0, 1));
        (await CountAsync(Alarms)).ShouldBe(2, "one mail to each of two administrators");
        (await CountAsync("select count(*) from deadline where key = 'osl-propozycje-prawne-termin' and state = 'pending'")).ShouldBe(1);
        (await CountAsync("select count(*) from history_entry where kind = 'watch_alarm'")).ShouldBe(1);

        await EnforceAsync();
        (await WatchAsync()).Gone.ShouldBe(1);
        (await CountAsync("select count(*) from watch_finding where gone_at is null")).ShouldBe(0);
    }

    [Fact]
    public async Task A_reminder_that_was_not_made_a_mail_that_waits_and_a_duty_that_is_silent_are_found()
    {
        // T-2 of „Propozycje rozwiązań prawnych OSL” (9 November).
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 8));
        await product.Services.GetRequiredService<KeepWatch>().ExpectPassesAsync(CancellationToken.None);
        await product.Database.ExecuteAsync("update pass_tick set rang_at = rang_at - interval '6 minutes' where pass = 'dispatch_mail'");
        (await WatchAsync()).Found.ShouldBe(3);
        (await KindsAsync()).ShouldBe(["pass_silent", "reminder_not_sent", "reminder_not_sent"]);

        await product.Services.GetRequiredService<SendReminders>().RunOnceAsync(CancellationToken.None);
        await KeepWatch.TickAsync(product.Services.GetRequiredService<Npgsql.NpgsqlDataSource>(), "dispatch_mail", CancellationToken.None);
        (await WatchAsync()).ShouldBe(new KeepWatch.Counts(0, 3, 0));

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 9, 1));
        (await WatchAsync()).Found.ShouldBe(1);
        (await KindsAsync()).ShouldBe(["mail_too_old"]);
    }

    [Fact]
    public async Task Lead_secretary_and_chair_are_told_one_after_another_and_each_once()
    {
        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 10, 0, 5));
        await EnforceAsync();
        await product.Database.ExecuteAsync("delete from outbox_message");
        var told = new List<string>();
        for (var day = new DateOnly(2012, 11, 10); day < new DateOnly(2012, 12, 1); day = day.AddDays(1))
        {
            product.Clock.SetTo(TestClock.InWarsaw(day.Year, day.Month, day.Day, 7, 30));
            await product.Services.GetRequiredService<SendReminders>().RunOnceAsync(CancellationToken.None);
            await product.Services.GetRequiredService<SendReminders>().RunOnceAsync(CancellationToken.None);
            told.AddRange(await product.InUnitOfWorkAsync(db => Task.FromResult((
                from mail in db.OutboxMessages
                join person in db.People on mail.RecipientPersonId equals person.Id
                where mail.Kind == "deadline_escalation" && mail.Cause == "deadline:osl-propozycje-prawne-termin"
                orderby mail.QueueNo
                select person.Key).ToList().Skip(told.Count).Select(person => $"{day:dd.MM} {person}").ToList())));
        }

        // Friday 9 November is the day; 11 November is a Sunday.
        told.ShouldBe(["12.11 marek-pole", "14.11 joanna-cicha", "16.11 halina-zawadzka"]);
    }

    [Theory]
    [InlineData("2012-11-09", "2012-11-09", null)]
    [InlineData("2012-11-09", "2012-11-11", null)]
    [InlineData("2012-11-09", "2012-11-12", 0)]
    [InlineData("2012-11-09", "2012-11-14", 1)]
    [InlineData("2012-11-09", "2012-11-16", 2)]
    [InlineData("2013-12-31", "2014-01-02", 0)]
    public void Whose_turn_it_is_follows_working_days(string dueOn, string today, int? level) =>
        SendReminders.LevelOn(DateOnly.Parse(today), DateOnly.Parse(dueOn), [1, 3, 5]).ShouldBe(level);

    [Fact]
    public async Task Steps_are_set_by_the_secretary_and_hold_from_the_next_pass()
    {
        (await SetAsync("anna-nowak", new([2], [3], [1, 2, 3]))).Refusal.ShouldBeOfType<ActIsNotYours>();
        (await SetAsync("joanna-cicha", new([2], [-1], [1, 2, 3]))).Refusal.ShouldBeOfType<StepsAreUnsound>();
        (await SetAsync("joanna-cicha", new([2], [3], [3, 2, 1]))).Refusal.ShouldBeOfType<EscalationIsUnsound>();
        (await SetAsync("joanna-cicha", new([2], [3], [2, 4, 6]))).Succeeded.ShouldBeTrue();

        product.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 8));
        await product.Services.GetRequiredService<SendReminders>().RunOnceAsync(CancellationToken.None);
        (await CountAsync("select count(*) from outbox_message where mail_key like 'deadline_reminder/deadline:osl-propozycje-prawne-termin/T-3@%'"))
            .ShouldBe(1);
    }

    private async Task<Result<Done>> SetAsync(string person, StepPlan plan)
    {
        var id = await product.PersonAsync(person);
        return await product.RunAsync<SetReminderSteps, Result<Done>>(set => set.HandleAsync(new(id, plan, null), CancellationToken.None));
    }

    private Task<KeepWatch.Counts> WatchAsync() => product.Services.GetRequiredService<KeepWatch>().RunOnceAsync(CancellationToken.None);

    private Task<int> EnforceAsync() => product.Services.GetRequiredService<EnforceDeadlines>().RunOnceAsync(CancellationToken.None);

    private Task<long> CountAsync(string sql) => product.Database.ScalarAsync<long>(sql);

    private async Task<List<string>> KindsAsync() => await product.InUnitOfWorkAsync(db => Task.FromResult(
        db.Set<WatchFinding>().Where(finding => finding.GoneAt == null).Select(finding => finding.Kind).ToList().Order(StringComparer.Ordinal).ToList()));
}
