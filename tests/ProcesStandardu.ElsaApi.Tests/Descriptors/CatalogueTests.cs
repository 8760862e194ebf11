using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace ProcesStandardu.ElsaApi.Tests.Descriptors;

/// <summary>What the designer's toolbox shows.</summary>
public sealed class CatalogueTests(ElsaSite site) : IClassFixture<ElsaSite>
{
    [Fact]
    public async Task Each_type_and_version_occurs_once_and_everything_has_words()
    {
        using var designer = await site.CallerAsync();

        var all = await ActivitiesAsync(designer);

        all.Select(one => (Text(one, "typeName"), one["version"]!.GetValue<int>())).ShouldBeUnique();
        all.ShouldAllBe(one => Text(one, "displayName").Length > 0 && Text(one, "category").Length > 0);

        // A workflow that is an activity says of itself what its designer wrote, which may be nothing.
        all.Where(one => one["constructionProperties"]?["workflowDefinitionId"] is null)
            .ShouldAllBe(one => Text(one, "description").Length > 0);
        all.SelectMany(one => one["inputs"]!.AsArray().Select(input => (Text(one, "typeName"), Input: input!)))
            .ShouldAllBe(pair => Text(pair.Input, "displayName").Length > 0);
        all.SelectMany(one => one["ports"]!.AsArray()).ShouldAllBe(port => Text(port!, "displayName").Length > 0);
    }

