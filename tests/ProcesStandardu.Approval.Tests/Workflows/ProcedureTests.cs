using System.Globalization;
using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Approval.Workflows.Procedures;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

[Trait("Scenario", "S11")]
public sealed class ProcedureTests
{
    private static readonly ActivityRegistry Registry = WorkflowRegistration.Activities();

    public ProcedureTests() => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("pl");

    [Fact]
    public void A_step_says_who_does_what_by_when_and_what_follows_from_each_outcome()
    {
        var procedure = Write(Approval);

        procedure.Steps.Select(step => $"{step.Number} {step.ActivityId}").ShouldBe(["1 start", "2 popros", "3 glosowanie", "4 koniec", "5 zawiadom"]);
        var vote = procedure.Steps[2];
        vote.Who.ShouldBe("Zespół Doradczy");
        vote.What.ShouldBe("Głosuje nad produktem: Wnioski, część I.");
        vote.ByWhen.ShouldBe("w dniach roboczych od otwarcia: 5");
        vote.Ways.Select(way => $"{way.Outcome} > {string.Join(", ", way.Targets.Select(target => (target.IsBack ? "z powrotem " : "") + target.Number))}")
            .ShouldBe(["Przyjęto > 4", "Nie przyjęto > 5", "Brak kworum > ", "Przerwano > "]);
        procedure.Steps[4].Ways.Single().Targets.Single().IsBack.ShouldBeTrue();
        procedure.Steps[1].ByWhen.ShouldBe("do końca dnia 30 kwietnia 2014");
        procedure.General.ShouldBe(["Prosi i pyta.", "Dane wejściowe: Klucz produktu – Z rejestru."]);
    }

    [Fact]
    public void Steps_inside_a_step_are_numbered_under_it_and_say_when_they_are_done()
    {
        var procedure = Write(
            """
            { "definitionId": "a", "root": { "id": "s", "type": "Elsa.Sequence", "activities": [
              { "id": "if", "type": "Elsa.If", "condition": { "expression": { "type": "JavaScript", "value": "getInput('X') > 3" } },
                "then": { "id": "t", "type": "Elsa.WriteLine" }, "else": { "id": "e", "type": "Elsa.WriteLine" } } ] } }
            """);

        procedure.AllSteps().Select(step => $"{step.Number} {step.ActivityId} {step.Place}".TrimEnd())
            .ShouldBe(["1 s", "1.1 if", "1.1.1 t wtedy", "1.1.2 e w przeciwnym razie"]);
        procedure.AllSteps().Single(step => step.ActivityId == "if").What.ShouldBe("Sprawdza warunek: wyliczane: getInput('X') > 3.");
    }

    [Fact]
    public void What_comes_from_the_case_is_told_by_the_words_of_its_designer()
    {
        var step = Write(
            """
            { "definitionId": "a", "inputs": [ { "name": "DeadlineKey", "displayName": "Klucz terminu" } ],
              "root": { "id": "d", "type": "Elsa.DispatchWorkflow",
                "workflowDefinitionId": { "expression": { "type": "Input", "value": "{\"name\": \"DeadlineKey\"}" } },
                "input": { "expression": { "type": "Object", "value": "{\"A\": {\"type\": \"JavaScript\", \"value\": \"getInput('DeadlineKey')\"}, \"B\": 3, \"C\": {\"type\": \"JavaScript\", \"value\": \"1 + 1\"}}" } } } }
            """).Steps.Single();

        step.What.ShouldBe("Uruchamia obok obieg: wskazany w danych obiegu (Klucz terminu).");
        step.Details.Single().Value.ShouldBe("A: wskazany w danych obiegu (Klucz terminu)\nB: 3\nC: wyliczane: 1 + 1");
    }

    [Fact]
    public void An_unknown_kind_a_hanging_connection_and_a_step_that_nothing_leads_to_are_told_and_not_dropped()
    {
        var procedure = Write(
            """
            { "definitionId": "a", "root": { "id": "f", "type": "Elsa.Flowchart", "activities": [
              { "id": "lost", "type": "Elsa.WriteLine" }, { "id": "start", "type": "Elsa.Start" }, { "id": "odd", "type": "Obcy.Krok" } ],
              "connections": [ { "source": { "activity": "start", "port": "Done" }, "target": { "activity": "odd", "port": "In" } },
                { "source": { "activity": "odd", "port": "Done" }, "target": { "activity": "nobody", "port": "In" } } ] } }
            """);

        procedure.Steps.Select(step => (step.ActivityId, step.IsKnown, step.IsReached))
            .ShouldBe([("start", true, true), ("odd", false, true), ("lost", true, false)]);
        procedure.Steps[1].What.ShouldContain("Obcy.Krok");
    }

    [Fact]
    public void A_chain_of_ten_thousand_steps_is_read_in_order()
    {
        var activities = string.Join(',', Enumerable.Range(0, 10_000).Select(i => $$"""{ "id": "a{{i}}", "type": "Elsa.WriteLine" }"""));
        var connections = string.Join(',', Enumerable.Range(0, 9_999).Select(i =>
            $$"""{ "source": { "activity": "a{{i}}" }, "target": { "activity": "a{{i + 1}}" } }"""));

        var procedure = Write(
            $$"""{ "definitionId": "a", "root": { "id": "f", "type": "Elsa.Flowchart", "activities": [{{activities}}], "connections": [{{connections}}] } }""");

        procedure.Steps.Select(step => step.ActivityId).ShouldBe(Enumerable.Range(0, 10_000).Select(i => $"a{i}"));
    }

