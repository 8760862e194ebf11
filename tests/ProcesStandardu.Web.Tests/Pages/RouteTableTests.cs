using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

/// <summary>Who gets which page. A new address without a line here fails.</summary>
[Trait("Scenario", "S5")]
[Trait("Fault", "S56")]
public sealed class RouteTableTests(DemoSite site) : IClassFixture<DemoSite>
{
    private static readonly string[] Board = ["anna-nowak"];
    private static readonly string[] Office = ["joanna-cicha"];
    private static readonly string[] Administrators = ["joanna-cicha", "rafal-zdun"];
    private static readonly string[] WorkingPapers = ["anna-nowak", "marek-pole", "joanna-cicha", "rafal-zdun"];
    private static readonly string[] Observing = [.. WorkingPapers, "krystyna-jasna"];
    private static readonly string[] SignedIn = [.. Observing];
    private static readonly string?[] Everybody = [.. SignedIn, null];

    /// <summary>Pattern, an address of it, and who gets it; {ballot}, {revision} and {mail} are filled in.</summary>
    private static readonly (string Pattern, string Address, string?[] For)[] Pages =
    [
        ("/", "/", SignedIn),
        ("/logowanie", "/logowanie", Everybody),
        ("/pomoc", "/pomoc", Everybody),
        ("/rejestr", "/rejestr", Everybody),
        ("/standardy", "/standardy", Observing),
        ("/standardy/{key}", "/standardy/osl", Observing),
        ("/produkty", "/produkty", Observing),
        ("/produkty/{key}", "/produkty/osl-wnioski-1", Observing),
        ("/produkty/{key}/nowa-wersja", "/produkty/osl-wnioski-1/nowa-wersja", ["marek-pole"]),
        ("/produkty/{key}/porownanie", "/produkty/osl-wnioski-1/porownanie?od={older}&do={revision}", WorkingPapers),
        ("/produkty/{key}/uwagi", "/produkty/osl-wnioski-1/uwagi", WorkingPapers),
        ("/produkty/{key}/uwagi/wczytaj", "/produkty/osl-wnioski-1/uwagi/wczytaj", WorkingPapers),
        ("/produkty/{key}/uwagi/tabela.docx", "/produkty/osl-wnioski-1/uwagi/tabela.docx", WorkingPapers),
        ("/produkty/{key}/uwagi/tabela.csv", "/produkty/osl-wnioski-1/uwagi/tabela.csv", WorkingPapers),
        ("/produkty/{key}/rozbieznosci", "/produkty/osl-wnioski-1/rozbieznosci", WorkingPapers),
        ("/produkty/{key}/rozbieznosci.docx", "/produkty/osl-wnioski-1/rozbieznosci.docx", WorkingPapers),
        ("/produkty/{key}/wersje/{revision:guid}", "/produkty/osl-wnioski-1/wersje/{revision}", Observing),
        ("/produkty/{key}/porownanie/{kind}", "/produkty/osl-wnioski-1/porownanie/docx?od={older}&do={revision}", WorkingPapers),
        ("/produkty/{key}/wersje/{revision:guid}/plik", "/produkty/osl-wnioski-1/wersje/{revision}/plik", Observing),
        ("/glosowania", "/glosowania", Observing),
        ("/glosowania/{reference}", "/glosowania/{ballot}", Observing),
        ("/produkty/{key}/glosowanie", "/produkty/osl-wnioski-1/glosowanie", ["joanna-cicha"]),
        ("/regulamin/{body}", "/regulamin/zespol-doradczy", Observing),
        ("/regulamin/{body}/nowa-wersja", "/regulamin/zespol-doradczy/nowa-wersja", Administrators),
        ("/nieobecnosci", "/nieobecnosci", Observing),
        ("/uchwaly", "/uchwaly", Observing),
        ("/posiedzenia", "/posiedzenia", Observing),
        ("/terminy", "/terminy", Observing),
        ("/terminy/{key}", "/terminy/osl-wnioski-1-termin", Observing),
        ("/terminy/{key}/termin.ics", "/terminy/osl-wnioski-1-termin/termin.ics", Observing),
        ("/terminy/aneksy/nowy", "/terminy/aneksy/nowy", Administrators),
        ("/kalendarz", "/kalendarz", Observing),
        ("/terminy/przypomnienia", "/terminy/przypomnienia", Administrators),
        ("/straznik", "/straznik", Administrators),
        ("/wskazniki", "/wskazniki", Observing),
        ("/wskazniki/{key}", "/wskazniki/osl-sesje", Observing),
        ("/program", "/program", Observing),
        ("/obiegi", "/obiegi", Observing),
        ("/obiegi/{id}", "/obiegi/zatwierdzanie-produktu", Observing),
        ("/obiegi/{id}/roznice", "/obiegi/zatwierdzanie-produktu/roznice?od=1&do=1", Observing),
        ("/obiegi/{id}/skutki", "/obiegi/zatwierdzanie-produktu/skutki", Administrators),
        ("/skad", "/skad?o=work:osl", Observing),
        ("/poczta", "/poczta", Administrators),
        ("/poczta/niedoreczone", "/poczta/niedoreczone", Administrators),
        ("/poczta/szablony", "/poczta/szablony", Administrators),
        ("/poczta/szablony/html", "/poczta/szablony/html", Administrators),
        ("/powiadomienia", "/powiadomienia", SignedIn),
        ("/powiadomienia/role/{role}", "/powiadomienia/role/member", Administrators),
        ("/poczta/{id:guid}", "/poczta/{mail}", Administrators),
        ("/poczta/{id:guid}/html", "/poczta/{mail}/html", Administrators),
        ("/przebiegi", "/przebiegi", Administrators),
        ("/przebiegi/{id:guid}", "/przebiegi/{instance}", Administrators),
        ("/stan", "/stan", Administrators),
        ("/zegar", "/zegar", Administrators),
        ("/pliki", "/pliki", Administrators),
    ];

