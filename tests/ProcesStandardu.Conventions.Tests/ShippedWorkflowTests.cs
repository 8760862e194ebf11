using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Engine.Definitions;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Conventions.Tests;

public sealed class ShippedWorkflowTests
{
    /// <summary>Every definition in workflows/.</summary>
    public static TheoryData<string> Files() => [.. RepositoryFiles.Below("workflows", ".json").Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_shipped_definition_is_read_without_a_problem(string file)
    {
        var reading = new DefinitionReader(WorkflowRegistration.Activities()).Read(RepositoryFiles.Read(file));

        reading.Problems.Select(problem => problem.Describe()).ShouldBeEmpty();
        reading.Definition!.DefinitionId.ShouldBe(Path.GetFileNameWithoutExtension(file));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_shipped_definition_is_laid_out_for_the_designer_and_named_in_the_readme(string file)
    {
        var root = JsonNode.Parse(RepositoryFiles.Read(file))!["root"]!;
        var places = new List<(double X, double Y)>();
        foreach (var activity in root["activities"]!.AsArray())
        {
            var place = activity!["metadata"]?["designer"]?["position"];
            place.ShouldNotBeNull($"{file}: {activity["id"]} has no place on the canvas");
            places.Add(((double)place["x"]!, (double)place["y"]!));
        }

        places.ShouldBeUnique();
        RepositoryFiles.Read("workflows/README.md").ShouldContain(Path.GetFileName(file));
    }

    [Fact]
    public void There_are_shipped_definitions() => Files().ShouldNotBeEmpty();
}
