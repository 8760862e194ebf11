using System.Net;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

[Trait("Scenario", "S1")]
public sealed class VotingTests : IAsyncLifetime
{
    private readonly DemoSite site = new();

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact]
    public async Task The_start_page_says_what_is_asked_until_when_and_whose_vote_completes_the_quorum()
    {
        await site.VoteAsync("halina-zawadzka", PositionKind.InFavour);
        await site.VoteAsync("tomasz-brzeski", PositionKind.Against);
        await site.VoteAsync("jerzy-kalina", PositionKind.Against);
        using var anna = await site.VisitAsync("anna-nowak");

        var home = await anna.GetAsync("/");

        home.Document.QuerySelector("#do-glosowania")!.TextContent.ShouldBe("Do głosowania (1)");
        home.Text.ShouldContain("Oddano 3 głosy. Do kworum brakuje 1 głosu. Twój głos domyka kworum.");
        home.Text.ShouldContain("wtorek, 6 listopada 2012, 23:59 (jutro)");
        home.Document.QuerySelector("time[datetime='2012-11-06T23:59:59+01:00']").ShouldNotBeNull();
    }

    [Fact]
    public async Task Nobody_sees_a_position_of_another_before_the_ballot_closes()
    {
        await site.VoteAsync("halina-zawadzka", PositionKind.Against);
        foreach (var person in new[] { "anna-nowak", "joanna-cicha", "krystyna-jasna", "marek-pole" })
        {
            using var visit = await site.VisitAsync(person);

            var page = await visit.GetAsync(site.BallotPath);

            page.Document.QuerySelectorAll(".listing td[data-head='Głos']").Count(cell => cell.TextContent.Contains("Przeciw", StringComparison.Ordinal))
                .ShouldBe(0, person);
            page.Text.ShouldContain("Oddano 1 głos.");
        }
    }

    [Fact]
    public async Task Without_a_position_the_page_asks_for_one_and_keeps_the_reason()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var page = await anna.GetAsync(site.BallotPath);

        var refused = await anna.SendAsync(page, "glos", ("Position", null), ("Reason", "Mam wątpliwość do pkt 4"), ("Krok", "sprawdz"));

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Document.Title.ShouldStartWith("Błąd:");
        var link = refused.Document.QuerySelector(".error-summary[autofocus] a")!;
        link.TextContent.ShouldBe("Wybierz: Za / Przeciw / Wstrzymuję się.");
        refused.Document.QuerySelector(link.GetAttribute("href")!).ShouldNotBeNull();
        refused.Document.QuerySelector("textarea[name=Reason]")!.TextContent.ShouldBe("Mam wątpliwość do pkt 4");
        (await site.CountAsync("select count(*) from ballot_position")).ShouldBe(0);
    }

    [Fact]
    public async Task A_vote_is_checked_then_confirmed_and_the_receipt_says_when_and_on_what()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var page = await anna.GetAsync(site.BallotPath);
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 8, 10));

        var check = await anna.SendAsync(page, "glos", ("Position", "in_favour"), ("Krok", "sprawdz"));
        (await site.CountAsync("select count(*) from ballot_position")).ShouldBe(0);
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6, 8, 11));
        var confirmed = await anna.SendAsync(check, "glos", ("Krok", "potwierdz"));
        var receipt = await anna.GetAsync(confirmed.Location!);

        check.Document.QuerySelector("h1")!.TextContent.ShouldBe("Sprawdź przed oddaniem głosu");
        check.Text.ShouldContain("Nic jeszcze nie zostało zapisane.");
        confirmed.Status.ShouldBe(HttpStatusCode.SeeOther);
        receipt.Text.ShouldContain("Głos oddany 6.11.2012, 8:11, na wersję 1.0");
        receipt.Document.QuerySelectorAll(".receipt .hash")[0].TextContent.Length.ShouldBe(64);
        (await site.CountAsync("select count(*) from ballot_position")).ShouldBe(1);
        (await site.CountAsync("select count(*) from history_entry where kind = 'vote_cast'")).ShouldBe(1);
        (await site.CountAsync("select count(*) from outbox_message where kind = 'vote_recorded'")).ShouldBe(1);
    }

    [Fact]
    public async Task Going_back_from_the_check_loses_no_word()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var check = await anna.SendAsync(
            await anna.GetAsync(site.BallotPath), "glos", ("Position", "against"), ("Reason", "Brak kosztów"), ("Krok", "sprawdz"));

        var again = await anna.SendAsync(check, "glos", ("Krok", "popraw"));

        again.Status.ShouldBe(HttpStatusCode.OK);
        again.Document.Title!.ShouldNotStartWith("Błąd:");
        again.Document.QuerySelector("input[value=against]")!.HasAttribute("checked").ShouldBeTrue();
        again.Document.QuerySelector("textarea[name=Reason]")!.TextContent.ShouldBe("Brak kosztów");
    }

    [Fact]
    [Trait("Scenario", "S12")]
    public async Task A_button_pressed_twice_casts_one_position()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var check = await anna.SendAsync(await anna.GetAsync(site.BallotPath), "glos", ("Position", "in_favour"), ("Krok", "sprawdz"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var request = Visit.Request(check, "glos", ("Krok", "potwierdz"));
            using var answer = await anna.Client.SendAsync(request);
            return answer.StatusCode;
        }));

        answers.ShouldAllBe(status => status == HttpStatusCode.SeeOther);
        (await site.CountAsync("select count(*) from ballot_position")).ShouldBe(1);
        (await site.CountAsync("select count(*) from history_entry where kind = 'vote_cast'")).ShouldBe(1);
        (await site.CountAsync("select count(*) from outbox_message where kind = 'vote_recorded'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_position_after_the_end_is_refused_in_words_and_changes_nothing()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var check = await anna.SendAsync(await anna.GetAsync(site.BallotPath), "glos", ("Position", "in_favour"), ("Krok", "sprawdz"));
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 0));

        var refused = await anna.SendAsync(check, "glos", ("Krok", "potwierdz"));

        refused.Status.ShouldBe(HttpStatusCode.Conflict);
        refused.Document.QuerySelector(".error-summary")!.TextContent.ShouldContain("zamknięte");
        (await site.CountAsync("select count(*) from ballot_position")).ShouldBe(0);
    }

    [Fact]
    public async Task A_recused_member_reads_why_and_finds_no_form()
    {
        using var maria = await site.VisitAsync("maria-dolna");

        var page = await maria.GetAsync(site.BallotPath);

        page.Document.QuerySelector("form#glos").ShouldBeNull();
        page.Text.ShouldContain("Nie głosujesz w tej sprawie: organizacja członka jest autorem dokumentu.");
    }

    [Fact]
    [Trait("Scenario", "S2")]
    public async Task After_the_end_the_counts_and_who_settled_the_tie_are_shown()
    {
        foreach (var person in new[] { "halina-zawadzka", "anna-nowak", "zofia-mak" })
        {
            await site.VoteAsync(person, PositionKind.InFavour);
        }

        foreach (var person in new[] { "tomasz-brzeski", "jerzy-kalina", "adam-lis" })
        {
            await site.VoteAsync(person, PositionKind.Against);
        }

        await site.VoteAsync("ewa-gorna", PositionKind.Abstain);
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 5));
        await site.RunAsync<CloseDueBallots, int>(close => close.RunOnceAsync(CancellationToken.None));
        using var halina = await site.VisitAsync("halina-zawadzka");

        var page = await halina.GetAsync(site.BallotPath);

        page.Text.ShouldContain("Oddano 7 z 7. Kworum 4: jest. Za 3, przeciw 3, wstrzymuje się 1.");
        page.Text.ShouldContain("Równość – rozstrzyga głos: Halina Zawadzka.");
        page.Text.ShouldContain("Wynik: przyjęto.");
        page.Text.ShouldContain("Uchwała nr 1/2012");
    }

    [Fact]
    public async Task What_if_answers_by_the_rules_and_betrays_nothing()
    {
        using var anna = await site.VisitAsync("anna-nowak");

        (await anna.GetAsync(site.BallotPath + "?za=3&przeciw=3&wstrzymuje=1")).Text.ShouldContain("Za 3, przeciw 3, wstrzymuje się 1: przyjęto.");
        (await anna.GetAsync(site.BallotPath + "?za=1&przeciw=2&wstrzymuje=1")).Text.ShouldContain("Za 1, przeciw 2, wstrzymuje się 1: nie przyjęto.");
        (await anna.GetAsync(site.BallotPath + "?za=3&przeciw=0&wstrzymuje=0")).Text.ShouldContain("nierozstrzygnięte – brak kworum");
        (await anna.GetAsync(site.BallotPath + "?za=9&przeciw=9&wstrzymuje=0")).Text.ShouldContain("Tylu uprawnionych nie ma: jest ich 7.");
        (await anna.GetAsync(site.BallotPath)).Text.ShouldContain("Jeżeli zagłosują wszyscy i nikt się nie wstrzyma, przejdzie mimo 3 głosów „przeciw”.");
    }
}
