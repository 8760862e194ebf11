using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

/// <summary>What a board does with its ballots besides voting, over HTTP as its people would.</summary>
public sealed class BallotActsTests(DemoSite site) : IClassFixture<DemoSite>, IAsyncLifetime
{
    private const string Rules = "/regulamin/zespol-doradczy";
    private const string Legal = "osl-propozycje-prawne";
    private const string Family = "z2-standard-rodzina-projekt";
    private const string Gdansk = "gdansk-analiza";

    /// <summary>Rules under which a result is announced, the chair decides after a lack of quorum, and members are asked about conflicts.</summary>
    public async ValueTask InitializeAsync()
    {
        if (await site.CountAsync("select count(*) from rules_of_procedure") > 1)
        {
            return;
        }

        site.Clock.SetTo(TestClock.InWarsaw(2012, 10, 29, 8, 0));
        using var rafal = await site.VisitAsync("rafal-zdun");
        var adopted = await rafal.SendAsync(
            await rafal.GetAsync(Rules + "/nowa-wersja"), "regulamin", ("ResultIsAnnounced", "tak"), ("ChairDecidesInquorate", "tak"),
            ("Conflicts", "proposed"), ("ObjectionsBlock", "tak"), ("Reason", "Uchwała zespołu z 26.10.2012"));
        adopted.Status.ShouldBe(HttpStatusCode.SeeOther, adopted.Text);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Rules_that_contradict_themselves_are_refused_with_every_contradiction_named()
    {
        using var halina = await site.VisitAsync("halina-zawadzka");
        var before = await site.CountAsync("select count(*) from rules_of_procedure");

        var refused = await halina.SendAsync(
            await halina.GetAsync(Rules + "/nowa-wersja"), "regulamin",
            ("Majority", "absolute"), ("QuorumMinimum", "9"), ("Secrecy", "secret"), ("Reason", "Próba"));

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Text.ShouldContain("Głos rozstrzygający ma sens tylko przy zwykłej większości");
        refused.Text.ShouldContain("takie głosowanie nigdy nie miałoby kworum");
        refused.Text.ShouldContain("Głosowanie tajne nie może mieć głosu rozstrzygającego");
        refused.Document.QuerySelector("textarea[name=Reason]")!.TextContent.ShouldBe("Próba");
        (await site.CountAsync("select count(*) from rules_of_procedure")).ShouldBe(before);
    }

    [Fact]
    [Trait("Scenario", "S12")]
    public async Task Whoever_changes_the_rules_second_sees_the_first_change_and_loses_nothing()
    {
        using var halina = await site.VisitAsync("halina-zawadzka");
        var open = await halina.GetAsync(Rules + "/nowa-wersja");
        using var rafal = await site.VisitAsync("rafal-zdun");
        (await rafal.SendAsync(await rafal.GetAsync(Rules + "/nowa-wersja"), "regulamin", ("DissentWorkingDays", "3"), ("Reason", "Bez zmiany treści")))
            .Status.ShouldBe(HttpStatusCode.SeeOther);

        var refused = await halina.SendAsync(open, "regulamin", ("WrittenProcedureWorkingDays", "6"), ("Reason", "Dłuższy termin"));

        refused.Status.ShouldBe(HttpStatusCode.Conflict);
        refused.Text.ShouldContain("Bez zmiany treści");
        refused.Document.QuerySelector("input[name=WrittenProcedureWorkingDays]")!.GetAttribute("value").ShouldBe("6");
        (await halina.GetAsync(Rules)).Text.ShouldContain("wczytano z danych programu");
    }

    [Fact]
    [Trait("Scenario", "S2")]
    public async Task A_tie_is_announced_by_the_chair_and_a_dissent_is_filed_within_its_term()
    {
        var ballot = await OpenAsync(Legal, "marek-pole", 2012, 10, 29);
        foreach (var person in new[] { "maria-dolna", "piotr-sek" })
        {
            await ActAsync(person, ballot, "wylaczenie", ("Reason", "Moja organizacja pisała dokument"), ("Krok", "recuses"));
        }

        await VoteAsync(ballot, PositionKind.InFavour, "halina-zawadzka", "anna-nowak", "zofia-mak");
        await VoteAsync(ballot, PositionKind.Against, "tomasz-brzeski", "jerzy-kalina", "adam-lis");
        await VoteAsync(ballot, PositionKind.Abstain, "ewa-gorna");
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 5));
        await CloseDueAsync();

