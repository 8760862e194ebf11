using System.Net;
using System.Text;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

[Trait("Scenario", "S2")]
[Trait("Scenario", "S9")]
public sealed class CommentTableTests(DemoSite site) : IClassFixture<DemoSite>
{
    private const string Table = "/produkty/osl-wnioski-1/uwagi";

    [Fact]
    public async Task A_table_comes_from_a_file_is_decided_upheld_and_leaves_as_the_report_of_divergences()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        using var marek = await site.VisitAsync("marek-pole");

        // The secretary of an office sends its table; it is shown before anything is saved.
        var older = await site.Database.ScalarAsync<Guid>(
            "select id from revision where deliverable_key = 'osl-wnioski-1' order by major, minor limit 1");
        var sent = await anna.SendFileAsync(
            await anna.GetAsync(Table + "/wczytaj"), "tabela", "File", "uwagi MZ.csv",
            Encoding.GetEncoding("utf-8").GetBytes(
                "Lp.;Jednostka redakcyjna;Rodzaj;Treść uwagi;Uzasadnienie;Propozycja zmiany;Stanowisko\n"
                + "1;§ 1;merytoryczna;Wnioski bez <b>rekomendacji</b>.;;dodać rekomendacje;\n"
                + "2;§ 1;merytoryczna;Brak kosztów.;Budżet;;nieuwzględniona\n"),
            ("RevisionId", $"{older:D}"), ("Reporter", "Ministerstwo Zdrowia"));
        sent.Status.ShouldBe(HttpStatusCode.SeeOther);
        var preview = await anna.GetAsync(sent.Location!);
        preview.Text.ShouldContain("Nowe uwagi: 2, dopisani zgłaszający: 0, już znane: 0.");
        preview.Text.ShouldContain("Tych kolumn nie wczytujemy: Stanowisko.");
        preview.Document.QuerySelectorAll("tbody th").Select(cell => cell.TextContent).ShouldBe(["wiersz 2", "wiersz 3"]);
        (await site.CountAsync("select count(*) from comment")).ShouldBe(0);
        using (var rafal = await site.VisitAsync("rafal-zdun"))
        {
            (await rafal.GetAsync(sent.Location!)).Status.ShouldBe(HttpStatusCode.NotFound);
        }

        var taken = await anna.SendAsync(preview, "wczytaj");
        var table = await anna.GetAsync(taken.Location!);
        table.Text.ShouldContain("Wczytano tabelę. Nowe uwagi: 2, dopisani zgłaszający: 0, już znane: 0.");
        table.Text.ShouldContain("Wnioski bez <b>rekomendacji</b>.");
        table.Document.QuerySelectorAll("td b").ShouldBeEmpty();

        // The lead accepts the first: only where the text really changed.
        var links = table.Document.QuerySelectorAll("tbody th a").Select(link => link.GetAttribute("href")!).ToList();
        links.Count.ShouldBe(2);
        var page = await marek.GetAsync(links[0]);
        page.Document.QuerySelectorAll("#stanowisko-change option").Select(option => option.TextContent)
            .ShouldBe(["bez zmiany w tekście", "wersja 1.0: § 1"]);
        (await marek.SendAsync(page, "stanowisko", ("Kind", "Accepted"))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var change = page.Document.QuerySelectorAll("#stanowisko-change option")[^1].GetAttribute("value")!;
        var accepted = await marek.SendAsync(page, "stanowisko", ("Kind", "Accepted"), ("Change", change));
        accepted.Status.ShouldBe(HttpStatusCode.SeeOther);
        (await marek.GetAsync(accepted.Location!)).Text.ShouldContain("Zmiana: § 1 w wersji 1.0.");

        // The second he refuses, with its reason.
        var second = await marek.GetAsync(links[1]);
        var refused = await marek.SendAsync(second, "stanowisko", ("Kind", "NotAccepted"));
        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Text.ShouldContain("Napisz, dlaczego.");
        (await marek.SendAsync(second, "stanowisko", ("Kind", "NotAccepted"), ("Reason", "Koszty są w załączniku.")))
            .Status.ShouldBe(HttpStatusCode.SeeOther);
        (await marek.SendAsync(await marek.GetAsync(Table), "zawiadom")).Location.ShouldEndWith("?zawiadomiono=1");
        (await site.CountAsync("select count(*) from outbox_message where kind = 'comments_decided'")).ShouldBe(1);

        // She who sent the table upholds it.
        var asked = await anna.GetAsync(links[1]);
        asked.Document.QuerySelector("form#stanowisko").ShouldBeNull();
        (await anna.SendAsync(asked, "odpowiedz", ("Kind", "NotSatisfied"), ("Words", "Bez kwot nie da się planować.")))
            .Status.ShouldBe(HttpStatusCode.SeeOther);
        var report = await anna.GetAsync("/produkty/osl-wnioski-1/rozbieznosci");
        report.Text.ShouldContain("Koszty są w załączniku.");
        report.Text.ShouldContain("podtrzymuje uwagę – Bez kwot nie da się planować.");
        report.Document.QuerySelectorAll("article").Length.ShouldBe(1);

        var word = await anna.Client.GetAsync("/produkty/osl-wnioski-1/rozbieznosci.docx");
        (await word.Content.ReadAsByteArrayAsync())[..2].ShouldBe("PK"u8.ToArray());
        word.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        var csv = Encoding.UTF8.GetString(await anna.Client.GetByteArrayAsync(Table + "/tabela.csv"));
        csv.ShouldContain("\"nieuwzględniona\nKoszty są w załączniku.\nAnna Nowak: podtrzymuje uwagę. Bez kwot nie da się planować.\"");
    }

    [Fact]
    public async Task A_file_with_mistakes_names_its_rows_and_offers_nothing_to_save()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var form = await anna.GetAsync(Table + "/wczytaj");

        var sent = await anna.SendFileAsync(
            form, "tabela", "File", "uwagi.csv", Encoding.UTF8.GetBytes("Rodzaj;Treść uwagi\nogólna;dobra\nmerytoryczna;bez miejsca\n"));
        var preview = await anna.GetAsync(sent.Location!);
        var wrong = await anna.SendFileAsync(form, "tabela", "File", "uwagi.xlsx", [0x50, 0x4b, 3, 4, 5, 6, 7, 8]);

        preview.Text.ShouldContain("wiersz 3: brak jednostki redakcyjnej; bez niej może być tylko uwaga ogólna");
        preview.Document.QuerySelector("form#wczytaj").ShouldBeNull();
        wrong.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }
}