    /// <summary>Addresses that lead elsewhere or need something that this story does not have.</summary>
    private static readonly string[] Elsewhere =
    [
        "/glosowania/{series}/{number:int}", "/decyzje/{id:guid}", "/rejestr/{key}/plik", "/produkty/{key}/uwagi/{comment:guid}",
        "/produkty/{key}/uwagi/{comment:guid}/plik", "/produkty/{key}/uwagi/wczytaj/{importId:guid}",
        "/uchwaly/{ballot:guid}", "/uchwaly/{ballot:guid}/uchwala.docx", "/uchwaly/{ballot:guid}/dowod.zip",
        "/posiedzenia/{meeting:guid}", "/posiedzenia/{meeting:guid}/protokol.docx", "/posiedzenia/{meeting:guid}/pakiet.html",
        "/terminy/aneksy/{id:guid}", "/terminy/aneksy/{id:guid}/plik", "/kalendarz/{token}.ics",
        "/signin-oidc", "/signout-callback-oidc", "/signout-oidc",
        "/powiadomienia/koniec/{id:guid}",
    ];

    /// <summary>Forms, and an address of each.</summary>
    private static readonly (string Pattern, string Address)[] Forms =
    [
        ("/jezyk", "/jezyk"),
        ("/obiegi/{id}/skutki", "/obiegi/zatwierdzanie-produktu/skutki"),
        ("/obiegi/{id}/przeniesienie", "/obiegi/zatwierdzanie-produktu/przeniesienie"),
        ("/logowanie", "/logowanie"),
        ("/wyloguj", "/wyloguj"),
        ("/logowanie/dostawca", "/logowanie/dostawca"),
        ("/logowanie/ponownie", "/logowanie/ponownie"),
        ("/decyzje/{id:guid}", "/decyzje/01a204c1-594c-7fdb-a77f-196aa560e9a1"),
        ("/produkty/{key}/nowa-wersja", "/produkty/osl-wnioski-1/nowa-wersja"),
        ("/produkty/{key}/cofnij", "/produkty/osl-wnioski-1/cofnij"),
        ("/produkty/{key}/wyslij", "/produkty/osl-wnioski-1/wyslij"),
        ("/produkty/{key}/wersje/{revision:guid}/wycofanie", "/produkty/osl-wnioski-1/wersje/01a204c1-594c-7fdb-a77f-196aa560e9a1/wycofanie"),
        ("/produkty/{key}/wersje/{revision:guid}/wycofanie/decyzja", "/produkty/osl-wnioski-1/wersje/01a204c1-594c-7fdb-a77f-196aa560e9a1/wycofanie/decyzja"),
        ("/produkty/{key}/uwagi", "/produkty/osl-wnioski-1/uwagi"),
        ("/produkty/{key}/uwagi/zawiadom", "/produkty/osl-wnioski-1/uwagi/zawiadom"),
        ("/produkty/{key}/uwagi/wczytaj", "/produkty/osl-wnioski-1/uwagi/wczytaj"),
        ("/produkty/{key}/uwagi/wczytaj/{importId:guid}", "/produkty/osl-wnioski-1/uwagi/wczytaj/01a204c1-594c-7fdb-a77f-196aa560e9a1"),
        ("/produkty/{key}/uwagi/{comment:guid}", "/produkty/osl-wnioski-1/uwagi/01a204c1-594c-7fdb-a77f-196aa560e9a1"),
        ("/glosowania/{reference}", "/glosowania/{ballot}"),
        ("/glosowania/{reference}/czynnosci", "/glosowania/{ballot}/czynnosci"),
        ("/produkty/{key}/glosowanie", "/produkty/osl-wnioski-1/glosowanie"),
        ("/regulamin/{body}/nowa-wersja", "/regulamin/zespol-doradczy/nowa-wersja"),
        ("/nieobecnosci", "/nieobecnosci"),
        ("/wskazniki/{key}", "/wskazniki/osl-sesje"),
        ("/uchwaly/{ballot:guid}", "/uchwaly/{ballot}"),
        ("/posiedzenia", "/posiedzenia"),
        ("/posiedzenia/{meeting:guid}", "/posiedzenia/01a204c1-594c-7fdb-a77f-196aa560e9a1"),
        ("/poczta/{id:guid}", "/poczta/{mail}"),
        ("/powiadomienia", "/powiadomienia"),
        ("/powiadomienia/role/{role}", "/powiadomienia/role/member"),
        ("/cofnij/{id:guid}", "/cofnij/01a204c1-594c-7fdb-a77f-196aa560e9a1"),
        ("/przebiegi/{id:guid}", "/przebiegi/{instance}"),
        ("/terminy/aneksy/nowy", "/terminy/aneksy/nowy"),
        ("/terminy/aneksy/{id:guid}", "/terminy/aneksy/01a204c1-594c-7fdb-a77f-196aa560e9a1"),
        ("/kalendarz", "/kalendarz"),
        ("/terminy/przypomnienia", "/terminy/przypomnienia"),
        ("/stan", "/stan"),
        ("/zegar", "/zegar"),
    ];

