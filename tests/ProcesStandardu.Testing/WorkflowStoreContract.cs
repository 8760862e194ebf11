using System.Text.Json.Nodes;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Testing;

/// <summary>What every workflow store must do; each store's tests inherit it and say how one is made.</summary>
public abstract class WorkflowStoreContract
{
    private const string Waiting =
        """
        {"id":"wait-v1","definitionId":"wait","version":1,"name":"wait","root":{"id":"seq","type":"Elsa.Sequence","version":1,"activities":[
          {"id":"first","type":"Elsa.Event","version":1,"eventName":"one"},
          {"id":"second","type":"Elsa.RunTask","version":1,"taskName":"sign"}]}}
        """;

    /// <summary>Publishes a definition.</summary>
    protected abstract Task PublishAsync(string json);

    /// <summary>Runs an act in a transaction of its own; one that throws leaves nothing.</summary>
    protected abstract Task<T> RunAsync<T>(Func<WorkflowEngine, IWorkflowStore, Task<T>> act);

    [Fact]
    public async Task An_instance_is_read_back_as_it_was_written()
    {
        var started = await StartAsync("case-1");

        var record = (await RunAsync(async (_, store) => await store.LockAsync(started.InstanceId, default)))!;

        record.DefinitionId.ShouldBe("wait");
        record.Status.ShouldBe(WorkflowStatus.Running);
        record.SubStatus.ShouldBe(WorkflowSubStatus.Suspended);
        record.CorrelationId.ShouldBe("case-1");
        var bookmark = record.Bookmarks.ShouldHaveSingleItem();
        bookmark.Name.ShouldBe("Elsa.Event");
        bookmark.Payload.ShouldBe("""{"EventName":"one"}""");
        InstanceState.Read(record.State).Input["who"]!.ToString().ShouldBe("Zażółć");
    }

    [Fact]
    public async Task An_instance_is_found_by_its_bookmark_until_the_bookmark_is_used()
    {
        var started = await StartAsync();
        var bookmark = (await RunAsync(async (_, store) => await store.LockAsync(started.InstanceId, default)))!.Bookmarks[0];

        (await RunAsync(async (_, store) => await store.LockByBookmarkAsync(bookmark.Id, default))).ShouldNotBeNull().Id.ShouldBe(started.InstanceId);
        await RunAsync((engine, _) => engine.ResumeBookmarkAsync(bookmark.Id, null, default));

        (await RunAsync(async (_, store) => await store.LockByBookmarkAsync(bookmark.Id, default))).ShouldBeNull();
        (await RunAsync((engine, _) => engine.ResumeBookmarkAsync(bookmark.Id, null, default))).Found.ShouldBeFalse();
    }

