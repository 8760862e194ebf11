using System.Net;
using System.Text;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace ProcesStandardu.ElsaApi.Tests;

/// <summary>Every endpoint is for designers alone, and no act is taken from another site's page.</summary>
[Trait("Fault", "S55")]
[Trait("Fault", "S56")]
public sealed class RightsTests(ElsaSite site) : IClassFixture<ElsaSite>
{
    [Fact]
    public async Task Nobody_but_a_designer_gets_an_answer()
    {
        using var member = await site.CallerAsync("anna-nowak");
        using var nobody = await site.CallerAsync(null);
        foreach (var (method, path) in Endpoints())
        {
            (await SendAsync(member, method, path)).ShouldBe(HttpStatusCode.Forbidden, $"{method} {path}");
            (await SendAsync(nobody, method, path)).ShouldBe(HttpStatusCode.Unauthorized, $"{method} {path}");
        }
    }

    [Fact]
    public async Task An_act_without_the_token_or_from_another_site_is_refused_and_changes_nothing()
    {
        using var without = await site.CallerAsync(withToken: false);
        using var foreign = await site.CallerAsync();
        foreign.Client.DefaultRequestHeaders.Add("Sec-Fetch-Site", "cross-site");
        var before = await PrintAsync();
        foreach (var (method, path) in Endpoints().Where(endpoint => endpoint.Method != "GET" && endpoint.Path.StartsWith("/elsa/api", StringComparison.Ordinal)))
        {
            (await SendAsync(without, method, path)).ShouldBe(HttpStatusCode.BadRequest, $"{method} {path}");
            (await SendAsync(foreign, method, path)).ShouldBe(HttpStatusCode.BadRequest, $"{method} {path}");
        }

        (await PrintAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task The_document_of_the_API_names_every_path_with_its_methods_and_says_what_each_is_for()
    {
        using var designer = await site.CallerAsync();

        var document = await designer.Client.GetStringAsync(ElsaApiRegistration.DocumentPath);

        var documented = System.Text.Json.Nodes.JsonNode.Parse(document)!["paths"]!.AsObject()
            .SelectMany(path => path.Value!.AsObject().Select(act => (Method: act.Key.ToUpperInvariant(), Path: path.Key, Act: act.Value!))).ToList();
        var mapped = Endpoints(filled: false).Where(endpoint => endpoint.Path.StartsWith("/elsa/api", StringComparison.Ordinal)).ToHashSet();
        mapped.Except(documented.Select(act => (act.Method, act.Path))).ShouldBeEmpty();
        documented.ShouldAllBe(act => act.Act["summary"]!.GetValue<string>().Length > 0);
        mapped.Count.ShouldBeGreaterThan(60);
    }

    private IEnumerable<(string Method, string Path)> Endpoints(bool filled = true) =>
        from endpoint in site.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Distinct()
        let pattern = "/" + endpoint.RoutePattern.RawText!.Trim('/')
        where pattern.StartsWith("/elsa", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.DefaultIfEmpty("GET") ?? ["GET"]
        where method is "GET" or "POST" or "DELETE"
        select (method, filled ? Filled(pattern) : Plain(pattern));

    private static string Filled(string pattern) => Plain(pattern).Replace("{id}", "01a204c1-594c-7fdb-a77f-196aa560e9a1", StringComparison.Ordinal)
        .Replace("{version}", "1", StringComparison.Ordinal).Replace("{definitionId}", "zatwierdzanie-produktu", StringComparison.Ordinal)
        .Replace("{documentName}", "elsa", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);

    private static string Plain(string pattern) => System.Text.RegularExpressions.Regex.Replace(pattern, @"\{(\w+):\w+\}", "{$1}");

    private static async Task<HttpStatusCode> SendAsync(Caller caller, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (method == "POST")
        {
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        }

        using var answer = await caller.Client.SendAsync(request);
        return answer.StatusCode;
    }

    private Task<string?> PrintAsync() => site.Database.ScalarAsync<string>(
        """
        select md5(string_agg(v::text, '|' order by version_id)) || (select count(*) from history_entry) || (select count(*) from workflow_draft_kept)
          || (select count(*) from workflow_instance)
        from workflow_version v
        """);
}