    /// <summary>Mail programs post by themselves; the mail's id is what they show.</summary>
    private static readonly string[] OfMailPrograms = ["POST /powiadomienia/koniec/{id:guid}"];

    /// <summary>Endpoints of workflows; who may call one is said by its own inputs.</summary>
    private static readonly string[] OfWorkflows =
        [.. new[] { "GET", "POST", "PUT", "PATCH", "DELETE" }.Select(method => method + " /workflows/{**path}")];

    [Fact]
    public void Every_address_stands_in_the_table_and_names_its_policy()
    {
        var gets = Pages.Select(page => "GET " + page.Pattern).Concat(Elsewhere.Select(pattern => "GET " + pattern));
        var posts = Forms.Select(form => "POST " + form.Pattern);

        var mapped = Endpoints().ToList();

        mapped.Select(endpoint => endpoint.Method + " " + endpoint.Pattern).ShouldBe(gets.Concat(posts).Concat(OfWorkflows).Concat(OfMailPrograms), ignoreOrder: true);
        mapped.Where(endpoint => endpoint.Policy is null).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("anna-nowak")]
    [InlineData("marek-pole")]
    [InlineData("joanna-cicha")]
    [InlineData("rafal-zdun")]
    [InlineData("krystyna-jasna")]
    [InlineData(null)]
    public async Task Each_page_answers_those_it_is_for_and_looks_absent_to_others(string? person)
    {
        using var visit = await site.VisitAsync(person);
        var nothing = await visit.GetAsync("/nie/ma/takiej/strony");

        foreach (var (pattern, address, readers) in Pages)
        {
            var page = await visit.GetAsync(await FilledAsync(address));

            if (readers.Contains(person))
            {
                page.Status.ShouldBe(HttpStatusCode.OK, pattern);
            }
            else
            {
                page.Status.ShouldBe(nothing.Status, pattern);
                page.Document.Title.ShouldBe(nothing.Document.Title, pattern);
                page.Document.QuerySelector("main h1")?.TextContent.ShouldBe(nothing.Document.QuerySelector("main h1")?.TextContent);
            }
        }
    }