        using var anna = await site.VisitAsync("anna-nowak");
        using var halina = await site.VisitAsync("halina-zawadzka");
        var waiting = await anna.GetAsync(ballot);
        waiting.Text.ShouldContain("oczekuje na ogłoszenie");
        waiting.Text.ShouldNotContain("Za 3");
        waiting.Document.QuerySelectorAll(".listing td[data-head='Głos'] strong").ShouldBeEmpty();
        (await anna.GetAsync("/")).Text.ShouldContain("zamknięte – do ogłoszenia");
        var desk = await halina.GetAsync(ballot);
        desk.Text.ShouldContain("Oddano 7 z 7. Kworum 4: jest. Za 3, przeciw 3, wstrzymuje się 1. Równość – rozstrzyga głos: Halina Zawadzka. Wynik: przyjęto.");
        (await site.CountAsync("select count(*) from outbox_message where kind = 'ballot_closed' and subject like '%' || (select number from ballot where deliverable_key = 'osl-propozycje-prawne') || '%'")).ShouldBe(0);

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 9, 30));
        var draft = await halina.SendAsync(desk, "oglos", ("Krok", "sprawdz"));
        draft.Document.QuerySelector("h1")!.TextContent.ShouldBe("Projekt uchwały");
        (await halina.SendAsync(draft, "oglos", ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await ForceAsync("tomasz-brzeski", ballot, "oglos", ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.Conflict);
        (await anna.GetAsync(ballot)).Text.ShouldContain("Uchwała nr");

        using var jerzy = await site.VisitAsync("jerzy-kalina");
        (await jerzy.GetAsync(ballot)).Text.ShouldContain("Złóż zdanie odrębne (do 12.11.2012, 23:59)");
        (await ActAsync("jerzy-kalina", ballot, "zdanie", ("Reason", "Brakuje kosztów wdrożenia."))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await anna.GetAsync(ballot)).Text.ShouldContain("Brakuje kosztów wdrożenia.");
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 13, 0, 0));
        (await ForceAsync("adam-lis", ballot, "zdanie", ("Reason", "Za późno"))).Status.ShouldBe(HttpStatusCode.Conflict);
        (await site.CountAsync("select count(*) from dissenting_opinion")).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S7")]
    public async Task Conflicts_are_put_to_members_and_decided_with_their_effect_said_beforehand()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2013, 2, 5, 9, 0));
        await SubmitAsync(Family, "beata-rzeka");
        using var joanna = await site.VisitAsync("joanna-cicha");
        var preview = await joanna.GetAsync($"/produkty/{Family}/glosowanie");
        preview.Text.ShouldContain("Po wyłączeniu wszystkich wskazanych uprawnionych będzie 6, kworum 3.");
        preview.Text.ShouldContain("Jerzy Kalina: organizacja członka jest autorem dokumentu – zapytamy o wyłączenie");
        var ballot = (await joanna.SendAsync(preview, "otworz")).Location!;
        (await joanna.GetAsync(ballot)).Document.QuerySelector("time[datetime^='2013-02-12']").ShouldNotBeNull();

        (await PageAsync("jerzy-kalina", ballot)).Text.ShouldContain("Po wyłączeniu uprawnionych będzie 8, kworum 4.");
        (await ActAsync("jerzy-kalina", ballot, "wylaczenie", ("Krok", "recuses"))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await ActAsync("jerzy-kalina", ballot, "wylaczenie", ("Reason", "WRZOS jest autorem"), ("Krok", "recuses"));
        await ActAsync("anna-nowak", ballot, "wylaczenie", ("Reason", "FORUM jest autorem"), ("Krok", "recuses"));
        await ActAsync("tomasz-brzeski", ballot, "wylaczenie", ("Reason", "Nie brałem udziału"), ("Krok", "stays"));
        var tomasz = (await site.PersonAsync("tomasz-brzeski")).ToString("D");
        (await ActAsync("halina-zawadzka", ballot, "rozstrzygniecie", ("Member", tomasz), ("Reason", "CENTRUM odpowiada za całość"), ("Krok", "wylacz")))
            .Status.ShouldBe(HttpStatusCode.SeeOther);
        (await PageAsync("tomasz-brzeski", ballot)).Document.QuerySelector("form#glos").ShouldBeNull();
        (await PageAsync("karol-wrona", ballot)).Text.ShouldContain("Nie możesz zastępować w tej sprawie");

        await VoteAsync(ballot, PositionKind.InFavour, "halina-zawadzka", "ewa-gorna", "zofia-mak");
        await VoteAsync(ballot, PositionKind.Against, "adam-lis");
        site.Clock.SetTo(TestClock.InWarsaw(2013, 2, 12, 9, 0));
        await ActAsync("zofia-mak", ballot, "wylaczenie", ("Reason", "Krewny prowadzi pilotaż"), ("Krok", "recuses"));
        (await PageAsync("adam-lis", ballot)).Text.ShouldContain("Oddano 3 głosy. Kworum 3: jest.");
        site.Clock.SetTo(TestClock.InWarsaw(2013, 2, 13, 0, 1));
        await CloseDueAsync();

        (await PageAsync("halina-zawadzka", ballot)).Text.ShouldContain("Oddano 3 z 5. Kworum 3: jest. Za 2, przeciw 1, wstrzymuje się 0. Wynik: przyjęto.");
        (await site.CountAsync("select count(*) from history_entry where kind = 'member_recused' and details ->> 'entitledBefore' = '6' and details ->> 'entitled' = '5'")).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S7")]
    public async Task With_two_left_no_ballot_is_opened_and_the_page_says_why()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2013, 3, 4, 9, 0));
        await SubmitAsync("z2-program-szkolen", "beata-rzeka");
        await site.Database.ExecuteAsync("update body_member set valid_until = '2013-03-03' where position = 'member' and ordinal > 2");
        try
        {
            using var joanna = await site.VisitAsync("joanna-cicha");

            var preview = await joanna.GetAsync("/produkty/z2-program-szkolen/glosowanie");

            preview.Document.QuerySelector("form#otworz").ShouldBeNull();
            preview.Text.ShouldContain("Skieruj sprawę na posiedzenie albo uzupełnij skład.");
        }
        finally
        {
            await site.Database.ExecuteAsync("update body_member set valid_until = null where position = 'member'");
        }
    }

    [Fact]
    [Trait("Scenario", "S8")]
    public async Task Without_quorum_the_chair_chooses_and_an_extension_keeps_every_vote_and_tells_no_result()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2013, 12, 20, 9, 0));
        await SubmitAsync(Gdansk, "beata-rzeka");
        await site.Database.ExecuteAsync(
            """
            insert into absence (id, person_id, starts_on, ends_on, mode, recorded_by_id, recorded_at)
            select gen_random_uuid(), p.id, '2013-12-20', '2014-01-07', 'none', p.id, '2013-12-19 12:00:00Z' from person p
            where exists (select from body_member m where m.person_id = p.id and m.position in ('vice_chair', 'member'))
              and p.key not in ('anna-nowak', 'zofia-mak', 'adam-lis', 'ewa-gorna')
            """);
        using var joanna = await site.VisitAsync("joanna-cicha");
        var preview = await joanna.GetAsync($"/produkty/{Gdansk}/glosowanie");
        preview.Text.ShouldContain("Kworum zagrożone: nieobecnych bez zastępstwa jest 4.");
        var ballot = (await joanna.SendAsync(preview, "otworz")).Location!;
        await VoteAsync(ballot, PositionKind.InFavour, "halina-zawadzka", "anna-nowak", "zofia-mak", "adam-lis");
        site.Clock.SetTo(TestClock.InWarsaw(2014, 1, 1, 0, 1));
        await CloseDueAsync();

        var desk = await PageAsync("halina-zawadzka", ballot);
        desk.Text.ShouldContain("nierozstrzygnięte – brak kworum");
        desk.Text.ShouldNotContain("Za 4");
        desk.Document.QuerySelectorAll("#czynnosci button").Select(button => button.TextContent)
            .ShouldBe(["Przedłuż", "Skieruj na posiedzenie", "Zakończ bez rozstrzygnięcia"]);
        (await CountOfAsync(ballot, "history_entry where subject = 'ballot:{0}' and details ? 'inFavour'")).ShouldBe(0);
        (await CountOfAsync(ballot, "outbox_message where cause = 'ballot:{0}' and mail_key like '%undecided:1%'")).ShouldBe(1);
        (await ForceAsync("ewa-gorna", ballot, "glos", ("Position", "in_favour"), ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.Conflict);

        site.Clock.SetTo(TestClock.InWarsaw(2014, 1, 7, 9, 0));
        await site.RunAsync<WatchBallots, int>(watch => watch.RunOnceAsync(CancellationToken.None));
        await site.RunAsync<WatchBallots, int>(watch => watch.RunOnceAsync(CancellationToken.None));
        (await CountOfAsync(ballot, "outbox_message where cause = 'ballot:{0}' and mail_key like '%undecided_still%'")).ShouldBe(2);

        site.Clock.SetTo(TestClock.InWarsaw(2014, 1, 2, 9, 15));
        (await ActAsync("halina-zawadzka", ballot, "przedluz", ("Reason", "Święta"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await PageAsync("ewa-gorna", ballot)).Document.QuerySelector("time[datetime^='2014-01-10']").ShouldNotBeNull();
        (await ForceAsync("halina-zawadzka", ballot, "przedluz", ("Reason", "Jeszcze raz"))).Status.ShouldBe(HttpStatusCode.Conflict);
        (await CountOfAsync(ballot, "ballot_position where ballot_id = '{0}' and superseded_by_id is null")).ShouldBe(4);
        await VoteAsync(ballot, PositionKind.InFavour, "ewa-gorna");
        site.Clock.SetTo(TestClock.InWarsaw(2014, 1, 11, 0, 1));
        await CloseDueAsync();

        (await PageAsync("halina-zawadzka", ballot)).Text.ShouldContain("Oddano 5 z 9. Kworum 5: jest.");
    }

    [Fact]
    [Trait("Scenario", "S6")]
    public async Task An_alternate_votes_for_an_absent_member_who_may_take_the_vote_back()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2013, 8, 2, 9, 0));
        using var anna = await site.VisitAsync("anna-nowak");
        (await anna.SendAsync(await anna.GetAsync("/nieobecnosci"), "nieobecnosc", ("StartsOn", "2013-08-05"), ("EndsOn", "2013-08-23"), ("Mode", "alternate")))
            .Status.ShouldBe(HttpStatusCode.SeeOther);
        var ballot = await OpenAsync("osl-raport-koncowy", "marek-pole", 2013, 8, 12);
        (await PageAsync("anna-nowak", ballot)).Document.QuerySelector("time[datetime^='2013-08-20']").ShouldNotBeNull();
        var karol = await site.PersonAsync("karol-wrona");
        (await site.CountAsync($"select count(*) from outbox_message where kind = 'ballot_notice' and recipient_person_id = '{karol}'")).ShouldBe(1);

        (await PageAsync("karol-wrona", "/")).Text.ShouldContain("Zagłosuj za: Anna Nowak");
        await CastAsync("karol-wrona", ballot, PositionKind.InFavour);
        site.Clock.SetTo(TestClock.InWarsaw(2013, 8, 19, 9, 0));
        var page = await anna.GetAsync(ballot);
        page.Text.ShouldContain("głos oddał(a): Karol Wrona");
        var asked = await anna.SendAsync(page, "glos", ("Position", "against"), ("Krok", "sprawdz"));
        asked.Status.ShouldBe(HttpStatusCode.Conflict);
        asked.Text.ShouldContain("Zastępca oddał już głos");
        var check = await anna.SendAsync(page, "glos", ("Position", "against"), ("Cofam", "tak"), ("Krok", "sprawdz"));
        (await anna.SendAsync(check, "glos", ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.SeeOther);

        (await CountOfAsync(ballot, "ballot_position where ballot_id = '{0}'")).ShouldBe(2);
        (await CountOfAsync(ballot, "ballot_position where ballot_id = '{0}' and superseded_by_id is null and kind = 'against' and capacity = 'self'")).ShouldBe(1);
        (await site.CountAsync($"select count(*) from outbox_message where kind = 'ballot_news' and recipient_person_id = '{karol}'")).ShouldBe(1);
        (await PageAsync("karol-wrona", ballot)).Text.ShouldContain("Anna Nowak głosuje teraz osobiście.");
        (await PageAsync("karol-wrona", ballot)).Text.ShouldContain("Oddano 1 głos.");
    }

    [Fact]
    [Trait("Scenario", "S9")]
    public async Task A_ballot_is_repeated_on_a_new_revision_and_no_vote_is_lost_or_carried_silently()
    {
        var ballot = await OpenAsync("z2-standard-poradnictwo-projekt", "beata-rzeka", 2013, 4, 8);
        foreach (var person in new[] { "jerzy-kalina", "anna-nowak", "tomasz-brzeski" })
        {
            await ActAsync(person, ballot, "wylaczenie", ("Reason", "Autorzy"), ("Krok", "recuses"));
        }

        await VoteAsync(ballot, PositionKind.InFavour, "halina-zawadzka", "zofia-mak", "maria-dolna");
        using var adam = await site.VisitAsync("adam-lis");
        var form = await adam.GetAsync(ballot);
        var check = await adam.SendAsync(form, "glos", ("Position", "against"), ("Objection", "§ 7 ust. 2 jest sprzeczny z ustawą"), ("Krok", "sprawdz"));
        check.Text.ShouldContain("§ 7 ust. 2 jest sprzeczny z ustawą");
        await adam.SendAsync(check, "glos", ("Krok", "potwierdz"));
        using var ewa = await site.VisitAsync("ewa-gorna");
        var stale = await ewa.GetAsync(ballot);

        site.Clock.SetTo(TestClock.InWarsaw(2013, 4, 11, 11, 20));
        await SubmitAsync("z2-standard-poradnictwo-projekt", "beata-rzeka", "§ 7 ust. 2 w nowym brzmieniu.", RevisionStep.NextMinor);
        (await adam.GetAsync(ballot)).Text.ShouldContain("wersja 1.0");
        var repeated = await ActAsync("halina-zawadzka", ballot, "ponow", ("Reason", "Zmiana istotna § 7"));
        repeated.Status.ShouldBe(HttpStatusCode.SeeOther, repeated.Text);
        var next = repeated.Location!;

        var old = await adam.GetAsync(ballot);
        old.Text.ShouldContain("przerwane");
        old.Text.ShouldContain("Ponowiono na wersji 1.1");
        old.Document.QuerySelectorAll(".listing td[data-head='Głos'] strong").ShouldBeEmpty();
        var conflict = await ewa.SendAsync(stale, "glos", ("Position", "abstain"), ("Reason", "Wstrzymam się"), ("Krok", "sprawdz"));
        conflict.Status.ShouldBe(HttpStatusCode.Conflict);
        conflict.Document.QuerySelector("section[aria-labelledby=zmieniono] a[href*='porownanie']").ShouldNotBeNull();
        conflict.Document.QuerySelector($"form[action='{next}'] input[value=abstain]")!.HasAttribute("checked").ShouldBeTrue();
        conflict.Document.QuerySelector($"form[action='{next}'] textarea[name=Reason]")!.TextContent.ShouldBe("Wstrzymam się");

        var fresh = await adam.GetAsync(next);
        fresh.Document.QuerySelector("time[datetime^='2013-04-18']").ShouldNotBeNull();
        fresh.Text.ShouldContain("na wersji 1.0, oddano głos: Przeciw. Milczenie go nie podtrzymuje.");
        fresh.Text.ShouldContain("Oddano 0 głosów.");
        using var halina = await site.VisitAsync("halina-zawadzka");
        var uphold = await halina.SendAsync(await halina.GetAsync(next), "podtrzymanie", ("Krok", "sprawdz"));
        (await halina.SendAsync(uphold, "glos", ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await CountOfAsync(next, "ballot_position where ballot_id = '{0}' and upholds_id is not null and kind = 'in_favour'")).ShouldBe(1);
        (await CountOfAsync(ballot, "ballot_position where ballot_id = '{0}'")).ShouldBe(4);
        (await CountOfAsync(ballot, "ballot where id = '{0}' and outcome = 'discontinued' and in_favour_count is null")).ShouldBe(1);
    }

    [Fact]
    [Trait("Scenario", "S4")]
    public async Task Silence_runs_from_the_last_proven_notice_and_a_bounce_stops_it()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 8, 0));
        await SubmitAsync("osl-e-learning", "marek-pole", change: ChangeKind.Editorial);
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 9, 0));
        using var joanna = await site.VisitAsync("joanna-cicha");
        var ballot = (await joanna.SendAsync(await joanna.GetAsync("/produkty/osl-e-learning/glosowanie"), "otworz", ("Procedure", "tacit"))).Location!;
        await WatchAsync();
        (await joanna.GetAsync(ballot)).Text.ShouldContain("otwarte – oczekuje na zawiadomienia");
        (await PageAsync("adam-lis", "/")).Text.ShouldContain("Termin pobiegnie, gdy zawiadomienia dotrą do wszystkich.");

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 8, 7, 40));
        await SendMailAsync();
        await WatchAsync();
        (await joanna.GetAsync(ballot)).Document.QuerySelector("time[datetime^='2012-11-15']").ShouldNotBeNull();

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 9, 10, 30));
        var adam = (await site.PersonAsync("adam-lis")).ToString("D");
        await ActAsync("joanna-cicha", ballot, "zawiadomienie", ("Member", adam), ("Reason", "Zwrotka: skrzynka nie istnieje"), ("Krok", "came_back"));
        var stopped = await joanna.GetAsync(ballot);
        stopped.Text.ShouldContain("wróciło – popraw adres albo doręcz inaczej");
        stopped.Document.QuerySelector("time[datetime^='2012-11-15']").ShouldBeNull();
        await SendMailAsync();
        await WatchAsync();
        (await joanna.GetAsync(ballot)).Text.ShouldContain("otwarte – oczekuje na zawiadomienia");

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 9, 11, 0));
        await site.Database.ExecuteAsync("update person set email = 'adam.lis.nowy@example.org' where key = 'adam-lis'");
        await ActAsync("joanna-cicha", ballot, "zawiadomienie", ("Member", adam), ("Reason", "Poprawiono adres"), ("Krok", "send_again"));
        await SendMailAsync();
        await WatchAsync();
        (await joanna.GetAsync(ballot)).Document.QuerySelector("time[datetime^='2012-11-16']").ShouldNotBeNull();

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 17, 0, 1));
        await CloseDueAsync();
        (await PageAsync("halina-zawadzka", ballot)).Text.ShouldContain("Milcząca zgoda: 9 osób. Wynik: przyjęto.");
    }

    [Fact]
    public async Task A_secret_ballot_keeps_who_voted_apart_from_what_was_voted()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2013, 9, 2, 9, 0));
        await SubmitAsync("gdansk-program-pilotazu", "beata-rzeka");
        using var joanna = await site.VisitAsync("joanna-cicha");
        var open = await joanna.GetAsync("/produkty/gdansk-program-pilotazu/glosowanie");
        var refused = await joanna.SendAsync(open, "otworz", ("Secrecy", "secret"));
        refused.Text.ShouldContain("Regulamin zna uwagi blokujące");
        using var rafal = await site.VisitAsync("rafal-zdun");
        (await rafal.SendAsync(await rafal.GetAsync(Rules + "/nowa-wersja"), "regulamin", ("ObjectionsBlock", "nie"), ("Reason", "Bez uwag blokujących")))
            .Status.ShouldBe(HttpStatusCode.SeeOther);
        var ballot = (await joanna.SendAsync(open, "otworz", ("Secrecy", "secret"))).Location!;

        foreach (var (person, position) in new[]
        {
            ("halina-zawadzka", "against"), ("anna-nowak", "in_favour"), ("zofia-mak", "in_favour"), ("adam-lis", "in_favour"), ("ewa-gorna", "against"),
        })
        {
            await CastAsync(person, ballot, position);
        }

        (await PageAsync("anna-nowak", ballot)).Document.QuerySelector("form#glos").ShouldBeNull();
        (await CountOfAsync(ballot, "ballot_position where ballot_id = '{0}'")).ShouldBe(0);
        (await CountOfAsync(ballot, "ballot_elector where ballot_id = '{0}' and voted_secretly")).ShouldBe(5);
        (await CountOfAsync(ballot, "ballot_urn where ballot_id = '{0}' and in_favour = 3 and against = 2 and abstain = 0")).ShouldBe(1);
        (await CountOfAsync(ballot, "history_entry where subject = 'ballot:{0}' and details::text ~ '(in_favour|against|abstain)'")).ShouldBe(0);
        (await CountOfAsync(ballot, "command_receipt where response::text ~* '{0}' and response::text ~ '(in_favour|against|abstain)'")).ShouldBe(0);
        foreach (var reader in new[] { "halina-zawadzka", "joanna-cicha", "rafal-zdun" })
        {
            (await PageAsync(reader, ballot)).Text.ShouldNotContain("Za 3");
        }

        site.Clock.SetTo(TestClock.InWarsaw(2013, 9, 10, 0, 1));
        await CloseDueAsync();
        var closed = await PageAsync("halina-zawadzka", ballot);
        closed.Text.ShouldContain("Za 3, przeciw 2, wstrzymuje się 0.");
        closed.Document.QuerySelectorAll(".listing td[data-head='Głos'] strong").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_secretary_enters_a_position_with_its_ground_and_a_members_own_comes_first()
    {
        var ballot = await OpenAsync("z2-propozycje-prawne", "beata-rzeka", 2013, 5, 6);
        var zofia = (await site.PersonAsync("zofia-mak")).ToString("D");
        (await ActAsync("joanna-cicha", ballot, "wpisz", ("Member", zofia), ("Position", "in_favour"))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ActAsync("joanna-cicha", ballot, "wpisz", ("Member", zofia), ("Position", "in_favour"), ("Ground", "list z 6.05.2013"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await PageAsync("zofia-mak", ballot)).Text.ShouldContain("głos oddał(a): Joanna Cicha");

        await CastAsync("zofia-mak", ballot, PositionKind.Against);
        var refused = await ActAsync("joanna-cicha", ballot, "wpisz", ("Member", zofia), ("Position", "in_favour"), ("Ground", "telefon"));

        refused.Status.ShouldBe(HttpStatusCode.Conflict);
        refused.Text.ShouldContain("Członek zagłosował osobiście");
        (await CountOfAsync(ballot, "ballot_position where ballot_id = '{0}' and superseded_by_id is null and kind = 'against'")).ShouldBe(1);
        (await ActAsync("halina-zawadzka", ballot, "przerwij", ("Reason", ""))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ActAsync("halina-zawadzka", ballot, "przerwij", ("Reason", "Otwarto przez pomyłkę"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        var reopened = await ActAsync("halina-zawadzka", ballot, "wznow", ("Reason", "Nowe informacje"));
        (await PageAsync("anna-nowak", reopened.Location!)).Text.ShouldContain("To głosowanie wznawia");
    }

    [Fact]
    public async Task What_is_not_ones_own_or_does_not_exist_is_refused_and_changes_nothing()
    {
        var before = await site.CountAsync("select count(*) from history_entry");
        var foreign = $"/glosowania/{Guid.CreateVersion7(site.Clock.GetUtcNow()):D}";

        (await ForceAsync("anna-nowak", foreign, "glos", ("Position", "in_favour"), ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.NotFound);
        (await ForceAsync("anna-nowak", foreign, "przedluz", ("Reason", "Próba"))).Status.ShouldBe(HttpStatusCode.NotFound);
        foreach (var act in new[] { "przedluz", "zamknij", "przerwij", "ponow", "wznow", "bez-kworum", "oglos", "zawiadomienie", "rozstrzygniecie" })
        {
            (await ForceAsync("anna-nowak", site.BallotPath, act, ("Reason", "Próba"), ("Krok", "potwierdz"))).Status
                .ShouldBeOneOf([HttpStatusCode.Conflict, HttpStatusCode.NotFound], act);
        }

        (await site.CountAsync("select count(*) from history_entry")).ShouldBe(before);
    }

    private async Task<string> OpenAsync(string deliverable, string lead, int year, int month, int day)
    {
        site.Clock.SetTo(TestClock.InWarsaw(year, month, day, 9, 0));
        await SubmitAsync(deliverable, lead);
        site.Clock.SetTo(TestClock.InWarsaw(year, month, day, 10, 0));
        using var joanna = await site.VisitAsync("joanna-cicha");
        var opened = await joanna.SendAsync(await joanna.GetAsync($"/produkty/{deliverable}/glosowanie"), "otworz");
        opened.Status.ShouldBe(HttpStatusCode.SeeOther, opened.Text);
        return opened.Location!;
    }

    private async Task SubmitAsync(
        string deliverable, string lead, string text = "§ 1. Treść.", RevisionStep step = RevisionStep.NextMajor, ChangeKind change = ChangeKind.Material)
    {
        using var file = new MemoryStream(DocxFromText.Write("Dokument", "Rozdział 1\n\n" + text));
        var person = await site.PersonAsync(lead);
        var submitted = await site.RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(submit => submit.HandleAsync(
            new SubmitRevision.Command(deliverable, person, file, "dokument.docx", "Treść", "§ 7 ust. 2, załącznik 3", change, step, null, null),
            CancellationToken.None));
        _ = submitted.Value;
    }

    private async Task VoteAsync(string ballot, string position, params string[] people)
    {
        foreach (var person in people)
        {
            await CastAsync(person, ballot, position);
        }
    }

    private async Task CastAsync(string person, string ballot, string position)
    {
        using var visit = await site.VisitAsync(person);
        var check = await visit.SendAsync(await visit.GetAsync(ballot), "glos", ("Position", position), ("Krok", "sprawdz"));
        var receipt = await visit.SendAsync(check, "glos", ("Krok", "potwierdz"));
        receipt.Status.ShouldBe(HttpStatusCode.SeeOther, receipt.Text);
    }

    private async Task<Screen> PageAsync(string person, string path)
    {
        using var visit = await site.VisitAsync(person);
        return await visit.GetAsync(path);
    }

    private async Task<Screen> ActAsync(string person, string ballot, string act, params (string Name, string? Value)[] typed)
    {
        using var visit = await site.VisitAsync(person);
        return await visit.SendAsync(await visit.GetAsync(ballot), act, typed);
    }

    /// <summary>Sends a form that the person's page does not offer, as somebody would who kept an old page or made one up.</summary>
    private async Task<Screen> ForceAsync(string person, string ballot, string act, params (string Name, string Value)[] typed)
    {
        using var visit = await site.VisitAsync(person);
        var token = ((IHtmlInputElement)(await visit.GetAsync("/")).Document.QuerySelector("input[name=zeton]")!).Value;
        (string Name, string Value)[] fields =
            [("zeton", token), ("formularz", act), ("klucz", Guid.CreateVersion7(site.Clock.GetUtcNow()).ToString("N")), .. typed];
        using var content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        var path = act == "glos" ? ballot : ballot + "/czynnosci";
        using var answer = await visit.Client.PostAsync(new Uri(path, UriKind.Relative), content);
        return new Screen(path, answer.StatusCode, null, new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync()));
    }

    private async Task<long> CountOfAsync(string ballot, string from) =>
        await site.CountAsync("select count(*) from " + from.Replace("{0}", ballot[(ballot.LastIndexOf('/') + 1)..], StringComparison.Ordinal));

    private Task<int> CloseDueAsync() => site.RunAsync<CloseDueBallots, int>(close => close.RunOnceAsync(CancellationToken.None));

    private Task<int> WatchAsync() => site.RunAsync<WatchBallots, int>(watch => watch.RunOnceAsync(CancellationToken.None));

    private Task<DispatchCounts> SendMailAsync() => site.RunAsync<OutboxDispatcher, DispatchCounts>(send => send.RunOnceAsync(CancellationToken.None));
}
