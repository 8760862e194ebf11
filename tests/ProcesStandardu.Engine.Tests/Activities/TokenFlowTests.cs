using ProcesStandardu.Engine.Activities;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Engine.Tests.Activities;

public sealed class TokenFlowTests
{
    [Fact]
    public void An_activity_runs_when_all_branches_into_it_were_decided_and_one_was_taken()
    {
        // 0 splits to 1 and 2, both lead to 3.
        var (graph, counts) = Flow(4, "0>1 0>2 1>3 2>3");

        Leave(graph, counts, 0, "Done").ShouldBe([1, 2]);
        Leave(graph, counts, 1, "Done").ShouldBeEmpty();
        Leave(graph, counts, 2, "Done").ShouldBe([3]);
    }

    [Fact]
    public void A_branch_not_taken_is_passed_over_to_its_end_so_that_nobody_waits_for_it()
    {
        var (graph, counts) = Flow(5, "0.True>1 0.False>2 2>3 1>4 3>4");

        Leave(graph, counts, 0, "True").ShouldBe([1]);
        Leave(graph, counts, 1, "Done").ShouldBe([4]);
        counts.Activities[3].ShouldBe(1, "the dead branch counts as visited");
    }

    [Fact]
    public void A_dead_branch_of_many_thousand_activities_is_walked_without_a_deep_stack()
    {
        const int Length = 5_000;
        var (graph, counts) = Flow(Length, string.Join(' ', Enumerable.Range(1, Length - 2).Select(index => $"{index}>{index + 1}").Prepend("0.False>1")));

        Leave(graph, counts, 0, "True").ShouldBeEmpty();

        counts.Activities[Length - 1].ShouldBe(1);
    }

    [Fact]
    public void A_join_of_any_runs_once_a_round_and_cancels_what_still_runs_before_it()
    {
        var (graph, counts) = Flow(4, "0>1 0>2 1>3 2>3");
        Leave(graph, counts, 0, "Done");

        var first = TokenFlow.Leave(graph, counts, 1, ["Done"], _ => JoinMode.WaitAny).ToList();
        var second = TokenFlow.Leave(graph, counts, 2, ["Done"], _ => JoinMode.WaitAny).ToList();

        first.ShouldBe([new FlowStep(3, CancelsAncestors: true)]);
        second.ShouldBeEmpty();
    }

    [Fact]
    public void A_join_of_all_is_passed_over_when_one_branch_is_dead()
    {
        var (graph, counts) = Flow(5, "0>1 0.No>2 1>3 2>3 3>4");

        TokenFlow.Leave(graph, counts, 0, ["Done"], Mode).ShouldBe([new FlowStep(1, false)]);
        TokenFlow.Leave(graph, counts, 1, ["Done"], Mode).ShouldBeEmpty();

        counts.Activities[4].ShouldBe(1, "what follows the join is dead too");
        static JoinMode Mode(int activity) => activity == 3 ? JoinMode.WaitAll : JoinMode.WaitAllActive;
    }

    [Fact]
    public void Joins_inside_a_loop_work_again_in_every_round()
    {
        var (graph, counts) = Flow(6, "0>1 1>2 1>3 2>4 3>4 4.Again>1 4.Enough>5");
        Leave(graph, counts, 0, "Done");
        for (var round = 0; round < 3; round++)
        {
            Leave(graph, counts, 1, "Done").ShouldBe([2, 3]);
            Leave(graph, counts, 3, "Done").ShouldBeEmpty();
            Leave(graph, counts, 2, "Done").ShouldBe([4]);
            Leave(graph, counts, 4, "Again").ShouldBe([1]);
        }

        Leave(graph, counts, 1, "Done");
        Leave(graph, counts, 2, "Done");
        Leave(graph, counts, 3, "Done").ShouldBe([4]);
        Leave(graph, counts, 4, "Enough").ShouldBe([5]);
    }

    [Fact]
    public void A_connection_back_into_one_arm_of_a_fork_is_refused_when_it_is_followed()
    {
        var (graph, counts) = Flow(5, "0>1 0>2 1>3 2>3 3>4 4.Back>1");
        foreach (var activity in new[] { 0, 1, 2, 3 })
        {
            Leave(graph, counts, activity, "Done");
        }

        Should.Throw<InvalidBackwardConnectionException>(() => Leave(graph, counts, 4, "Back"));
    }

    [Theory]
    [InlineData("0>0", 0, true)] // to itself
    [InlineData("0>1 1>0", 1, true)] // to the start
    [InlineData("0>1 1>2 2>1", 2, true)] // to an activity that every path passes
    [InlineData("0>1 0>2 1>3 2>3 3>1", 4, false)] // into one arm
    public void A_connection_back_is_legal_when_every_path_to_it_passes_its_target(string connections, int index, bool isValid)
    {
        var (graph, _) = Flow(4, connections);

        graph.IsBackward(index).ShouldBeTrue();
        graph.IsValidBackward(index).ShouldBe(isValid);
    }

    [Fact]
    public void Counts_survive_being_stored()
    {
        var (graph, counts) = Flow(4, "0>1 0>2 1>3 2>3");
        Leave(graph, counts, 0, "Done");
        Leave(graph, counts, 1, "Done");

        var loaded = FlowCounts.Load(counts.Save(), 4, 4);

        Leave(graph, loaded, 2, "Done").ShouldBe([3]);
    }

    private static (FlowGraph Graph, FlowCounts Counts) Flow(int activities, string connections)
    {
        var parsed = connections.Split(' ').Select(text => text.Split('>')).Select(ends => new FlowConnection(
            int.Parse(ends[0].Split('.')[0]), ends[0].Split('.').ElementAtOrDefault(1) ?? "Done", int.Parse(ends[1]))).ToList();
        return (new FlowGraph(activities, parsed, 0), new FlowCounts(0, activities, parsed.Count));
    }

    private static int[] Leave(FlowGraph graph, FlowCounts counts, int activity, string outcome) =>
        [.. TokenFlow.Leave(graph, counts, activity, [outcome], _ => JoinMode.WaitAllActive).Select(step => step.Activity)];
}
