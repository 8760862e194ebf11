using System.Net;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Journeys;

/// <summary>The built program, killed without a word while people vote, and started again on the same data.</summary>
[Trait("Category", "Process")]
public sealed class KillTests
{
    private static readonly string[] Electors =
        ["halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak"];

    [Fact]
    [Trait("Fault", "S02")]
    [Trait("Fault", "S08")]
    [Trait("Scenario", "S12")]
    public async Task After_kill_9_every_acknowledged_vote_is_there_once_and_what_was_due_happens_once()
    {
        // The database outlives the program, as a server of its own does; the embedded one has tests of its own.
        await using var database = await DemoProgramme.CreateDatabaseAsync();
        await using var server = await ProductServer.StartAsync(new Dictionary<string, string>
        {
            ["Demo__Enabled"] = "true",
            ["ConnectionStrings__Database"] = database.ConnectionString,
        });
        var ballot = await database.ScalarAsync<Guid>("select id from ballot where number = 'G-2012/08'");
        await server.Kill9Async();
        await server.StartAgainAsync(Failpoints.VoteLocked + ":1");

        // The first elector's vote dies twice on its way, the last one's while it closes the ballot.
        var next = new Queue<string?>([Failpoints.VoteRecorded + ":1", Failpoints.BallotClosed + ":1", null]);
        var kills = 1;
        foreach (var elector in Electors)
        {
            using var visit = Visit(server);
            await visit.SignInAsync(elector);
            var page = await visit.GetAsync($"/glosowania/{ballot:D}");
            var check = await visit.SendAsync(page, "glos", ("Position", "in_favour"), ("Krok", "sprawdz"));
            var answer = await AnswerAsync(visit.SendAsync(check, "glos", ("Krok", "potwierdz")));
            while (answer is null)
            {
                await server.GoneAsync();
                await server.StartAgainAsync(next.Dequeue());
                kills++;

                // Who got no answer sends the same form again: signed in as before, with the same key.
                answer = await AnswerAsync(visit.SendAsync(check, "glos", ("Krok", "potwierdz")));
            }

            answer.Status.ShouldBe(HttpStatusCode.SeeOther, answer.Text);
        }

        kills.ShouldBe(4);
        (await CountAsync(database, "select count(*) from ballot_position p join ballot b on b.id = p.ballot_id where b.number = 'G-2012/08' and p.superseded_by_id is null"))
            .ShouldBe(Electors.Length);
        (await CountAsync(database, "select count(*) from ballot where number = 'G-2012/08' and outcome = 'adopted' and resolution_number is not null")).ShouldBe(1);
        (await CountAsync(database, "select count(*) from workflow_incident")).ShouldBe(0);

        // Each position has its entry and its receipt, and every chain of the history is whole.
        var positions = await CountAsync(database, "select count(*) from ballot_position p join ballot b on b.id = p.ballot_id where b.number = 'G-2012/08'");
        (await CountAsync(database, "select count(*) from history_entry h join ballot b on h.subject = 'ballot:' || b.id where b.number = 'G-2012/08' and h.kind in ('vote_cast', 'vote_changed')")).ShouldBe(positions);
        (await CountAsync(database, "select count(*) from outbox_message m join ballot b on m.cause = 'ballot:' || b.id where b.number = 'G-2012/08' and m.kind = 'vote_recorded'")).ShouldBe(positions);
        (await CountAsync(database, "select count(*) from (select subject from history_entry group by subject having count(*) <> max(seq)) gap")).ShouldBe(0);
        (await CountAsync(database, "select count(*) from (select instance_id from workflow_journal group by instance_id having count(*) <> max(seq)) gap")).ShouldBe(0);

        // Nobody is stranded: each waiting workflow has something that it waits for.
        (await CountAsync(database, "select count(*) from workflow_instance i where sub_status = 'suspended' and not exists (select from workflow_bookmark b where b.instance_id = i.id)")).ShouldBe(0);
    }

    private static async Task<Screen?> AnswerAsync(Task<Screen> vote)
    {
        try
        {
            return await vote;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static Visit Visit(ProductServer server) => new(new HttpClient(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        CookieContainer = new CookieContainer(),
    })
    {
        BaseAddress = server.Address,
    });

    private static Task<long> CountAsync(TestDatabase database, string sql) => database.ScalarAsync<long>(sql)!;
}