    [Fact]
    public async Task A_stimulus_fits_by_name_payload_correlation_and_instance()
    {
        var one = await StartAsync("case-1");
        var two = await StartAsync("case-2");

        (await MatchAsync("one")).Order().ShouldBe(new[] { one.InstanceId, two.InstanceId }.Order());
        (await MatchAsync("one", correlationId: "case-2")).ShouldBe([two.InstanceId]);
        (await MatchAsync("one", instanceId: one.InstanceId)).ShouldBe([one.InstanceId]);
        (await MatchAsync("one", correlationId: "case-2", instanceId: one.InstanceId)).ShouldBeEmpty();
        (await MatchAsync("One")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kept_stimulus_goes_to_the_first_wait_that_fits_and_only_once()
    {
        await PublishAsync(Waiting);
        await SendAsync("one", "case-2");

        var one = await StartAsync("case-1");
        var two = await StartAsync("case-2");
        var three = await StartAsync("case-2");

        (await WaitOf(one)).ShouldBe("first");
        (await WaitOf(two)).ShouldBe("second");
        (await WaitOf(three)).ShouldBe("first");
    }

    [Fact]
    public async Task A_stimulus_is_received_once()
    {
        var now = DateTimeOffset.UnixEpoch;

        (await RunAsync(async (_, store) => await store.TryReceiveAsync("a", now, default))).ShouldBeTrue();
        (await RunAsync(async (_, store) => await store.TryReceiveAsync("a", now, default))).ShouldBeFalse();
        (await RunAsync(async (_, store) => await store.TryReceiveAsync("b", now, default))).ShouldBeTrue();
    }

    [Fact]
    public async Task A_task_is_open_until_it_is_completed()
    {
        var started = await StartAsync();
        await SendAsync("one");
        var record = (await RunAsync(async (_, store) => await store.LockAsync(started.InstanceId, default)))!;
        var taskId = Guid.Parse((string)JsonNode.Parse(record.Bookmarks.Single().Payload!)!["TaskId"]!);

        (await RunAsync((engine, _) => engine.CompleteTaskAsync(taskId, JsonValue.Create("podpisano"), default))).Found.ShouldBeTrue();

        (await RunAsync((engine, _) => engine.CompleteTaskAsync(taskId, null, default))).Found.ShouldBeFalse();
        (await RunAsync(async (_, store) => await store.LockAsync(started.InstanceId, default)))!.SubStatus.ShouldBe(WorkflowSubStatus.Finished);
    }

    [Fact]
    public async Task A_burst_that_throws_is_undone_and_what_was_done_before_it_stands()
    {
        var started = await StartAsync();

        var failure = await RunAsync(async (engine, store) =>
        {
            await store.TryReceiveAsync("act", DateTimeOffset.UnixEpoch, default);
            return await store.RunBurstAsync(
                async () =>
                {
                    await engine.SendAsync(Event("one"), default);
                    throw new InvalidOperationException("half-way");
                },
                default);
        });

        failure.ShouldBeOfType<InvalidOperationException>();
        (await WaitOf(started)).ShouldBe("first");
        (await RunAsync(async (_, store) => await store.TryReceiveAsync("act", DateTimeOffset.UnixEpoch, default))).ShouldBeFalse();
    }

    [Fact]
    public async Task Running_instances_are_counted_by_definition_and_correlation_id()
    {
        var started = await StartAsync("case-1");

        (await IsAnyRunning("wait", null)).ShouldBeTrue();
        (await IsAnyRunning("wait", "case-1")).ShouldBeTrue();
        (await IsAnyRunning(null, "case-1")).ShouldBeTrue();
        (await IsAnyRunning("wait", "case-2")).ShouldBeFalse();
        await RunAsync((engine, _) => engine.CancelAsync(started.InstanceId, default));
        (await IsAnyRunning("wait", null)).ShouldBeFalse();
    }

    [Fact]
    public async Task Text_that_a_database_cannot_hold_does_not_stop_an_instance()
    {
        var started = await StartAsync(input: "a\0b \\u0000 ą");

        (await WaitOf(started)).ShouldBe("first");
        await SendAsync("one", payload: "\0");
        (await WaitOf(started)).ShouldBe("second");
    }

    private static Stimulus Event(string name, string? correlationId = null, JsonNode? payload = null) =>
        new("Elsa.Event", new { EventName = name }) { CorrelationId = correlationId, Input = payload };

    private async Task<StartResult> StartAsync(string? correlationId = null, string input = "Zażółć")
    {
        await PublishAsync(Waiting);
        return await RunAsync((engine, _) => engine.StartAsync(
            new StartWorkflow
            {
                DefinitionId = "wait",
                CorrelationId = correlationId,
                Input = new Dictionary<string, JsonNode?> { ["who"] = input },
            },
            default));
    }

    private Task<SendResult> SendAsync(string name, string? correlationId = null, JsonNode? payload = null) =>
        RunAsync((engine, _) => engine.SendAsync(Event(name, correlationId, payload), default));

    private async Task<string> WaitOf(StartResult started) =>
        (await RunAsync(async (_, store) => await store.LockAsync(started.InstanceId, default)))!.Bookmarks.Single().ActivityId;

    private Task<bool> IsAnyRunning(string? definitionId, string? correlationId) =>
        RunAsync(async (_, store) => await store.IsAnyRunningAsync(definitionId, correlationId, default));

    private async Task<List<Guid>> MatchAsync(string name, string? correlationId = null, Guid? instanceId = null)
    {
        var payload = StimulusHash.Canonical(new { EventName = name });
        var match = await RunAsync(async (_, store) => await store.MatchAsync(
            new StimulusQuery("Elsa.Event", StimulusHash.Of("Elsa.Event", payload), correlationId, instanceId), default));
        return [.. match.Instances.Select(instance => instance.Instance.Id)];
    }
}
