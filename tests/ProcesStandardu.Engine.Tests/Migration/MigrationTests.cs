using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Migration;
using Shouldly;
using Xunit;
using static ProcesStandardu.Engine.Tests.Definition;

namespace ProcesStandardu.Engine.Tests.Migration;

public sealed class MigrationTests
{
    private readonly TestEngine _test = new();

    private const string Approval = "start > comments, comments > partner, partner > vote, vote > end";

    [Fact]
    [Trait("Scenario", "S11")]
    public async Task What_waits_before_a_new_step_can_be_moved_and_passes_it()
    {
        var old = await WaitingAtAsync("comments");
        Draw("start > comments, comments > legal, legal > vote, vote > end",
            Start(), Event("comments", "comments"), Event("legal", "legal"), Event("vote", "vote"), Write("end"));

        var result = await MigrateAsync(old, MigrationPlan.ById);

        result.IsMoved.ShouldBeTrue();
        result.Forecast!.Fate.ShouldBe(MigrationFate.CanMove);
        await _test.PublishEventAsync("comments");
        Waiting(old).ShouldBe("legal");
        await _test.PublishEventAsync("legal");
        await _test.PublishEventAsync("vote");
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        _test.Journal(old).ShouldContain("Workflow1:Migrated");
        _test.Journal(old).Split(' ').Count(entry => entry == "start:Started").ShouldBe(1);
        _test.Only.Version.ShouldBe(2);
    }

    [Fact]
    [Trait("Scenario", "S11")]
    public async Task What_waits_at_a_removed_step_needs_a_decision_and_goes_where_it_is_told()
    {
        var old = await WaitingAtAsync("partner");
        Draw("start > comments, comments > legal, legal > vote, vote > end",
            Start(), Event("comments", "comments"), Event("legal", "legal"), Event("vote", "vote"), Write("end"));

        var refused = await MigrateAsync(old, MigrationPlan.ById);

        refused.IsMoved.ShouldBeFalse();
        refused.Forecast!.Fate.ShouldBe(MigrationFate.MustNotMove);
        refused.Forecast.Reasons.Select(reason => reason.Key).ShouldBe(["ActivityIsRemoved"]);
        refused.Forecast.Activities.Single(activity => activity.IsWaiting).Candidates.ShouldContain("legal");
        _test.Only.Version.ShouldBe(1);

        var moved = await MigrateAsync(old, new MigrationPlan([new ActivityMapping("partner", "legal", BeginsAnew: true)]));

        moved.IsMoved.ShouldBeTrue();
        Waiting(old).ShouldBe("legal");
        await _test.PublishEventAsync("legal");
        Waiting(old).ShouldBe("vote");
        _test.Journal(old).ShouldContain("partner:Canceled Workflow1:Migrated legal:Started");
    }

    [Fact]
    [Trait("Scenario", "S11")]
    public async Task What_has_passed_the_place_of_a_new_step_stays_unless_it_may_be_skipped()
    {
        var old = await WaitingAtAsync("vote");
        Draw("start > comments, comments > partner, partner > legal, legal > vote, vote > end",
            Start(), Event("comments", "comments"), Event("partner", "partner"), Event("legal", "legal"), Event("vote", "vote"), Write("end"));

        var result = await MigrateAsync(old, MigrationPlan.ById);

        result.IsMoved.ShouldBeFalse();
        result.Forecast!.Fate.ShouldBe(MigrationFate.Stays);
        result.Forecast.Reasons.Single().ActivityId.ShouldBe("legal");

        (await MigrateAsync(old, new MigrationPlan([], AllowsSkipping: true))).IsMoved.ShouldBeTrue();
        await _test.PublishEventAsync("vote");
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        _test.Journal(old).ShouldNotContain("legal:Started");
    }

    [Fact]
    public async Task A_finished_step_that_the_new_version_puts_ahead_forbids_the_move()
    {
        var old = await WaitingAtAsync("vote");
        Draw("start > comments, comments > vote, vote > partner, partner > end",
            Start(), Event("comments", "comments"), Event("partner", "partner"), Event("vote", "vote"), Write("end"));

        var result = await MigrateAsync(old, MigrationPlan.ById);

        result.Forecast!.Fate.ShouldBe(MigrationFate.MustNotMove);
        result.Forecast.Reasons.ShouldContain(reason => reason.Key == "PassedStepLiesAhead" && reason.ActivityId == "partner");
    }

