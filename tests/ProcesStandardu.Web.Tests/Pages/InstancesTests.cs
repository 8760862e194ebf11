using System.Net;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

public sealed class InstancesTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Fact]
    [Trait("Fault", "S33")]
    public async Task An_administrator_sees_what_each_instance_waits_for_and_repairs_one_with_a_reason()
    {
        var id = await site.Database.ScalarAsync<Guid>(
            "select i.id from workflow_instance i where i.status = 'running' and exists (select from workflow_bookmark b where b.instance_id = i.id) order by i.id limit 1");
        var address = $"/przebiegi/{id:D}";
        using var visit = await site.VisitAsync("rafal-zdun");

        var list = await visit.GetAsync("/przebiegi");
        list.Document.QuerySelector($"a[href='{address}']").ShouldNotBeNull();
        list.Text.ShouldContain("Czeka na");
        (await visit.GetAsync("/przebiegi?stan=faulted")).Text.ShouldContain("Nie ma takich przebiegów.");

        var page = await visit.GetAsync(address);
        page.Text.ShouldContain("Kroki obiegu");
        page.Text.ShouldContain("Dziennik");
        var refused = await visit.SendAsync(page, "anuluj");
        refused.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        refused.Document.QuerySelector(".error-summary a")!.GetAttribute("href").ShouldBe("#anuluj-reason");
        refused.Document.QuerySelector("details[open] form#anuluj").ShouldNotBeNull("what is to be corrected is in sight");

        var done = await visit.SendAsync(page, "anuluj", ("Reason", "Sprawa wpisana dwa razy"));
        done.Status.ShouldBe(HttpStatusCode.SeeOther);
        done.Location.ShouldBe(address);
        var after = await visit.GetAsync(address);
        after.Text.ShouldContain("Anulowano przebieg");
        after.Text.ShouldContain("powód: Sprawa wpisana dwa razy");
        after.Text.ShouldContain("interwencja administratora");
        after.Document.QuerySelector("form#anuluj").ShouldBeNull();
        (await visit.SendAsync(page, "anuluj", ("Reason", "Sprawa wpisana dwa razy"))).Status.ShouldBe(HttpStatusCode.SeeOther, "the same form again");
        (await site.CountAsync("select count(*) from history_entry where kind = 'workflow_cancelled'")).ShouldBe(1);
    }
}
