using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Approval.Workflows.Migration;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Migration;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

[Trait("Scenario", "S11")]
public sealed class PublicationTests
{
    private static readonly CancellationToken Cancellation = CancellationToken.None;

    [Fact]
    public async Task A_later_version_is_published_only_with_a_word_on_what_it_changes_and_readers_find_it()
    {
        await using var product = await TestProduct.CreateAsync();
        await product.PublishAsync(Definition("Czekaj"));
        await SaveAsync(product, Definition("Czekaj na sygnał"));

        (await PublishAsync(product, null)).Refusal.ShouldBeOfType<ChangeIsNotDescribed>().Path.ShouldBe("/obiegi/dwie-wersje/skutki");
        (await PublishAsync(product, "  ")).Refusal.ShouldBeOfType<ChangeIsNotDescribed>();
        (await PublishAsync(product, "Krok nazywa się jaśniej.")).Value.Latest.Version.ShouldBe(2);

        (await product.Database.ScalarAsync<string>("select change_description from workflow_definition where version = 2"))
            .ShouldBe("Krok nazywa się jaśniej.");
        (await product.Database.ScalarAsync<string>(
            "select string_agg(details ->> 'description', '|') from history_entry where kind = 'definition_published'"))
            .ShouldBe("Krok nazywa się jaśniej.");
    }

