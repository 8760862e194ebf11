using System.Net;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

public sealed class FormsTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Fact]
    public async Task A_question_of_a_workflow_is_answered_once_by_who_holds_the_role()
    {
        var id = Guid.CreateVersion7(site.Clock.GetUtcNow());
        var form = $"decyzja-{id:N}-formularz";
        await site.Database.ScalarAsync<int>(
            """
            insert into decision_request (id, instance_id, role, title, choices, deliverable_key, asked_at, state)
            values ($1, $1, 'chair', 'Co dalej?', array['Ponów głosowanie', 'Zwróć liderowi'], 'osl-wnioski-1', now(), 'open') returning 1
            """,
            id);
        using var halina = await site.VisitAsync("halina-zawadzka");
        using var anna = await site.VisitAsync("anna-nowak");
        var home = await halina.GetAsync("/");

        (await anna.GetAsync("/")).Document.QuerySelector($"form#{form}").ShouldBeNull();
        using var foreign = Visit.Request(await anna.GetAsync("/"), "jezyk", ("Choice", "Ponów głosowanie"));
        foreign.RequestUri = new Uri($"/decyzje/{id:D}", UriKind.Relative);
        using var refusedToAnna = await anna.Client.SendAsync(foreign);
        var empty = await halina.SendAsync(home, form);
        var answered = await halina.SendAsync(home, form, ("Choice", "Ponów głosowanie"));
        var again = await halina.SendAsync(home, form, ("Choice", "Ponów głosowanie"));

        refusedToAnna.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        empty.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        empty.Document.QuerySelector(".error-summary")!.TextContent.ShouldContain("Wybierz jedną z odpowiedzi.");
        empty.Document.QuerySelector($"form#{form}").ShouldNotBeNull();
        answered.Status.ShouldBe(HttpStatusCode.SeeOther);
        again.Status.ShouldBe(HttpStatusCode.SeeOther);
        (await site.CountAsync("select count(*) from history_entry where kind = 'decision_taken'")).ShouldBe(1);
    }

    [Theory]
    [InlineData("1 500", HttpStatusCode.SeeOther)]
    [InlineData("dużo", HttpStatusCode.UnprocessableEntity)]
    [InlineData("", HttpStatusCode.UnprocessableEntity)]
    public async Task A_lead_reports_a_value_as_people_write_numbers(string value, HttpStatusCode status)
    {
        using var marek = await site.VisitAsync("marek-pole");
        var page = await marek.GetAsync("/wskazniki/osl-przeszkoleni");

        var sent = await marek.SendAsync(page, "wartosc", ("Value", value), ("Evidence", "listy obecności"));

        sent.Status.ShouldBe(status);
        if (status == HttpStatusCode.UnprocessableEntity)
        {
            sent.Document.QuerySelector(".error-summary a")!.GetAttribute("href").ShouldBe("#wartosc-value");
            sent.Document.QuerySelector("input[name=Evidence]")!.GetAttribute("value").ShouldBe("listy obecności");
        }
    }

    [Fact]
    public async Task The_clock_moves_forward_only()
    {
        using var rafal = await site.VisitAsync("rafal-zdun");
        var page = await rafal.GetAsync("/zegar");

        var back = await rafal.SendAsync(page, "data", ("Date", "2012-11-01"), ("Krok", "data"));
        var nothing = await rafal.SendAsync(page, "data", ("Date", ""), ("Krok", "data"));

        back.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        back.Document.QuerySelector("#data-date-blad")!.TextContent.ShouldContain("tylko do przodu");
        nothing.Document.QuerySelector("#data-date-blad").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_mail_shows_its_text_and_its_looks_in_a_frame_that_can_do_nothing()
    {
        using var joanna = await site.VisitAsync("joanna-cicha");
        var list = await joanna.GetAsync("/poczta");

        var mail = await joanna.GetAsync(list.Document.QuerySelector(".listing a")!.GetAttribute("href")!);
        var frame = mail.Document.QuerySelector("iframe")!;
        using var html = await joanna.Client.GetAsync(frame.GetAttribute("src"));

        mail.Document.QuerySelector(".mail-body")!.TextContent.ShouldNotBeNullOrWhiteSpace();
        frame.GetAttribute("sandbox").ShouldBe("");
        html.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("sandbox; default-src 'none'");
    }

    [Fact]
    public async Task A_file_is_kept_and_never_opened_as_a_page_of_ours()
    {
        using var anna = await site.VisitAsync("anna-nowak");
        var page = await anna.GetAsync("/produkty/osl-wnioski-1");
        var address = page.Document.QuerySelector("a[href$='/plik']")!.GetAttribute("href")!;

        using var file = await anna.Client.GetAsync(address);

        file.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        file.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("sandbox");
        file.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
    }
}
