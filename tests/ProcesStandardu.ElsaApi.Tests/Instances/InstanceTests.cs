using System.Net;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.ElsaApi.Tests.Instances;

/// <summary>What a viewer sees of a case, and what an administrator does to it.</summary>
public sealed class InstanceTests(ElsaSite site) : IClassFixture<ElsaSite>
{
    [Fact]
    public async Task A_waiting_case_shows_its_wait_its_badges_and_its_journal()
    {
        using var designer = await site.CallerAsync();
        var id = await StartAsync(designer, "czeka", Drawing.Step("pisz", "Elsa.WriteLine", ("text", "dzień dobry")), Drawing.Step("czekaj", "Elsa.Event", ("eventName", "sygnal")));

        var instance = (await designer.GetAsync("/workflow-instances/" + id)).Json!;
        var report = await designer.PostAsync("/activity-executions/report", new JsonObject
        {
            ["workflowInstanceId"] = id,
            ["activityNodeIds"] = new JsonArray("Workflow1:schemat:pisz", "Workflow1:schemat:czekaj", "Workflow1:schemat:koniec"),
        });
        var journal = await designer.PostAsync($"/workflow-instances/{id}/journal?skip=0&take=2", new JsonObject
        {
            ["filter"] = new JsonObject { ["excludedActivityTypes"] = new JsonArray("Elsa.Workflow", "Elsa.Flowchart") },
        });
        var summaries = (await designer.GetAsync($"/activity-execution-summaries/list?WorkflowInstanceId={id}&ActivityNodeId=Workflow1:schemat:pisz")).Json!["items"]!.AsArray();
        var execution = (await designer.GetAsync("/activity-executions/by-id?id=" + summaries[0]!["id"])).Json!;

        instance["subStatus"]!.GetValue<string>().ShouldBe("Suspended");
        instance["workflowState"]!["bookmarks"]!.AsArray().ShouldHaveSingleItem()!["activityNodeId"]!.GetValue<string>().ShouldBe("Workflow1:schemat:czekaj");
        var stats = report.Json!["stats"]!.AsArray().ToDictionary(one => one!["activityId"]!.GetValue<string>(), one => one!);
        stats.Keys.ShouldBe(["pisz", "czekaj"], ignoreOrder: true);
        stats["pisz"]["completedCount"]!.GetValue<int>().ShouldBe(1);
        stats["czekaj"]["isBlocked"]!.GetValue<bool>().ShouldBeTrue();
        journal.Json!["items"]!.AsArray().Select(entry => entry!["eventName"]!.GetValue<string>()).ShouldBe(["Started", "Completed"]);
        journal.Json["totalCount"]!.GetValue<int>().ShouldBeGreaterThan(2);
        execution["activityState"]!["Text"]!.GetValue<string>().ShouldBe("dzień dobry");
        (await designer.GetAsync($"/activity-executions/{summaries[0]!["id"]}/call-stack")).Json!["items"]!.AsArray().Count.ShouldBe(3);
        (await designer.GetAsync($"/workflow-instances/{id}/execution-state")).Json!["workflowSubStatus"]!.GetValue<string>().ShouldBe("Suspended");
        (await designer.GetAsync($"/workflow-definitions/subgraph/segments/{instance["definitionVersionId"]}?childNodeId=Workflow1:schemat:czekaj"))
            .Json!["container"]!["nodeId"]!.GetValue<string>().ShouldBe("Workflow1:schemat");
    }