    [Fact]
    public async Task Our_inputs_are_chosen_from_what_the_programme_has_today()
    {
        using var designer = await site.CallerAsync();
        await site.Database.ExecuteAsync(
            "update body set name = 'Zespół o nowej nazwie' where key = 'zespol-doradczy'");

        var ballot = (await ActivitiesAsync(designer)).Single(one => Text(one, "typeName") == "ProcesStandardu.AwaitBallot");
        var body = ballot["inputs"]!.AsArray().Single(input => Text(input!, "name") == "BodyKey")!;

        Text(body, "uiHint").ShouldBe("dropdown");
        body["uiSpecifications"]!["dropdown"]!["selectList"]!["items"]!.AsArray()
            .Select(item => (Text(item!, "text"), Text(item!, "value"))).ShouldContain(("Zespół o nowej nazwie (zespol-doradczy)", "zespol-doradczy"));
        var asked = await designer.PostAsync("/descriptors/activities/ProcesStandardu.AwaitBallot/options/BodyKey", new JsonObject { ["context"] = new JsonObject() });
        asked.Json!["items"]!["dropdown"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("AskForDecision", "Role dropdown 4", "Title singleline", "Choices dynamic-outcomes", "DeliverableKey dropdown deliverable")]
    [InlineData("AwaitBallot", "DeliverableKey dropdown deliverable", "BodyKey dropdown body", "Title singleline", "WorkingDays singleline", "ClosesWhenAllVoted checkbox", "Procedure dropdown 4", "Secrecy dropdown 3")]
    [InlineData("CloseProgramme")]
    [InlineData("CompletePhase", "PhaseKey dropdown phase")]
    [InlineData("Notify", "Audience checklist 6", "Subject singleline", "Text multiline", "DeliverableKey dropdown deliverable")]
    [InlineData("PublishToRegister", "DeliverableKey dropdown deliverable")]
    [InlineData("RequestDeliverable", "DeliverableKey dropdown deliverable")]
    [InlineData("StartPhase", "PhaseKey dropdown phase")]
    [InlineData("WaitForDate", "DeadlineKey dropdown deadline", "Date singleline", "Moment dropdown 2")]
    [InlineData("WaitForIndicator", "IndicatorKey dropdown indicator")]
    [InlineData("WatchDeadline", "DeadlineKey dropdown deadline")]
    public async Task Each_of_our_inputs_has_its_field_and_all_choices_of_today(string type, params string[] fields)
    {
        using var designer = await site.CallerAsync();

        var inputs = (await ActivitiesAsync(designer)).Single(one => Text(one, "typeName") == "ProcesStandardu." + type)["inputs"]!.AsArray();

        inputs.Select(input => Text(input!, "name")).ShouldBe(fields.Select(field => field.Split(' ')[0]), ignoreOrder: true);
        foreach (var words in fields.Select(field => field.Split(' ')))
        {
            var input = inputs.Single(one => Text(one!, "name") == words[0])!;
            Text(input, "uiHint").ShouldBe(words[1]);
            Text(input, "description").Length.ShouldBeGreaterThan(0);
            if (words.Length > 2)
            {
                var expected = int.TryParse(words[2], out var number) ? number : await site.Database.ScalarAsync<long>("select count(*) from " + words[2]);
                var list = words[1] == "checklist" ? input["uiSpecifications"]!["checklist"]!["checkList"] : input["uiSpecifications"]!["dropdown"]!["selectList"];
                list!["items"]!.AsArray().Count.ShouldBe((int)expected, words[0]);
            }
        }
    }

    [Fact]
    public async Task No_activity_of_ours_is_without_a_test_of_its_inputs()
    {
        using var designer = await site.CallerAsync();
        var tested = typeof(CatalogueTests).GetMethod(nameof(Each_of_our_inputs_has_its_field_and_all_choices_of_today))!
            .GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(data => "ProcesStandardu." + data.Data[0]);

        (await ActivitiesAsync(designer)).Select(one => Text(one, "typeName"))
            .Where(name => name.StartsWith("ProcesStandardu.", StringComparison.Ordinal)).ShouldBe(tested, ignoreOrder: true);
    }

    [Theory]
    [InlineData("/descriptors/expression-descriptors")]
    [InlineData("/descriptors/variables")]
    [InlineData("/descriptors/storage-drivers")]
    [InlineData("/descriptors/workflow-activation-strategies")]
    [InlineData("/descriptors/incident-strategies")]
    [InlineData("/features/installed")]
    public async Task Each_list_of_settings_has_items_in_Polish_or_in_names(string path)
    {
        using var designer = await site.CallerAsync();

        var list = (await designer.GetAsync(path)).Json!;

        list["items"]!.AsArray().Count.ShouldBeGreaterThan(0);
        list["items"]!.AsArray().ShouldAllBe(item => Text(item!, "displayName").Length > 0 && !Text(item!, "displayName").Contains('_'));
    }

    [Fact]
    public async Task A_workflow_that_is_usable_as_an_activity_is_one_and_a_definition_may_use_it()
    {
        using var designer = await site.CallerAsync(tab: "klocki");
        var part = Drawing.Of("klocek", Drawing.Step("a", "Elsa.WriteLine", ("text", "x")));
        part["options"] = new JsonObject { ["usableAsActivity"] = true };
        await designer.PostAsync("/workflow-definitions/import", part);
        await designer.PostAsync("/workflow-definitions/klocek/publish");

        var descriptor = (await ActivitiesAsync(designer)).Single(one => Text(one, "typeName") == "klocek");
        var use = Drawing.Step("uzycie", "klocek");
        foreach (var (name, value) in descriptor["constructionProperties"]!.AsObject())
        {
            use[name] = value!.DeepClone();
        }

        await designer.PostAsync("/workflow-definitions/import", Drawing.Of("budowla", use));

        (await designer.PostAsync("/workflow-definitions/budowla/publish")).Status.ShouldBe(HttpStatusCode.OK);
        (await designer.LoadAsync("budowla")).Activity("uzycie")["type"]!.GetValue<string>().ShouldBe("klocek");
        (await designer.GetAsync("/workflow-definitions/klocek/consumers")).Json!["consumingWorkflowDefinitionIds"]!.AsArray()
            .Select(id => id!.GetValue<string>()).ShouldBe(["budowla"]);
    }

    private static async Task<List<JsonNode>> ActivitiesAsync(Caller designer) =>
        [.. (await designer.GetAsync("/descriptors/activities?Refresh=True")).Json!["items"]!.AsArray().Select(one => one!)];

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