    [Fact]
    public async Task The_effects_say_what_changes_and_the_fate_of_each_running_case_by_its_name()
    {
        await using var product = await TestProduct.CreateAsync();
        await product.PublishAsync(Definition("Czekaj"));
        await product.StartWorkflowAsync(new StartWorkflow { DefinitionId = "dwie-wersje", CorrelationId = "sprawa OSL" });
        await SaveAsync(product, Definition("Czekaj na sygnał"));

        var effects = await ShowAsync(product);
        effects.HasDraft.ShouldBeTrue();
        (effects.Published, effects.Version).ShouldBe((1, 2));
        effects.Changes.Select(change => (change.Kind, change.Title)).ShouldContain((ClauseChangeKind.Changed, "Czekaj na sygnał"));
        effects.Problems.ShouldBeEmpty();
        var row = effects.Effects.ShouldNotBeNull().Instances.Single();
        (row.CorrelationId, row.Version, row.Forecast.Fate).ShouldBe(("sprawa OSL", 1, MigrationFate.CanMove));

        await PublishAsync(product, "Jaśniej.");
        var after = await ShowAsync(product);
        after.HasDraft.ShouldBeFalse();
        after.Effects!.Instances.Single().Forecast.Fate.ShouldBe(MigrationFate.CanMove);
        var moved = await product.RunAsync<MigrateInstances, Result<MigrateInstances.Outcome>>(async migrate => await migrate.HandleAsync(
            new MigrateInstances.Command(
                await product.PersonAsync("rafal-zdun"), "dwie-wersje", after.VersionId!, null, null, "Jaśniej."), Cancellation));
        moved.Value.Moved.ShouldBe(1);
        (await ShowAsync(product)).Effects!.Instances.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_draft_that_cannot_run_shows_what_must_be_mended_and_is_not_proposed()
    {
        await using var product = await TestProduct.CreateAsync();
        await product.PublishAsync(Definition("Czekaj"));
        var broken = Definition("Czekaj").Replace("\"Elsa.Event\"", "\"Obcy.Krok\"", StringComparison.Ordinal);
        await SaveAsync(product, broken);

        (await ShowAsync(product)).Problems.ShouldNotBeEmpty();
        (await ProposeAsync(product, "joanna-cicha", "Opis.", "a")).Refusal.ShouldBeOfType<DraftHasProblems>();
    }

    [Fact]
    public async Task Where_two_persons_decide_the_one_who_described_the_change_cannot_publish_it()
    {
        await using var product = await TestProduct.CreateAsync();
        product.Services.GetRequiredService<IOptions<PublicationOptions>>().Value.RequiresSecondPerson = true;
        await product.PublishAsync(Definition("Czekaj"));
        await SaveAsync(product, Definition("Czekaj na sygnał"));

        (await PublishAsync(product, "Sam opisuję i publikuję.")).Refusal.ShouldBeOfType<SecondPersonMustPublish>();
        (await ProposeAsync(product, "rafal-zdun", " ", "b")).Refusal.ShouldBe(new FieldIsEmpty("Description"));
        (await ProposeAsync(product, "rafal-zdun", "Jaśniejsza nazwa.", "c")).Value.Version.ShouldBe(2);
        (await ProposeAsync(product, "rafal-zdun", "Jaśniejsza nazwa.", "c")).Value.Version.ShouldBe(2);
        (await PublishAsync(product, null)).Refusal.ShouldBeOfType<SecondPersonMustPublish>();

        // A draft that says something else since is another draft: its description no longer counts.
        await SaveAsync(product, Definition("Czekaj długo"));
        (await PublishAsync(product, null, "joanna-cicha")).Refusal.ShouldBeOfType<ChangeIsNotDescribed>();
        await ProposeAsync(product, "rafal-zdun", "Jeszcze jaśniej.", "d");
        (await PublishAsync(product, null, "joanna-cicha")).Value.Latest.Version.ShouldBe(2);

        (await product.Database.ScalarAsync<string>(
            """
            select d.change_description || ' ' || c.key || ' ' || p.key from workflow_definition d
            join person c on c.id = d.created_by_id join person p on p.id = d.proposed_by_id where d.version = 2
            """)).ShouldBe("Jeszcze jaśniej. joanna-cicha rafal-zdun");
        (await product.Database.ScalarAsync<long>("select count(*) from publication_request")).ShouldBe(0);
        (await product.Database.ScalarAsync<long>("select count(*) from history_entry where kind = 'publication_proposed'")).ShouldBe(2);
    }

    [Fact]
    public async Task Nobody_but_administrators_sees_effects_or_proposes()
    {
        await using var product = await TestProduct.CreateAsync();
        await product.PublishAsync(Definition("Czekaj"));

        (await product.RunAsync<ShowPublication, Result<ShowPublication.View>>(async show => await show.HandleAsync(
            new ShowPublication.Query("dwie-wersje", await product.PersonAsync("anna-nowak")), Cancellation)))
            .Refusal.ShouldBeOfType<NotFoundOrNotYours>();
        (await ProposeAsync(product, "anna-nowak", "Opis.", "e")).Refusal.ShouldBeOfType<NotFoundOrNotYours>();
    }

    private static async Task<ShowPublication.View> ShowAsync(TestProduct product) =>
        (await product.RunAsync<ShowPublication, Result<ShowPublication.View>>(async show => await show.HandleAsync(
            new ShowPublication.Query("dwie-wersje", await product.PersonAsync("rafal-zdun")), Cancellation))).Value;

    private static async Task<Result<PublishDraft.Published>> PublishAsync(TestProduct product, string? description, string by = "rafal-zdun") =>
        await product.RunAsync<PublishDraft, Result<PublishDraft.Published>>(async publish => await publish.HandleAsync(
            new PublishDraft.Command("dwie-wersje", await product.PersonAsync(by), description), Cancellation));

    private static async Task<Result<ProposePublication.Proposed>> ProposeAsync(TestProduct product, string by, string description, string key) =>
        await product.RunAsync<ProposePublication, Result<ProposePublication.Proposed>>(async propose => await propose.HandleAsync(
            new ProposePublication.Command("dwie-wersje", await product.PersonAsync(by), description, key), Cancellation));

    private static async Task SaveAsync(TestProduct product, string json)
    {
        var saved = await product.RunAsync<SaveDraft, Result<StoredVersion>>(async save => await save.HandleAsync(
            new SaveDraft.Command(JsonNode.Parse(json)!.AsObject(), await product.PersonAsync("rafal-zdun"), null, null, SaveDraft.Imported),
            Cancellation));
        saved.Refusal.ShouldBeNull();
    }

    private static string Definition(string label) =>
        $$"""
        { "definitionId": "dwie-wersje", "name": "Dwie wersje", "root": { "id": "f", "type": "Elsa.Flowchart", "activities": [
            { "id": "start", "type": "Elsa.Start" },
            { "id": "czekaj", "type": "Elsa.Event", "metadata": { "displayText": "{{label}}" },
              "eventName": { "expression": { "type": "Literal", "value": "dalej" } } },
            { "id": "koniec", "type": "Elsa.End" } ],
          "connections": [
            { "source": { "activity": "start", "port": "Done" }, "target": { "activity": "czekaj", "port": "In" } },
            { "source": { "activity": "czekaj", "port": "Done" }, "target": { "activity": "koniec", "port": "In" } } ] } }
        """;
}
