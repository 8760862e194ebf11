using System.Net;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Host;

public sealed class ProductServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_kill_9_the_program_takes_its_database_over_and_is_ready_again()
    {
        await using var server = await ProductServer.StartAsync();
        using var client = new HttpClient { BaseAddress = server.Address };

        await server.Kill9Async();
        await Should.ThrowAsync<HttpRequestException>(() => client.GetAsync("health/ready", Cancellation));
        await server.StartAgainAsync();

        (await client.GetAsync("health/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Output.ShouldContain("an earlier run left behind");
        (await server.StopAsync()).ShouldBe(0);
        File.Exists(Path.Combine(server.DataFolder, "postgresql", "data", "postmaster.pid")).ShouldBeFalse();
    }
}
