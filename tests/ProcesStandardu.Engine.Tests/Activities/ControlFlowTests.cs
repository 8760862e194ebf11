using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;
using Shouldly;
using Xunit;
using static ProcesStandardu.Engine.Tests.Definition;

namespace ProcesStandardu.Engine.Tests.Activities;

/// <summary>Combinations of Elsa's control flow, told by the lines they write.</summary>
public sealed class ControlFlowTests
{
    private readonly TestEngine _test = new();

    [Fact]
    public async Task A_loop_in_a_flowchart_may_hold_another_loop()
    {
        // a → b → c, from c back to b until two more rounds are done, from d back to a once.
        await _test.StartAsync(Of(
            FlowChart(
                "flow", "start > a, a > b, b > c, c.Inner > b, c.Leave > d, d.Outer > a, d.Enough > e",
                Start(), Write("a"), Counted("b", "i"),
                Switch("c", ("Inner", "getVariable('i') % 3 != 0"), ("Leave", "true")),
                Switch("d", ("Outer", "getVariable('i') < 6"), ("Enough", "true")),
                Write("e")),
            variables: [Variable("i", "Int32", "0")]));

        _test.Lines.ShouldBe(["a", "b", "b", "b", "a", "b", "b", "b", "e"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_loop_around_a_fork_and_join_works_again_after_a_loop_inside_it()
    {
        await _test.StartAsync(Of(
            FlowChart(
                "flow", "start > a, a > c, c > d, d.Again > c, d.On > l, d.On > r, l > join, r > join, join > e, e.Again > a, e.On > z",
                Start(), Write("a"), Counted("c", "i"), Switch("d", ("Again", "getVariable('i') % 2 != 0"), ("On", "true")),
                Write("l"), Write("r"), Join("join", "WaitAll"), Switch("e", ("Again", "getVariable('i') < 4"), ("On", "true")), Write("z")),
            variables: [Variable("i", "Int32", "0")]));

        _test.Lines.ShouldBe(["a", "c", "c", "l", "r", "a", "c", "c", "l", "r", "z"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_branch_that_loops_before_a_join_of_all_is_dead_for_the_join_as_in_Elsa()
    {
        // The first time d leads back, its way to the join counts as not taken, and the join of this round is passed over.
        await _test.StartAsync(Of(
            FlowChart(
                "flow", "start > a, a > b, a > c, b > join, c > d, d.Again > c, d.On > join, join > z",
                Start(), Write("a"), Write("b"), Counted("c", "i"), Switch("d", ("Again", "getVariable('i') < 2"), ("On", "true")),
                Join("join", "WaitAll"), Write("z")),
            variables: [Variable("i", "Int32", "0")]));

        _test.Lines.ShouldBe(["a", "b", "c", "c"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_loop_goes_on_after_it_waited_in_the_middle_of_a_repeated_round()
    {
        await _test.StartAsync(Of(
            FlowChart(
                "flow", "start > a, a > wait, wait > b, b.Again > a, b.On > z",
                Start(), Counted("a", "i"), Event("wait", "go"), Switch("b", ("Again", "getVariable('i') < 3"), ("On", "true")), Write("z")),
            variables: [Variable("i", "Int32", "0")]));
        for (var round = 0; round < 3; round++)
        {
            await _test.PublishEventAsync("go");
        }

        _test.Lines.ShouldBe(["a", "a", "a", "z"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task What_began_to_wait_while_the_join_of_any_was_scheduled_is_cancelled_when_it_runs()
    {
        var started = await _test.StartAsync(Flow(
            "start > fork, fork.A > a, fork.B > wait, a > join, wait > join, join > z",
            Start(), Fork("fork", "A", "B"), Write("a"), Event("wait", "late"), Join("join", "WaitAny"), Write("z")));

        _test.Lines.ShouldBe(["a", "z"]);
        _test.Journal(started.InstanceId).ShouldContain("join:Started wait:Canceled join:Completed");
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        _test.Only.Bookmarks.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_cancelled_branch_sets_free_comes_after_the_join_that_cancelled_it()
    {
        // k waits for x and y; y is cancelled by the join, so that x alone leads to k.
        await _test.StartAsync(Flow(
            "start > y, start > w, w > x, x > join, x > k, y > join, y > k, join > z",
            Start(), Event("y", "late"), Write("w"), Write("x"), Join("join", "WaitAny"), Write("z"), Write("k")));

        _test.Lines.ShouldBe(["w", "x", "k", "z"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Theory]
    [InlineData("WaitAll", "a z")]
    [InlineData("WaitAllActive", "a z")]
    [InlineData("WaitAny", "a z")]
    public async Task A_join_of_each_kind_runs_with_one_branch(string mode, string lines)
    {
        await _test.StartAsync(Flow("start > a, a > join, join > z", Start(), Write("a"), Join("join", mode), Write("z")));

        string.Join(' ', _test.Lines).ShouldBe(lines);
    }

    [Theory]
    [InlineData("WaitAll", "a")]
    [InlineData("WaitAllActive", "a z")]
    [InlineData("WaitAny", "a z")]
    public async Task A_join_after_a_decision_depends_on_its_kind(string mode, string lines)
    {
        await _test.StartAsync(Flow(
            "start > if, if.True > a, if.False > b, a > join, b > join, join > z",
            Start(), Activity("if", "Elsa.FlowDecision", ("condition", "True")), Write("a"), Write("b"), Join("join", mode), Write("z")));

        string.Join(' ', _test.Lines).ShouldBe(lines);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_break_in_a_branch_of_a_flowchart_lets_the_round_end_and_then_leaves_the_loop()
    {
        var body = FlowChart("body", "if > after", Activity("if", "Elsa.If", ("condition", "True"), ("then", Activity("break", "Elsa.Break"))), Write("after"));
        await _test.StartAsync(Sequence(ForEach("loop", "[1,2,3]", body), Write("z")));

        _test.Lines.ShouldBe(["after", "z"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_break_in_a_branch_of_a_sequence_leaves_the_loop_at_once()
    {
        var body = Node("body", "Elsa.Sequence", ("activities", new JsonArray(
            Activity("if", "Elsa.If", ("condition", "True"), ("then", Activity("break", "Elsa.Break"))), Write("after"))));
        await _test.StartAsync(Sequence(ForEach("loop", "[1,2,3]", body), Write("z")));

        _test.Lines.ShouldBe(["z"]);
    }

    [Fact]
    public async Task A_break_leaves_the_nearest_loop_only()
    {
        var inner = ForEach("inner", "[1,2]", Node("body", "Elsa.Sequence", ("activities", new JsonArray(Write("b"), Activity("break", "Elsa.Break")))));
        var outer = ForEach("outer", "[1,2]", Node("round", "Elsa.Sequence", ("activities", new JsonArray(inner, Write("o")))));
        await _test.StartAsync(Sequence(outer, Write("z")));

        _test.Lines.ShouldBe(["b", "o", "b", "o", "z"]);
    }

    [Fact]
    public async Task A_break_in_one_of_parallel_rounds_ends_that_round_and_the_sequences_around_but_no_other_round()
    {
        var body = Node("body", "Elsa.Sequence", ("activities", new JsonArray(
            Activity("if", "Elsa.If", ("condition", Js("getVariable('CurrentValue') == 2")), ("then", Activity("break", "Elsa.Break"))), Write("after"))));
        await _test.StartAsync(Sequence(
            Activity("loop", "Elsa.ParallelForEach", ("items", Js("[1, 2, 3]")), ("body", body)), Write("z")));

        _test.Lines.ShouldBe(["after", "after"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task Complete_deep_inside_ends_the_workflow_with_everything_scheduled_in_it()
    {
        var inner = FlowChart("inner", "i > complete", Write("i"), Activity("complete", "Elsa.Complete"));
        await _test.StartAsync(Of(
            FlowChart("flow", "start > wait, start > loop, loop > never", Start(), Event("wait", "go"), ForEach("loop", "[1,2]", inner), Write("never"))));

        _test.Lines.ShouldBe(["i"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
        _test.Only.Bookmarks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_switch_that_matches_any_waits_for_all_it_matched()
    {
        var switched = Node("switch", "Elsa.Switch", ("mode", Expression("Literal", "MatchAny")), ("cases", new JsonArray(
            Case("one", "true", Event("e1", "one")), Case("two", "true", Event("e2", "two")), Case("three", "false", Write("never")))));
        await _test.StartAsync(Sequence(switched, Write("z")));

        await _test.PublishEventAsync("two");
        _test.Lines.ShouldBeEmpty();
        await _test.PublishEventAsync("one");

        _test.Lines.ShouldBe(["z"]);
    }

    [Fact]
    public async Task A_start_that_names_a_trigger_begins_there_and_does_not_wait()
    {
        var definition = _test.Publish(Flow(
            "start > a, a > z, trigger > z", Start(), Write("a"), Trigger(Event("trigger", "go")), Write("z")));

        await _test.Engine.StartAsync(
            new StartWorkflow { DefinitionId = definition.DefinitionId, TriggerActivityId = "trigger" }, CancellationToken.None);

        _test.Lines.ShouldBe(["z"]);
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_loop_over_a_list_without_value_is_an_incident_and_not_a_silent_nothing()
    {
        await _test.StartAsync(Of(
            Node("root", "Elsa.Sequence", ("activities", new JsonArray(
                Activity("loop", "Elsa.ForEach", ("items", Expression("Variable", "list")), ("body", Write("b"))), Write("z")))),
            variables: [Variable("list", "Object")]));

        _test.Lines.ShouldBeEmpty();
        _test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
        _test.Store.Incidents.Single().ActivityId.ShouldBe("loop");
    }

    private static JsonObject Counted(string id, string variable) => Activity(
        id, "Elsa.WriteLine", ("text", Js($"setVariable('{variable}', getVariable('{variable}') + 1); '{id}'")));

    private static JsonObject Switch(string id, params (string Label, string Condition)[] cases) => Node(
        id, "Elsa.FlowSwitch", ("cases", new JsonArray([.. cases.Select(one => Case(one.Label, one.Condition, null))])));

    private static JsonObject Case(string label, string condition, JsonObject? activity) => new()
    {
        ["label"] = label,
        ["condition"] = new JsonObject { ["type"] = "JavaScript", ["value"] = condition },
        ["activity"] = activity,
    };

    private static JsonObject Fork(string id, params string[] branches) =>
        Activity(id, "Elsa.FlowFork", ("branches", Expression("Object", new JsonArray([.. branches.Select(branch => (JsonNode)branch)]).ToJsonString())));

    private static JsonObject Join(string id, string mode) => Activity(id, "Elsa.FlowJoin", ("mode", mode));

    private static JsonObject ForEach(string id, string items, JsonObject body) =>
        Activity(id, "Elsa.ForEach", ("items", Expression("Object", items)), ("body", body));

    private static JsonObject Trigger(JsonObject activity)
    {
        activity["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };
        return activity;
    }

    private static JsonObject Node(string id, string type, params (string Name, JsonNode? Value)[] properties) =>
        Activity(id, type, properties);
}
