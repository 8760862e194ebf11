using System.Net;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

[Trait("Scenario", "S3")]
public sealed class SubmissionTests(DemoSite site) : IClassFixture<DemoSite>
{
    private const string Address = "/produkty/osl-pakiet-edukacyjny/nowa-wersja";

    [Fact]
    public async Task A_revision_is_handed_in_and_the_page_says_what_happens_next()
    {
        using var marek = await site.VisitAsync("marek-pole");
        var form = await marek.GetAsync("/produkty/osl-raport-koncowy/nowa-wersja");

        var sent = await marek.SendFileAsync(
            form, "wersja", "File", "raport.docx", DocxFromText.Write("Raport", "§ 1. Raport."), ("Summary", "Raport końcowy"));
        var page = await marek.GetAsync(sent.Location!);

        sent.Status.ShouldBe(HttpStatusCode.SeeOther);
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
            marek.SendFileAsync(form, "wersja", "File", "propozycje.docx", file, ("Summary", "Propozycje"))));

        sent.ShouldAllBe(screen => screen.Status == HttpStatusCode.SeeOther);
        sent.Select(screen => screen.Location).Distinct().Count().ShouldBe(1);
        (await site.CountAsync("select count(*) from revision where deliverable_key = 'osl-propozycje-prawne'")).ShouldBe(1);
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