    [Fact]
    public async Task A_case_is_found_by_status_version_and_word()
    {
        using var designer = await site.CallerAsync();
        var id = await StartAsync(designer, "szukana", Drawing.Step("czekaj", "Elsa.Event", ("eventName", "sygnal")));
        await StartAsync(designer, "skonczona", Drawing.Step("pisz", "Elsa.WriteLine", ("text", "x")));

        (await ListAsync(designer, new JsonObject { ["definitionIds"] = new JsonArray("szukana"), ["statuses"] = new JsonArray("Running") })).ShouldBe([id]);
        (await ListAsync(designer, new JsonObject { ["definitionId"] = "szukana", ["subStatus"] = "Faulted" })).ShouldBeEmpty();
        (await ListAsync(designer, new JsonObject { ["searchTerm"] = id[..35] })).ShouldBe([id]);
        (await ListAsync(designer, new JsonObject { ["searchTerm"] = "100%_\\" })).ShouldBeEmpty();
        (await ListAsync(designer, new JsonObject
        {
            ["definitionId"] = "szukana",
            ["timestampFilters"] = new JsonArray(new JsonObject { ["column"] = "CreatedAt", ["operator"] = "GreaterThan", ["timestamp"] = "2030-01-01T00:00:00Z" }),
        })).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_case_is_cancelled_once_and_deleted_only_when_it_has_ended()
    {
        using var designer = await site.CallerAsync();
        var id = await StartAsync(designer, "anulowana", Drawing.Step("czekaj", "Elsa.Event", ("eventName", "sygnal")));

        (await designer.DeleteAsync("/workflow-instances/" + id)).Words.ShouldHaveSingleItem().ShouldContain("Najpierw go anuluj");
        (await designer.PostAsync("/cancel/workflow-instances/" + id)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await designer.GetAsync("/workflow-instances/" + id)).Json!["subStatus"]!.GetValue<string>().ShouldBe("Cancelled");
        (await site.Database.ScalarAsync<long>("select count(*) from history_entry where subject = 'workflow:' || $1 and kind = 'workflow_cancelled'", id)).ShouldBe(1);
        (await designer.DeleteAsync("/workflow-instances/" + id)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await designer.GetAsync("/workflow-instances/" + id)).Status.ShouldBe(HttpStatusCode.NotFound);
        (await designer.PostAsync("/cancel/workflow-instances/" + id)).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_faulted_case_shows_its_incident_and_runs_on_once_it_is_repaired()
    {
        using var designer = await site.CallerAsync();
        var early = Drawing.Step("publikuj", "Elsa.WriteLine");
        early["text"] = Drawing.Expression(
            "JavaScript", "if (new Date().getTime() < Date.parse('2012-12-01T00:00:00Z')) { throw new Error('za wcześnie'); } return 'można';");
        var id = await StartAsync(designer, "wadliwa", early);
        var faulted = (await designer.GetAsync("/workflow-instances/" + id)).Json!;
        faulted["subStatus"]!.GetValue<string>().ShouldBe("Faulted");
        faulted["workflowState"]!["incidents"]!.AsArray().ShouldHaveSingleItem()!["activityId"]!.GetValue<string>().ShouldBe("publikuj");

        (await designer.PostAsync("/retry/workflow-instances/" + id)).Status.ShouldBe(HttpStatusCode.NoContent);
        (await designer.GetAsync("/workflow-instances/" + id)).Json!["incidentCount"]!.GetValue<int>().ShouldBe(2);
        site.Clock.SetTo(TestClock.InWarsaw(2012, 12, 2, 8, 0));
        (await designer.PostAsync("/retry/workflow-instances/" + id)).Status.ShouldBe(HttpStatusCode.NoContent);

        (await designer.GetAsync("/workflow-instances/" + id)).Json!["subStatus"]!.GetValue<string>().ShouldBe("Finished");
        (await designer.PostAsync("/retry/workflow-instances/" + id)).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Variables_show_what_the_case_knows()
    {
        using var designer = await site.CallerAsync();
        var definition = Drawing.Of("zmienna", Drawing.Step("czekaj", "Elsa.Event", ("eventName", "sygnal")));
        definition["variables"] = new JsonArray(new JsonObject { ["id"] = "z1", ["name"] = "Kwota", ["typeName"] = "Int32", ["value"] = "7" });
        await designer.PostAsync("/workflow-definitions/import", definition);
        await designer.PostAsync("/workflow-definitions/zmienna/publish");
        var id = (await designer.PostAsync("/workflow-definitions/zmienna/execute")).Message.Headers.GetValues("x-elsa-workflow-instance-id").Single();

        var variables = (await designer.GetAsync($"/workflow-instances/{id}/variables")).Json!["items"]!.AsArray();

        var only = variables.ShouldHaveSingleItem()!;
        (only["id"]!.GetValue<string>(), only["name"]!.GetValue<string>(), only["value"]!.GetValue<int>()).ShouldBe(("z1", "Kwota", 7));
    }

    [Fact]
    public async Task A_signal_moves_the_badge()
    {
        using var designer = await site.CallerAsync();
        var id = await StartAsync(designer, "odznaka", Drawing.Step("czekaj", "Elsa.Event", ("eventName", "odznaka-sygnal")));

        await site.InUnitOfWorkAsync(engine => engine.SendAsync(
            new Stimulus("Elsa.Event", new { EventName = "odznaka-sygnal" }) { InstanceId = Guid.Parse(id) }, CancellationToken.None));
        var stats = (await designer.PostAsync("/activity-executions/report", new JsonObject { ["workflowInstanceId"] = id })).Json!["stats"]!.AsArray();

        stats.Single(one => one!["activityId"]!.GetValue<string>() == "czekaj")!["startedCount"]!.GetValue<int>().ShouldBe(1);
    }

    private static async Task<string> StartAsync(Caller designer, string definitionId, params JsonObject[] steps)
    {
        await designer.PostAsync("/workflow-definitions/import", Drawing.Of(definitionId, steps));
        var published = await designer.PostAsync($"/workflow-definitions/{definitionId}/publish");
        published.Status.ShouldBe(HttpStatusCode.OK, published.Json?.ToJsonString());
        return (await designer.PostAsync($"/workflow-definitions/{definitionId}/execute")).Message.Headers.GetValues("x-elsa-workflow-instance-id").Single();
    }

    private static async Task<List<string>> ListAsync(Caller designer, JsonObject request) =>
        [.. (await designer.PostAsync("/workflow-instances", request)).Json!["items"]!.AsArray().Select(item => item!["id"]!.GetValue<string>())];
}
