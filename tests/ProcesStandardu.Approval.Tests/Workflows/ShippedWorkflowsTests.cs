using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Workflows;

public sealed class ShippedWorkflowsTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "workflows");
    private static readonly ActivityRegistry Registry = WorkflowRegistration.Activities();

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileName(file)!).Order()];

    [Fact]
    public void Every_workflow_of_the_list_is_shipped_and_every_shipped_one_is_listed()
    {
        var readme = File.ReadAllText(Path.Combine(Folder, "README.md"));

        Directory.GetFiles(Folder, "*.json").Length.ShouldBe(9);
        Directory.GetFiles(Folder, "*.json").ShouldAllBe(file => readme.Contains($"`{Path.GetFileName(file)}`"));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_engine_reads_it_without_a_problem_and_its_ids_agree_with_its_file(string file)
    {
        var json = File.ReadAllText(Path.Combine(Folder, file));

        var reading = new DefinitionReader(Registry).Read(json);

        reading.Problems.ShouldBeEmpty();
        reading.Definition!.DefinitionId.ShouldBe(Path.GetFileNameWithoutExtension(file));
        reading.Definition.VersionId.ShouldBe(reading.Definition.DefinitionId + "-v1");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_activity_is_reached_from_the_start(string file)
    {
        var (activities, connections) = Graph(file);
        var reached = new HashSet<string> { "start" };
        for (var before = 0; before < reached.Count;)
        {
            before = reached.Count;
            reached.UnionWith(connections.Where(connection => reached.Contains(connection.From)).Select(connection => connection.To));
        }

        activities.Keys.ShouldBe(reached, ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_outcome_leads_somewhere_and_no_connection_leaves_by_an_outcome_that_does_not_exist(string file)
    {
        var (activities, connections) = Graph(file);

        foreach (var (id, activity) in activities)
        {
            connections.Where(connection => connection.From == id).Select(connection => connection.Port).Distinct()
                .ShouldBe(OutcomesOf(activity), ignoreOrder: true, $"{file}: {id}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Nodes_stand_clear_of_each_other(string file)
    {
        const int gap = 60;
        var boxes = Graph(file).Activities.Select(activity => (Id: activity.Key, Box: BoxOf(activity.Value))).ToList();

        foreach (var (first, place) in boxes.Select((box, place) => (box, place)))
        {
            boxes.Skip(place + 1)
                .Where(other => first.Box.X < other.Box.X + other.Box.Width + gap && other.Box.X < first.Box.X + first.Box.Width + gap
                    && first.Box.Y < other.Box.Y + other.Box.Height + gap && other.Box.Y < first.Box.Y + first.Box.Height + gap)
                .Select(other => other.Id).ShouldBeEmpty($"{file}: {first.Id}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_step_has_a_Polish_label_and_the_workflows_it_starts_are_shipped(string file)
    {
        foreach (var activity in Graph(file).Activities.Values)
        {
            ((string?)activity["metadata"]?["displayText"]).ShouldNotBeNullOrWhiteSpace();
            if ((string?)activity["workflowDefinitionId"]?["expression"]?["value"] is { } child)
            {
                File.Exists(Path.Combine(Folder, child + ".json")).ShouldBeTrue(child);
            }
        }
    }

    private static IEnumerable<string> OutcomesOf(JsonObject activity) => (string)activity["type"]! switch
    {
        "Elsa.End" => [],
        "Elsa.FlowFork" => Choices(activity, "branches"),
        "ProcesStandardu.AskForDecision" => Choices(activity, "choices"),
        var type => Registry.Find(type)!.Descriptor.Ports.Select(port => port.Name).DefaultIfEmpty("Done"),
    };

    private static IEnumerable<string> Choices(JsonObject activity, string input) =>
        JsonNode.Parse((string)activity[input]!["expression"]!["value"]!)!.AsArray().Select(choice => (string)choice!);

    private static (int X, int Y, int Width, int Height) BoxOf(JsonObject activity)
    {
        var designer = activity["metadata"]!["designer"]!;
        return (
            (int)designer["position"]!["x"]!, (int)designer["position"]!["y"]!,
            (int)designer["size"]!["width"]!, (int)designer["size"]!["height"]!);
    }

    private static (Dictionary<string, JsonObject> Activities, List<(string From, string Port, string To)> Connections) Graph(string file)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, file)))!["root"]!;
        return (
            root["activities"]!.AsArray().ToDictionary(activity => (string)activity!["id"]!, activity => activity!.AsObject()),
            [.. root["connections"]!.AsArray().Select(connection => (
                (string)connection!["source"]!["activity"]!, (string)connection["source"]!["port"]!,
                (string)connection["target"]!["activity"]!))]);
    }
}
