using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace ProcesStandardu.ElsaApi.Tests.Definitions;

/// <summary>Nothing that somebody drew is lost silently.</summary>
[Trait("Fault", "S68")]
public sealed class SavingTests(ElsaSite site) : IClassFixture<ElsaSite>
{
    private const string Shipped = "zatwierdzanie-produktu";

    [Fact]
    public async Task A_shipped_definition_comes_with_node_ids_and_may_be_changed()
    {
        using var designer = await site.CallerAsync();

        var definition = await designer.LoadAsync(Shipped);

        definition["isPublished"]!.GetValue<bool>().ShouldBeTrue();
        definition["options"].ShouldNotBeNull();
        definition["links"]![0]!["rel"]!.GetValue<string>().ShouldBe("publish");
        definition.Activity("start")["nodeId"]!.GetValue<string>().ShouldBe("Workflow1:schemat:start");
    }

    [Fact]
    public async Task Looking_at_a_definition_makes_no_draft()
    {
        using var designer = await site.CallerAsync(tab: "a");
        var definition = await designer.LoadAsync("czuwanie-nad-terminem");

        // What an editor does by itself: nulls, another order of connections, boxes measured anew.
        definition["description"] = definition["description"]?.DeepClone();
        definition["variables"]!.AsArray();
        var connections = definition.Connections();
        var last = connections[^1]!.DeepClone();
        connections.RemoveAt(connections.Count - 1);
        connections.Insert(0, last);
        definition.Activity("start")["metadata"]!["designer"]!["size"] = new JsonObject { ["width"] = 231, ["height"] = 61 };
        var saved = await designer.SaveAsync(definition);

        saved.Status.ShouldBe(HttpStatusCode.OK);
        saved.Json!["workflowDefinition"]!["version"]!.GetValue<int>().ShouldBe(1);
        (await CountAsync("select count(*) from workflow_draft where definition_id = 'czuwanie-nad-terminem'")).ShouldBe(0);
    }

    [Fact]
    public async Task A_change_becomes_a_draft_beside_the_published_version_and_the_same_again_changes_nothing()
    {
        using var designer = await site.CallerAsync(tab: "b");
        var definition = await designer.LoadAsync("osiagniecie-wskaznika");
        definition["description"] = "Nowy opis";

        var saved = await designer.SaveAsync(definition);
        var again = await designer.SaveAsync(saved.Json!["workflowDefinition"]!.AsObject());

        saved.Json!["workflowDefinition"]!["version"]!.GetValue<int>().ShouldBe(2);
        saved.Json!["workflowDefinition"]!["isPublished"]!.GetValue<bool>().ShouldBeFalse();
        again.Json!["workflowDefinition"]!.AsObject().State().ShouldBe(saved.Json["workflowDefinition"]!.AsObject().State());
        var versions = (await designer.GetAsync(
            "/workflow-definitions?versionOptions=AllVersions&DefinitionIds=osiagniecie-wskaznika&OrderBy=Version&OrderDirection=Descending")).Json!["items"]!.AsArray();
        versions.Select(version => (version!["version"]!.GetValue<int>(), version["isLatest"]!.GetValue<bool>(), version["isPublished"]!.GetValue<bool>()))
            .ShouldBe([(2, true, false), (1, false, true)]);
        (await CountAsync("select count(*) from history_entry where subject = 'definition:osiagniecie-wskaznika' and kind = 'definition_draft_begun'")).ShouldBe(1);
    }

    [Fact]
    public async Task The_second_of_two_administrators_is_told_whose_change_came_between_and_what_he_sent_is_kept()
    {
        using var first = await site.CallerAsync("joanna-cicha", "joanna");
        using var second = await site.CallerAsync("rafal-zdun", "rafal");
        var hers = await first.LoadAsync("pilotaz-gdansk");
        var his = await second.LoadAsync("pilotaz-gdansk");
        hers["description"] = "Jej opis";
        his["description"] = "Jego opis";

        (await first.SaveAsync(hers)).Status.ShouldBe(HttpStatusCode.OK);
        var refused = await second.SaveAsync(his);

        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused.Words.ShouldHaveSingleItem().ShouldContain("Joanna Cicha");
        (await second.LoadAsync("pilotaz-gdansk"))["description"]!.GetValue<string>().ShouldBe("Jej opis");
        var kept = (await second.GetAsync("/kept-drafts")).Json!["items"]!.AsArray()
            .Single(draft => draft!["definitionId"]!.GetValue<string>() == "pilotaz-gdansk")!;
        kept["by"]!.GetValue<string>().ShouldBe("Rafał Zdun");
        var file = await second.GetAsync($"/kept-drafts/{kept["id"]}/file");
        JsonNode.Parse(file.Body)!["description"]!.GetValue<string>().ShouldBe("Jego opis");
    }

    [Fact]
    public async Task One_who_saw_the_others_draft_goes_on_with_it_and_the_others_old_tab_is_refused()
    {
        using var first = await site.CallerAsync("joanna-cicha", "joanna-1");
        using var second = await site.CallerAsync("rafal-zdun", "rafal-1");
        var hers = await first.LoadAsync("upowszechnienie");
        hers["description"] = "Pierwszy";
        await first.SaveAsync(hers);
        var his = await second.LoadAsync("upowszechnienie");
        his["description"] = "Drugi";

        (await second.SaveAsync(his)).Status.ShouldBe(HttpStatusCode.OK);
        hers["description"] = "Trzeci";
        var refused = await first.SaveAsync(hers);

        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused.Words.ShouldHaveSingleItem().ShouldContain("Rafał Zdun");
    }

