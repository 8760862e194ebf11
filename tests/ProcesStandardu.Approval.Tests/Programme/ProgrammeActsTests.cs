using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Tests.Seeding;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Programme;

public sealed class ProgrammeActsTests
{
    private static readonly Guid MarekPole = new("0d0d0000-0000-7000-8000-000000000013");
    private static readonly Guid BeataRzeka = new("0d0d0000-0000-7000-8000-000000000012");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_phase_started_before_the_gate_is_recorded_as_a_derogation_and_only_once()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);
        await StartAsync(imported, "osl-opracowanie");

        var early = await StartAsync(imported, "osl-pilotaz");
        var again = await StartAsync(imported, "osl-pilotaz");

        early.Value.ShouldBe(new StartPhase.Started(true, true));
        again.Value.ShouldBe(new StartPhase.Started(false, true));
        (await imported.Database.ScalarAsync<long>(
            "select count(*) from history_entry where subject = 'work:osl' and kind = 'phase_started_before_gate'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_phase_is_completed_once_and_not_before_it_was_started()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);

        (await CompleteAsync(imported, "osl-wnioski")).Refusal.ShouldBe(new PhaseWasNotStarted("Wnioski i rekomendacje"));
        (await CompleteAsync(imported, "osl-nieznana")).Refusal.ShouldBe(new PhaseIsUnknown("osl-nieznana"));

        await StartAsync(imported, "osl-wnioski");
        imported.Clock.Advance(TimeSpan.FromDays(1));
        (await CompleteAsync(imported, "osl-wnioski")).Value.IsNew.ShouldBeTrue();
        (await CompleteAsync(imported, "osl-wnioski")).Value.IsNew.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lead_reports_a_value_of_his_own_task_with_evidence_and_the_same_form_adds_it_once()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);
        var today = new DateOnly(2012, 11, 5);
        var good = new ReportIndicator.Command(MarekPole, "osl-sesje", 10, today, "dziennik sesji", "formularz-1");

        (await ReportAsync(imported, good with { ActorId = BeataRzeka, FormKey = null })).Refusal.ShouldBeOfType<ActIsNotYours>();
        (await ReportAsync(imported, good with { Evidence = " ", FormKey = null })).Refusal.ShouldBe(new FieldIsEmpty("Evidence"));
        (await ReportAsync(imported, good with { Value = -1, FormKey = null })).Refusal.ShouldBeOfType<ValueIsNotACount>();
        (await ReportAsync(imported, good with { AsOfOn = today.AddDays(1), FormKey = null })).Refusal.ShouldBeOfType<DayIsInTheFuture>();
        (await ReportAsync(imported, good with { IndicatorKey = "brak", FormKey = null })).Refusal.ShouldBeOfType<NotFoundOrNotYours>();

        var first = await ReportAsync(imported, good);
        var second = await ReportAsync(imported, good);

        first.Value.ReachesTarget.ShouldBeTrue();
        second.Value.ShouldBe(first.Value);
        (await imported.Database.ScalarAsync<long>("select count(*) from indicator_value")).ShouldBe(1);
    }

    [Fact]
    public async Task Values_are_shown_as_they_held_on_the_day_asked_about()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);
        await ReportAsync(imported, new(MarekPole, "osl-sesje", 5, new DateOnly(2011, 12, 15), "dziennik sesji"));
        await ReportAsync(imported, new(MarekPole, "osl-sesje", 10, new DateOnly(2012, 5, 31), "dziennik sesji"));

        (await ShownAsync(new DateOnly(2011, 12, 14))).Value.ShouldBeNull();
        (await ShownAsync(new DateOnly(2012, 1, 31))).Value.ShouldBe(5);
        (await ShownAsync(null)).ShouldSatisfyAllConditions(
            shown => shown.Value.ShouldBe(10), shown => shown.IsReached.ShouldBeTrue(), shown => shown.ReportedBy.ShouldBe("Marek Pole"));

        async Task<ShowIndicators.IndicatorView> ShownAsync(DateOnly? asOf) =>
            (await imported.RunAsync<ShowIndicators, ShowIndicators.View>(show => show.HandleAsync(new(asOf), Cancellation)))
                .Indicators.Single(indicator => indicator.Key == "osl-sesje");
    }

    [Fact]
    public async Task The_two_counts_of_three_thousand_people_stay_apart_and_each_says_where_it_comes_from()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);

        var indicators = (await imported.RunAsync<ShowIndicators, ShowIndicators.View>(
            show => show.HandleAsync(new(), Cancellation))).Indicators.Where(indicator => indicator.Target == 3000).ToList();
        var from = await imported.RunAsync<WhereFrom, WhereFrom.View>(
            where => where.HandleAsync(new("indicator:osl-przeszkoleni"), Cancellation));

        indicators.Select(indicator => (indicator.Key, indicator.IsApproximate, indicator.DueOn, indicator.DuePrecision)).ShouldBe(
        [
            ("z2-przeszkoleni", false, new DateOnly(2013, 12, 31), "year"),
            ("osl-przeszkoleni", true, new DateOnly(2014, 4, 30), "month"),
        ]);
        from.Facts.Select(fact => fact.Key).ShouldBe(["D4", "I2"]);
        from.Conflicts.Single().Key.ShouldBe("C1");
        from.Facts.Single(fact => fact.Key == "I2").Sources.Select(source => source.Key).ShouldBe(["S000", "S002"]);
    }

    [Fact]
    public async Task The_programme_that_lacks_something_on_its_last_day_is_overdue_and_says_what()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);
        imported.Clock.SetTo(TestClock.InWarsaw(2014, 4, 30, 23, 59, 59));
        var lastSecond = await CloseAsync(imported);
        imported.Clock.Advance(TimeSpan.FromSeconds(1));

        var after = await CloseAsync(imported);
        await CloseAsync(imported);

        lastSecond.Value.Status.ShouldBe(ProgrammeStatus.Running);
        after.Value.Status.ShouldBe(ProgrammeStatus.Overdue);
        after.Value.Missing.Select(thing => thing.Key).ShouldContain("osl-raport-koncowy");
        (await imported.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'programme_overdue'")).ShouldBe(1);
        new MissingText().Of(after.Value.Missing, System.Globalization.CultureInfo.GetCultureInfo("pl"))
            .ShouldContain("nieprzyjęty produkt: Raport końcowy OSL");
    }

    [Fact]
    public async Task A_standard_shows_its_path_and_what_it_waits_for()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);
        await StartAsync(imported, "osl-opracowanie");

        var shown = (await imported.RunAsync<ShowStandard, ShowStandard.View?>(
            show => show.HandleAsync(new("osl", MarekPole), Cancellation)))!;

        shown.Phases.Select(phase => phase.Status).ShouldBe(
            [PhaseStatus.Running, PhaseStatus.Planned, PhaseStatus.Planned, PhaseStatus.Planned]);
        shown.Deliverables[0].Key.ShouldBe("osl-projekt-standardu");
        var awaited = shown.Awaited.Single();
        (awaited.Kind, awaited.Key, awaited.From.Single(), awaited.IsOverdue)
            .ShouldBe((AwaitedKind.Revision, "osl-projekt-standardu", "Marek Pole", true));
        (await imported.RunAsync<ShowStandard, ShowStandard.View?>(show => show.HandleAsync(new("brak", MarekPole), Cancellation)))
            .ShouldBeNull();
    }

    [Fact]
    public async Task The_programme_shows_its_six_tasks_with_partners_and_paths()
    {
        await using var imported = await ImportedDatabase.CreateAsync(Cancellation);

        var shown = (await imported.RunAsync<ShowProgramme, ShowProgramme.View?>(show => show.HandleAsync(new(), Cancellation)))!;

        shown.Tasks.Select(task => task.Number).ShouldBe([1, 2, 3, 4, 5, 6]);
        shown.Tasks[2].Partners.Select(partner => partner.ShortName).ShouldBe(["CAL", "ISP"]);
        shown.Tasks[1].Paths.Select(path => path.Phases.Count).Order().ShouldBe([3, 6]);
        shown.Status.ShouldBe(ProgrammeStatus.Running);
    }

    private static Task<Result<StartPhase.Started>> StartAsync(ImportedDatabase imported, string phase) =>
        imported.RunAsync<StartPhase, Result<StartPhase.Started>>(start => start.HandleAsync(new(phase, Actor.System), Cancellation));

    private static Task<Result<CompletePhase.Completed>> CompleteAsync(ImportedDatabase imported, string phase) =>
        imported.RunAsync<CompletePhase, Result<CompletePhase.Completed>>(
            complete => complete.HandleAsync(new(phase, Actor.System), Cancellation));

    private static Task<Result<ReportIndicator.Reported>> ReportAsync(ImportedDatabase imported, ReportIndicator.Command command) =>
        imported.RunAsync<ReportIndicator, Result<ReportIndicator.Reported>>(report => report.HandleAsync(command, Cancellation));

    private static Task<Result<CloseProgramme.Closing>> CloseAsync(ImportedDatabase imported) =>
        imported.RunAsync<CloseProgramme, Result<CloseProgramme.Closing>>(close => close.HandleAsync(new(Actor.System), Cancellation));
}
