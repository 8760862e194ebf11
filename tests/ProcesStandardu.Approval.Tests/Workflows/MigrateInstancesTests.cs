using System.Text.Json.Nodes;
using Npgsql;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Approval.Workflows.Migration;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Migration;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

/// <summary>„Skutki publikacji” and what follows: predicting and moving running instances on PostgreSQL.</summary>
public sealed class MigrateInstancesTests : IAsyncLifetime
{
    private TestProduct _product = null!;
    private Guid _administrator;

    public async ValueTask InitializeAsync()
    {
        _product = await TestProduct.CreateAsync();
        _administrator = await _product.PersonAsync("rafal-zdun");
    }

    public ValueTask DisposeAsync() => _product.DisposeAsync();

    [Fact]
    [Trait("Scenario", "S11")]
    public async Task The_effects_of_a_drawing_are_told_for_each_running_instance_and_nothing_changes()
    {
        await _product.PublishAsync(Steps("comments", "partner", "vote"));
        var (a, b, c) = (await AtAsync(0), await AtAsync(1), await AtAsync(2));
        var before = await StatesAsync();

        var view = (await PredictAsync(new PredictMigration.Query(_administrator, "approval", Graph: Steps("comments", "legal", "vote")))).Value;

        view.Instances.Select(row => (row.InstanceId, row.Forecast.Fate)).ShouldBe(
            [(a, MigrationFate.CanMove), (b, MigrationFate.MustNotMove), (c, MigrationFate.Stays)], ignoreOrder: true);
        (view.CanMove, view.Stay, view.MustNotMove).ShouldBe((1, 1, 1));
        view.TargetActivities.Select(activity => activity.Id).ShouldContain("legal");
        view.Instances.Single(row => row.InstanceId == b).Forecast.Reasons.Single().Key.ShouldBe("ActivityIsRemoved");
        (await StatesAsync()).ShouldBe(before);
    }

    [Fact]
    [Trait("Scenario", "S11")]
    public async Task Those_that_can_be_moved_are_moved_with_a_word_in_journal_and_history_and_the_others_stay()
    {
        await _product.PublishAsync(Steps("comments", "partner", "vote"));
        var (a, b, c) = (await AtAsync(0), await AtAsync(1), await AtAsync(2));
        var target = await _product.PublishAsync(Steps("comments", "legal", "vote"));

        var moved = (await MigrateAsync(new MigrateInstances.Command(_administrator, "approval", target, null, null, "nowa procedura", "form-1"))).Value;
        var again = (await MigrateAsync(new MigrateInstances.Command(_administrator, "approval", target, null, [a], "nowa procedura", "form-1"))).Value;

        moved.Rows.Select(row => (row.InstanceId, row.IsMoved)).ShouldBe([(a, true)]);
        again.Moved.ShouldBe(1, "the same form again is answered as before");
        (await CountAsync($"workflow_journal where event = 'Migrated' and instance_id = '{a}'")).ShouldBe(1);
        (await CountAsync($"history_entry where kind = 'workflow_migrated' and subject = 'workflow:{a:D}' and details->>'why' = 'nowa procedura'")).ShouldBe(1);
        (await VersionAsync(a), await VersionAsync(b), await VersionAsync(c)).ShouldBe((2, 1, 1));

        var decided = (await MigrateAsync(new MigrateInstances.Command(
            _administrator, "approval", target, new MigrationPlan([new ActivityMapping("partner", "legal", BeginsAnew: true)]), [b], "do opinii prawnej"))).Value;
        decided.Moved.ShouldBe(1);
        foreach (var name in new[] { "comments", "legal", "vote" })
        {
            await SendAsync(name, a);
        }

        (await _product.Database.ScalarAsync<string>("select sub_status from workflow_instance where id = $1", a)).ShouldBe("finished");
        (await CountAsync($"workflow_journal where instance_id = '{a}' and activity_id = 'comments' and event = 'Started'")).ShouldBe(1);
        (await _product.Database.ScalarAsync<string>("select activity_id from workflow_bookmark where instance_id = $1", b)).ShouldBe("legal");
    }

