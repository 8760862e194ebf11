using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;
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

        (await MissingAsync(client)).ShouldBe("database");
        (await client.GetAsync("/health/live", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_schema_that_lacks_a_migration_is_not_ready()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var pages = new ProductPages(database);
        using var client = pages.CreateClient();
        await database.ExecuteAsync("delete from schema_migration where name = (select max(name) from schema_migration)");

        (await MissingAsync(client)).ShouldBe("schema");
    }

    [Fact]
    public async Task Nodes_that_start_together_on_an_empty_database_are_all_ready_and_import_once()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(Cancellation);
        await using var one = new ProductPages(database);
        await using var other = new ProductPages(database);

        var clients = await Task.WhenAll(Task.Run(one.CreateClient, Cancellation), Task.Run(other.CreateClient, Cancellation));

        foreach (var client in clients)
        {
            (await client.GetAsync("/health/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await database.ScalarAsync<long>("select count(*) from history_entry where kind = 'programme_imported'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_does_not_prepare_the_database_itself_waits_until_a_job_has()
    {
        await using var database = await TestDatabase.CreateEmptyAsync(Cancellation);
        await using var pages = new ProductPages(
            database, settings: new Dictionary<string, string> { ["Database:PrepareAtStart"] = "false" });
        using var client = pages.CreateClient();

        (await MissingAsync(client)).ShouldBe("schema");

        await DatabaseMigrator.MigrateAsync(database.ConnectionString, Cancellation);

        (await MissingAsync(client)).ShouldBe("data");
    }

    [Fact]
    public async Task A_node_goes_on_while_a_newer_version_has_added_to_the_schema_and_stops_when_it_took_away()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var pages = new ProductPages(database);
        using var client = pages.CreateClient();

        await database.ExecuteAsync("insert into schema_migration (name) values ('9001_adds.sql')");
        (await client.GetAsync("/health/ready", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await database.ExecuteAsync("insert into schema_migration (name, contract) values ('9002_takes_away.sql', true)");
        (await MissingAsync(client)).ShouldBe("schema is newer");
        (await client.GetAsync("/health/live", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/health/start", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task The_alarm_clock_has_a_clock_of_its_own_and_the_program_keeps_the_programmes()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var pages = new ProductPages(database, settings: new Dictionary<string, string> { ["Passes:Ring"] = "true" });
        using var client = pages.CreateClient();

        pages.Services.GetRequiredService<TimeProvider>().ShouldBeOfType<ProgrammeClock>();
    }

    [Fact]
    public async Task What_is_measured_is_told_on_the_collectors_port_alone()
    {
        await using var database = await TestDatabase.CreateAsync(Cancellation);
        await using var pages = new ProductPages(database, settings: new Dictionary<string, string> { ["Metrics:Port"] = "1" });
        using var client = pages.CreateClient();

        // As for every address that does not exist: to the sign-in.
        (await client.GetAsync("/metrics", Cancellation)).StatusCode.ShouldBe(HttpStatusCode.Found);
    }

    private static async Task<string> MissingAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("/health/ready", Cancellation);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}
