using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Seeding;
using ProcesStandardu.Approval.Tests.Seeding;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

/// <summary>From the demo's first morning to the programme's end, through the shipped workflows and the real use cases.</summary>
public sealed class WholeProgrammeTests
{
    private const string MarekPole = "marek-pole";
    private const string BeataRzeka = "beata-rzeka";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_vote_on_the_legal_proposals_moves_the_standard_to_dissemination_at_once()
    {
        await using var demo = await StartAsync();
        await VoteAsync(demo, "osl-wnioski-1", PositionKind.InFavour, "anna-nowak");
        await MoveAsync(demo, 2012, 11, 7, 9);
        (await PhasesAsync(demo)).ShouldBe("completed completed running planned");

        await VoteAsync(demo, "osl-propozycje-prawne", PositionKind.InFavour);

        (await PhasesAsync(demo)).ShouldBe("completed completed completed running");
        (await demo.Database.ScalarAsync<string>(
            "select string_agg(number || ' ' || coalesce(resolution_number, '-'), ', ' order by number) from ballot where number in ('G-2012/07', 'G-2012/08')"))!
            .ShouldMatch(@"^G-2012/07 \d+/2012, G-2012/08 \d+/2012$");
    }

    [Fact]
    public async Task With_everything_adopted_and_counted_the_programme_ends_on_time_on_30_April_2014()
    {
        await using var demo = await StartAsync();
        await VoteAsync(demo, "osl-wnioski-1", PositionKind.InFavour, "anna-nowak");
        await VoteAsync(demo, "osl-propozycje-prawne", PositionKind.InFavour);
        await MoveAsync(demo, 2012, 11, 12, 9);
        foreach (var package in new[] { "osl-pakiet-edukacyjny", "osl-pakiet-multimedialny", "osl-e-learning" })
        {
            await SubmitAsync(demo, MarekPole, package);
            await VoteAsync(demo, package, PositionKind.InFavour);
        }

        await MoveAsync(demo, 2013, 11, 29, 9);
        await ReportAsync(demo, BeataRzeka, "gdansk-rodziny", 80);
        await ReportAsync(demo, BeataRzeka, "gdansk-poradnictwo", 21);
        await ReportAsync(demo, BeataRzeka, "z2-przeszkoleni", 3000);
        await MoveAsync(demo, 2013, 12, 2, 9);
        await SubmitAsync(demo, BeataRzeka, "gdansk-analiza");
        await VoteAsync(demo, "gdansk-analiza", PositionKind.InFavour);
        await MoveAsync(demo, 2014, 4, 7, 9);
        await ReportAsync(demo, MarekPole, "osl-przeszkoleni", 3012);
        await SubmitAsync(demo, MarekPole, "osl-raport-koncowy");
        await MoveAsync(demo, 2014, 4, 9, 9);
        await VoteAsync(demo, "osl-raport-koncowy", PositionKind.InFavour);
        (await PhasesAsync(demo)).ShouldBe("completed completed completed completed");
        (await StatusAsync(demo)).ShouldBe("running");

        await MoveAsync(demo, 2014, 4, 30, 9);

        (await StatusAsync(demo)).ShouldBe("concluded_on_time");
        (await demo.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'programme_concluded'")).ShouldBe(1);
        (await demo.Database.ScalarAsync<long>("select count(*) from workflow_incident")).ShouldBe(0);
        (await demo.Database.ScalarAsync<long>(
            "select count(*) from phase where key = 'z2-upowszechniania' and started_before_gate and status = 'completed'")).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_missing_on_the_last_day_is_told_and_the_last_thing_ends_the_programme_late_at_once()
    {
        await using var demo = await StartAsync();
        await VoteAsync(demo, "osl-wnioski-1", PositionKind.InFavour, "anna-nowak");
        await VoteAsync(demo, "osl-propozycje-prawne", PositionKind.InFavour);
        await MoveAsync(demo, 2012, 11, 12, 9);
        foreach (var package in new[] { "osl-pakiet-edukacyjny", "osl-pakiet-multimedialny", "osl-e-learning" })
        {
            await SubmitAsync(demo, MarekPole, package);
            await VoteAsync(demo, package, PositionKind.InFavour);
        }

        await ReportAsync(demo, BeataRzeka, "gdansk-rodziny", 80);
        await ReportAsync(demo, BeataRzeka, "gdansk-poradnictwo", 21);
        await MoveAsync(demo, 2013, 12, 2, 9);
        await ReportAsync(demo, BeataRzeka, "z2-przeszkoleni", 3000);
        await SubmitAsync(demo, BeataRzeka, "gdansk-analiza");
        await VoteAsync(demo, "gdansk-analiza", PositionKind.InFavour);
        await ReportAsync(demo, MarekPole, "osl-przeszkoleni", 3012);
        await MoveAsync(demo, 2014, 4, 30, 9);
        (await StatusAsync(demo)).ShouldBe("running");

        await MoveAsync(demo, 2014, 5, 5, 9);
        (await StatusAsync(demo)).ShouldBe("overdue");
        (await demo.RunAsync<ShowProgramme, ShowProgramme.View?>(show => show.HandleAsync(new(), Cancellation)))!
            .Missing.Select(thing => thing.Key).ShouldBe(["osl-raport-koncowy", "osl-upowszechnienie"]);
        (await demo.Database.ScalarAsync<long>(
            "select count(*) from outbox_message where kind = 'workflow_notice' and subject like '%nie zakończył się w terminie%'"))
            .ShouldBeGreaterThan(0);

        await SubmitAsync(demo, MarekPole, "osl-raport-koncowy");
        await VoteAsync(demo, "osl-raport-koncowy", PositionKind.InFavour);

        (await StatusAsync(demo)).ShouldBe("concluded_late");
        (await demo.Database.ScalarAsync<long>("select count(*) from workflow_instance where status = 'running' and definition_id = 'program-zakonczenie'"))
            .ShouldBe(0);
    }

    private static async Task<ImportedDatabase> StartAsync()
    {
        var demo = await ImportedDatabase.CreateEmptyAsync(Cancellation);
        await demo.RunAsync<PrepareProgramme, PlayHistory.Played>(prepare =>
            prepare.HandleAsync(DataFolder.Shipped, PublishShippedWorkflows.ShippedFolder, Cancellation));
        return demo;
    }

    private static Task<TimeTravel.Journey> MoveAsync(ImportedDatabase demo, int year, int month, int day, int hour) =>
        demo.RunAsync<TimeTravel, TimeTravel.Journey>(travel =>
            travel.AdvanceToAsync(TestClock.InWarsaw(year, month, day, hour), null, Cancellation));

    private static async Task SubmitAsync(ImportedDatabase demo, string person, string deliverable)
    {
        using var file = new MemoryStream(DocxFromText.Write(deliverable, "# Rozdział 1. Treść\n1. " + deliverable));
        var submitted = await demo.RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(async submit => await submit.HandleAsync(
            new SubmitRevision.Command(
                deliverable, await PersonAsync(demo, person), file, deliverable + ".docx", "Treść produktu.", "", ChangeKind.Material,
                RevisionStep.NextMajor, null, null),
            Cancellation));
        submitted.Refusal.ShouldBeNull(deliverable);
    }

    /// <summary>Everybody entitled who has no position yet casts this one; or only those named.</summary>
    private static async Task VoteAsync(ImportedDatabase demo, string deliverable, string position, params string[] people)
    {
        var ballot = await demo.Database.ScalarAsync<Guid>(
            "select id from ballot where deliverable_key = $1 and state = 'open'", deliverable);
        ballot.ShouldNotBe(Guid.Empty, deliverable);
        var hash = (await demo.Database.ScalarAsync<string>(
            "select encode(f.sha256, 'hex') from ballot b join revision r on r.id = b.revision_id join stored_file f on f.id = r.file_id where b.id = $1",
            ballot))!;
        var voters = await demo.Database.ScalarAsync<Guid[]>(
            """
            select array_agg(e.person_id order by e.ordinal) from ballot_elector e join person p on p.id = e.person_id
            where e.ballot_id = $1 and e.recusal_basis is null and (cardinality($2::text[]) = 0 or p.key = any($2))
              and not exists (select from ballot_position v where v.ballot_id = e.ballot_id and v.elector_id = e.person_id)
            """,
            ballot,
            people);
        foreach (var voter in voters!)
        {
            var cast = await demo.RunAsync<CastVote, Result<CastVote.Receipt>>(vote => vote.HandleAsync(
                new CastVote.Command(ballot, voter, position, null, hash, null), Cancellation));
            cast.Refusal.ShouldBeNull(deliverable);
        }
    }

    private static async Task ReportAsync(ImportedDatabase demo, string person, string indicator, decimal value)
    {
        var today = await demo.RunAsync<ProgrammeClock, DateOnly>(clock => Task.FromResult(Warsaw.DateOf(clock.GetUtcNow())));
        var reported = await demo.RunAsync<ReportIndicator, Result<ReportIndicator.Reported>>(async report => await report.HandleAsync(
            new ReportIndicator.Command(await PersonAsync(demo, person), indicator, value, today, "lista obecności"), Cancellation));
        reported.Refusal.ShouldBeNull(indicator);
    }

    private static async Task<Guid> PersonAsync(ImportedDatabase demo, string key) =>
        await demo.Database.ScalarAsync<Guid>("select id from person where key = $1", key);

    private static async Task<string> PhasesAsync(ImportedDatabase demo) =>
        (await demo.Database.ScalarAsync<string>("select string_agg(status, ' ' order by ordinal) from phase where path = 'osl'"))!;

    private static async Task<string> StatusAsync(ImportedDatabase demo) =>
        (await demo.Database.ScalarAsync<string>("select status from programme"))!;
}