    [Fact]
    public async Task Signals_during_a_migration_are_neither_lost_nor_doubled()
    {
        await _product.PublishAsync(Steps("comments", "vote"));
        var target = await _product.PublishAsync(Steps("comments", "vote", "archive"));
        var first = await _product.Database.ScalarAsync<string>("select version_id from workflow_definition where definition_id = 'approval' and version = 1");
        var ids = new List<Guid>();
        for (var instance = 0; instance < 30; instance++)
        {
            ids.Add((await _product.StartWorkflowAsync(new StartWorkflow { VersionId = first })).InstanceId);
        }

        var signals = Task.WhenAll(ids.Select(id => SendAsync("comments", id)));
        var rows = (await MigrateAsync(new MigrateInstances.Command(_administrator, "approval", target, null, ids, "w trakcie"))).Value.Rows;
        await signals;

        rows.ShouldAllBe(row => row.IsMoved);
        (await CountAsync("workflow_instance where version = 2 and status = 'running'")).ShouldBe(30);
        (await CountAsync("workflow_bookmark where activity_id = 'vote'")).ShouldBe(30);
        (await CountAsync("workflow_journal where activity_id = 'comments' and event = 'Completed'")).ShouldBe(30);
        (await CountAsync("(select instance_id from workflow_journal group by instance_id having count(*) <> max(seq)) gap")).ShouldBe(0);
        (await CountAsync("kept_delivery")).ShouldBe(0);
    }

