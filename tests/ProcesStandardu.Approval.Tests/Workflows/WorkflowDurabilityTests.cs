using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

public sealed class WorkflowDurabilityTests : IAsyncLifetime
{
    // Two approvers, both needed; then a task.
    private const string TwoApprovers =
        """
        {"id":"two-v1","definitionId":"two","version":1,"name":"two","variables":[{"id":"who","name":"Who","typeName":"String"}],
         "root":{"id":"flow","type":"Elsa.Flowchart","version":1,
          "activities":[
            {"id":"start","type":"Elsa.Start","version":1},
            {"id":"anna","type":"Elsa.Event","version":1,"eventName":"anna","result":{"memoryReference":{"id":"who"}}},
            {"id":"marek","type":"Elsa.Event","version":1,"eventName":"marek"},
            {"id":"join","type":"Elsa.FlowJoin","version":1,"mode":"WaitAll"},
            {"id":"say","type":"Elsa.WriteLine","version":1,"text":"both"},
            {"id":"sign","type":"Elsa.RunTask","version":1,"taskName":"sign"}],
          "connections":[
            {"source":{"activity":"start","port":"Done"},"target":{"activity":"anna"}},
            {"source":{"activity":"start","port":"Done"},"target":{"activity":"marek"}},
            {"source":{"activity":"anna","port":"Done"},"target":{"activity":"join"}},
            {"source":{"activity":"marek","port":"Done"},"target":{"activity":"join"}},
            {"source":{"activity":"join","port":"Done"},"target":{"activity":"say"}},
            {"source":{"activity":"say","port":"Done"},"target":{"activity":"sign"}}]}}
        """;

    private const string Delayed =
        """
        {"id":"later-v1","definitionId":"later","version":1,"name":"later","root":{"id":"seq","type":"Elsa.Sequence","version":1,
          "activities":[{"id":"d","type":"Elsa.Delay","version":1,"timeSpan":"01:00:00"},{"id":"w","type":"Elsa.WriteLine","version":1,"text":"rang"}]}}
        """;

    // All vote at once; what each said is an output of the step.
    private static string Loop(int voters) =>
        """
        {"id":"loop-v1","definitionId":"loop","version":1,"name":"loop","root":{"id":"each","type":"Elsa.ParallelForEach","version":1,
          "items":{"expression":{"type":"JavaScript","value":"[ITEMS]"}},
          "body":{"id":"vote","type":"Elsa.Event","version":1,"eventName":{"expression":{"type":"JavaScript","value":"'vote-' + getVariable('CurrentValue')"}}}}}
        """.Replace("ITEMS", string.Join(',', Enumerable.Range(1, voters)), StringComparison.Ordinal);

    private static readonly string[] Tables =
    [
        "workflow_instance", "workflow_bookmark", "workflow_journal", "activity_execution", "workflow_incident", "kept_delivery",
        "received_stimulus", "user_task",
    ];

    private EngineOnPostgres _product = null!;

    public async ValueTask InitializeAsync() => _product = await EngineOnPostgres.CreateAsync();

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    [Fact]
    [Trait("Fault", "S01")]
    public async Task When_the_commit_does_not_come_nothing_of_the_step_is_there_and_the_act_can_be_done_again()
    {
        await _product.PublishAsync(TwoApprovers);
        var started = await StartAsync("two");
        await SendAsync("anna", "za");
        var before = await ContentsAsync();

        Failpoints.OnReached = place =>
        {
            if (place == Failpoints.BeforeCommit)
            {
                throw new InvalidOperationException("power");
            }
        };
        await Should.ThrowAsync<InvalidOperationException>(() => SendAsync("marek"));
        Failpoints.OnReached = null;

        (await ContentsAsync()).ShouldBe(before);
        (await SendAsync("marek")).Resumed.ShouldBe([started.InstanceId]);
        (await CountAsync("user_task where state = 'open'")).ShouldBe(1);
    }

    [Fact]
    public async Task Two_approvers_at_the_same_moment_are_both_counted()
    {
        await _product.PublishAsync(TwoApprovers);
        for (var round = 0; round < 20; round++)
        {
            var started = await StartAsync("two");

            await Task.WhenAll(SendAsync("anna", instanceId: started.InstanceId), SendAsync("marek", instanceId: started.InstanceId));

            (await CountAsync($"user_task where instance_id = '{started.InstanceId}'")).ShouldBe(1, $"round {round}");
        }

        (await CountAsync("kept_delivery")).ShouldBe(0);
    }