    [Fact]
    public async Task A_tab_may_send_its_next_change_before_it_read_the_answer_to_the_last()
    {
        using var designer = await site.CallerAsync(tab: "szybka");
        var definition = await designer.LoadAsync("program-zakonczenie");
        definition["description"] = "Raz";
        await designer.SaveAsync(definition);
        definition["description"] = "Dwa";

        (await designer.SaveAsync(definition)).Status.ShouldBe(HttpStatusCode.OK);

        (await designer.LoadAsync("program-zakonczenie"))["description"]!.GetValue<string>().ShouldBe("Dwa");
    }

    [Fact]
    public async Task A_definition_with_an_unknown_step_cannot_be_destroyed_by_opening_it()
    {
        using var designer = await site.CallerAsync(tab: "nieznana");
        var strange = Drawing.Step("dziwny", "Obcy.Krok", ("tresc", "coś"));
        strange["version"] = 7;
        strange["wlasne"] = new JsonObject { ["liczba"] = 3 };
        await designer.PostAsync("/workflow-definitions/import", Drawing.Of("z-nieznanym", Drawing.Step("pisz", "Elsa.WriteLine", ("text", "a")), strange.DeepClone().AsObject()));

        var opened = await designer.LoadAsync("z-nieznanym");
        opened.Activity("dziwny")["type"]!.GetValue<string>().ShouldBe("Elsa.NotFoundActivity");
        opened["description"] = "Zmieniony opis";
        (await designer.SaveAsync(opened)).Status.ShouldBe(HttpStatusCode.OK);
        var without = await designer.LoadAsync("z-nieznanym");
        without.Activities().Remove(without.Activity("dziwny"));
        var empty = await designer.LoadAsync("z-nieznanym");
        empty["root"]!["activities"] = new JsonArray();

        (await designer.SaveAsync(without)).Words.ShouldHaveSingleItem().ShouldContain("dziwny");
        (await designer.SaveAsync(empty)).Status.ShouldBe(HttpStatusCode.BadRequest);
        var file = JsonNode.Parse((await designer.GetAsync("/workflow-definitions/z-nieznanym/export")).Body)!.AsObject();
        var kept = file.Activity("dziwny");
        kept["type"]!.GetValue<string>().ShouldBe("Obcy.Krok");
        kept["version"]!.GetValue<int>().ShouldBe(7);
        kept["wlasne"]!["liczba"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task An_empty_drawing_does_not_replace_a_full_one()
    {
        using var designer = await site.CallerAsync(tab: "pusta");
        var definition = await designer.LoadAsync("propozycje-prawne");
        definition["root"]!["activities"] = new JsonArray();
        definition["root"]!["connections"] = new JsonArray();

        var refused = await designer.SaveAsync(definition);

        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        (await designer.LoadAsync("propozycje-prawne")).Activities().Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task Creating_twice_creates_once_and_another_of_the_same_name_gets_an_id_of_its_own()
    {
        using var designer = await site.CallerAsync(tab: "nowa");
        JsonObject New(string root) => new()
        {
            ["name"] = "Łąka i żaba",
            ["definitionId"] = null,
            ["toolVersion"] = "3.8.0.0",
            ["root"] = new JsonObject { ["type"] = "Elsa.Flowchart", ["version"] = 1, ["id"] = root, ["name"] = "Flowchart1" },
        };

        var created = await designer.SaveAsync(New("r1"), publish: null);
        var repeated = await designer.SaveAsync(New("r1"), publish: null);
        var other = await designer.SaveAsync(New("r2"), publish: null);

        created.Json!["workflowDefinition"]!["definitionId"]!.GetValue<string>().ShouldBe("laka-i-zaba");
        repeated.Json!["workflowDefinition"]!["definitionId"]!.GetValue<string>().ShouldBe("laka-i-zaba");
        other.Json!["workflowDefinition"]!["definitionId"]!.GetValue<string>().ShouldBe("laka-i-zaba-2");
    }

    [Theory]
    [InlineData("""{"model": 3}""")]
    [InlineData("""{"model": {"name": "x"}}""")]
    [InlineData("""{"model": {"definitionId": "x", "definitionId": "y", "root": {}}}""")]
    [InlineData("""{"model": {"root": {"type": "Elsa.StateMachine", "id": "r"}}}""")]
    [InlineData("""{"model": {"root": {"$type": "System.IO.FileInfo, System.IO.FileSystem", "type": "Elsa.StateMachine", "id": "r"}}}""")]
    public async Task What_is_no_definition_is_refused_with_words(string body)
    {
        using var designer = await site.CallerAsync();

        var refused = await designer.PostAsync("/workflow-definitions", JsonNode.Parse(body));

        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused.Words.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Depth_and_size_have_a_limit_and_another_content_type_is_none_of_ours()
    {
        using var designer = await site.CallerAsync();
        using var deep = new StringContent(
            "{\"model\":{\"root\":" + string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000) + "}}",
            System.Text.Encoding.UTF8, "application/json");
        using var plain = new StringContent("{}", System.Text.Encoding.UTF8, "text/plain");

        (await designer.SendAsync(HttpMethod.Post, "/workflow-definitions", deep)).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await designer.SendAsync(HttpMethod.Post, "/workflow-definitions", plain)).Status.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }

    private async Task<long> CountAsync(string sql) => await site.Database.ScalarAsync<long>(sql);
}
