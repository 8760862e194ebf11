using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

[Trait("Scenario", "S11")]
[Trait("Fault", "S17")]
public sealed class PublishDefinitionTests
{
    [Fact]
    public async Task A_case_stays_on_the_version_it_started_with_and_new_ones_follow_the_new()
    {
        await using var product = await TestProduct.CreateAsync();
        await product.PublishAsync(Definition("po staremu"));
        var old = await product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "dwie-wersje" });

        await product.PublishAsync(Definition("po nowemu"));
        var young = await product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "dwie-wersje" });
        await SendAsync(product);

        (await NameAsync(product, old.InstanceId)).ShouldBe("po staremu");
        (await NameAsync(product, young.InstanceId)).ShouldBe("po nowemu");
        (await product.Database.ScalarAsync<string>(
            "select string_agg(definition_version_id, ',' order by version) from workflow_instance")).ShouldBe("dwie-wersje-v1,dwie-wersje-v2");
    }

    [Fact]
    public async Task The_same_text_again_makes_no_new_version()
    {
        await using var product = await TestProduct.CreateAsync();

        await product.PublishAsync(Definition("bez zmian"));
        await product.PublishAsync(Definition("bez zmian"));

        (await product.Database.ScalarAsync<long>("select count(*) from workflow_definition")).ShouldBe(1);
        (await product.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'definition_published'")).ShouldBe(1);
    }

    [Fact]
    public async Task Two_who_publish_at_once_make_two_versions_of_which_one_is_published()
    {
        await using var product = await TestProduct.CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(number => product.PublishAsync(Definition("tekst " + number))));

        (await product.Database.ScalarAsync<long>("select count(*) from workflow_definition")).ShouldBe(4);
        (await product.Database.ScalarAsync<long>("select max(version) from (select version::bigint from workflow_definition) v")).ShouldBe(4);
        (await product.Database.ScalarAsync<long>("select count(*) from workflow_definition where is_published and is_latest")).ShouldBe(1);
    }

    [Theory]
    [InlineData("{", "JsonIsMalformed")]
    [InlineData("""{ "definitionId": "a" }""", "RootIsMissing")]
    [InlineData("""{ "definitionId": "a", "root": { "id": "r", "type": "Elsa.Flowchart", "activities": [ { "id": "x", "type": "Nie.Ma" } ] } }""", "ActivityTypeIsUnknown")]
    public async Task A_definition_that_cannot_run_is_refused_with_the_place_of_each_problem(string json, string code)
    {
        await using var product = await TestProduct.CreateAsync();

        var refused = (await product.RunAsync<PublishDefinition, Result<PublishDefinition.Published>>(publish =>
            publish.HandleAsync(new PublishDefinition.Command(json, Actor.System), CancellationToken.None))).Refusal
            .ShouldBeOfType<DefinitionHasProblems>();

        refused.Problems.ShouldContain(problem => problem.Code == code && problem.Place.StartsWith('$'));
        (await product.Database.ScalarAsync<long>("select count(*) from workflow_definition")).ShouldBe(0);
    }

    [Fact]
    public async Task What_does_not_exist_does_not_start()
    {
        await using var product = await TestProduct.CreateAsync();

        var result = await product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "nie-ma" });

        result.Outcome.ShouldBe(StartOutcome.DefinitionNotFound);
    }

    /// <summary>Waits for an event and then takes a name, by which the version that ran can be told.</summary>
    private static string Definition(string name) =>
        $$"""
        {
          "id": "szkic", "definitionId": "dwie-wersje", "name": "Dwie wersje", "version": 1, "toolVersion": "3.8.2",
          "variables": [], "inputs": [], "outputs": [], "outcomes": [], "customProperties": {}, "options": {},
          "root": {
            "id": "kolejno", "type": "Elsa.Sequence", "version": 1,
            "activities": [
              { "id": "czekaj", "type": "Elsa.Event", "version": 1,
                "eventName": { "typeName": "String", "expression": { "type": "Literal", "value": "dalej" } } },
              { "id": "nazwij", "type": "Elsa.SetName", "version": 1,
                "value": { "typeName": "String", "expression": { "type": "Literal", "value": "{{name}}" } } }
            ]
          }
        }
        """;

    private static Task<SendResult> SendAsync(TestProduct product) =>
        product.InUnitOfWorkAsync<WorkflowEngine, SendResult>(engine =>
            engine.SendAsync(new Stimulus("Elsa.Event", new { EventName = "dalej" }), CancellationToken.None));

    private static Task<string?> NameAsync(TestProduct product, Guid id) =>
        product.Database.ScalarAsync<string>("select name from workflow_instance where id = $1", id);
}
