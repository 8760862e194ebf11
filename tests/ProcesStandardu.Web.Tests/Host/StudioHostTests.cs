using System.Net;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Studio;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Host;

/// <summary>Elsa Studio and people's pages at two host names.</summary>
public sealed class StudioHostTests
{
    [Theory]
    [InlineData("https://proces.test/rejestr", 200, null)]
    [InlineData("https://proces.test/logowanie", 200, null)]
    [InlineData("https://proces.test/studio/workflows/definitions?x=1", 302, "https://studio.proces.test/studio/workflows/definitions?x=1")]
    [InlineData("https://proces.test/elsa/api/workflow-definitions", 404, null)]
    [InlineData("https://studio.proces.test/", 302, "/studio")]
    [InlineData("https://studio.proces.test/rejestr", 404, null)]
    [InlineData("https://studio.proces.test/poczta", 404, null)]
    [InlineData("https://studio.proces.test/logowanie", 200, null)]
    [InlineData("https://studio.proces.test/elsa/api/workflow-definitions", 401, null)]
    [InlineData("https://studio.proces.test/health/live", 200, null)]
    public async Task Each_host_answers_what_is_its_own(string address, int status, string? location)
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var pages = new ProductPages(
            database, settings: new Dictionary<string, string> { [StudioHost.Setting] = "studio.proces.test" });
        using var client = pages.CreateClient();

        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);

        answer.StatusCode.ShouldBe((HttpStatusCode)status);
        answer.Headers.Location?.ToString().ShouldBe(location);
    }
}