    [Fact]
    public async Task An_instance_that_went_on_since_the_prediction_is_predicted_anew_under_its_lock()
    {
        await _product.PublishAsync(Steps("comments", "vote"));
        var id = await AtAsync(0);
        var target = await _product.PublishAsync(Steps("comments", "legal", "vote"));
        (await PredictAsync(new PredictMigration.Query(_administrator, "approval", target))).Value.CanMove.ShouldBe(1);
        await SendAsync("comments", id);

        var row = (await MigrateAsync(new MigrateInstances.Command(_administrator, "approval", target, null, [id], "po zmianie"))).Value.Rows.Single();

        row.IsMoved.ShouldBeFalse();
        row.Forecast!.Fate.ShouldBe(MigrationFate.Stays);
        (await VersionAsync(id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_move_that_fails_is_undone_for_that_instance_alone_and_says_why()
    {
        await _product.PublishAsync(Steps("comments", "vote"));
        var (a, b) = (await AtAsync(0), await AtAsync(0));
        var target = await _product.PublishAsync(Steps("comments", "vote", "archive"));
        var commits = 0;
        Failpoints.OnReached = place =>
        {
            if (place == Failpoints.BeforeCommit && ++commits == 3)
            {
                throw new InvalidOperationException("power");
            }
        };
        var rows = (await MigrateAsync(new MigrateInstances.Command(_administrator, "approval", target, null, [a, b], "awaria"))).Value.Rows;
        Failpoints.OnReached = null;

        rows.Select(row => (row.InstanceId, row.IsMoved, row.Failure)).ShouldBe([(a, false, "power"), (b, true, null)]);
        (await VersionAsync(a), await VersionAsync(b)).ShouldBe((1, 2));
        (await CountAsync($"workflow_journal where event = 'Migrated' and instance_id = '{a}'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_damaged_instance_must_not_be_moved_and_hinders_no_other()
    {
        await _product.PublishAsync(Steps("comments", "vote"));
        var (damaged, healthy) = (await AtAsync(0), await AtAsync(0));
        await _product.Database.ExecuteAsync("update workflow_instance set state = '{\"v\":99}' where id = $1", damaged);
        var target = await _product.PublishAsync(Steps("comments", "vote", "archive"));

        var view = (await PredictAsync(new PredictMigration.Query(_administrator, "approval", target))).Value;

        view.Instances.Single(row => row.InstanceId == damaged).Forecast.Reasons.Single().Key.ShouldBe("StateIsUnreadable");
        view.Instances.Single(row => row.InstanceId == healthy).Forecast.Fate.ShouldBe(MigrationFate.CanMove);
    }

    [Fact]
    public async Task Only_administrators_migrate_and_only_with_a_reason()
    {
        var target = await _product.PublishAsync(Steps("comments", "vote"));
        var member = await _product.PersonAsync("anna-nowak");

        (await PredictAsync(new PredictMigration.Query(member, "approval", target))).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await MigrateAsync(new MigrateInstances.Command(member, "approval", target, null, null, "bo tak"))).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await MigrateAsync(new MigrateInstances.Command(_administrator, "approval", target, null, null, " "))).Refusal.ShouldBe(new FieldIsEmpty("Reason"));
        (await PredictAsync(new PredictMigration.Query(_administrator, "approval", Graph: "{"))).Refusal.ShouldBeOfType<DefinitionHasProblems>();
    }

    [Fact]
    public async Task No_instance_goes_to_another_version_without_a_word_in_its_journal()
    {
        await _product.PublishAsync(Steps("comments", "vote"));
        var id = await AtAsync(0);
        var target = await _product.PublishAsync(Steps("comments", "vote", "archive"));

        var refusal = await Should.ThrowAsync<PostgresException>(() => _product.Database.ExecuteAsync(
            "update workflow_instance set definition_version_id = $1, version = 2 where id = $2", target, id));

        refusal.SqlState.ShouldBe(PostgresErrorCodes.RestrictViolation);
    }

    private static string Steps(params string[] names) => new JsonObject
    {
        ["id"] = "approval-v1",
        ["definitionId"] = "approval",
        ["name"] = "Zatwierdzanie",
        ["root"] = new JsonObject
        {
            ["id"] = "flow",
            ["type"] = "Elsa.Flowchart",
            ["version"] = 1,
            ["activities"] = new JsonArray([.. names.Select(name => (JsonNode)new JsonObject
            {
                ["id"] = name, ["type"] = "Elsa.Event", ["version"] = 1, ["eventName"] = name,
            })]),
            ["connections"] = new JsonArray([.. names.Zip(names.Skip(1)).Select(pair => (JsonNode)new JsonObject
            {
                ["source"] = new JsonObject { ["activity"] = pair.First, ["port"] = "Done" },
                ["target"] = new JsonObject { ["activity"] = pair.Second, ["port"] = "In" },
            })]),
        },
    }.ToJsonString();

    /// <summary>An instance of the published version that has passed so many steps.</summary>
    private async Task<Guid> AtAsync(int passed)
    {
        var started = await _product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "approval" });
        for (var step = 0; step < passed; step++)
        {
            var name = await _product.Database.ScalarAsync<string>(
                "select activity_id from workflow_bookmark where instance_id = $1", started.InstanceId);
            await SendAsync(name!, started.InstanceId);
        }

        return started.InstanceId;
    }

    private Task<SendResult> SendAsync(string name, Guid id) => _product.InUnitOfWorkAsync<WorkflowEngine, SendResult>(engine =>
        engine.SendAsync(new Stimulus("Elsa.Event", new { EventName = name }) { InstanceId = id }, CancellationToken.None));

    private Task<Result<PredictMigration.View>> PredictAsync(PredictMigration.Query query) =>
        _product.RunAsync<PredictMigration, Result<PredictMigration.View>>(predict => predict.HandleAsync(query, CancellationToken.None));

    private Task<Result<MigrateInstances.Outcome>> MigrateAsync(MigrateInstances.Command command) =>
        _product.RunAsync<MigrateInstances, Result<MigrateInstances.Outcome>>(migrate => migrate.HandleAsync(command, CancellationToken.None));

    private Task<int> VersionAsync(Guid id) => _product.Database.ScalarAsync<int>("select version from workflow_instance where id = $1", id);

    private Task<long> CountAsync(string what) => _product.Database.ScalarAsync<long>($"select count(*) from {what}");

    private Task<string?> StatesAsync() => _product.Database.ScalarAsync<string>(
        "select string_agg(i::text, E'\\n' order by i.id) || (select count(*) from workflow_journal) from workflow_instance i");
}
