using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ProcesStandardu.Approval.Nodes;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Nodes;

/// <summary>What administrators see of the installation, and what old nodes do while a new version has prepared the database.</summary>
public sealed class StatusPageTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Fault", "S18")]
    public async Task The_page_tells_nodes_queues_and_quarantine_and_an_administrator_ends_it()
    {
        var site = new DemoSite();
        await using var _ = site;
        await site.InitializeAsync();
        await site.Pages.Services.GetRequiredService<Heartbeat>().RunOnceAsync(NodeState.Serving, Cancellation);
        await site.Database.ExecuteAsync(
            """
            insert into node (id, name, version, schema, state, started_at, seen_at, clock_ahead_ms, memory_bytes)
            values ('00000000-0000-7000-8000-000000000001', 'cichy', '1.0', '0041_nodes.sql', 'serving', now() - interval '1 hour',
              now() - interval '1 minute', 7200000, 104857600)
            """);
        using var visit = await site.VisitAsync("rafal-zdun");

        var page = await visit.GetAsync("/stan");

        page.Text.ShouldContain(Environment.MachineName);
        page.Text.ShouldContain("pracuje");
        page.Text.ShouldContain("cichy");
        page.Text.ShouldContain("milczy");
        page.Text.ShouldContain("zegar do nastawienia");
        page.Text.ShouldNotContain("Kwarantanna");

        await BeginQuarantine.HandleAsync(site.Database.ConnectionString, Cancellation);
        page = await visit.GetAsync("/stan");
        page.Text.ShouldContain("Kwarantanna");
        page.Text.ShouldContain("Zlecił ją operator.");
        (await visit.SendAsync(page, "zwolnij")).Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await visit.SendAsync(page, "zwolnij", ("Mail", ReleaseQuarantine.Hold))).Location.ShouldBe("/stan");
        page = await visit.GetAsync("/stan");
        page.Text.ShouldNotContain("Kwarantanna");
        page.Text.ShouldContain("Poczta, o której nie wiadomo, czy wyszła");
        (await site.CountAsync("select count(*) from outbox_message where last_error = 'database_restored'")).ShouldBeGreaterThan(0);
    }

    /// <summary>Plans that are prepared on connections must not break when a table gets wider under them.</summary>
    [Fact]
    [Trait("Fault", "S35")]
    public async Task A_node_of_the_old_version_serves_while_every_table_gets_another_column()
    {
        var site = new DemoSite();
        await using var _ = site;
        await site.InitializeAsync();
        string[] pages = ["/", "/produkty/osl-wnioski-1", "/glosowania", site.BallotPath, "/terminy", "/program", "/poczta", "/przebiegi", "/stan"];
        using var visit = await site.VisitAsync("joanna-cicha");
        for (var warm = 0; warm < 3; warm++)
        {
            await EveryPageAnswersAsync();
        }

        await site.VoteAsync("anna-nowak", "in_favour");
        await WidenAsync(site.Database.ConnectionString);

        await EveryPageAnswersAsync();
        await site.VoteAsync("anna-nowak", "against");
        (await site.CountAsync("select count(*) from history_entry where kind in ('vote_cast', 'vote_changed')")).ShouldBe(2);

        async Task EveryPageAnswersAsync()
        {
            foreach (var page in pages)
            {
                (await visit.GetAsync(page)).Status.ShouldBe(HttpStatusCode.OK, page);
            }
        }
    }

    private static async Task WidenAsync(string connectionString)
    {
        await using var connections = NpgsqlDataSource.Create(connectionString);
        await using var command = connections.CreateCommand(
            """
            do $$ declare t text; begin
              for t in select tablename from pg_tables where schemaname = 'public' loop
                execute format('alter table %I add column of_the_next_version text default ''x''', t);
              end loop;
            end $$
            """);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
