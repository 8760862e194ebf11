using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Host;

public sealed class SecurityHeadersTests
{
    [Theory]
    [InlineData("/health/live")]
    [InlineData("/lib/bootstrap.min.css")]
    [InlineData("/there/is/no/such/page")]
    public async Task Every_answer_forbids_what_we_do_not_use(string address)
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var pages = new ProductPages(database);
        using var client = pages.CreateClient();

        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'self'");
        policy.ShouldContain("object-src 'none'");
        policy.ShouldContain("base-uri 'none'");
        policy.ShouldContain("frame-ancestors 'none'");
        policy.ShouldNotContain("unsafe");
        answer.Headers.GetValues("X-Content-Type-Options").Single().ShouldBe("nosniff");
        answer.Headers.GetValues("Referrer-Policy").Single().ShouldBe("same-origin");
        answer.Headers.Contains("Server").ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_came_over_tls_is_told_to_come_over_tls_for_a_year()
    {
        await using var database = await TestDatabase.CreateAsync(TestContext.Current.CancellationToken);
        await using var pages = new ProductPages(database);
        using var client = pages.CreateClient();

        using var secure = await client.GetAsync("https://proces.example.org/health/live", TestContext.Current.CancellationToken);
        using var plain = await client.GetAsync("http://proces.example.org/health/live", TestContext.Current.CancellationToken);

        secure.Headers.GetValues("Strict-Transport-Security").Single().ShouldBe("max-age=31536000");
        plain.Headers.Contains("Strict-Transport-Security").ShouldBeFalse();
    }
}