    [Fact]
    public void Versions_differ_by_the_words_of_their_steps_and_not_by_numbers_that_only_moved()
    {
        var after = Approval.Replace("\"5\"", "\"10\"", StringComparison.Ordinal).Replace(
            """{ "id": "popros",""",
            """{ "id": "nowy", "type": "Elsa.WriteLine", "metadata": { "displayText": "Nowy krok" } }, { "id": "popros",""",
            StringComparison.Ordinal);

        var changes = ProcedureDifferences.Between(Write(Approval), Write(after));

        changes.Select(change => (change.Kind, change.Title)).ShouldBe(
            [(ClauseChangeKind.Changed, "Głosowanie zespołu"), (ClauseChangeKind.Added, "Nowy krok")]);
        changes[0].Pieces.Where(piece => piece.Kind != TextPieceKind.Same).Select(piece => (piece.Kind, piece.Text))
            .ShouldBe([(TextPieceKind.Deleted, "5"), (TextPieceKind.Inserted, "10")]);
        ProcedureDifferences.Between(Write(after), Write(Approval)).Select(change => change.Kind)
            .ShouldBe([ClauseChangeKind.Changed, ClauseChangeKind.Removed]);
        ProcedureDifferences.Between(Write(Approval), Write(Approval)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("pl")]
    [InlineData("en")]
    public async Task Every_shipped_definition_is_told_whole_with_names_instead_of_keys(string language)
    {
        await using var product = await TestProduct.CreateAsync();
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "workflows"), "*.json"))
        {
            await product.PublishAsync(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }

        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        var listed = await product.RunAsync<ListProcedures, IReadOnlyList<ListProcedures.Row>>(
            list => list.HandleAsync(new ListProcedures.Query(), CancellationToken.None));
        listed.Count.ShouldBe(9);
        foreach (var row in listed)
        {
            var view = (await product.RunAsync<ShowProcedure, ShowProcedure.View?>(
                show => show.HandleAsync(new ShowProcedure.Query(row.DefinitionId, null), CancellationToken.None))).ShouldNotBeNull();
            var source = JsonNode.Parse((await product.Database.ScalarAsync<string>(
                $"select source from workflow_definition where is_published and definition_id = '{row.DefinitionId}'"))!)!;
            view.Procedure.AllSteps().Select(step => step.ActivityId)
                .ShouldBe(source["root"]!["activities"]!.AsArray().Select(activity => (string)activity!["id"]!), ignoreOrder: true);
            view.Procedure.AllSteps().ShouldAllBe(step => step.IsKnown && step.IsReached && step.What.Length > 0 && step.Who.Length > 0);
        }

        (await product.RunAsync<ShowProcedure, ShowProcedure.View?>(
            show => show.HandleAsync(new ShowProcedure.Query("osl-sciezka-standardu", null), CancellationToken.None)))!
            .Procedure.AllSteps().Select(step => step.What).ShouldNotContain(what => what.Contains("osl-pilotaz", StringComparison.Ordinal));
    }

    private static Procedure Write(string json) => new ProcedureWords().Write(
        JsonNode.Parse(json)!.AsObject(), Registry,
        new ProcedureNames(
            new Dictionary<(string Input, string Key), string>
            {
                [("DeliverableKey", "osl-wnioski-1")] = "Wnioski, część I",
                [("BodyKey", "zespol-doradczy")] = "Zespół Doradczy",
            },
            new Dictionary<string, DateOnly> { ["osl-wnioski-1"] = new(2014, 4, 30) }));

    private const string Approval =
        """
        { "definitionId": "prosba", "name": "Prośba", "description": "Prosi i pyta.", "version": 1,
          "inputs": [ { "name": "Klucz", "displayName": "Klucz produktu", "description": "Z rejestru." } ],
          "root": { "id": "f", "type": "Elsa.Flowchart", "activities": [
            { "id": "koniec", "type": "Elsa.End" },
            { "id": "start", "type": "Elsa.Start" },
            { "id": "popros", "type": "ProcesStandardu.RequestDeliverable",
              "deliverableKey": { "expression": { "type": "Literal", "value": "osl-wnioski-1" } } },
            { "id": "glosowanie", "type": "ProcesStandardu.AwaitBallot", "metadata": { "displayText": "Głosowanie zespołu" },
              "deliverableKey": { "expression": { "type": "Literal", "value": "osl-wnioski-1" } },
              "bodyKey": { "expression": { "type": "Literal", "value": "zespol-doradczy" } },
              "workingDays": { "expression": { "type": "Literal", "value": "5" } } },
            { "id": "zawiadom", "type": "ProcesStandardu.Notify",
              "audience": { "expression": { "type": "Object", "value": "[\"task_lead\"]" } },
              "subject": { "expression": { "type": "Literal", "value": "Nie przyjęto" } } } ],
          "connections": [
            { "source": { "activity": "start", "port": "Done" }, "target": { "activity": "popros", "port": "In" } },
            { "source": { "activity": "popros", "port": "Submitted" }, "target": { "activity": "glosowanie", "port": "In" } },
            { "source": { "activity": "glosowanie", "port": "Adopted" }, "target": { "activity": "koniec", "port": "In" } },
            { "source": { "activity": "glosowanie", "port": "NotAdopted" }, "target": { "activity": "zawiadom", "port": "In" } },
            { "source": { "activity": "zawiadom", "port": "Done" }, "target": { "activity": "popros", "port": "In" } } ] } }
        """;
}
