using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

/// <summary>A text that changes editorially under a ballot, and a ballot on which too many act at once, over HTTP.</summary>
public sealed class EditorialChangeTests : IAsyncLifetime
{
    private readonly DemoSite site = new();

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact]
    [Trait("Scenario", "S9")]
    public async Task Votes_survive_an_editorial_revision_until_somebody_says_that_it_is_none()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2012, 10, 30, 9, 0));
        await site.VoteAsync("anna-nowak", "in_favour");
        using var zofia = await site.VisitAsync("zofia-mak");
        var stale = await zofia.GetAsync(site.BallotPath);
        await site.SubmitAsync(
            DemoSite.Deliverable, "Rozdział 1\n\n§ 1. Wnioski z pilotażu oraz rekomendacje.", RevisionStep.NextMinor, ChangeKind.Editorial);
        using var halina = await site.VisitAsync("halina-zawadzka");

        var asked = await halina.GetAsync(site.BallotPath);
        asked.Text.ShouldContain("Wersja 1.1 jest oznaczona jako redakcyjna");
        asked.Text.ShouldContain("może zgłosić „To nie jest redakcyjne”");
        using var member = await site.VisitAsync("adam-lis");
        (await member.GetAsync(site.BallotPath)).Document.QuerySelector("form#redakcyjna").ShouldBeNull();
        (await halina.SendAsync(asked, "redakcyjna", ("Reason", "Poprawiono literówki"))).Status.ShouldBe(HttpStatusCode.SeeOther);

        // The vote stands and says so; a form from before is refused with the way to the difference, and keeps what was typed.
        using var anna = await site.VisitAsync("anna-nowak");
        var hers = await anna.GetAsync(site.BallotPath);
        hers.Text.ShouldContain("Tekst zmieniono redakcyjnie: 1.0 → 1.1");
        hers.Text.ShouldContain("Twój głos trwa.");
        hers.Text.ShouldContain("Oddano 1 głos.");
        var conflict = await zofia.SendAsync(stale, "glos", ("Position", "abstain"), ("Reason", "Bez opinii"), ("Krok", "sprawdz"));
        conflict.Status.ShouldBe(HttpStatusCode.Conflict);
        conflict.Document.QuerySelector("section[aria-labelledby=inny-tekst] a[href*='porownanie']").ShouldNotBeNull();
        conflict.Document.QuerySelector("form#glos textarea[name=Reason]")!.TextContent.ShouldBe("Bez opinii");
        var resent = await zofia.SendAsync(conflict, "glos", ("Position", "abstain"), ("Krok", "sprawdz"));
        (await zofia.SendAsync(resent, "glos", ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.SeeOther);

        var contested = await member.SendAsync(await member.GetAsync(site.BallotPath), "nie-redakcyjna", ("Reason", "„oraz” zmienia sens"));
        contested.Status.ShouldBe(HttpStatusCode.SeeOther, contested.Text);
        contested.Location.ShouldNotBe(site.BallotPath);
        (await anna.GetAsync(site.BallotPath)).Text.ShouldContain("Adam Lis: „To nie jest redakcyjne” – „oraz” zmienia sens");
        var next = await anna.GetAsync(contested.Location!);
        next.Text.ShouldContain("Oddano 0 głosów.");
        next.Document.QuerySelector("form#podtrzymanie").ShouldNotBeNull();
        (await site.CountAsync("select count(*) from outbox_message where mail_key like '%editorial_contested%'")).ShouldBeGreaterThan(0);
    }

    [Fact]
    [Trait("Scenario", "S12")]
    public async Task One_too_many_is_told_when_to_come_back_and_one_press_sends_the_same_vote_once_more()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var check = await anna.SendAsync(
            await anna.GetAsync(site.BallotPath), "glos", ("Position", "in_favour"), ("Reason", "Dobre wnioski"), ("Krok", "sprawdz"));
        var queue = site.Pages.Services.GetRequiredService<BallotTurns>();
        var crowd = Enumerable.Range(0, BallotTurns.Through + BallotTurns.Waiting)
            .Select(_ => queue.TakeAsync(site.BallotId, CancellationToken.None)).ToList();

        using var request = Visit.Request(check, "glos", ("Krok", "potwierdz"));
        using var answer = await anna.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(2));
        var busy = await anna.SendAsync(check, "glos", ("Krok", "potwierdz"));
        busy.Text.ShouldContain("Nic nie zostało zapisane i nic nie przepadło");
        (await site.CountAsync("select count(*) from ballot_position")).ShouldBe(0);

        foreach (var turn in crowd)
        {
            (await turn)!.Dispose();
        }

        (await anna.SendAsync(busy, "glos")).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await site.CountAsync("select count(*) from ballot_position where kind = 'in_favour' and reason = 'Dobre wnioski'")).ShouldBe(1);
    }
}
