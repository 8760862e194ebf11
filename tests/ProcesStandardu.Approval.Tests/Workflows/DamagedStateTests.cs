using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

[Trait("Fault", "S33")]
public sealed class DamagedStateTests
{
    private const string Waiting = """
        {
          "definitionId": "czeka",
          "root": {
            "id": "root", "type": "Elsa.Sequence",
            "activities": [
              { "id": "event", "type": "Elsa.Event", "eventName": "dalej" },
              { "id": "line", "type": "Elsa.WriteLine", "text": "poszło" }
            ]
          }
        }
        """;

    [Theory]
    [InlineData("{\"v\":99}")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"v\":1,\"n\":3,\"s\":3}")]
    [InlineData("{\"v\":1,\"n\":\"x\",\"s\":null,\"root\":[]}")]
    [InlineData("{\"v\":1,\"n\":3,\"s\":3,\"root\":{\"n\":1,\"a\":\"nie:ma\",\"t\":\"2012-11-05T07:00:00+00:00\"}}")]
    public async Task A_damaged_instance_is_parked_and_no_other_is_harmed(string state)
    {
        await using var product = await EngineOnPostgres.CreateAsync();
        await product.PublishAsync(Waiting);
        var damaged = await StartAsync(product);
        await StartAsync(product);
        await product.Database.ExecuteAsync($"update workflow_instance set state = '{state}' where id = $1", damaged);

        var sent = await product.RunAsync((_, engine) =>
            engine.SendAsync(new Stimulus("Elsa.Event", new { EventName = "dalej" }), CancellationToken.None));
        for (var pass = 0; pass < 8; pass++)
        {
            product.Clock.Advance(TimeSpan.FromHours(1));
            await product.WakeAsync();
        }

        (sent.Resumed.Count, sent.Deferred).ShouldBe((1, 1));
        product.Lines.ShouldBe(["poszło"]);
        (await product.Database.ScalarAsync<string>("select string_agg(sub_status, ' ' order by sub_status desc) from workflow_instance"))
            .ShouldBe("suspended finished");
        (await product.Database.ScalarAsync<long>("select count(*) from kept_delivery where parked_at is not null and instance_id = $1", damaged))
            .ShouldBe(1);
        (await product.Database.ScalarAsync<string>(
            "select string_agg(code || ' ' || activity_id, ', ') from workflow_incident where instance_id = $1", damaged)).ShouldBe("DeliveryIsParked event");
        (await product.Database.ScalarAsync<int>("select incident_count from workflow_instance where id = $1", damaged)).ShouldBe(1);
        (await product.Database.ScalarAsync<long>("select count(*) from workflow_incident where instance_id <> $1", damaged)).ShouldBe(0);
        (await product.WakeAsync()).Total.ShouldBe(0, "what is parked waits for an administrator");
    }

    private static async Task<Guid> StartAsync(EngineOnPostgres product) => (await product.RunAsync((_, engine) =>
        engine.StartAsync(new StartWorkflow { DefinitionId = "czeka" }, CancellationToken.None))).InstanceId;
}
