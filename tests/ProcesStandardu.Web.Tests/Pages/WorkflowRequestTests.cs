using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

/// <summary>What other programs send to workflows over HTTP.</summary>
public sealed class WorkflowRequestTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Fact]
    public async Task A_request_starts_a_workflow_and_gets_its_answer_once_it_is_committed()
    {
        await PublishAsync(
            "witaj", Endpoint("witaj/{imie}/{nr:int}", ["POST"]), Respond("202 ", """
                toJson({
                    imie: getOutputFrom('in', 'RouteData').imie, nr: getOutputFrom('in', 'RouteData').nr,
                    q: getOutputFrom('in', 'QueryStringData').q, a: getOutputFrom('in', 'ParsedContent').a,
                    naglowek: getOutputFrom('in', 'Headers')['X-Test'], ciasteczko: getOutputFrom('in', 'Headers').Cookie === undefined
                })
                """, """{"X-Answer":"tak","Set-Cookie":"a=b"}""", "Accepted"));
        using var client = site.Pages.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/workflows/Witaj/Ala%20ma/7?q=1");
        request.Headers.Add("X-Test", "nagłówek"u8.ToArray().Length.ToString());
        request.Headers.Add("Cookie", "x=y");
        request.Content = JsonContent.Create(new { a = "b" });

        using var answer = await client.SendAsync(request, Token);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var body = await answer.Content.ReadAsStringAsync(Token);
        JsonNode.DeepEquals(
            JsonNode.Parse(body),
            JsonNode.Parse("""{"imie":"Ala ma","nr":"7","q":"1","a":"b","naglowek":"10","ciasteczko":true}""")).ShouldBeTrue(body);
        answer.Headers.GetValues("X-Answer").ShouldBe(["tak"]);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
        answer.Headers.GetValues("Content-Security-Policy").Single().ShouldContain("sandbox");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
    }

    [Fact]
    public async Task A_waiting_workflow_goes_on_with_the_request_it_waits_for()
    {
        await PublishAsync("zwrot", Endpoint("zwrot", ["POST"]), Respond("", "'czekam'"), Endpoint("zwrot/odbior", ["PUT"], id: "back"), Respond("", "getOutputFrom('back', 'ParsedContent')", id: "done"));
        using var client = site.Pages.CreateClient();

        (await client.PutAsync("/workflows/zwrot/odbior", Text("za wcześnie"), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await (await client.PostAsync("/workflows/zwrot", Text(""), Token)).Content.ReadAsStringAsync(Token)).ShouldBe("czekam");
        (await client.PostAsync("/workflows/zwrot/odbior", Text("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        using var answer = await client.PutAsync("/workflows/zwrot/odbior", Text("odebrałem"), Token);
        (await answer.Content.ReadAsStringAsync(Token)).ShouldBe("odebrałem");
        (await client.PutAsync("/workflows/zwrot/odbior", Text("znowu"), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_repeated_key_is_taken_for_the_first_request()
    {
        await PublishAsync("klucz", Endpoint("klucz", ["POST"]), Respond("", "'raz'"));
        using var client = site.Pages.CreateClient();
        var bodies = new List<string>();
        for (var sent = 0; sent < 2; sent++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/workflows/klucz") { Content = Text("x") };
            request.Headers.Add("Idempotency-Key", "k-1");
            using var answer = await client.SendAsync(request, Token);
            bodies.Add($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Token)}");
        }

        bodies.ShouldBe(["200 raz", "202 "]);
        (await site.Database.ScalarAsync<long>("select count(*) from workflow_instance where definition_id = 'klucz'")).ShouldBe(1);
    }

    [Fact]
    public async Task Only_people_who_are_signed_in_and_may_reach_an_endpoint_that_asks_for_them()
    {
        await PublishAsync("zamek", Endpoint("zamek", ["POST"], extra: ("authorize", "true")), Respond("", "'otwarte'"));
        await PublishAsync("sejf", Endpoint("sejf", ["POST"], extra: ("policy", "administers")), Respond("", "'otwarte'"));
        await PublishAsync("mur", Endpoint("mur", ["POST"], extra: ("policy", "nie_ma_takiej")), Respond("", "'otwarte'"));
        using var stranger = site.Pages.CreateClient();
        using var member = await site.VisitAsync("anna-nowak");
        using var administrator = await site.VisitAsync("rafal-zdun");

        async Task<int> Of(HttpClient client, string path, string? site = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/workflows/" + path) { Content = Text("x") };
            if (site is not null)
            {
                request.Headers.Add("Sec-Fetch-Site", site);
            }

            using var answer = await client.SendAsync(request, Token);
            return (int)answer.StatusCode;
        }

        (await Of(stranger, "zamek")).ShouldBe(401);
        (await Of(member.Client, "zamek")).ShouldBe(200);
        (await Of(member.Client, "zamek", "same-origin")).ShouldBe(200);
        (await Of(member.Client, "zamek", "cross-site")).ShouldBe(403);
        (await Of(member.Client, "sejf")).ShouldBe(403);
        (await Of(administrator.Client, "sejf")).ShouldBe(200);
        (await Of(administrator.Client, "mur")).ShouldBe(403);
        (await site.Database.ScalarAsync<long>("select count(*) from workflow_instance where definition_id in ('zamek', 'sejf', 'mur')")).ShouldBe(3);
    }

    [Fact]
    public async Task What_an_endpoint_does_not_take_starts_nothing()
    {
        await PublishAsync("wazki", Endpoint("wazki", ["POST"], extra: ("requestSizeLimit", "20")), Respond("", "'przyjęte'"));
        await PublishAsync("pliki", Endpoint("pliki", ["POST"], extra: ("allowedFileExtensions", "[\".txt\"]")), Respond("", "getOutputFrom('in', 'File').fileName"));
        using var client = site.Pages.CreateClient();

        (await client.PostAsync("/workflows/wazki", Text(new string('x', 21)), Token)).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await client.PostAsync("/workflows/wazki", new StringContent("{\"a\":", Encoding.UTF8, "application/json"), Token)).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await client.PostAsync("/workflows/pliki", Upload("zły.exe"), Token)).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await client.PostAsync("/workflows/nic", Text("x"), Token)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await site.Database.ScalarAsync<long>("select count(*) from workflow_instance where definition_id in ('wazki', 'pliki')")).ShouldBe(0);

        (await (await client.PostAsync("/workflows/wazki", Text(new string('x', 20)), Token)).Content.ReadAsStringAsync(Token)).ShouldBe("przyjęte");
        (await (await client.PostAsync("/workflows/pliki", Upload("../dobry.txt"), Token)).Content.ReadAsStringAsync(Token)).ShouldBe("dobry.txt");
    }

    [Fact]
    public async Task A_workflow_that_fails_answers_with_an_error_and_one_that_says_nothing_with_accepted()
    {
        await PublishAsync("blad", Endpoint("blad", ["GET"]), Node("f", "Elsa.Fault", ("message", Literal("tajny szczegół"))));
        await PublishAsync("cisza", Endpoint("cisza", ["GET"]), Node("w", "Elsa.WriteLine", ("text", Literal("ok"))));
        using var client = site.Pages.CreateClient();

        using var failed = await client.GetAsync("/workflows/blad", Token);
        failed.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await failed.Content.ReadAsStringAsync(Token)).ShouldNotContain("tajny");
        (await client.GetAsync("/workflows/cisza", Token)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static StringContent Text(string text) => new(text, Encoding.UTF8, "text/plain");

    private static MultipartFormDataContent Upload(string name) => new() { { new StringContent("treść"), "plik", name } };

    private async Task PublishAsync(string id, params JsonObject[] activities)
    {
        await using var scope = site.Pages.Services.CreateAsyncScope();
        var published = await scope.ServiceProvider.GetRequiredService<PublishDefinition>().HandleAsync(
            new PublishDefinition.Command(
                new JsonObject
                {
                    ["definitionId"] = id,
                    ["root"] = new JsonObject { ["id"] = "root", ["type"] = "Elsa.Sequence", ["activities"] = new JsonArray([.. activities]) },
                }.ToJsonString(),
                Actor.System),
            Token);
        published.Refusal.ShouldBeNull();
    }

    private static JsonObject Endpoint(string path, string[] methods, string id = "in", (string Name, string Value)? extra = null)
    {
        var endpoint = Node(
            id, "Elsa.HttpEndpoint", ("path", Literal(path)),
            ("supportedMethods", Input("Object", new JsonArray([.. methods.Select(method => (JsonNode)method)]).ToJsonString())));
        endpoint["customProperties"] = new JsonObject { ["canStartWorkflow"] = id == "in" };
        if (extra is var (name, value))
        {
            endpoint[name] = value.StartsWith('[') ? Input("Object", value) : Literal(value);
        }

        return endpoint;
    }

    private static JsonObject Respond(string status, string script, string headers = "{}", string? code = null, string id = "out") => Node(
        id, "Elsa.WriteHttpResponse", ("statusCode", Literal(code ?? "OK")), ("content", Input("JavaScript", script)),
        ("contentType", status.Length > 0 ? Literal("application/json") : null), ("responseHeaders", Input("Object", headers)));

    private static JsonObject Node(string id, string type, params (string Name, JsonNode? Value)[] properties)
    {
        var node = new JsonObject { ["id"] = id, ["type"] = type };
        foreach (var (name, value) in properties)
        {
            node[name] = value;
        }

        return node;
    }

    private static JsonObject Literal(string value) => Input("Literal", value);

    private static JsonObject Input(string type, string value) =>
        new() { ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };
}
