using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.SignIn;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.SignIn;

/// <summary>Sign-in by an identity provider: what is asked, which answers are believed, and whom they make.</summary>
public sealed class ProviderTests : IAsyncLifetime
{
    private readonly FakeProvider provider = new();
    private readonly SecurityLog log = new();
    private TestDatabase database = null!;
    private ProductPages pages = null!;

    public async ValueTask InitializeAsync()
    {
        database = await TestProduct.CreateDatabaseAsync();
        pages = new ProductPages(database, new TestClock(), FakeProvider.Settings)
        {
            StandIns = services =>
            {
                services.AddHttpClient(IdentityProvider.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => provider);
                services.AddSingleton<ILoggerProvider>(log);
            },
        };
    }

    public async ValueTask DisposeAsync()
    {
        await pages.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task The_question_has_state_nonce_and_a_challenge_and_the_code_is_redeemed_with_its_answer()
    {
        using var visit = Visit();
        var asked = await AskAsync(visit);

        asked["response_type"].ShouldBe("code");
        asked["code_challenge_method"].ShouldBe("S256");
        asked["redirect_uri"].ShouldBe("http://localhost/signin-oidc");
        asked["state"].Length.ShouldBeGreaterThan(40);
        asked["nonce"].ShouldNotBe(asked["state"]);

        provider.WillGive(() => provider.Sign(FakeProvider.Claims(asked["nonce"], "oid-1")));
        (await visit.GetAsync($"/signin-oidc?code=abc&state={asked["state"]}")).Location.ShouldBe("/standardy");

        var redeemed = provider.Redeemed.ShouldHaveSingleItem();
        redeemed["code"].ShouldBe("abc");
        WebEncoders.Base64UrlEncode(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(redeemed["code_verifier"]))).ShouldBe(asked["code_challenge"]);
        (await visit.GetAsync("/")).Text.ShouldContain("Ewa Próbna");
    }

    public static TheoryData<string> BadAnswers() =>
    [
        "wrong issuer", "wrong audience", "wrong nonce", "expired", "not yet valid", "alg none", "HS256 with the public key", "unknown key",
        "other tenant", "no oid", "replayed answer", "foreign state", "a key of one's own", "another issuer's answer", "no signature part",
        "no expiry", "the provider's error",
    ];

    [Theory]
    [MemberData(nameof(BadAnswers))]
    [Trait("Fault", "S55")]
    public async Task A_bad_answer_is_refused_with_one_line_in_the_log_and_nobody_enters(string kind)
    {
        using var visit = Visit();
        var asked = await AskAsync(visit);
        var people = await PeopleAsync();
        var address = $"/signin-oidc?code=abc&state={asked["state"]}";
        provider.WillGive(() => Token(kind, asked["nonce"]));
        switch (kind)
        {
            case "foreign state":
                using (var stranger = Visit())
                {
                    var others = await AskAsync(stranger);
                    address = $"/signin-oidc?code=abc&state={others["state"]}";
                }

                break;
            case "replayed answer":
                // The same browser, with the question it had before.
                var cookie = asked["kept"];
                (await visit.GetAsync(address)).Location.ShouldBe("/standardy");
                people = await PeopleAsync();
                log.Lines.Clear();
                using (var again = new Visit(pages.CreateClient(new WebApplicationFactoryClientOptions { HandleCookies = false, AllowAutoRedirect = false })))
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, address);
                    request.Headers.Add("Cookie", cookie);
                    using var answer = await again.Client.SendAsync(request);
                    answer.Headers.Location!.ToString().ShouldBe("/logowanie?blad=odpowiedz");
                    answer.Headers.TryGetValues("Set-Cookie", out var set);
                    (set ?? []).ShouldNotContain(text => text.StartsWith("processtandardu=", StringComparison.Ordinal) && !text.Contains("expires=Thu, 01 Jan 1970"));
                }

