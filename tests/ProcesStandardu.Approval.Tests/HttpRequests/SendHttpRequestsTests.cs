using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.HttpRequests;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.HttpRequests;

/// <summary>Requests of workflows, from the burst to the answer, over real sockets.</summary>
public sealed class SendHttpRequestsTests : IAsyncLifetime
{
    private readonly LoopbackServer _server = new();
    private EngineOnPostgres _product = null!;

    public async ValueTask InitializeAsync() => _product = await CreateAsync("127.0.0.1/32");

    public async ValueTask DisposeAsync()
    {
        await _product.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_request_leaves_after_the_commit_and_its_answer_goes_on_by_the_status_code()
    {
        _server.Answer = _ => LoopbackServer.Json("200 OK", """{"numer":7,"uwaga":"a\u0000b"}""");
        await _product.PublishAsync(Workflow($"{_server.Address}/wnioski?nr=1"));

        await StartAsync();
        _server.Connections.ShouldBe(0, "nothing leaves before the commit");
        var counts = await PassAsync();

        counts.ShouldBe(new SendHttpRequests.Counts(1, 0, 0, 0));
        var request = _server.Requests.ShouldHaveSingleItem();
        (request.Method, request.Target, request.Body).ShouldBe(("POST", "/wnioski?nr=1", """{"a":1}"""));
        request.Headers["content-type"].ShouldBe("application/json");
        request.Headers["authorization"].ShouldBe("Bearer tajne");
        request.Headers["x-klucz"].ShouldBe("tajny-klucz");
        request.Headers["idempotency-key"].ShouldBe(await ScalarAsync<string>("select id::text from workflow_http_request"));
        _product.Lines.ShouldBe(["200 7"]);
        (await PassAsync()).Total.ShouldBe(0);
    }

    [Fact]
    public async Task Secrets_stay_in_the_row_until_the_request_has_ended_and_are_nowhere_afterwards()
    {
        await _product.PublishAsync(Workflow(_server.Address));
        await StartAsync();
        (await ScalarAsync<bool>("select headers::text like '%tajne%' from workflow_http_request")).ShouldBeTrue();
        await PassAsync();

        var tables = await RowsAsync(
            "select quote_ident(table_name) from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'workflow_definition'");
        foreach (var table in tables)
        {
            (await ScalarAsync<long>($"select count(*) from {table} t where t::text like '%tajn%'")).ShouldBe(0, table);
        }
    }

    [Theory]
    [InlineData("404 Not Found", "unmatched")]
    [InlineData("201 Created", "201")]
    public async Task Another_status_code_leaves_by_its_own_port(string status, string line)
    {
        _server.Answer = _ => LoopbackServer.Text(status, "");
        await _product.PublishAsync(Workflow(_server.Address));

        await StartAsync();
        await PassAsync();

        _product.Lines.ShouldBe([line]);
    }

    [Fact]
    public async Task What_fails_for_now_is_sent_again_later_with_the_same_key()
    {
        _server.Answer = _ => _server.Requests.Count < 3
            ? LoopbackServer.Text("503 Service Unavailable", "", _server.Requests.Count == 1 ? "Retry-After: 60" : "X: y")
            : LoopbackServer.Json("200 OK", """{"numer":3}""");
        await _product.PublishAsync(Workflow(_server.Address));
        await StartAsync();

        (await PassAsync()).Retried.ShouldBe(1);
        _product.Clock.Advance(TimeSpan.FromSeconds(59));
        (await PassAsync()).Total.ShouldBe(0);
        _product.Clock.Advance(TimeSpan.FromSeconds(1));
        (await PassAsync()).Retried.ShouldBe(1);
        _product.Clock.Advance(TimeSpan.FromSeconds(30));
        (await PassAsync()).Answered.ShouldBe(1);

        _server.Requests.Select(request => request.Headers["idempotency-key"]).Distinct().Count().ShouldBe(1);
        _product.Lines.ShouldBe(["200 3"]);
    }

    [Fact]
    public async Task Who_cannot_be_reached_is_tried_five_times_and_then_the_workflow_goes_on_by_failure()
    {
        await _product.PublishAsync(Workflow("http://127.0.0.1:1/"));
        await StartAsync();

        for (var attempt = 1; attempt <= 5; attempt++)
        {
            _product.Lines.ShouldBeEmpty();
            await PassAsync();
            _product.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        _product.Lines.ShouldBe(["failed"]);
        (await ScalarAsync<string>("select state || ' ' || attempts from workflow_http_request")).ShouldBe("failed 5");
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_a_timeout()
    {
        await using var hasty = await CreateAsync("127.0.0.1/32", ("Timeout", "00:00:00.2"), ("Attempts", "1"));
        _server.Answer = _ => null;
        await hasty.PublishAsync(Workflow(_server.Address));

        await StartAsync(hasty);
        await PassAsync(hasty);

        hasty.Lines.ShouldBe(["timeout"]);
    }

    [Fact]
    [Trait("Fault", "S59")]
    public async Task A_loopback_address_is_not_called_unless_it_is_allowed()
    {
        await using var closed = await CreateAsync("10.1.2.0/24");
        await closed.PublishAsync(Workflow(_server.Address));

        await StartAsync(closed);
        (await PassAsync(closed)).Failed.ShouldBe(1);

        closed.Lines.ShouldBe(["failed"]);
        _server.Connections.ShouldBe(0);
    }

    [Theory]
    [InlineData(HttpFailpoints.Claimed, 0)]
    [InlineData(HttpFailpoints.Answered, 1)]
    [InlineData(HttpFailpoints.BeforeEnd, 1)]
    [InlineData(Failpoints.BeforeCommit, 1)]
    public async Task A_sender_killed_on_the_way_leaves_its_request_to_the_next_with_the_same_key(string place, int arrived)
    {
        _server.Answer = _ => LoopbackServer.Json("200 OK", """{"numer":5}""");
        await _product.PublishAsync(Workflow(_server.Address));
        await StartAsync();

        Failpoints.OnReached = reached =>
        {
            if (reached == place)
            {
                throw new KilledException();
            }
        };
        await Should.ThrowAsync<KilledException>(PassAsync());
        Failpoints.OnReached = null;
        _server.Requests.Count.ShouldBe(arrived);
        _product.Lines.Clear();
        (await PassAsync()).Total.ShouldBe(0, "the lost sender's lease still stands");
        await _product.Database.ExecuteAsync("update workflow_http_request set lease_until = clock_timestamp() - interval '1 second'");
        var counts = await PassAsync();

        (counts.Reclaimed, counts.Answered).ShouldBe((1, 1));
        _server.Requests.Count.ShouldBe(arrived + 1);
        _server.Requests.Select(request => request.Headers["idempotency-key"]).Distinct().Count().ShouldBe(1);
        _product.Lines.ShouldBe(["200 5"]);
        (await ScalarAsync<string>("select sub_status from workflow_instance")).ShouldBe("finished");
    }

    [Fact]
    public async Task Two_passes_at_once_send_each_request_once()
    {
        _server.Answer = _ => LoopbackServer.Json("200 OK", """{"numer":1}""");
        await _product.PublishAsync(Workflow(_server.Address));
        for (var started = 0; started < 12; started++)
        {
            await StartAsync();
        }

        var passes = await Task.WhenAll(PassAsync(), PassAsync(), PassAsync());

        passes.Sum(counts => counts.Answered).ShouldBe(12);
        _server.Requests.Select(request => request.Headers["idempotency-key"]).Distinct().Count().ShouldBe(12);
        _server.Requests.Count.ShouldBe(12);
    }

    [Fact]
    public async Task A_cancelled_workflow_takes_its_request_back()
    {
        await _product.PublishAsync(Workflow(_server.Address));
        var started = await StartAsync();

        await _product.RunAsync((_, engine) => engine.CancelAsync(started.InstanceId, CancellationToken.None));
        (await PassAsync()).Total.ShouldBe(0);

        (await ScalarAsync<string>("select state from workflow_http_request")).ShouldBe("withdrawn");
        _server.Connections.ShouldBe(0);
    }

    [Theory]
    [InlineData("file:///etc/passwd", "GET", "{}")]
    [InlineData("http://user:secret@example.org/", "GET", "{}")]
    [InlineData("/relative", "GET", "{}")]
    [InlineData("http://example.org/", "TRACE", "{}")]
    [InlineData("http://example.org/", "GET", "{\"X-Bad\":\"a\\r\\nHost: evil\"}")]
    [InlineData("http://example.org/", "GET", "{\"X Bad\":\"a\"}")]
    public async Task What_cannot_be_a_request_is_an_incident_and_no_row(string url, string method, string headers)
    {
        await _product.PublishAsync(Workflow(url, method, headers));

        await StartAsync();

        (await ScalarAsync<string>("select sub_status from workflow_instance")).ShouldBe("faulted");
        (await ScalarAsync<long>("select count(*) from workflow_http_request")).ShouldBe(0);
    }

    private static async Task<EngineOnPostgres> CreateAsync(string allowed, params (string Name, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Append(("AllowedNetworks:0", allowed)).ToDictionary(pair => "HttpRequests:" + pair.Item1, pair => (string?)pair.Item2)).Build();
        return await EngineOnPostgres.CreateAsync(services => services.AddHttpRequests(configuration));
    }

    private Task<StartResult> StartAsync(EngineOnPostgres? product = null) => (product ?? _product).RunAsync((_, engine) =>
        engine.StartAsync(new StartWorkflow { DefinitionId = "zapytanie" }, CancellationToken.None));

    private Task<SendHttpRequests.Counts> PassAsync(EngineOnPostgres? product = null) =>
        (product ?? _product).Services.GetRequiredService<SendHttpRequests>().RunOnceAsync(TestContext.Current.CancellationToken);

    private Task<T> ScalarAsync<T>(string sql) => _product.Database.ScalarAsync<T>(sql)!;

    private async Task<List<string>> RowsAsync(string sql)
    {
        await using var command = _product.DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static string Workflow(string url, string method = "POST", string headers = """{"X-Klucz":"tajny-klucz"}""") => new JsonObject
    {
        ["definitionId"] = "zapytanie",
        ["root"] = new JsonObject
        {
            ["id"] = "flow",
            ["type"] = "Elsa.Flowchart",
            ["activities"] = new JsonArray(
                new JsonObject
                {
                    ["id"] = "ask",
                    ["type"] = "Elsa.FlowSendHttpRequest",
                    ["url"] = Input("Literal", url),
                    ["method"] = Input("Literal", method),
                    ["content"] = Input("Object", """{"a":1}"""),
                    ["contentType"] = Input("Literal", "application/json"),
                    ["authorization"] = Input("JavaScript", "'Bearer ' + 'tajne'"),
                    ["requestHeaders"] = Input("Object", headers),
                    ["expectedStatusCodes"] = Input("Object", "[200, 201]"),
                },
                Write("ok", "'200 ' + getOutputFrom('ask', 'ParsedContent').numer"), Write("created", "'201'"), Write("other", "'unmatched'"),
                Write("failed", "'failed'"), Write("late", "'timeout'")),
            ["connections"] = new JsonArray(
                Connection("200", "ok"), Connection("201", "created"), Connection("Unmatched status code", "other"),
                Connection("Failed to connect", "failed"), Connection("Timeout", "late")),
        },
    }.ToJsonString();

    private static JsonObject Write(string id, string script) =>
        new() { ["id"] = id, ["type"] = "Elsa.WriteLine", ["text"] = Input("JavaScript", script) };

    private static JsonObject Connection(string port, string target) => new()
    {
        ["source"] = new JsonObject { ["activity"] = "ask", ["port"] = port },
        ["target"] = new JsonObject { ["activity"] = target, ["port"] = "In" },
    };

    private static JsonObject Input(string type, string value) =>
        new() { ["expression"] = new JsonObject { ["type"] = type, ["value"] = value } };

    private sealed class KilledException : Exception;
}
