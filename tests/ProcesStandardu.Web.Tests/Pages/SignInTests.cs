using System.Net;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

public sealed class SignInTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Fact]
    public async Task Whoever_is_not_signed_in_comes_back_to_where_he_wanted_to_go()
    {
        using var visit = await site.VisitAsync();

        var sent = await visit.GetAsync("/terminy?stan=pending");
        var signIn = await visit.GetAsync(sent.Location!);
        var entered = await visit.SendAsync(signIn, "wejscie-anna-nowak");

        sent.Status.ShouldBe(HttpStatusCode.Redirect);
        entered.Location.ShouldBe("/terminy?stan=pending");
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("https:evil.example")]
    [InlineData("%2f%2fevil.example")]
    [InlineData("/%2fevil.example")]
    [InlineData("/%5cevil.example")]
    [InlineData("/\tevil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_out_of_the_application(string address)
    {
        using var visit = await site.VisitAsync();
        var page = await visit.GetAsync("/logowanie");

        var entered = await visit.SendAsync(page, "wejscie-anna-nowak", ("Powrot", address));

        entered.Location.ShouldBe("/");
    }

    [Fact]
    public async Task Who_has_left_is_out_with_the_next_request()
    {
        using var visit = await site.VisitAsync("piotr-sek");
        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.OK);

        await site.Database.ScalarAsync<int>("update person set is_active = false where key = 'piotr-sek' returning 1");

        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Signing_out_needs_a_form_and_ends_the_visit()
    {
        using var visit = await site.VisitAsync("anna-nowak");
        (await visit.GetAsync("/wyloguj")).Status.ShouldBe(HttpStatusCode.NotFound);

        var left = await visit.SendAsync(await visit.GetAsync("/"), "wyloguj");

        left.Status.ShouldBe(HttpStatusCode.SeeOther);
        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task The_cookie_is_for_this_site_and_not_for_scripts()
    {
        using var visit = await site.VisitAsync();
        var page = await visit.GetAsync("/logowanie");
        using var request = Visit.Request(page, "wejscie-anna-nowak");

        using var answer = await visit.Client.SendAsync(request);

        var cookie = answer.Headers.GetValues("Set-Cookie").Single(text => text.StartsWith("processtandardu=", StringComparison.Ordinal));
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=lax", Case.Insensitive);
    }

    [Fact]
    public async Task Where_people_come_over_TLS_the_cookie_belongs_to_this_host_and_needs_TLS_also_behind_a_proxy()
    {
        await using var pages = new ProductPages(site.Database, site.Clock, new Dictionary<string, string>
        {
            ["Demo:Enabled"] = "true",
            ["Database:PrepareAtStart"] = "false",
            ["Site:BaseAddress"] = "https://proces.example.org/",
        });
        using var visit = new Visit(pages.CreateClient());
        using var request = Visit.Request(await visit.GetAsync("/logowanie"), "wejscie-anna-nowak");

        using var answer = await visit.Client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var cookie = answer.Headers.GetValues("Set-Cookie").Single(text => text.StartsWith("__Host-processtandardu=", StringComparison.Ordinal));
        cookie.ShouldContain("; secure", Case.Insensitive);
        cookie.ShouldContain("; path=/;", Case.Insensitive);
    }

    [Fact]
    public async Task Outside_the_demo_nobody_can_be_chosen()
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var pages = new ProductPages(database, site.Clock);
        using var visit = new Visit(pages.CreateClient());

        var page = await visit.GetAsync("/logowanie");
        var forged = await visit.SendAsync(page, "jezyk", ("Osoba", "anna-nowak"));

        page.Document.QuerySelectorAll(".person-button").ShouldBeEmpty();
        page.Text.ShouldContain("nie ustawiono jeszcze sposobu logowania");
        forged.Status.ShouldBe(HttpStatusCode.SeeOther);
        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task The_language_changes_and_the_page_stays()
    {
        using var visit = await site.VisitAsync("anna-nowak");
        var page = await visit.GetAsync("/terminy?stan=met");

        var changed = await visit.SendAsync(page, "jezyk", ("Jezyk", "en"));
        var english = await visit.GetAsync(changed.Location!);

        changed.Location.ShouldBe("/terminy?stan=met");
        english.Document.DocumentElement.GetAttribute("lang").ShouldBe("en");
        english.Document.QuerySelector("h1")!.TextContent.ShouldBe("Deadlines");
    }

    [Fact]
    public async Task What_fails_is_told_in_words_with_a_number_and_nothing_of_the_inside()
    {
        using var visit = await site.VisitAsync("anna-nowak");

        var page = await visit.GetAsync("/nie/ma");

        page.Status.ShouldBe(HttpStatusCode.NotFound);
        page.Document.QuerySelector("h1")!.TextContent.ShouldBe("Nie ma takiej strony");
        page.Document.QuerySelector(".trace code")!.TextContent.ShouldNotBeNullOrEmpty();
        page.Text.ShouldNotContain("Exception");
    }
}