                log.Lines.ShouldHaveSingleItem().ShouldStartWith("Sign-in refused");
                (await PeopleAsync()).ShouldBe(people);
                return;
            case "another issuer's answer":
                address += "&iss=https%3A%2F%2Finny.example.test";
                break;
            case "the provider's error":
                address = $"/signin-oidc?error=access_denied&state={asked["state"]}";
                break;
        }

        var answered = await visit.GetAsync(address);

        answered.Location.ShouldBe("/logowanie?blad=odpowiedz", kind);
        log.Lines.ShouldHaveSingleItem().ShouldStartWith("Sign-in refused");
        (await PeopleAsync()).ShouldBe(people);
        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.Redirect);
        (await visit.GetAsync(answered.Location!)).Text.ShouldContain("Logowanie nie powiodło się");
    }

    [Fact]
    public async Task The_same_mail_under_another_object_id_is_another_person_without_rights()
    {
        await EnterAsync("oid-1", "Administrator");
        using var other = await EnterAsync("oid-2");

        (await database.ScalarAsync<long>("select count(distinct person_id) from person_login")).ShouldBe(2);
        (await database.ScalarAsync<long>("select count(*) from person where email = 'ewa.probna@example.org'")).ShouldBe(2);
        (await other.GetAsync("/poczta")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await other.GetAsync("/produkty")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task App_roles_give_rights_end_with_the_token_that_lacks_them_and_stand_in_the_history()
    {
        using var first = await EnterAsync("oid-1", "Administrator", "Observer", "TaskLead.osl", "Nieznana");
        (await first.GetAsync("/poczta")).Status.ShouldBe(HttpStatusCode.OK);

        using var later = await EnterAsync("oid-1", "Observer");

        (await later.GetAsync("/poczta")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await later.GetAsync("/produkty")).Status.ShouldBe(HttpStatusCode.OK);
        // The first visit is another browser's and still open: its rights went with the role.
        (await first.GetAsync("/poczta")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await database.ScalarAsync<long>("select count(*) from history_entry where kind = 'roles_aligned'")).ShouldBe(2);
        (await database.ScalarAsync<long>("select count(*) from history_entry where kind = 'person_entered'")).ShouldBe(1);
    }

    [Fact]
    [Trait("Fault", "S66")]
    public async Task Groups_give_no_rights_however_many_and_a_long_name_does_no_harm()
    {
        using var visit = Visit();
        var asked = await AskAsync(visit);
        provider.WillGive(() =>
        {
            var claims = FakeProvider.Claims(asked["nonce"], "oid-1");
            claims["name"] = new string('Ż', 500) + "\r\n\u202e";
            claims["groups"] = Enumerable.Range(0, 300).Select(number => $"grupa-{number}-Administrator").ToArray();
            claims["_claim_names"] = new Dictionary<string, string> { ["groups"] = "src1" };
            claims.Remove("roles");
            return provider.Sign(claims);
        });

        using var answer = await visit.Client.GetAsync($"/signin-oidc?code=abc&state={asked["state"]}");

        answer.Headers.GetValues("Set-Cookie").ShouldAllBe(cookie => cookie.Length < 4096);
        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.OK);
        (await visit.GetAsync("/produkty")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await database.ScalarAsync<int>("select max(length(display_name)) from person")).ShouldBeLessThanOrEqualTo(200);
    }

    [Fact]
    public async Task Signing_out_ends_the_visit_here_and_leads_to_the_providers_end_and_a_kept_cookie_is_worth_nothing()
    {
        using var visit = await EnterAsync("oid-1", "Observer");
        using var copy = Visit(handleCookies: false);
        var cookie = await CookieAsync(visit);
        (await StatusWithAsync(copy, cookie)).ShouldBe(HttpStatusCode.OK);

        var left = await visit.SendAsync(await visit.GetAsync("/"), "wyloguj");

        var address = new Uri(left.Location!);
        address.GetLeftPart(UriPartial.Path).ShouldBe(FakeProvider.Authority + "/logout");
        var query = QueryHelpers.ParseQuery(address.Query);
        query["post_logout_redirect_uri"].ToString().ShouldBe("http://localhost/signout-callback-oidc");
        query["id_token_hint"].ToString().Split('.').Length.ShouldBe(3);
        (await StatusWithAsync(copy, cookie)).ShouldBe(HttpStatusCode.Redirect);
        (await visit.GetAsync("/signout-callback-oidc")).Location.ShouldBe("/logowanie");
    }

    [Fact]
    public async Task The_provider_can_end_a_visit_by_its_own_name_and_nobody_by_guessing()
    {
        using var visit = await EnterAsync("oid-1", "Observer");
        using var stranger = Visit();

        await stranger.GetAsync("/signout-oidc?sid=zgaduj");
        await stranger.GetAsync("/signout-oidc?sid=wizyta-oid-1&iss=https%3A%2F%2Finny.example.test");
        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.OK);

        await stranger.GetAsync("/signout-oidc?sid=wizyta-oid-1&iss=" + Uri.EscapeDataString(FakeProvider.Authority));
        (await visit.GetAsync("/")).Status.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task To_prove_anew_the_provider_must_have_asked_again_and_named_the_same_person()
    {
        using var visit = await EnterAsync("oid-1", "Observer");
        await database.ExecuteAsync("update sign_in_session set proved_at = proved_at - interval '1 hour', started_at = started_at - interval '1 hour'");
        var before = await ProvedAsync();
        var token = (await visit.GetAsync("/")).Document.QuerySelector("form#wyloguj input[name=zeton]")!.GetAttribute("value")!;

        foreach (var (objectId, authTime, isGood) in new[] { ("oid-2", 0, false), ("oid-1", -3600, false), ("oid-1", 0, true) })
        {
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("zeton", token), KeyValuePair.Create("Powrot", "/uchwaly")]);
            using var answer = await visit.Client.PostAsync("/logowanie/ponownie", form);
            var asked = Query(answer.Headers.Location!);
            asked["prompt"].ShouldBe("login");
            asked["max_age"].ShouldBe("0");
            provider.WillGive(() =>
            {
                var claims = FakeProvider.Claims(asked["nonce"], objectId, "Observer");
                claims["auth_time"] = (long)claims["auth_time"] + authTime;
                return provider.Sign(claims);
            });
            (await visit.GetAsync($"/signin-oidc?code=abc&state={asked["state"]}")).Location
                .ShouldBe(isGood ? "/uchwaly" : "/logowanie?blad=odpowiedz");
            ((await ProvedAsync()) > before).ShouldBe(isGood);
        }
    }

    [Fact]
    [Trait("Fault", "S64")]
    public async Task While_the_provider_is_away_visits_go_on_and_a_sign_in_says_so()
    {
        using var visit = await EnterAsync("oid-1", "Observer");
        provider.IsUp = false;
        await using var restarted = new ProductPages(database, new TestClock(), FakeProvider.Settings)
        {
            StandIns = services => services.AddHttpClient(IdentityProvider.HttpClientName).ConfigurePrimaryHttpMessageHandler(() => provider),
        };
        using var newcomer = new Visit(restarted.CreateClient());

        var refused = await newcomer.SendAsync(await newcomer.GetAsync("/logowanie"), "dostawca");

        refused.Location.ShouldBe("/logowanie?blad=dostawca");
        (await newcomer.GetAsync(refused.Location!)).Text.ShouldContain("Dostawca logowania nie odpowiada");
        (await visit.GetAsync("/produkty")).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whoever_has_left_is_not_let_in_again()
    {
        using (await EnterAsync("oid-1", "Administrator"))
        {
            await database.ExecuteAsync("update person set is_active = false where key like 'osoba-%'");
        }

        using var visit = Visit();
        var asked = await AskAsync(visit);
        provider.WillGive(() => provider.Sign(FakeProvider.Claims(asked["nonce"], "oid-1", "Administrator")));

        (await visit.GetAsync($"/signin-oidc?code=abc&state={asked["state"]}")).Location.ShouldBe("/logowanie?blad=odpowiedz");
    }

    [Fact]
    public async Task Without_the_demo_its_people_are_neither_shown_nor_let_in()
    {
        using var visit = Visit();
        var page = await visit.GetAsync("/logowanie");

        page.Document.QuerySelectorAll(".person-button").ShouldBeEmpty();
        page.Text.ShouldNotContain("To jest pokaz");
        var forged = Harness.Visit.Request(page, "dostawca", ("Osoba", "anna-nowak"));
        forged.RequestUri = new Uri("/logowanie", UriKind.Relative);
        using var answer = await visit.Client.SendAsync(forged);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private string Token(string kind, string nonce)
    {
        var claims = FakeProvider.Claims(nonce, "oid-1", "Administrator");
        var now = (long)claims["iat"];
        switch (kind)
        {
            case "wrong issuer": claims["iss"] = "https://inny.example.test"; break;
            case "wrong audience": claims["aud"] = "inna-aplikacja"; break;
            case "wrong nonce": claims["nonce"] = "inny"; break;
            case "expired": (claims["exp"], claims["nbf"], claims["iat"]) = (now - 600, now - 1200, now - 1200); break;
            case "not yet valid": (claims["nbf"], claims["exp"]) = (now + 600, now + 1200); break;
            case "other tenant": claims["tid"] = "99999999-2222-3333-4444-555555555555"; break;
            case "no oid": claims.Remove("oid"); break;
            case "no expiry": claims.Remove("exp"); break;
            case "alg none": return provider.Sign(claims, "none");
            case "no signature part": return string.Join('.', provider.Sign(claims).Split('.')[..2]) + ".";
            case "HS256 with the public key": return provider.Sign(claims, "HS256");
            case "unknown key": return provider.Sign(claims, keyId: "nieznany");
            case "a key of one's own":
                using (var own = RSA.Create(2048))
                {
                    return provider.Sign(claims, with: own);
                }
        }

        return provider.Sign(claims);
    }

    private async Task<Visit> EnterAsync(string objectId, params string[] roles)
    {
        var visit = Visit();
        var asked = await AskAsync(visit);
        provider.WillGive(() => provider.Sign(FakeProvider.Claims(asked["nonce"], objectId, roles)));
        (await visit.GetAsync($"/signin-oidc?code=abc&state={asked["state"]}")).Location.ShouldBe("/standardy");
        return visit;
    }

    /// <summary>Presses the button; what the provider is asked, and as <c>kept</c> the cookie with the question.</summary>
    private static async Task<Dictionary<string, string>> AskAsync(Visit visit)
    {
        var page = await visit.GetAsync("/logowanie?powrot=%2Fstandardy");
        using var request = Harness.Visit.Request(page, "dostawca");
        using var answer = await visit.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        var asked = Query(answer.Headers.Location!);
        asked["kept"] = answer.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("processtandardu-pytanie=", StringComparison.Ordinal)).Split(';')[0];
        return asked;
    }

    private static Dictionary<string, string> Query(Uri address) =>
        QueryHelpers.ParseQuery(address.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());

    /// <summary>The visit's cookie, taken from a page that renews nothing: by a new sign-in of the same browser it would change.</summary>
    private async Task<string> CookieAsync(Visit visit)
    {
        var asked = await AskAsync(visit);
        provider.WillGive(() => provider.Sign(FakeProvider.Claims(asked["nonce"], "oid-1", "Observer")));
        using var answer = await visit.Client.GetAsync($"/signin-oidc?code=abc&state={asked["state"]}");
        return answer.Headers.GetValues("Set-Cookie").Single(cookie => cookie.StartsWith("processtandardu=", StringComparison.Ordinal)).Split(';')[0];
    }

    private static async Task<HttpStatusCode> StatusWithAsync(Visit visit, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/produkty");
        request.Headers.Add("Cookie", cookie);
        using var answer = await visit.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private Visit Visit(bool handleCookies = true) =>
        new(pages.CreateClient(new WebApplicationFactoryClientOptions { AllowAutoRedirect = false, HandleCookies = handleCookies }));

    private Task<long> PeopleAsync() => database.ScalarAsync<long>("select count(*) from person");

    private Task<DateTime> ProvedAsync() => database.ScalarAsync<DateTime>("select max(proved_at) from sign_in_session");

    /// <summary>Keeps what the security log is told.</summary>
    private sealed class SecurityLog : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => categoryName == "ProcesStandardu.Security" ? new Line(Lines) : NullLine.Instance;

        public void Dispose()
        {
        }

        private sealed class Line(ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue(formatter(state, exception));
        }

        private static class NullLine
        {
            public static ILogger Instance { get; } = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
        }
    }
}