    [Theory]
    [InlineData("anna-nowak")]
    [InlineData("rafal-zdun")]
    public async Task A_form_without_its_token_is_refused_and_changes_nothing(string person)
    {
        using var visit = await site.VisitAsync(person);
        var before = await DatabaseState.ReadAsync(site.Database);

        foreach (var (pattern, address) in Forms)
        {
            using var content = new FormUrlEncodedContent([KeyValuePair.Create("Position", "in_favour")]);
            using var answer = await visit.Client.PostAsync(await FilledAsync(address), content);
            answer.StatusCode.ShouldBeOneOf([HttpStatusCode.BadRequest, HttpStatusCode.NotFound], pattern);
        }

        (await DatabaseState.ReadAsync(site.Database)).ShouldBe(before);
    }

    [Fact]
    public async Task Another_sites_form_is_refused_whatever_token_it_carries()
    {
        using var visit = await site.VisitAsync("anna-nowak");
        var page = await visit.GetAsync(site.BallotPath);
        using var request = Visit.Request(page, "glos", ("Position", "in_favour"), ("Krok", "potwierdz"));
        request.Headers.Add("Sec-Fetch-Site", "cross-site");

        using var answer = await visit.Client.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Reading_every_page_changes_no_row()
    {
        var visits = new List<Visit>();
        foreach (var person in Everybody)
        {
            visits.Add(await site.VisitAsync(person));
        }

        var before = await DatabaseState.ReadAsync(site.Database);
        foreach (var visit in visits)
        {
            foreach (var page in Pages)
            {
                await visit.GetAsync(await FilledAsync(page.Address));
                using var head = new HttpRequestMessage(HttpMethod.Head, await FilledAsync(page.Address));
                using var answer = await visit.Client.SendAsync(head);
            }

            visit.Dispose();
        }

        (await DatabaseState.ReadAsync(site.Database)).ShouldBe(before);
    }

    [Fact]
    public async Task A_page_answers_a_question_for_its_head_as_it_answers_for_itself()
    {
        using var visit = await site.VisitAsync("anna-nowak");

        foreach (var address in new[] { "/", "/glosowania", "/zegar", "/nie/ma" })
        {
            using var head = new HttpRequestMessage(HttpMethod.Head, address);
            using var answer = await visit.Client.SendAsync(head);
            answer.StatusCode.ShouldBe((await visit.GetAsync(address)).Status, address);
        }
    }

    [Fact]
    public async Task A_personal_page_is_kept_by_nobody()
    {
        using var visit = await site.VisitAsync("anna-nowak");

        foreach (var address in new[] { "/", "/glosowania", "/nie/ma" })
        {
            using var answer = await visit.Client.GetAsync(address);
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue(address);
        }
    }

    private async Task<string> FilledAsync(string address) => address
        .Replace("{ballot}", site.BallotId.ToString("D"), StringComparison.Ordinal)
        .Replace("{revision}", (await IdAsync("select revision_id from ballot limit 1")).ToString("D"), StringComparison.Ordinal)
        .Replace("{older}", (await IdAsync("select id from revision order by major, minor limit 1")).ToString("D"), StringComparison.Ordinal)
        .Replace("{instance}", (await IdAsync("select id from workflow_instance order by id limit 1")).ToString("D"), StringComparison.Ordinal)
        .Replace("{mail}", (await IdAsync("select id from outbox_message order by id limit 1")).ToString("D"), StringComparison.Ordinal);

    private Task<Guid> IdAsync(string sql) => site.Database.ScalarAsync<Guid>(sql)!;

    /// <summary>The pages and forms; assets, health and Elsa's parts have their own tests.</summary>
    private IEnumerable<(string Method, string Pattern, string? Policy)> Endpoints() =>
        from endpoint in site.Pages.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Distinct()
        let pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/')
        where !pattern.StartsWith("/health", StringComparison.Ordinal)
            && !pattern.StartsWith("/elsa", StringComparison.Ordinal)
            && !pattern.StartsWith("/studio", StringComparison.Ordinal)
            && endpoint.Metadata.All(data => !data.GetType().Name.StartsWith("StaticAsset", StringComparison.Ordinal))
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []

        // A page answers HEAD as it answers GET, under the same policy.
        where method != HttpMethods.Head
        select (method, pattern, endpoint.Metadata.GetMetadata<IAuthorizeData>()?.Policy);
}
