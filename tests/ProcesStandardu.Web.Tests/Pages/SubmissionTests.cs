using System.Net;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

[Trait("Scenario", "S3")]
public sealed class SubmissionTests(DemoSite site) : IClassFixture<DemoSite>
{
    private static readonly (string, string?)[] Declared = [("Declared", "template"), ("Declared", "logos")];

    private const string Address = "/produkty/osl-pakiet-edukacyjny/nowa-wersja";

    [Fact]
    public async Task A_revision_is_handed_in_and_the_page_says_what_happens_next()
    {
        using var marek = await site.VisitAsync("marek-pole");
        var form = await marek.GetAsync("/produkty/osl-raport-koncowy/nowa-wersja");

        var waiting = await marek.SendFileAsync(
            form, "wersja", "File", "raport.docx", DocxFromText.Write("Raport", "§ 1. Raport."),
            [("Summary", "Raport końcowy"), .. Declared, ("Krok", "wyslij")]);
        waiting.Status.ShouldBe(HttpStatusCode.SeeOther, waiting.Text);
        var page = await marek.GetAsync(waiting.Location!);
        page.Document.QuerySelector("form#cofnij button")!.TextContent.ShouldBe("Cofnij (zostało 10 min)");
        (await site.CountAsync("select count(*) from revision where deliverable_key = 'osl-raport-koncowy'")).ShouldBe(0);

        var sent = await marek.SendAsync(page, "odrazu");
        page = await marek.GetAsync(sent.Location!);

        page.Document.QuerySelector("#przeslano")!.TextContent.ShouldBe("Wersja 0.9 została przesłana");
        (await site.CountAsync("select count(*) from revision where deliverable_key = 'osl-raport-koncowy'")).ShouldBe(1);
        (await site.CountAsync(
            "select count(*) from history_entry where kind = 'revision_submitted' and subject = 'deliverable:osl-raport-koncowy'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_file_is_refused_beside_its_field_and_every_word_stays()
    {
        using var marek = await site.VisitAsync("marek-pole");
        var form = await marek.GetAsync(Address);

        var refused = await marek.SendFileAsync(
            form, "wersja", "File", "kosztorys_2012.xlsx", "to nie jest dokument"u8.ToArray(),
            ("Summary", "Pakiet dla <b>uczestników</b>"), ("ChangeKind", nameof(ChangeKind.Editorial)));

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Document.QuerySelector(".error-summary a")!.GetAttribute("href").ShouldBe("#wersja-file");
        refused.Document.QuerySelector("#wersja-file-blad").ShouldNotBeNull();
        refused.Document.QuerySelector("textarea[name=Summary]")!.TextContent.ShouldBe("Pakiet dla <b>uczestników</b>");
        refused.Document.QuerySelector($"input[value={nameof(ChangeKind.Editorial)}]")!.HasAttribute("checked").ShouldBeTrue();
        (await site.CountAsync("select count(*) from revision where deliverable_key = 'osl-pakiet-edukacyjny'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_button_pressed_twice_makes_one_revision()
    {
        using var marek = await site.VisitAsync("marek-pole");
        var form = await marek.GetAsync("/produkty/osl-propozycje-prawne/nowa-wersja");
        var file = DocxFromText.Write("Propozycje", "§ 1. Propozycje.");

        var sent = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            marek.SendFileAsync(form, "wersja", "File", "propozycje.docx", file, ("Summary", "Propozycje"), ("Declared", "justification"))));

        sent.ShouldAllBe(screen => screen.Status == HttpStatusCode.SeeOther);
        sent.Select(screen => screen.Location).Distinct().Count().ShouldBe(1);
        var now = await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ => await marek.SendAsync(await marek.GetAsync(sent[0].Location!), "odrazu")));
        now.Count(screen => screen.Status == HttpStatusCode.SeeOther).ShouldBeGreaterThan(0);
        (await site.CountAsync("select count(*) from revision where deliverable_key = 'osl-propozycje-prawne'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_draft_may_lack_things_and_is_there_again_with_its_file()
    {
        using var marek = await site.VisitAsync("marek-pole");
        const string key = "/produkty/osl-podsumowanie-pilotazu/nowa-wersja";
        var saved = await marek.SendFileAsync(
            await marek.GetAsync(key), "wersja", "File", "podsumowanie.docx", DocxFromText.Write("P", "§ 1. Pilotaż."), ("Summary", ""), ("Krok", "szkic"));
        saved.Status.ShouldBe(HttpStatusCode.SeeOther, saved.Text);

        var again = await marek.GetAsync(key);
        again.Text.ShouldContain("podsumowanie.docx");
        var refused = await marek.SendAsync(again, "wersja", ("Summary", "Co wynika z pilotażu"), ("Krok", "wyslij"));
        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Text.ShouldContain("Lista kompletności ma niepotwierdzone pozycje (liczba: 3)");

        (await marek.SendAsync(again, "usun")).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await site.CountAsync("select count(*) from stored_file where file_name = 'podsumowanie.docx'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_download_can_be_continued_and_says_its_hash()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var link = (await anna.GetAsync("/produkty/osl-wnioski-1")).Document.QuerySelector("a[href$='/plik']")!.GetAttribute("href")!;
        using var whole = await anna.Client.GetAsync(link, TestContext.Current.CancellationToken);
        var bytes = await whole.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, link);
        request.Headers.Range = new(100, 199);
        request.Headers.IfRange = new(whole.Headers.ETag!);
        using var part = await anna.Client.SendAsync(request, TestContext.Current.CancellationToken);
        using var other = new HttpRequestMessage(HttpMethod.Get, link);
        other.Headers.Range = new(100, 199);
        other.Headers.IfRange = new(new System.Net.Http.Headers.EntityTagHeaderValue("\"inny\""));
        using var changed = await anna.Client.SendAsync(other, TestContext.Current.CancellationToken);

        whole.Headers.ETag!.Tag.ShouldBe($"\"{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}\"");
        whole.Headers.GetValues("Repr-Digest").Single().ShouldBe($"sha-256=:{Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(bytes))}:");
        whole.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).ShouldBe(bytes[100..200]);
        changed.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    [Trait("Scenario", "S1")]
    public async Task A_member_compares_two_revisions_and_comments_on_a_place()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var ballot = await anna.GetAsync(site.BallotPath);
        var compare = ballot.Document.QuerySelector("a[href*='/porownanie']")!.GetAttribute("href")!;

        var difference = await anna.GetAsync(compare);
        var table = await anna.GetAsync("/produkty/osl-wnioski-1/uwagi");
        var sent = await anna.SendAsync(
            table, "uwaga", ("ClauseReference", "rozdz. 2, pkt 4"), ("Text", "<script>alert(1)</script> brakuje kosztów"));
        var after = await anna.GetAsync(sent.Location!);

        difference.Document.QuerySelector("ins")!.TextContent.ShouldContain("rekomendacje");
        sent.Status.ShouldBe(HttpStatusCode.SeeOther);
        after.Text.ShouldContain("rozdz. 2, pkt 4");
        after.Text.ShouldContain("<script>alert(1)</script> brakuje kosztów");
        after.Document.QuerySelectorAll("main script").ShouldBeEmpty();
        (await site.CountAsync("select count(*) from history_entry where kind = 'comment_submitted'")).ShouldBe(1);
    }

    [Fact]
    public async Task An_empty_comment_is_refused_with_a_link_to_its_field()
    {
        using var anna = await site.VisitAsync("anna-nowak");

        var refused = await anna.SendAsync(
            await anna.GetAsync("/produkty/osl-wnioski-1/uwagi"), "uwaga", ("ClauseReference", "rozdz. 1"), ("Text", " "));

        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Document.QuerySelector(".error-summary a")!.GetAttribute("href").ShouldBe("#uwaga-text");
        refused.Document.QuerySelector("input[name=ClauseReference]")!.GetAttribute("value").ShouldBe("rozdz. 1");
    }
}