    [Fact]
    public async Task A_join_waits_for_what_it_waited_for_before_the_move()
    {
        await _test.StartAsync(Flow(
            "start > anna, start > marek, anna > join, marek > join, join > end",
            Start(), Event("anna", "anna"), Event("marek", "marek"), Activity("join", "Elsa.FlowJoin", ("mode", "WaitAll")), Write("end")));
        var id = _test.Only.Id;
        await _test.PublishEventAsync("anna");
        Draw(
            "start > anna, start > marek, anna > join, marek > join, join > archive, archive > end",
            Start(), Event("anna", "anna"), Event("marek", "marek"), Activity("join", "Elsa.FlowJoin", ("mode", "WaitAll")), Write("archive"), Write("end"));

        (await MigrateAsync(id, MigrationPlan.ById)).IsMoved.ShouldBeTrue();
        await _test.PublishEventAsync("marek");

        _test.Lines.ShouldBe(["archive", "end"]);
        _test.Journal(id).Split(' ').Count(entry => entry == "anna:Started").ShouldBe(1);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_loop_of_rework_goes_round_after_the_move_as_it_would_have_before()
    {
        JsonArray Answer() => [Variable("answer", "String")];
        await _test.StartAsync(Of(
            FlowChart("flow", "start > write, write > check, check > again, again.True > write, again.False > end", Start(), Event("write", "write"), Check(), Again(), Write("end")),
            variables: Answer()));
        var id = _test.Only.Id;
        await _test.PublishEventAsync("write");
        await _test.PublishEventAsync("check", "again");
        await _test.PublishEventAsync("write");
        _test.Publish(Version2(Of(
            FlowChart(
                "flow", "start > write, write > check, check > again, again.True > explain, explain > write, again.False > end",
                Start(), Event("write", "write"), Event("explain", "explain"), Check(), Again(), Write("end")),
            variables: Answer())));

        var result = await MigrateAsync(id, MigrationPlan.ById);
        result.IsMoved.ShouldBeTrue(string.Join(' ', result.Forecast!.Reasons.Select(reason => reason.Describe())));
        await _test.PublishEventAsync("check", "again");
        Waiting(id).ShouldBe("explain");
        await _test.PublishEventAsync("explain");
        Waiting(id).ShouldBe("write");
        await _test.PublishEventAsync("write");
        await _test.PublishEventAsync("check", "good");

        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        _test.Lines.ShouldBe(["end"]);
    }

    [Fact]
    public async Task Variables_and_terms_go_along_and_lost_ones_are_said()
    {
        var variables = new JsonArray(Variable("who", "String"), Variable("old", "Int32", "7"));
        await _test.StartAsync(Of(
            FlowChart("flow", "ask > later, later > end", Activity("ask", "Elsa.Event", ("eventName", "ask"), ("result", Into("who"))),
                Activity("later", "Elsa.Delay", ("timeSpan", "10.00:00:00")), Activity("end", "Elsa.WriteLine", ("text", Js("getVariable('Person')")))),
            variables: variables));
        var id = _test.Only.Id;
        await _test.PublishEventAsync("ask", "Anna");
        var due = _test.Only.Bookmarks.Single().DueAt;
        var renamed = Variable("who", "String");
        renamed["name"] = "Person";
        _test.Publish(Version2(Of(
            FlowChart("flow", "ask > later, later > end", Activity("ask", "Elsa.Event", ("eventName", "ask"), ("result", Into("who"))),
                Activity("later", "Elsa.Delay", ("timeSpan", "7.00:00:00")), Activity("end", "Elsa.WriteLine", ("text", Js("getVariable('Person')")))),
            variables: [renamed])));

        var result = await MigrateAsync(id, MigrationPlan.ById);

        result.Forecast!.Notes.Select(note => note.Key).ShouldBe(["VariableIsDropped", "TermStays"], ignoreOrder: true);
        _test.Only.Bookmarks.Single().DueAt.ShouldBe(due, "the running term stays");
        _test.Clock.Advance(TimeSpan.FromDays(10));
        await _test.FireDueAsync();
        _test.Lines.ShouldBe(["Anna"]);
    }

    [Fact]
    public async Task A_renamed_step_carries_its_wait_and_another_type_needs_a_new_beginning()
    {
        var old = await WaitingAtAsync("partner");
        Draw("start > comments, comments > consent, consent > vote, vote > end",
            Start(), Event("comments", "comments"), Event("consent", "consent"), Event("vote", "vote"),
            Activity("task", "Elsa.RunTask", ("taskName", "task")), Write("end"));
        var bookmark = _test.Only.Bookmarks.Single().Id;

        (await MigrateAsync(old, new MigrationPlan([new ActivityMapping("partner", "task")]))).Forecast!.Reasons.Single().Key.ShouldBe("TypeIsAnother");
        (await MigrateAsync(old, new MigrationPlan([new ActivityMapping("partner", "nowhere")]))).Forecast!.Reasons.Single().Key.ShouldBe("MappingLeadsNowhere");
        (await MigrateAsync(old, new MigrationPlan([new ActivityMapping("partner", "consent")]))).IsMoved.ShouldBeTrue();

        _test.Only.Bookmarks.Single().Id.ShouldBe(bookmark);
        Waiting(old).ShouldBe("consent");
        await _test.PublishEventAsync("partner");
        Waiting(old).ShouldBe("vote");
    }

    [Fact]
    public async Task A_prediction_says_what_the_move_does_and_changes_nothing()
    {
        var old = await WaitingAtAsync("comments");
        var target = Draw("start > comments, comments > vote, vote > end",
            Start(), Event("comments", "comments"), Event("vote", "vote"), Write("end"));
        var before = _test.Only;
        var from = (await _test.Definitions.FindVersionAsync("test-v1", CancellationToken.None))!;

        var forecast = _test.Engine.PredictMigration(before, from, target, MigrationPlan.ById);

        _test.Only.ShouldBeSameAs(before);
        forecast.Fate.ShouldBe(MigrationFate.CanMove);
        var moved = await MigrateAsync(old, MigrationPlan.ById);
        moved.Forecast!.Activities.ShouldBe(forecast.Activities);
        moved.Forecast.Sequence.ShouldBe(forecast.Sequence);
    }

    [Fact]
    public async Task A_faulted_instance_moves_to_the_corrected_version_and_is_retried_there()
    {
        await _test.StartAsync(Flow("start > bad, bad > end", Start(), Activity("bad", "Elsa.SetVariable", ("value", "1")), Write("end")));
        var id = _test.Only.Id;
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        var good = Activity("bad", "Elsa.SetVariable", ("value", "1"));
        good["variable"] = new JsonObject { ["id"] = "x" };
        _test.Publish(Version2(Of(FlowChart("flow", "start > bad, bad > end", Start(), good, Write("end")), variables: [Variable("x", "Int32")])));

        (await MigrateAsync(id, MigrationPlan.ById)).IsMoved.ShouldBeTrue();
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        await _test.Engine.RetryAsync(id, null, CancellationToken.None);

        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        _test.Lines.ShouldBe(["end"]);
    }

    [Fact]
    public async Task A_sequence_and_a_parallel_loop_keep_their_place()
    {
        await _test.StartAsync(Sequence(
            Event("first", "first"),
            Each(Event("vote", "vote")),
            Write("end")));
        var id = _test.Only.Id;
        await _test.PublishEventAsync("first");
        _test.Only.Bookmarks.Count.ShouldBe(3);
        var first = _test.Only.Bookmarks[0].Id;
        await _test.Engine.ResumeBookmarkAsync(first, null, CancellationToken.None);
        _test.Publish(Version2(Sequence(Event("first", "first"), Each(Event("vote", "vote")), Write("thanks"), Write("end"))));

        (await MigrateAsync(id, MigrationPlan.ById)).IsMoved.ShouldBeTrue();
        foreach (var bookmark in _test.Only.Bookmarks.ToArray())
        {
            await _test.Engine.ResumeBookmarkAsync(bookmark.Id, null, CancellationToken.None);
        }

        _test.Lines.ShouldBe(["thanks", "end"]);
        _test.Journal(id).Split(' ').Count(entry => entry == "vote:Started").ShouldBe(3);
    }

    private static JsonObject Each(JsonObject body) => Activity(
        "each", "Elsa.ParallelForEach", ("items", Js("[1,2,3]")), ("body", body));

    private static JsonObject Check() => Activity("check", "Elsa.Event", ("eventName", "check"), ("result", Into("answer")));

    private static JsonObject Again() => Activity("again", "Elsa.FlowDecision", ("condition", Js("getVariable('answer') === 'again'")));

    private async Task<Guid> WaitingAtAsync(string activity)
    {
        await _test.StartAsync(Flow(
            Approval, Start(), Event("comments", "comments"), Event("partner", "partner"), Event("vote", "vote"), Write("end")));
        var id = _test.Only.Id;
        while (Waiting(id) != activity)
        {
            await _test.PublishEventAsync(Waiting(id));
        }

        return id;
    }

    private string Waiting(Guid id) => _test.Store.Instances.Single(instance => instance.Id == id).Bookmarks.Single().ActivityId;

    private Engine.Definitions.WorkflowDefinition Draw(string connections, params JsonObject[] activities) =>
        _test.Publish(Version2(Flow(connections, activities)));

    private static string Version2(string json)
    {
        var source = JsonNode.Parse(json)!.AsObject();
        source["id"] = "test-v2";
        source["version"] = 2;
        return source.ToJsonString();
    }

    private Task<MigrationResult> MigrateAsync(Guid id, MigrationPlan plan) =>
        _test.Engine.MigrateAsync(id, "test-v2", plan, CancellationToken.None);
}
