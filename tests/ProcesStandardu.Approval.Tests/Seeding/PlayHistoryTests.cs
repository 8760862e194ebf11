using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Seeding;

public sealed class PlayHistoryTests
{
    private static readonly DateTimeOffset FirstMorning = TestClock.InWarsaw(2012, 11, 5, 9, 30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_start_plays_the_history_up_to_the_morning_of_5_November_2012()
    {
        await using var empty = await ImportedDatabase.CreateEmptyAsync(Cancellation);

        (await PrepareAsync(empty)).ShouldBe(new PlayHistory.Played(46, true));

        (await RowsAsync(empty, "select number || ' ' || deliverable_key || ' ' || coalesce(outcome, 'open') from ballot order by noticed_at"))
            .ShouldBe(
            [
                "G-2010/01 z2-raport-diagnoz adopted",
                "G-2011/01 osl-projekt-standardu adopted",
                "G-2011/02 z2-standard-rodzina-projekt adopted",
                "G-2011/03 z2-standard-poradnictwo-projekt adopted",
                "G-2012/01 z2-model-miasto-projekt adopted",
                "G-2012/02 z2-modele-instytucji adopted",
                "G-2012/03 z2-program-szkolen adopted",
                "G-2012/04 gdansk-program-pilotazu adopted",
                "G-2012/05 osl-podsumowanie-pilotazu adopted",
                "G-2012/06 osl-wnioski-1 not_adopted",
                "G-2012/07 osl-wnioski-1 open",
                "G-2012/08 osl-propozycje-prawne open",
            ]);
        (await RowsAsync(
            empty,
            """
            select number || ' ' || to_char(noticed_at at time zone 'Europe/Warsaw', 'YYYY-MM-DD HH24:MI') || ' ' || due_on
            from ballot where state = 'open' order by number
            """)).ShouldBe(["G-2012/07 2012-10-29 10:00 2012-11-06", "G-2012/08 2012-11-05 09:00 2012-11-12"]);
        (await RowsAsync(
            empty,
            """
            select person.key || ' ' || position.kind from ballot_position position
            join ballot on ballot.id = position.ballot_id join person on person.id = position.elector_id
            where ballot.number = 'G-2012/07' order by position.cast_at
            """)).ShouldBe(["halina-zawadzka in_favour", "zofia-mak in_favour", "jerzy-kalina against"]);
        (await RowsAsync(
            empty,
            """
            select person.key from ballot_elector elector join ballot on ballot.id = elector.ballot_id
            join person on person.id = elector.person_id
            where ballot.number = 'G-2012/07' and recusal_basis is not null order by person.key
            """)).ShouldBe(["maria-dolna", "piotr-sek"]);
        (await RowsAsync(
            empty, "select deliverable_key || ' ' || major || '.' || minor from revision where deliverable_key = 'osl-wnioski-1' order by 1"))
            .ShouldBe(["osl-wnioski-1 0.9", "osl-wnioski-1 1.0"]);
        (await RowsAsync(empty, "select key from phase where status = 'running' order by key"))
            .ShouldBe(["gdansk-realizacja", "osl-wnioski", "z2-pilotazu"]);
        (await RowsAsync(empty, "select count(*)::text from workflow_incident")).ShouldBe(["0"]);
        (await empty.RunAsync<ProgrammeClock, TimeSpan>(clock => Task.FromResult(clock.GetUtcNow() - FirstMorning)))
            .ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromMinutes(2));
        (await empty.RunAsync<ShowIndicators, ShowIndicators.View>(show => show.HandleAsync(new(new DateOnly(2012, 10, 31)), Cancellation)))
            .Indicators.Where(indicator => indicator.Key is "osl-sesje" or "osl-uczestnicy" or "osl-przeszkoleni" or "z2-przeszkoleni")
            .Select(indicator => indicator.Value).ShouldBe([0, 0, 82, 10]);
    }

    [Fact]
    public async Task A_second_start_repeats_nothing_and_leaves_the_clock_alone()
    {
        await using var empty = await ImportedDatabase.CreateEmptyAsync(Cancellation);
        await PrepareAsync(empty);
        var entries = await RowsAsync(empty, "select count(*)::text from history_entry");
        await empty.RunAsync<ProgrammeClock, bool>(async clock =>
        {
            await clock.SetToAsync(FirstMorning.AddDays(3), null, Cancellation);
            return true;
        });

        (await PrepareAsync(empty)).ShouldBe(new PlayHistory.Played(0, false));

        (await RowsAsync(empty, "select count(*)::text from history_entry")).ShouldBe(entries);
        (await empty.RunAsync<ProgrammeClock, bool>(clock => Task.FromResult(clock.GetUtcNow() >= FirstMorning.AddDays(3)))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_history_cut_off_before_any_commit_goes_on_and_repeats_nothing()
    {
        await using var empty = await ImportedDatabase.CreateEmptyAsync(Cancellation);
        var commits = 0;
        Failpoints.OnReached = place =>
        {
            if (place == Failpoints.BeforeCommit && ++commits == 150)
            {
                throw new IOException("The power is cut.");
            }
        };

        await Should.ThrowAsync<IOException>(() => PrepareAsync(empty));
        Failpoints.OnReached = null;
        var rest = await PrepareAsync(empty);

        rest.IsNew.ShouldBeTrue();
        rest.Acts.ShouldBeInRange(1, 45);
        (await RowsAsync(empty, "select count(*)::text from revision")).ShouldBe(["12"]);
        (await RowsAsync(empty, "select count(*)::text from ballot")).ShouldBe(["12"]);
        (await RowsAsync(empty, "select count(*)::text from seeding_mark where key like 'history:%'")).ShouldBe(["47"]);
    }

    private static Task<PlayHistory.Played> PrepareAsync(ImportedDatabase database) =>
        database.RunAsync<PrepareProgramme, PlayHistory.Played>(prepare =>
            prepare.HandleAsync(DataFolder.Shipped, PublishShippedWorkflows.ShippedFolder, Cancellation));

    private static async Task<string[]> RowsAsync(ImportedDatabase database, string sql) =>
        await database.Database.ScalarAsync<string[]>($"select coalesce(array_agg(line), '{{}}') from ({sql}) as lines (line)") ?? [];
}
