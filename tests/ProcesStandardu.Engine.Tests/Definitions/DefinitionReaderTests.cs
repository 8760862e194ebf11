using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using Shouldly;
using Xunit;
using static ProcesStandardu.Engine.Tests.Definition;

namespace ProcesStandardu.Engine.Tests.Definitions;

public sealed class DefinitionReaderTests
{
    private readonly DefinitionReader _reader = new(BuiltIn.AddTo(new ActivityRegistry()));

    [Theory]
    [InlineData("", "JsonIsMalformed")]
    [InlineData("{", "JsonIsMalformed")]
    [InlineData("{\"definitionId\":\"a\",\"definitionId\":\"b\"}", "JsonIsMalformed")]
    [InlineData("[]", "DefinitionIsNoObject")]
    [InlineData("{}", "DefinitionIdIsMissing RootIsMissing")]
    [InlineData("{\"definitionId\":\"a\",\"root\":{\"type\":\"Elsa.Sequence\"}}", "ActivityIdIsMissing")]
    [InlineData("{\"definitionId\":\"a\",\"root\":{\"id\":\"r\"}}", "ActivityTypeIsUnknown")]
    public void What_is_no_definition_is_refused_with_its_reason(string json, string codes)
    {
        var reading = _reader.Read(json);

        reading.Definition.ShouldBeNull();
        string.Join(' ', reading.Problems.Select(problem => problem.Code)).ShouldBe(codes);
    }

    [Fact]
    public void Every_problem_is_told_at_once_with_its_place()
    {
        var json = Sequence(
            Activity("a", "Acme.Unknown"), Write("b"), Write("b"),
            Activity("c", "Elsa.WriteLine", ("text", Expression("Liquid", "{{ x }}"))),
            Activity("d", "Elsa.WriteLine", ("text", Js("1 +"))));

        var problems = _reader.Read(json).Problems;

        problems.Select(problem => (problem.Code, problem.Place)).ShouldBe(
        [
            ("ActivityTypeIsUnknown", "$.root.activities[0]"), ("ActivityIdIsRepeated", "$.root.activities[2]"),
            ("ExpressionTypeIsUnknown", "$.root.activities[3].text"), ("ScriptIsMalformed", "$.root.activities[4].text"),
        ]);
        problems[0].Describe().ShouldContain("Acme.Unknown");
    }

    [Fact]
    public void A_definition_nested_too_deeply_is_refused()
    {
        var inner = Write("leaf");
        for (var depth = 0; depth < 40; depth++)
        {
            inner = new JsonObject { ["id"] = $"s{depth}", ["type"] = "Elsa.Sequence", ["activities"] = new JsonArray(inner) };
        }

        _reader.Read(Of(inner)).Problems.ShouldHaveSingleItem().Code.ShouldBe("DefinitionIsTooDeep");
    }

    [Fact]
    public void A_definition_of_more_than_five_megabytes_is_refused() =>
        _reader.Read(Sequence(Activity("a", "Elsa.WriteLine", ("text", new string('x', DefinitionReader.MaxBytes)))))
            .Problems.ShouldHaveSingleItem().Code.ShouldBe("DefinitionIsTooLarge");

    [Fact]
    public void Node_ids_are_the_path_from_the_workflow_and_are_written_into_the_source()
    {
        var json = Flow("", Activity("if", "Elsa.If", ("condition", "true"), ("then", FlowChart("inner", "", Write("leaf")))));

        var definition = _reader.Read(json).Definition!;

        definition.Nodes.Keys.ShouldContain("Workflow1:flow:if:inner:leaf");
        definition.Source["root"]!["activities"]![0]!["then"]!["activities"]![0]!["nodeId"]!.ToString()
            .ShouldBe("Workflow1:flow:if:inner:leaf");
    }

    [Fact]
    public void A_missing_version_means_the_newest_and_an_unknown_one_is_told()
    {
        var without = Write("a");
        without.Remove("version");
        var unknown = Write("b");
        unknown["version"] = 7;

        _reader.Read(Sequence(without)).Problems.ShouldBeEmpty();
        _reader.Read(Sequence(unknown)).Problems.ShouldHaveSingleItem().Code.ShouldBe("ActivityVersionIsUnknown");
    }

    [Fact]
    public async Task An_input_left_out_or_left_empty_has_its_default()
    {
        var test = new TestEngine();
        var empty = new JsonObject { ["typeName"] = null, ["expression"] = null, ["memoryReference"] = null };

        await test.StartAsync("\uFEFF" + Sequence(Activity("a", "Elsa.Delay"), Write("w")));
        await test.StartAsync(Of(FlowChart("f", "", Activity("b", "Elsa.Delay", ("timeSpan", empty))), id: "other"));

        test.Store.Instances.ShouldAllBe(instance => instance.Bookmarks[0].DueAt == test.Clock.GetUtcNow().AddMinutes(1));
    }

    [Fact]
    public void The_same_type_and_version_cannot_be_registered_twice() =>
        Should.Throw<ArgumentException>(() => BuiltIn.AddTo(BuiltIn.AddTo(new ActivityRegistry())));

    [Fact]
    public void Every_built_in_activity_has_Polish_texts_for_the_designer()
    {
        foreach (var descriptor in BuiltIn.AddTo(new ActivityRegistry()).Descriptors)
        {
            var texts = descriptor.Inputs.Select(input => input.DisplayName)
                .Concat(descriptor.Outputs.Select(output => output.DisplayName))
                .Concat(descriptor.Ports.Select(port => port.DisplayName))
                .Append(descriptor.DisplayName).Append(descriptor.Description).Append(descriptor.Category);

            // A key without text would be shown as it is, with its dot.
            texts.ShouldAllBe(text => text.Length > 0 && !text.Contains($"{descriptor.Name}.") && !text.StartsWith("Port."), descriptor.TypeName);
        }
    }
}