    [Fact]
    public async Task One_wait_fired_by_many_at_once_goes_on_once()
    {
        await _product.PublishAsync(Delayed);
        for (var round = 0; round < 10; round++)
        {
            _product.Lines.Clear();
            var started = await StartAsync("later");
            var bookmark = await _product.Database.ScalarAsync<Guid>("select id from workflow_bookmark where instance_id = $1", started.InstanceId);

            var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
                _product.RunAsync((_, engine) => engine.ResumeBookmarkAsync(bookmark, null, CancellationToken.None))));

            runs.Count(run => run.Found).ShouldBe(1);
            _product.Lines.ShouldBe(["rang"]);
        }
    }

    [Fact]
    public async Task Passes_of_several_nodes_fire_each_due_wait_once()
    {
        await _product.PublishAsync(Delayed);
        for (var instance = 0; instance < 30; instance++)
        {
            await StartAsync("later");
        }

        (await _product.WakeAsync()).Total.ShouldBe(0, "nothing is due yet");
        _product.Clock.Advance(TimeSpan.FromHours(1));
        var passes = await Task.WhenAll(_product.WakeAsync(), _product.WakeAsync(), _product.WakeAsync());
        var rest = await _product.WakeAsync();

        (passes.Sum(pass => pass.Waits) + rest.Waits).ShouldBe(30);
        _product.Lines.Count.ShouldBe(30);
        (await CountAsync("workflow_instance where status = 'running'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_stimulus_kept_in_the_very_moment_in_which_its_wait_was_made_is_found_by_the_pass()
    {
        await _product.PublishAsync(TwoApprovers);
        await SendAsync("anna", "za");
        await _product.Database.ExecuteAsync("update kept_delivery set hash = 'not seen yet by the other transaction'");
        var started = await StartAsync("two");
        await _product.Database.ExecuteAsync(
            "update kept_delivery set hash = (select hash from workflow_bookmark where activity_id = 'anna')");

        (await _product.WakeAsync()).Repeated.ShouldBe(1);

        (await CountAsync("kept_delivery")).ShouldBe(0);
        (await _product.Database.ScalarAsync<string>(
            "select string_agg(activity_id, ' ') from workflow_bookmark where instance_id = $1", started.InstanceId)).ShouldBe("marek");
    }

    [Fact]
    public async Task A_wait_whose_row_is_broken_is_repeated_five_times_and_parked_while_others_go_on()
    {
        await _product.PublishAsync(Delayed);
        var broken = await StartAsync("later");
        var healthy = await StartAsync("later");
        await _product.Database.ExecuteAsync("update workflow_instance set state = '{\"v\":99}' where id = $1", broken.InstanceId);
        _product.Clock.Advance(TimeSpan.FromHours(1));

        for (var pass = 0; pass < 10; pass++)
        {
            await _product.WakeAsync();
            _product.Clock.Advance(TimeSpan.FromMinutes(10));
        }

        (await StatusAsync(healthy.InstanceId)).ShouldBe("finished");
        (await StatusAsync(broken.InstanceId)).ShouldBe("running");
        (await CountAsync("kept_delivery where parked_at is not null and attempts = 5 and last_error is not null")).ShouldBe(1);
        (await CountAsync($"workflow_bookmark where instance_id = '{broken.InstanceId}'")).ShouldBe(1);
    }

    [Fact]
    public async Task A_wait_whose_whole_transaction_fails_is_put_off_and_does_not_hold_up_the_others()
    {
        await _product.PublishAsync(Delayed);
        await StartAsync("later");
        await StartAsync("later");
        _product.Clock.Advance(TimeSpan.FromHours(1));

        var isFirst = true;
        Failpoints.OnReached = place =>
        {
            if (place == Failpoints.BeforeCommit && isFirst)
            {
                isFirst = false;
                throw new InvalidOperationException("power");
            }
        };
        var pass = await _product.WakeAsync();
        Failpoints.OnReached = null;

        pass.Waits.ShouldBe(1);
        (await CountAsync("kept_delivery where attempts = 1 and last_error like '%power%'")).ShouldBe(1);
        _product.Clock.Advance(TimeSpan.FromMinutes(1));
        (await _product.WakeAsync()).Repeated.ShouldBe(1);
        (await CountAsync("workflow_instance where status = 'running'")).ShouldBe(0);
        (await CountAsync("kept_delivery")).ShouldBe(0);
    }

    [Fact]
    [Trait("Fault", "S33")]
    public async Task A_delivery_that_never_ends_an_attempt_is_parked_after_five()
    {
        await _product.PublishAsync(Delayed);
        var started = await StartAsync("later");
        await _product.Database.ExecuteAsync(
            """
            insert into kept_delivery (id, kind, name, request, bookmark_id, attempts, last_error, kept_at, next_attempt_at)
            select gen_random_uuid(), 'resume', '', '{}', id, 5, 'not ended', created_at, created_at from workflow_bookmark where instance_id = $1
            """,
            started.InstanceId);

        (await _product.WakeAsync()).Repeated.ShouldBe(0);

        (await CountAsync("kept_delivery where parked_at is not null")).ShouldBe(1);
        (await StatusAsync(started.InstanceId)).ShouldBe("running");
    }

    [Fact]
    [Trait("Fault", "S33")]
    public async Task A_wait_that_took_its_process_along_is_counted_tried_alone_and_parked_with_an_incident()
    {
        await _product.PublishAsync(Delayed);
        var poison = await StartAsync("later");
        _product.Clock.Advance(TimeSpan.FromHours(1));
        await _product.Database.ExecuteAsync(
            "insert into wake_attempt select gen_random_uuid(), array_agg(id), clock_timestamp() + interval '1 hour' from workflow_bookmark");
        (await _product.WakeAsync()).Total.ShouldBe(0, "while the note stands its process may still be at work");

        // Each time the process dies between the count and the firing, for all that the database can know.
        await _product.Database.ExecuteAsync("update wake_attempt set lease_until = clock_timestamp() - interval '1 second'");
        var deaths = 1;
        Failpoints.OnReached = place => _ = place == Failpoints.AttemptCounted ? throw new OperationCanceledException("gone") : 0;
        for (var restart = 0; restart < 10; restart++)
        {
            try
            {
                await _product.WakeAsync();
            }
            catch (OperationCanceledException)
            {
                deaths++;
            }

            _product.Clock.Advance(TimeSpan.FromHours(1));
        }

        Failpoints.OnReached = null;
        deaths.ShouldBe(5);
        (await CountAsync("kept_delivery where parked_at is not null")).ShouldBe(1);
        (await CountAsync($"workflow_incident where instance_id = '{poison.InstanceId}' and code = 'DeliveryIsParked' and activity_id = 'd' and activity_type = 'Elsa.Delay'")).ShouldBe(1);
        (await _product.Database.ScalarAsync<int>("select incident_count from workflow_instance where id = $1", poison.InstanceId)).ShouldBe(1);
        (await CountAsync("wake_attempt")).ShouldBe(0);
    }

    [Fact]
    [Trait("Fault", "S33")]
    public async Task Of_very_many_waits_none_is_fired_before_it_is_noted()
    {
        await _product.PublishAsync(Delayed);
        var first = await StartAsync("later");
        await _product.Database.ExecuteAsync(
            """
            do $$
            declare columns text := (
              select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
              where attrelid = 'workflow_instance'::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'id');
            begin
              execute format('insert into workflow_instance (id, %1$s) select gen_random_uuid(), %1$s from workflow_instance, generate_series(2, 1200)', columns);
            end $$;
            insert into workflow_bookmark select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'instance_id', i.id))).*
              from workflow_bookmark b, workflow_instance i where b.instance_id <> i.id;
            """);
        first.Outcome.ShouldBe(StartOutcome.Started);
        (await CountAsync("workflow_bookmark")).ShouldBe(1200);
        _product.Clock.Advance(TimeSpan.FromHours(1));

        // Whatever was fired when the process is gone had been named in a note that stands.
        await _product.Database.ExecuteAsync(
            """
            create function must_be_noted() returns trigger language plpgsql as $$
            begin
              if not exists (select from wake_attempt where old.id = any(bookmark_ids)) then raise exception 'fired without a note'; end if;
              return old;
            end $$;
            create trigger must_be_noted before delete on workflow_bookmark for each row execute function must_be_noted()
            """);
        (await _product.WakeAsync()).Waits.ShouldBe(1200);
        (await CountAsync("workflow_instance where status = 'finished'")).ShouldBe(1200);
        (await CountAsync("wake_attempt")).ShouldBe(0);
        (await CountAsync("kept_delivery")).ShouldBe(0);
    }

    [Fact]
    [Trait("Fault", "S09")]
    public async Task Two_nodes_that_fire_the_same_due_wait_leave_one_firing_and_the_loser_hears_that_it_is_gone()
    {
        await _product.PublishAsync(Delayed);
        var races = 0;
        for (var round = 0; round < 25; round++)
        {
            var started = await StartAsync("later");
            var bookmark = await _product.Database.ScalarAsync<Guid>("select id from workflow_bookmark where instance_id = $1", started.InstanceId);
            _product.Clock.Advance(TimeSpan.FromHours(1));
            var operatorsAct = _product.RunAsync((_, engine) => engine.ResumeBookmarkAsync(bookmark, null, CancellationToken.None));
            var passes = await Task.WhenAll(_product.WakeAsync(), _product.WakeAsync());
            var resumed = await operatorsAct;

            (passes.Sum(pass => pass.Waits) + (resumed.Found ? 1 : 0)).ShouldBe(1, $"round {round}");
            races++;
        }

        races.ShouldBe(25);
        (await CountAsync("workflow_journal where activity_id = 'w' and event = 'Completed'")).ShouldBe(25);
        (await CountAsync("kept_delivery")).ShouldBe(0);
    }

    [Fact]
    [Trait("Fault", "S15")]
    public async Task Signals_that_race_with_the_start_that_makes_their_wait_are_never_lost()
    {
        await _product.PublishAsync(TwoApprovers);
        var ids = Enumerable.Range(0, 60).Select(_ => Guid.CreateVersion7(_product.Clock.GetUtcNow())).ToList();

        await Task.WhenAll(ids.SelectMany((id, index) =>
        {
            Task start = _product.RunAsync((_, engine) =>
                engine.StartAsync(new StartWorkflow { DefinitionId = "two", InstanceId = id }, CancellationToken.None));
            Task anna = SendAsync("anna", "za", id), marek = SendAsync("marek", null, id);
            return index % 2 == 0 ? [anna, start, marek] : (Task[])[start, marek, anna];
        }));
        await _product.WakeAsync();

        (await CountAsync("user_task where state = 'open'")).ShouldBe(60);
        (await CountAsync("kept_delivery")).ShouldBe(0);
        (await CountAsync("(select instance_id from workflow_journal group by instance_id having count(*) <> max(seq)) gap")).ShouldBe(0);
    }

    [Fact]
    [Trait("Fault", "S16")]
    public async Task A_burst_of_resumes_with_repetitions_leaves_nobody_behind()
    {
        await _product.PublishAsync(TwoApprovers);
        var ids = new List<Guid>();
        for (var instance = 0; instance < 50; instance++)
        {
            ids.Add((await StartAsync("two")).InstanceId);
        }

        var sent = await Task.WhenAll(ids.SelectMany(id => new[] { "anna", "marek", "anna" }.Select(name => _product.RunAsync((_, engine) =>
            engine.SendAsync(
                new Stimulus("Elsa.Event", new { EventName = name }) { InstanceId = id, Id = $"{name}:{id}" }, CancellationToken.None)))));

        sent.Count(result => result.IsRepeated).ShouldBe(50);
        sent.Sum(result => result.Resumed.Count).ShouldBe(100);
        (await CountAsync("user_task where state = 'open'")).ShouldBe(50);
        (await CountAsync("workflow_instance i where not exists (select from workflow_bookmark b where b.instance_id = i.id)")).ShouldBe(0);
    }

    [Fact]
    [Trait("Fault", "S40")]
    public async Task A_loop_over_fifteen_voters_keeps_every_vote_wherever_it_is_broken_off()
    {
        const int Voters = 15;
        await _product.PublishAsync(Loop(Voters));
        var failures = 0;
        foreach (var place in new[] { BurstPlaces.Loaded, BurstPlaces.AfterActivity, BurstPlaces.Written, Failpoints.BeforeCommit, Failpoints.AfterCommit })
        {
            var started = await StartAsync("loop");
            for (var voter = 1; voter <= Voters; voter++)
            {
                Failpoints.OnReached = reached => _ = reached == place ? throw new OperationCanceledException("gone") : 0;
                await Should.ThrowAsync<OperationCanceledException>(() => VoteAsync(voter));
                Failpoints.OnReached = null;
                failures++;

                // Nobody was answered: the same vote again, as its sender's browser would send it.
                await VoteAsync(voter);
            }

            (await StatusAsync(started.InstanceId)).ShouldBe("finished", place);
            (await _product.Database.ScalarAsync<string>(
                """
                select string_agg((inputs->>'EventName') || '=' || (outputs->>'Result'), ' ' order by number)
                from activity_execution where instance_id = $1 and activity_id = 'vote'
                """,
                started.InstanceId)).ShouldBe(string.Join(' ', Enumerable.Range(1, Voters).Select(voter => $"vote-{voter}=v{voter}")), place);

            Task<SendResult> VoteAsync(int voter) => _product.RunAsync((_, engine) => engine.SendAsync(
                new Stimulus("Elsa.Event", new { EventName = $"vote-{voter}" })
                {
                    InstanceId = started.InstanceId, Input = JsonValue.Create($"v{voter}"), Id = $"{started.InstanceId}:{voter}",
                },
                CancellationToken.None));
        }

        failures.ShouldBe(5 * Voters);
    }

    [Fact]
    public async Task A_published_version_cannot_be_changed_not_even_by_hand()
    {
        var versionId = await _product.PublishAsync(Delayed);

        var refusal = await Should.ThrowAsync<PostgresException>(() =>
            _product.Database.ExecuteAsync("update workflow_definition set source = '{}' where version_id = $1", versionId));

        refusal.SqlState.ShouldBe(PostgresErrorCodes.RestrictViolation);
        (await _product.PublishAsync(Delayed)).ShouldBe(versionId, "the same content again is the same version");
    }

    [Fact]
    public async Task A_running_instance_stays_on_its_version_when_another_is_published()
    {
        await _product.PublishAsync(Delayed);
        var old = await StartAsync("later");
        await _product.PublishAsync(Delayed.Replace("rang", "rang anew", StringComparison.Ordinal));
        await StartAsync("later");

        _product.Clock.Advance(TimeSpan.FromHours(1));
        await _product.WakeAsync();

        _product.Lines.Order().ShouldBe(["rang", "rang anew"]);
        (await _product.Database.ScalarAsync<int>("select version from workflow_instance where id = $1", old.InstanceId)).ShouldBe(1);
    }

    [Fact]
    public async Task A_timer_of_a_published_workflow_starts_an_instance_each_interval_and_none_after_it_was_replaced()
    {
        const string EveryHour =
            """
            {"id":"tick-v1","definitionId":"tick","version":1,"name":"tick","root":{"id":"flow","type":"Elsa.Flowchart","version":1,
              "activities":[{"id":"t","type":"Elsa.Timer","version":1,"interval":"01:00:00","customProperties":{"canStartWorkflow":true}},
                {"id":"w","type":"Elsa.WriteLine","version":1,"text":"tick"}],
              "connections":[{"source":{"activity":"t","port":"Done"},"target":{"activity":"w"}}]}}
            """;
        await _product.PublishAsync(EveryHour);

        for (var hour = 0; hour < 3; hour++)
        {
            _product.Clock.Advance(TimeSpan.FromHours(1));
            await _product.WakeAsync();
        }

        _product.Lines.ShouldBe(["tick", "tick", "tick"]);
        await _product.PublishAsync(EveryHour.Replace("\"canStartWorkflow\":true", "\"canStartWorkflow\":false", StringComparison.Ordinal));
        _product.Clock.Advance(TimeSpan.FromHours(5));
        (await _product.WakeAsync()).Total.ShouldBe(0);
    }

    private Task<StartResult> StartAsync(string definitionId) => _product.RunAsync((_, engine) =>
        engine.StartAsync(new StartWorkflow { DefinitionId = definitionId }, CancellationToken.None));

    private Task<SendResult> SendAsync(string name, string? payload = null, Guid? instanceId = null) => _product.RunAsync((_, engine) =>
        engine.SendAsync(
            new Stimulus("Elsa.Event", new { EventName = name }) { Input = JsonValue.Create(payload), InstanceId = instanceId },
            CancellationToken.None));

    private Task<string?> StatusAsync(Guid instanceId) =>
        _product.Database.ScalarAsync<string>("select status from workflow_instance where id = $1", instanceId);

    private Task<long> CountAsync(string what) => _product.Database.ScalarAsync<long>($"select count(*) from {what}");

    /// <summary>Everything in the engine's tables, as one text.</summary>
    private async Task<string> ContentsAsync()
    {
        var contents = new List<string>();
        foreach (var table in Tables)
        {
            contents.Add(await _product.Database.ScalarAsync<string>(
                $"select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from {table} t") ?? "");
        }

        return string.Join('\n', contents);
    }
}
