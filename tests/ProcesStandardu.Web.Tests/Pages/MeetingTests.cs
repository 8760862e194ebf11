using System.Net;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

[Trait("Scenario", "S2")]
public sealed class MeetingTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Fact]
    public async Task A_sitting_goes_from_plan_to_approved_minutes_by_its_forms()
    {
        using var secretary = await site.VisitAsync("joanna-cicha");
        using var chair = await site.VisitAsync("halina-zawadzka");
        using var observer = await site.VisitAsync("krystyna-jasna");
        var list = await secretary.GetAsync("/posiedzenia");
        (await observer.GetAsync("/posiedzenia")).Document.QuerySelector("form#plan").ShouldBeNull();
        (await secretary.SendAsync(list, "plan", ("Day", "2012-11-13"))).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);

        // Monday 5 November: the sitting of the 9th is too soon, that of the 13th is not.
        var soon = await secretary.SendAsync(list, "plan", ("Day", "2012-11-09"), ("Hour", "10:00"), ("Place", "Sala 1"), ("Agenda", "Wnioski"));
        var refused = await secretary.SendAsync(await secretary.GetAsync(soon.Location!), "zwolanie");
        refused.Status.ShouldBe(HttpStatusCode.Conflict);
        refused.Text.ShouldContain("Najwcześniejszy dzień: 12.11.2012");
        var planned = await secretary.SendAsync(
            await secretary.GetAsync("/posiedzenia"), "plan", ("Day", "2012-11-13"), ("Hour", "10:00"), ("Place", "Sala 1"),
            ("Agenda", "Wnioski <b>z pilotażu</b>\nSprawy różne"));
        (await observer.GetAsync(planned.Location!)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await secretary.SendAsync(await secretary.GetAsync(planned.Location!), "zwolanie")).Status.ShouldBe(HttpStatusCode.SeeOther);
        var convened = await observer.GetAsync(planned.Location!);
        convened.Text.ShouldContain("Wnioski <b>z pilotażu</b>");
        convened.Document.QuerySelector("form#obecnosc").ShouldBeNull();

        // The agenda changes and everybody convened is told; the day stands.
        var revised = await secretary.SendAsync(
            await secretary.GetAsync(planned.Location!), "zmiana", ("Agenda", "Wnioski <b>z pilotażu</b>\nPlan na 2013 rok\nSprawy różne"));
        revised.Status.ShouldBe(HttpStatusCode.SeeOther, revised.Text);
        (await observer.GetAsync(planned.Location!)).Text.ShouldContain("Plan na 2013 rok");
        (await site.CountAsync($"select count(*) from outbox_message where kind = 'meeting_convocation' and cause = 'meeting:{planned.Location!.Split('/')[^1]}'")).ShouldBe(
            2 * await site.CountAsync("select count(distinct person_id) from body_member where body_key = 'zespol-doradczy'"));
        var moved = await secretary.SendAsync(await secretary.GetAsync(planned.Location!), "zmiana", ("Day", "2012-11-14"));
        moved.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        moved.Text.ShouldContain("Aby je przenieść, odwołaj je i zwołaj nowe.");

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 13, 12, 0));
        var page = await secretary.GetAsync(planned.Location!);
        var presence = page.Document.QuerySelector("#obecnosc select")!.GetAttribute("name")!;
        (await secretary.SendAsync(page, "obecnosc", (presence, "present"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await secretary.SendAsync(await secretary.GetAsync(planned.Location!), "protokol", ("Minutes", "Bez dalszych uwag."))).Status
            .ShouldBe(HttpStatusCode.SeeOther);
        (await chair.SendAsync(await chair.GetAsync(planned.Location!), "zatwierdzenie")).Status.ShouldBe(HttpStatusCode.SeeOther);

        var pack = await chair.Client.GetStringAsync(planned.Location + "/pakiet.html");
        pack.ShouldContain("Porządek obrad");
        pack.ShouldContain("Projekt uchwały: przyjmuje się dokument");
        pack.ShouldContain("Od wersji 0.9, którą już znasz");
        pack.ShouldContain("<ins>");
        (await observer.GetAsync(planned.Location + "/pakiet.html")).Status.ShouldBe(HttpStatusCode.NotFound);

        var held = await observer.GetAsync(planned.Location!);
        held.Text.ShouldContain("Obecnych lub zastępowanych: 1 z ");
        held.Text.ShouldContain("Bez dalszych uwag.");
        held.Text.ShouldContain("Protokół zatwierdza: Halina Zawadzka");
        (await observer.Client.GetByteArrayAsync(planned.Location + "/protokol.docx"))[..2].ShouldBe("PK"u8.ToArray());
    }

    [Fact]
    public async Task A_sitting_that_is_called_off_tells_whoever_was_convened()
    {
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 5, 9, 0));
        using var secretary = await site.VisitAsync("joanna-cicha");
        var planned = await secretary.SendAsync(
            await secretary.GetAsync("/posiedzenia"), "plan", ("Day", "2012-11-20"), ("Hour", "10:00"), ("Place", "Sala 2"), ("Agenda", "Wnioski"));
        await secretary.SendAsync(await secretary.GetAsync(planned.Location!), "zwolanie");

        (await secretary.SendAsync(await secretary.GetAsync(planned.Location!), "odwolanie", ("Reason", "Brak sali"))).Status
            .ShouldBe(HttpStatusCode.SeeOther);

        (await site.CountAsync("select count(*) from outbox_message where kind = 'meeting_cancelled'")).ShouldBe(
            await site.CountAsync("select count(distinct person_id) from body_member where body_key = 'zespol-doradczy'"));
    }
}
