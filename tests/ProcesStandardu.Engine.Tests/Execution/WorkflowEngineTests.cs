using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;
using Shouldly;
using Xunit;
using static ProcesStandardu.Engine.Tests.Definition;

namespace ProcesStandardu.Engine.Tests.Execution;

public sealed class WorkflowEngineTests
{
    private const string Continue = "Elsa.Workflows.IncidentStrategies.ContinueWithIncidentsStrategy, Elsa.Workflows.Core";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stimulus_that_comes_before_its_wait_is_kept_and_delivered_when_the_wait_comes()
    {
        var test = new TestEngine();

        var sent = await test.PublishEventAsync("głos", "za");
        await test.StartAsync(Sequence(Event("czekaj", "głos"), Write("po")));

        sent.Kept.ShouldBeTrue();
        test.Lines.ShouldBe(["po"]);
        test.Store.Kept.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_kept_stimulus_is_delivered_to_one_wait_only()
    {
        var test = new TestEngine();
        await test.PublishEventAsync("głos");

        await test.StartAsync(Sequence(Event("pierwszy", "głos"), Write("a"), Event("drugi", "głos"), Write("b")));

        test.Lines.ShouldBe(["a"]);
        test.Only.Bookmarks.ShouldHaveSingleItem().ActivityId.ShouldBe("drugi");
    }

    [Fact]
    public async Task A_stimulus_with_a_known_id_does_nothing_the_second_time()
    {
        var test = new TestEngine();
        await test.StartAsync(Sequence(Event("a", "x"), Event("b", "x")));

        await test.PublishEventAsync("x", id: "klik-1");
        var again = await test.PublishEventAsync("x", id: "klik-1");

        again.IsRepeated.ShouldBeTrue();
        test.Only.Bookmarks.ShouldHaveSingleItem().ActivityId.ShouldBe("b");
    }

    [Fact]
    public async Task A_stimulus_nobody_wants_kept_is_forgotten()
    {
        var test = new TestEngine();

        var sent = await test.Engine.SendAsync(new Stimulus("Acme.Ping") { KeepWhenUnmatched = false }, Cancellation);

        sent.Kept.ShouldBeFalse();
        test.Store.Kept.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_wait_for_two_things_is_over_with_the_first_and_the_other_is_burned()
    {
        var test = new TestEngine(new AskBoard());
        await test.StartAsync(Flow("ask.Closed > yes, ask.Overdue > no", Activity("ask", AskBoard.TypeName), Write("yes"), Write("no")));
        test.Only.Bookmarks.Count.ShouldBe(2);

        test.Clock.Advance(TimeSpan.FromDays(8));
        await test.FireDueAsync();

        test.Lines.ShouldBe(["no"]);
        test.Only.Bookmarks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancelled_wait_is_withdrawn_by_its_activity()
    {
        var board = new AskBoard();
        var test = new TestEngine(board);
        await test.StartAsync(Flow(
            "start > ask, start > quick, ask.Closed > join, quick > join, join > end",
            Start(), Activity("ask", AskBoard.TypeName), Write("quick"), Activity("join", "Elsa.FlowJoin", ("mode", "WaitAny")), Write("end")));

        board.Withdrawn.ShouldBe(1);
        test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task What_an_activity_changed_before_it_threw_is_undone_and_the_throw_is_an_incident()
    {
        var careless = new Careless();
        var test = new TestEngine(careless);

        var started = await test.StartAsync(Of(
            FlowChart("flow", "start > first, first > bad, start > other", Start(), Write("first"), Activity("bad", Careless.TypeName), Write("other")),
            incidents: Continue));

        started.Outcome.ShouldBe(StartOutcome.Started);
        careless.Executions.ShouldBe(1, "the second run of the burst takes the throw as known");
        test.Store.Incidents.ShouldHaveSingleItem().Code.ShouldBe(nameof(InvalidOperationException));
        test.Journal(started.InstanceId).ShouldContain("other:Completed");
        test.Journal(started.InstanceId).ShouldContain("bad:Faulted");
    }

    [Fact]
    public async Task A_burst_that_fails_is_kept_repeated_and_parked_after_five_attempts()
    {
        var test = new TestEngine();
        await test.StartAsync(Sequence(Event("a", "x"), Write("po")));
        test.Store.NextWriteThrows = new InvalidOperationException("power");

        var sent = await test.PublishEventAsync("x");

        sent.Deferred.ShouldBe(1);
        test.Only.Bookmarks.ShouldHaveSingleItem();
        for (var attempt = 2; attempt <= 5; attempt++)
        {
            test.Store.NextWriteThrows = new InvalidOperationException("power");
            (await test.Engine.RepeatAsync(test.Store.Kept.Single(), Cancellation)).ShouldBeFalse();
        }

        test.Store.Kept.ShouldBeEmpty();
        test.Store.Parked.ShouldHaveSingleItem().Attempts.ShouldBe(5);

        (await test.Engine.RepeatAsync(test.Store.Parked.Single(), Cancellation)).ShouldBeTrue("an operator may repeat it");
        test.Store.Parked.ShouldBeEmpty();
        test.Only.Status.ShouldBe(WorkflowStatus.Finished);
    }

    [Fact]
    public async Task A_start_that_fails_is_kept_and_repeated_under_the_same_id()
    {
        var test = new TestEngine();
        test.Store.NextWriteThrows = new InvalidOperationException("power");

        var started = await test.StartAsync(Sequence(Activity("a", "Elsa.WriteLine", ("text", Expression("Input", "{\"name\":\"kto\"}")))), ("kto", "Anna"));
        started.Outcome.ShouldBe(StartOutcome.Deferred);
        test.Lines.Clear();
        await test.Engine.RepeatAsync(test.Store.Kept.Single(), Cancellation);

        test.Lines.ShouldBe(["Anna"]);
        test.Only.Id.ShouldBe(started.InstanceId);
    }

    [Fact]
    public async Task A_faulted_instance_is_repaired_and_then_gets_what_was_sent_to_it_meanwhile()
    {
        var flaky = new Flaky { Fails = true };
        var test = new TestEngine(flaky);
        await test.StartAsync(Flow("start > wait, start > flaky, wait > after", Start(), Event("wait", "x"), Activity("flaky", Flaky.TypeName), Write("after")));
        test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);

        (await test.PublishEventAsync("x")).Kept.ShouldBeTrue();
        flaky.Fails = false;
        var retried = await test.Engine.RetryAsync(test.Only.Id, null, Cancellation);

        retried.Found.ShouldBeTrue();
        test.Lines.ShouldBe(["after"]);
        test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task Cancelling_a_parent_cancels_its_children_and_nothing_resumes_them()
    {
        var test = new TestEngine();
        test.Publish(Of(FlowChart("c", "wait > after", Event("wait", "x"), Write("after")), id: "child"));
        var parent = await test.StartAsync(Sequence(
            Activity("call", "Elsa.ExecuteWorkflow", ("workflowDefinitionId", "child"), ("waitForCompletion", "true")), Write("end")));

        await test.Engine.CancelAsync(parent.InstanceId, Cancellation);
        var sent = await test.PublishEventAsync("x");

        test.Store.Instances.ShouldAllBe(instance => instance.SubStatus == WorkflowSubStatus.Cancelled && instance.Bookmarks.Count == 0);
        sent.Runs.ShouldBe(0);
        test.Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_waiting_parent_goes_on_when_its_child_is_cancelled_alone()
    {
        var test = new TestEngine();
        test.Publish(Of(FlowChart("c", "", Event("wait", "x")), id: "child"));
        await test.StartAsync(Sequence(
            Activity("call", "Elsa.DispatchWorkflow", ("workflowDefinitionId", "child"), ("waitForCompletion", "true")), Write("end")));

        await test.Engine.CancelAsync(test.Store.Instances.Single(instance => instance.ParentInstanceId is not null).Id, Cancellation);

        test.Lines.ShouldBe(["end"]);
    }

    [Fact]
    public async Task One_workflow_for_each_item_and_the_parent_goes_on_after_the_last()
    {
        var test = new TestEngine();
        test.Publish(Of(FlowChart("c", "wait > say", Event("wait", "x"),
            Activity("say", "Elsa.WriteLine", ("text", Expression("Input", "{\"name\":\"Item\"}")))), id: "child"));
        await test.StartAsync(Flow("all.Completed > end",
            Activity("all", "Elsa.BulkDispatchWorkflows", ("workflowDefinitionId", "child"), ("waitForCompletion", "true"), ("items", Js("['a','b','c']"))),
            Write("end")));

        await test.PublishEventAsync("x");

        test.Lines.Order().ShouldBe(["a", "b", "c", "end"]);
        test.Lines[^1].ShouldBe("end");
    }

    [Fact]
    public async Task A_loop_without_end_faults_its_instance_and_stops()
    {
        var test = new TestEngine();
        test.Options.ActivitiesPerBurst = 1_000;

        await test.StartAsync(Sequence(Activity("w", "Elsa.While", ("condition", "true"), ("body", Activity("noop", "Elsa.SetName", ("value", "x"))))));

        test.Store.Incidents.ShouldHaveSingleItem().Code.ShouldBe("BurstIsEndless");
        test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Faulted);
    }

    [Fact]
    public async Task Workflows_that_start_themselves_stop_at_a_depth()
    {
        var test = new TestEngine();

        await test.StartAsync(Sequence(Activity("again", "Elsa.DispatchWorkflow", ("workflowDefinitionId", "test"))));

        test.Store.Instances.Count.ShouldBe(test.Options.ChildDepth + 1);
        test.Store.Incidents.ShouldHaveSingleItem().Code.ShouldBe("WorkflowChainIsTooDeep");
    }

    [Fact]
    public async Task An_event_published_inside_reaches_other_instances_in_the_same_call()
    {
        var test = new TestEngine();
        await test.StartAsync(Of(FlowChart("l", "wait > heard", Event("wait", "wieść"), Write("heard")), id: "listener"));

        await test.StartAsync(Of(FlowChart("t", "tell > told", Activity("tell", "Elsa.PublishEvent", ("eventName", "wieść")), Write("told")), id: "teller"));

        test.Lines.ShouldBe(["told", "heard"]);
    }

    [Fact]
    public async Task Workflows_that_answer_each_other_without_end_do_not_hold_up_the_act()
    {
        var test = new TestEngine();
        foreach (var (waits, answers) in new[] { ("ping", "pong"), ("pong", "ping") })
        {
            await test.StartAsync(Of(
                FlowChart("f", "start > wait, wait > answer, answer > wait", Start(), Event("wait", waits),
                    Activity("answer", "Elsa.PublishEvent", ("eventName", answers))),
                id: waits));
        }

        var sent = await test.PublishEventAsync("ping");

        sent.Runs.ShouldBe(1);
        var kept = test.Store.Kept.ShouldHaveSingleItem();
        kept.Attempts.ShouldBe(1);
        (await test.Engine.RepeatAsync(kept, Cancellation)).ShouldBeTrue("a pass takes it up from there");
        test.Store.Kept.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Break_leaves_the_nearest_loop_alone()
    {
        var test = new TestEngine();

        await test.StartAsync(Sequence(
            Activity("outer", "Elsa.ForEach", ("items", Js("[1,2]")), ("body", new JsonObject
            {
                ["id"] = "body",
                ["type"] = "Elsa.Sequence",
                ["activities"] = new JsonArray(
                    Activity("inner", "Elsa.ForEach", ("items", Js("['a','b','c']")), ("body", Activity(
                        "if", "Elsa.If", ("condition", Js("getVariable('CurrentValue') === 'b'")),
                        ("then", Activity("break", "Elsa.Break")),
                        ("else", Activity("say", "Elsa.WriteLine", ("text", Js("getVariable('CurrentValue')"))))))),
                    Write("next")),
            })),
            Write("end")));

        test.Store.Incidents.ShouldBeEmpty();
        test.Lines.ShouldBe(["a", "next", "a", "next", "end"]);
    }

    [Fact]
    public async Task A_state_stored_by_the_first_format_still_goes_on()
    {
        var test = new TestEngine();
        var definition = test.Publish(Of(
            FlowChart("flow", "wait > say", Event("wait", "x"), Activity("say", "Elsa.WriteLine", ("text", Js("variables.Kto")))),
            variables: [Variable("Kto", "String")]));
        var stored = new InstanceRecord
        {
            Id = Guid.Parse("0193a000-0000-7000-8000-000000000001"),
            DefinitionId = "test",
            DefinitionVersionId = definition.VersionId,
            Version = 1,
            Status = WorkflowStatus.Running,
            SubStatus = WorkflowSubStatus.Suspended,
            CreatedAt = test.Clock.GetUtcNow(),
            UpdatedAt = test.Clock.GetUtcNow(),
            State = """
                {"v":1,"n":3,"s":0,"root":{"n":1,"a":"Workflow1","t":"2012-11-05T07:00:00+00:00","v":{"Kto":"Anna"},"w":{},
                "c":[{"n":2,"a":"Workflow1:flow","t":"2012-11-05T07:00:00+00:00","s":{"s":0,"a":[0,0],"c":[0],"f":[0],"j":null},
                "c":[{"n":3,"a":"Workflow1:flow:wait","t":"2012-11-05T07:00:00+00:00"}]}]}}
                """,
        };
        var payload = StimulusHash.Canonical(new { EventName = "x" });
        var bookmark = new Bookmark(
            Guid.Parse("0193a000-0000-7000-8000-000000000002"), stored.Id, 3, "wait", "Workflow1:flow:wait", "Elsa.Event", payload,
            StimulusHash.Of("Elsa.Event", payload), null, test.Clock.GetUtcNow());
        await test.Store.WriteAsync(
            [new InstanceChanges
            {
                Instance = stored with { Bookmarks = [bookmark] },
                IsNew = true,
                Burst = 1,
                LastSequence = 0,
                AddedBookmarks = [bookmark],
                Variables = new Dictionary<string, JsonNode?>(),
                Output = new Dictionary<string, JsonNode?>(),
            }],
            Cancellation);

        await test.PublishEventAsync("x");

        test.Lines.ShouldBe(["Anna"]);
        test.Only.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task An_instance_whose_state_cannot_be_read_does_not_go_on_with_another()
    {
        var test = new TestEngine();
        var started = await test.StartAsync(Sequence(Event("a", "x"), Write("po")));
        var changed = new InstanceChanges
        {
            Instance = test.Only with { State = """{"v":99}""" },
            IsNew = false,
            Burst = 2,
            LastSequence = 0,
            Variables = new Dictionary<string, JsonNode?>(),
            Output = new Dictionary<string, JsonNode?>(),
        };
        await test.Store.WriteAsync([changed], Cancellation);

        var sent = await test.PublishEventAsync("x");

        sent.Deferred.ShouldBe(1);
        test.Store.Kept.ShouldHaveSingleItem().LastError.ShouldNotBeNull().ShouldContain(nameof(InstanceStateException));
        test.Lines.ShouldBeEmpty();
        started.Outcome.ShouldBe(StartOutcome.Started);
    }

    [Fact]
    public async Task Timers_of_many_years_are_waits_like_any_other()
    {
        var test = new TestEngine();
        await test.StartAsync(Sequence(Activity("d", "Elsa.Delay", ("timeSpan", "36500.00:00:00")), Write("po")));

        test.Clock.Advance(TimeSpan.FromDays(36_499));
        await test.FireDueAsync();
        test.Lines.ShouldBeEmpty();

        test.Clock.Advance(TimeSpan.FromDays(1));
        await test.FireDueAsync();
        test.Lines.ShouldBe(["po"]);
    }

    [Fact]
    public void A_timer_that_starts_workflows_is_due_after_each_interval_and_a_date_only_once()
    {
        var test = new TestEngine();
        var timer = Activity("t", "Elsa.Timer", ("interval", "01:00:00"));
        timer["customProperties"] = new JsonObject { ["canStartWorkflow"] = true };

        var trigger = test.Engine.TriggersOf(test.Definitions.Publish(Flow("", timer))).ShouldHaveSingleItem();

        trigger.DueAt.ShouldBe(test.Clock.GetUtcNow().AddHours(1));
    }

    [Fact]
    public async Task What_a_use_case_sends_from_inside_a_burst_reaches_the_same_instance_once_the_burst_is_written()
    {
        var bell = new Bell();
        var test = new TestEngine(bell);
        bell.Ring = token => test.Engine.SendAsync(new Stimulus("Elsa.Event", new { EventName = "x" }), token);

        await test.StartAsync(Flow("start > wait, start > ring, wait > after", Start(), Event("wait", "x"), Activity("ring", Bell.TypeName), Write("after")));

        test.Lines.ShouldBe(["after"]);
        test.Only.Status.ShouldBe(WorkflowStatus.Finished);
        test.Store.Kept.ShouldBeEmpty();
    }

    private sealed class Bell : Activity
    {
        public const string TypeName = "Acme.Bell";

        public Func<CancellationToken, Task> Ring { get; set; } = _ => Task.CompletedTask;

        public override ActivityDescriptor Descriptor { get; } = new() { TypeName = TypeName, Category = "Acme", DisplayName = "Bell" };

        public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation) => await Ring(cancellation);
    }

    private sealed class AskBoard : Activity
    {
        public const string TypeName = "Acme.AskBoard";

        public int Withdrawn { get; private set; }

        public override ActivityDescriptor Descriptor { get; } = new()
        {
            TypeName = TypeName,
            Category = "Acme",
            DisplayName = "Ask the board",
            Ports = [new PortDescriptor("Closed", "Closed"), new PortDescriptor("Overdue", "Overdue")],
        };

        public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
        {
            context.WaitFor("ballot_closed", new { Ballot = 1 });
            context.WaitFor("overdue", null, context.Now.AddDays(7));
            return ValueTask.CompletedTask;
        }

        public override ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
        {
            context.Complete(resumption.IsDue ? "Overdue" : "Closed");
            return ValueTask.CompletedTask;
        }

        public override ValueTask CancelAsync(ActivityContext context, CancellationToken cancellation)
        {
            Withdrawn++;
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Careless : Activity
    {
        public const string TypeName = "Acme.Careless";

        public int Executions { get; private set; }

        public override ActivityDescriptor Descriptor { get; } = new() { TypeName = TypeName, Category = "Acme", DisplayName = "Careless" };

        public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
        {
            Executions++;
            throw new InvalidOperationException("half-way");
        }
    }

    private sealed class Flaky : Activity
    {
        public const string TypeName = "Acme.Flaky";

        public bool Fails { get; set; }

        public override ActivityDescriptor Descriptor { get; } = new() { TypeName = TypeName, Category = "Acme", DisplayName = "Flaky" };

        public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
        {
            if (Fails)
            {
                context.Fail("flaky", "Not today.");
            }

            return ValueTask.CompletedTask;
        }
    }
}
