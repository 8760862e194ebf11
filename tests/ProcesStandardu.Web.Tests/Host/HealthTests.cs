using System.Net;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Host;

public sealed class HealthTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_is_ready_with_its_database_and_alive_without_it()
    {
        var database = await TestDatabase.CreateAsync(Cancellation);
        await using var pages = new ProductPages(database);
        using var client = pages.CreateClient();

        (await client.GetAsync("/health/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await database.DisposeAsync();

        var answer = await client.GetAsync("/health/ready", Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldBe("database");
        (await client.GetAsync("/health/live", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_schema_that_lacks_a_migration_is_not_ready()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var pages = new ProductPages(database);
        using var client = pages.CreateClient();
        await database.ExecuteAsync("delete from schema_migration where name = (select max(name) from schema_migration)");

        var answer = await client.GetAsync("/health/ready", Cancellation);

        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(Cancellation)).ShouldBe("schema");
    }
}
