using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace ProcesStandardu.ElsaApi.Tests.Definitions;

/// <summary>What is published was checked; what was published stays readable.</summary>
public sealed class PublishingTests(ElsaSite site) : IClassFixture<ElsaSite>
{
    [Fact]
    public async Task A_draft_is_published_as_the_next_version_and_cases_stay_on_theirs()
    {
        using var designer = await site.CallerAsync(tab: "p1");
        await ImportAsync(designer, Drawing.Of("wersje", Drawing.Step("czekaj", "Elsa.Event", ("eventName", "e"))));
        (await designer.PostAsync("/workflow-definitions/wersje/publish")).Status.ShouldBe(HttpStatusCode.OK);
        var started = await designer.PostAsync("/workflow-definitions/wersje/execute");
        var instance = started.Message.Headers.GetValues("x-elsa-workflow-instance-id").Single();
        var definition = await designer.LoadAsync("wersje");
        definition["description"] = "Druga";

        var undescribed = await designer.SaveAsync(definition, publish: true);
        undescribed.Status.ShouldBe(HttpStatusCode.BadRequest);
        undescribed.Words.ShouldHaveSingleItem().ShouldContain("/obiegi/wersje/skutki");
        await site.DescribeAsync("wersje");
        var published = await designer.SaveAsync(await designer.LoadAsync("wersje"), publish: true);

        published.Status.ShouldBe(HttpStatusCode.OK);
        published.Json!["workflowDefinition"]!["version"]!.GetValue<int>().ShouldBe(2);
        published.Json["workflowDefinition"]!["isPublished"]!.GetValue<bool>().ShouldBeTrue();
        (await designer.GetAsync("/workflow-instances/" + instance)).Json!["version"]!.GetValue<int>().ShouldBe(1);
        (await site.Database.ScalarAsync<long>("select count(*) from workflow_draft where definition_id = 'wersje'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_former_version_is_brought_back_as_a_draft_and_published_again()
    {
        using var designer = await site.CallerAsync(tab: "p2");
        await ImportAsync(designer, Drawing.Of("powrot", Drawing.Step("a", "Elsa.WriteLine", ("text", "pierwsza"))), publish: true);
        var definition = await designer.LoadAsync("powrot");
        definition.Activity("a")["text"] = Drawing.Literal("druga");
        await designer.SaveAsync(definition);
        await site.DescribeAsync("powrot");
        await designer.PostAsync("/workflow-definitions/powrot/publish");

        var reverted = await designer.PostAsync("/workflow-definitions/powrot/revert/1");

        reverted.Json!["version"]!.GetValue<int>().ShouldBe(3);
        reverted.Json["isPublished"]!.GetValue<bool>().ShouldBeFalse();
        var draft = (await designer.GetAsync("/workflow-definitions/by-id/" + reverted.Json["id"])).Json!.AsObject();
        draft.Activity("a")["text"]!["expression"]!["value"]!.GetValue<string>().ShouldBe("pierwsza");
        await site.DescribeAsync("powrot");
        (await designer.PostAsync("/workflow-definitions/powrot/publish")).Json!["workflowDefinition"]!["version"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task Each_thing_to_be_mended_comes_with_its_place_and_the_draft_stays()
    {
        using var designer = await site.CallerAsync(tab: "p3");
        var ballot = Drawing.Step("glosowanie", "ProcesStandardu.AwaitBallot", ("deliverableKey", "nie-ma-takiego"), ("bodyKey", "zespol-doradczy"));
        var script = Drawing.Step("skrypt", "Elsa.WriteLine");
        script["text"] = Drawing.Expression("JavaScript", "return (");
        var definition = Drawing.Of("wadliwa", script);
        definition.Activities().Add(ballot);
        definition.Activities().Add(Drawing.Step("obca", "Obcy.Krok"));
        definition.Activities().Add(Drawing.Step("urwana", "Elsa.WriteLine", ("text", "x")));
        definition.Connections().Add(Drawing.Connection("skrypt", "Done", "glosowanie"));
        definition.Connections().Add(Drawing.Connection("glosowanie", "Adopted", "koniec"));
        definition.Connections().Add(Drawing.Connection("glosowanie", "NotAdopted", "urwana"));
        definition.Connections().Add(Drawing.Connection("glosowanie", "Zniesione", "koniec"));
        definition.Connections().Add(Drawing.Connection("skrypt", "Done", "nikt"));
        await ImportAsync(designer, definition);

        var refused = await designer.SaveAsync(await designer.LoadAsync("wadliwa"), publish: true);

        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        var words = string.Join('\n', refused.Words);
        words.ShouldContain("„Obcy.Krok”");
        words.ShouldContain("Błąd w skrypcie");
        words.ShouldContain("do kroku, którego nie ma");
        words.ShouldContain("„Zniesione”");
        words.ShouldContain("Wyjście „Brak kworum” nie prowadzi nigdzie: sprawa utknęłaby bez słowa. (krok „glosowanie”)");
        words.ShouldContain("Gałąź urywa się w tym kroku: poprowadź ją dalej albo do kroku „Koniec”. (krok „urwana”)");
        words.ShouldContain("Do kroku nie prowadzi żadna droga od początku. (krok „obca”)");
        words.ShouldContain("Nie ma niczego o kluczu „nie-ma-takiego”. (krok „glosowanie”)");
        (await designer.LoadAsync("wadliwa"))["isPublished"]!.GetValue<bool>().ShouldBeFalse();
    }

    [Fact]
    public async Task A_deadline_that_is_over_cannot_be_waited_for_anew()
    {
        using var designer = await site.CallerAsync(tab: "p4");
        var over = (await site.Database.ScalarAsync<string>("select key from deadline where due_on < date '2012-11-05' order by key limit 1"))!;
        var watch = Drawing.Step("termin", "ProcesStandardu.WatchDeadline", ("deadlineKey", over));
        var definition = Drawing.Of("po-terminie", watch);
        definition.Connections()[1]!["source"]!["port"] = "Met";
        definition.Connections().Add(Drawing.Connection("termin", "Passed", "koniec"));
        await ImportAsync(designer, definition);

        var refused = await designer.PostAsync("/workflow-definitions/po-terminie/publish");

        refused.Words.ShouldHaveSingleItem().ShouldContain("już minął");
    }

    [Fact]
    public async Task Every_shipped_definition_passes_the_check_that_a_designers_must_pass()
    {
        using var designer = await site.CallerAsync(tab: "p5");
        foreach (var file in Directory.EnumerateFiles(ElsaSite.Workflows, "*.json"))
        {
            var definition = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
            definition["description"] = "Inny opis";
            await ImportAsync(designer, definition);
            await site.DescribeAsync(definition["definitionId"]!.GetValue<string>());

            var published = await designer.PostAsync($"/workflow-definitions/{definition["definitionId"]}/publish");

            published.Status.ShouldBe(HttpStatusCode.OK, published.Json?.ToJsonString());
        }
    }

    [Fact]
    public async Task What_is_retracted_starts_nothing_and_its_next_change_is_a_new_version()
    {
        using var designer = await site.CallerAsync(tab: "p6");
        await ImportAsync(designer, Drawing.Of("wycofana", Drawing.Step("a", "Elsa.WriteLine", ("text", "x"))), publish: true);

        var retracted = await designer.PostAsync("/workflow-definitions/wycofana/retract");

        retracted.Json!["isPublished"]!.GetValue<bool>().ShouldBeFalse();
        (await designer.PostAsync("/workflow-definitions/wycofana/execute")).Words.ShouldHaveSingleItem().ShouldContain("nie jest opublikowany");
        var definition = retracted.Json.AsObject();
        definition["description"] = "Zmieniona";
        (await designer.SaveAsync(definition)).Json!["workflowDefinition"]!["version"]!.GetValue<int>().ShouldBe(2);
        (await designer.PostAsync("/workflow-definitions/wycofana/execute")).Words.ShouldHaveSingleItem().ShouldContain("Najpierw opublikuj");
    }

    [Fact]
    public async Task A_version_with_cases_is_never_deleted_one_without_is_and_its_number_is_not_given_again()
    {
        using var designer = await site.CallerAsync(tab: "p7");
        await ImportAsync(designer, Drawing.Of("usuwana", Drawing.Step("a", "Elsa.WriteLine", ("text", "x"))), publish: true);
        await ImportAsync(designer, Drawing.Of("trwala", Drawing.Step("a", "Elsa.WriteLine", ("text", "x"))), publish: true);
        await designer.PostAsync("/workflow-definitions/trwala/execute");

        (await designer.DeleteAsync("/workflow-definitions/trwala")).Words.ShouldHaveSingleItem().ShouldContain("musi pozostać czytelna");
        (await designer.DeleteAsync("/workflow-definitions/usuwana")).Status.ShouldBe(HttpStatusCode.NoContent);
        (await designer.DeleteAsync("/workflow-definitions/zatwierdzanie-produktu")).Words.ShouldHaveSingleItem().ShouldContain("używają go inne procesy");

        await ImportAsync(designer, Drawing.Of("usuwana", Drawing.Step("b", "Elsa.WriteLine", ("text", "y"))), publish: true);
        (await designer.LoadAsync("usuwana"))["version"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task Many_are_published_retracted_and_deleted_at_once()
    {
        using var designer = await site.CallerAsync(tab: "p8");
        await ImportAsync(designer, Drawing.Of("wiele-1", Drawing.Step("a", "Elsa.WriteLine", ("text", "x"))));
        await ImportAsync(designer, Drawing.Of("wiele-2", Drawing.Step("a", "Elsa.WriteLine", ("text", "x"))));
        var ids = new JsonObject { ["definitionIds"] = new JsonArray("wiele-1", "wiele-2", "nie-ma") };

        var published = await designer.PostAsync("/bulk-actions/publish/workflow-definitions/by-definition-ids", ids);
        var again = await designer.PostAsync("/bulk-actions/publish/workflow-definitions/by-definition-ids", ids.DeepClone());
        var retracted = await designer.PostAsync("/bulk-actions/retract/workflow-definitions/by-definition-ids", ids.DeepClone());
        var deleted = await designer.PostAsync("/bulk-actions/delete/workflow-definitions/by-definition-id", ids.DeepClone());

        published.Json!["published"]!.AsArray().Count.ShouldBe(2);
        published.Json["notFound"]!.AsArray().Count.ShouldBe(1);
        again.Json!["alreadyPublished"]!.AsArray().Count.ShouldBe(2);
        retracted.Json!["retracted"]!.AsArray().Count.ShouldBe(2);
        deleted.Status.ShouldBe(HttpStatusCode.OK);
        (await designer.GetAsync("/workflow-definitions?SearchTerm=wiele-")).Json!["totalCount"]!.GetValue<int>().ShouldBe(0);
    }

    private static async Task ImportAsync(Caller designer, JsonObject definition, bool publish = false)
    {
        (await designer.PostAsync("/workflow-definitions/import", definition)).Status.ShouldBe(HttpStatusCode.OK);
        if (publish)
        {
            var published = await designer.PostAsync($"/workflow-definitions/{definition["definitionId"]}/publish");
            published.Status.ShouldBe(HttpStatusCode.OK, published.Json?.ToJsonString());
        }
    }
}
