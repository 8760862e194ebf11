using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

public sealed class HotPathTests
{
    private const string Vote =
        """
        {"id":"vote-v1","definitionId":"vote","version":1,"name":"vote","root":{"id":"seq","type":"Elsa.Sequence","version":1,"activities":[
          {"id":"wait","type":"Elsa.Event","version":1,"eventName":"vote"},
          {"id":"a","type":"Elsa.WriteLine","version":1,"text":"a"},
          {"id":"b","type":"Elsa.WriteLine","version":1,"text":"b"},
          {"id":"c","type":"Elsa.WriteLine","version":1,"text":"c"}]}}
        """;

    [Fact]
    public async Task A_start_is_one_trip_to_the_server_and_a_resume_two()
    {
        await using var product = await EngineOnPostgres.CreateAsync();
        await product.PublishAsync(Vote);

        // The first asks which version is published and reads it.
        await StartAsync(product);
        StartResult started = null!;

        (await TripsAsync(async () => started = await StartAsync(product))).ShouldBe(1);
        (await TripsAsync(() => SendAsync(product, started.InstanceId))).ShouldBe(2);

        (await product.Database.ScalarAsync<string>(
            "select string_agg(activity_id || ':' || event, ' ' order by seq) from workflow_journal where instance_id = $1 and activity_id in ('wait', 'a')",
            started.InstanceId)).ShouldBe("wait:Started wait:Suspended wait:Resumed wait:Completed a:Started a:Completed");
        (await product.Database.ScalarAsync<long>(
            "select count(distinct xmin::text) from workflow_burst where instance_id = $1", started.InstanceId)).ShouldBe(2, "one commit for each half");
    }

    [Fact]
    public async Task What_is_queued_is_written_before_whatever_is_asked_next()
    {
        await using var product = await EngineOnPostgres.CreateAsync();
        await product.PublishAsync(Vote);

        var seen = await product.RunAsync(async (services, engine) =>
        {
            var started = await engine.StartAsync(new StartWorkflow { DefinitionId = "vote" }, CancellationToken.None);
            await using var command = services.GetRequiredService<UnitOfWork>().Connection.CreateCommand();
            command.CommandText = $"select sub_status from workflow_instance where id = '{started.InstanceId}'";
            return await command.ExecuteScalarAsync();
        });

        seen.ShouldBe("suspended");
    }

    [Fact]
    public async Task A_queued_write_that_fails_undoes_its_own_burst_and_not_the_act()
    {
        await using var product = await EngineOnPostgres.CreateAsync();
        await product.PublishAsync(Vote);
        await product.Database.ExecuteAsync("alter table workflow_burst add check (burst < 2)");
        var started = await StartAsync(product);

        var sent = await product.RunAsync(async (services, engine) =>
        {
            services.GetRequiredService<UnitOfWork>().Queue(
                new Npgsql.NpgsqlBatchCommand("insert into seeding_mark (key, done_at) values ('the act', now())"));
            return await engine.SendAsync(Event(started.InstanceId), CancellationToken.None);
        });

        sent.Deferred.ShouldBe(1);
        (await product.Database.ScalarAsync<long>("select count(*) from seeding_mark where key = 'the act'")).ShouldBe(1);
        (await product.Database.ScalarAsync<string>("select sub_status from workflow_instance where id = $1", started.InstanceId)).ShouldBe("suspended");
        (await product.Database.ScalarAsync<long>("select count(*) from kept_delivery where attempts = 1")).ShouldBe(1);
    }

    [Fact]
    public async Task Very_many_due_waits_share_transactions_and_each_is_fired_once()
    {
        await using var product = await EngineOnPostgres.CreateAsync();
        await product.PublishAsync(
            """
            {"id":"later-v1","definitionId":"later","version":1,"name":"later","root":{"id":"seq","type":"Elsa.Sequence","version":1,
              "activities":[{"id":"d","type":"Elsa.Delay","version":1,"timeSpan":"01:00:00"},{"id":"w","type":"Elsa.WriteLine","version":1,"text":"rang"}]}}
            """);
        for (var instance = 0; instance < 60; instance++)
        {
            await product.RunAsync((_, engine) => engine.StartAsync(new StartWorkflow { DefinitionId = "later" }, CancellationToken.None));
        }

        product.Clock.Advance(TimeSpan.FromHours(1));
        var pass = await product.WakeAsync();

        pass.Waits.ShouldBe(60);
        (await product.Database.ScalarAsync<long>("select count(*) from workflow_instance where status = 'finished'")).ShouldBe(60);
        (await product.Database.ScalarAsync<long>("select count(*) from workflow_bookmark")).ShouldBe(0);
        (await product.Database.ScalarAsync<long>("select count(*) from workflow_journal where activity_id = 'w' and event = 'Completed'")).ShouldBe(60);
        (await product.Database.ScalarAsync<long>("select count(distinct xmin::text) from workflow_burst where burst = 2")).ShouldBeLessThan(60);
    }

    [Fact]
    public async Task A_recipient_who_changed_elsewhere_gets_the_mail_at_the_new_address()
    {
        await using var product = await TestProduct.CreateAsync();
        var anna = await product.PersonAsync("anna-nowak");
        await QueueAsync("one");

        await product.Database.ExecuteAsync("update person set email = 'nowa@example.org' where id = $1", anna);
        await QueueAsync("two");

        (await product.Database.ScalarAsync<string>("select recipient_address from outbox_message where mail_key like '%/two/%'")).ShouldBe("nowa@example.org");

        Task QueueAsync(string key) => product.InUnitOfWorkAsync<Outbox, bool>(async outbox =>
        {
            await outbox.QueueAsync(new WorkflowNotice("programme", "Tytuł", "Treść", "/", key), anna, CancellationToken.None);
            return true;
        });
    }

    private static Stimulus Event(Guid instanceId) =>
        new("Elsa.Event", new { EventName = "vote" }) { InstanceId = instanceId, Input = JsonValue.Create("za") };

    private static Task<StartResult> StartAsync(EngineOnPostgres product) => product.RunAsync((_, engine) =>
        engine.StartAsync(new StartWorkflow { DefinitionId = "vote" }, CancellationToken.None));

    private static Task<SendResult> SendAsync(EngineOnPostgres product, Guid instanceId) => product.RunAsync((_, engine) =>
        engine.SendAsync(Event(instanceId), CancellationToken.None));

    /// <summary>How many batches and commands the act sends: Npgsql traces each as one activity.</summary>
    private static async Task<int> TripsAsync(Func<Task> act)
    {
        var trips = 0;
        using var root = new Activity("act").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = activity =>
            {
                if (activity.TraceId == root.TraceId)
                {
                    Interlocked.Increment(ref trips);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await act();
        return trips;
    }
}
