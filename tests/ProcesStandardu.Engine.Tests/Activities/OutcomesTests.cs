using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using Shouldly;
using Xunit;
using static ProcesStandardu.Engine.Tests.Definition;

namespace ProcesStandardu.Engine.Tests.Activities;

/// <summary>What an activity's JSON tells of its ways out is what running it can take.</summary>
public sealed class OutcomesTests
{
    private static readonly ActivityRegistry Registry = BuiltIn.AddTo(new ActivityRegistry());

    [Fact]
    public async Task A_decision_leaves_by_True_and_by_False()
    {
        var taken = await TakenAsync(condition => Activity("a", "Elsa.FlowDecision", ("condition", condition)), "true", "false");

        taken.ShouldBe(Told(Activity("a", "Elsa.FlowDecision")));
    }

    [Fact]
    public async Task A_switch_leaves_by_the_labels_of_its_cases_and_by_Default()
    {
        var taken = await TakenAsync(Switch, "one", "two", "none");

        taken.ShouldBe(Told(Switch("none")));
    }

    [Fact]
    public async Task A_fork_leaves_by_its_branches_without_a_list_by_Done_and_with_an_empty_one_by_nothing()
    {
        foreach (var branches in new[] { null, "[]", """["left","right"]""" })
        {
            var fork = Activity("a", "Elsa.FlowFork");
            if (branches is not null)
            {
                fork["branches"] = Expression("Object", branches);
            }

            (await TakenAsync(_ => fork.DeepClone().AsObject(), "")).ShouldBe(Told(fork), branches);
        }
    }

    [Fact]
    public async Task A_request_leaves_by_each_status_code_that_is_expected_and_by_what_can_go_wrong()
    {
        var request = Activity("a", "Elsa.FlowSendHttpRequest", ("url", "http://example.org/"));
        request["expectedStatusCodes"] = Expression("Object", "[200, 404]");
        var taken = new HashSet<string>();
        foreach (var (how, code) in new[]
        {
            (OutboundAnswer.Answered, 200), (OutboundAnswer.Answered, 404), (OutboundAnswer.Answered, 500),
            (OutboundAnswer.TimedOut, 0), (OutboundAnswer.FailedToConnect, 0),
        })
        {
            var test = new TestEngine { Service = new NoRequests() };
            await test.StartAsync(Flow("", request.DeepClone().AsObject()));
            await test.Engine.ResumeBookmarkAsync(
                test.Only.Bookmarks.Single().Id, new JsonObject { ["how"] = how, ["statusCode"] = code }, TestContext.Current.CancellationToken);
            taken.UnionWith(Left(test));
        }

        taken.Order().ShouldBe(Told(request));
    }

    [Fact]
    public void Outcomes_that_an_expression_computes_are_not_told()
    {
        var fork = Activity("a", "Elsa.FlowFork");
        fork["branches"] = Js("['a', 'b']");

        Outcomes.Of(fork, Registry).ShouldBeNull();
        Outcomes.Of(Activity("a", "Nobody.Knows"), Registry).ShouldBeNull();
        Outcomes.Of(Activity("a", "Elsa.End"), Registry).ShouldBe([]);
    }

    private static JsonObject Switch(string match) => new()
    {
        ["id"] = "a",
        ["type"] = "Elsa.FlowSwitch",
        ["cases"] = new JsonArray([.. new[] { "one", "two" }.Select(label => (JsonNode)new JsonObject
        {
            ["label"] = label,
            ["condition"] = new JsonObject { ["type"] = "Literal", ["value"] = label == match },
        })]),
    };

    private static IEnumerable<string> Told(JsonObject activity) => Outcomes.Of(activity, Registry)!.Order();

    private static async Task<IEnumerable<string>> TakenAsync(Func<string, JsonObject> activity, params string[] variants)
    {
        var taken = new HashSet<string>();
        foreach (var variant in variants)
        {
            var test = new TestEngine();
            await test.StartAsync(Flow("", activity(variant)));
            taken.UnionWith(Left(test));
        }

        return taken.Order();
    }

    private static IEnumerable<string> Left(TestEngine test) => test.Store.JournalOf(test.Only.Id)
        .Where(entry => entry.Activity.Id == "a").SelectMany(entry => entry.Outcomes ?? []);

    private sealed class NoRequests : IOutboundRequests
    {
        public ValueTask AddAsync(OutboundRequest request, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask WithdrawAsync(Guid requestId, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
