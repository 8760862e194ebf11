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
    [InlineData("{\"definitionId\":\"a\",\"definitionId\":\"b\"}", "PropertyIsRepeated RootIsMissing")]
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
    public void A_definition_with_every_mistake_tells_them_all_with_their_places_and_activities()
    {
        const string Json = """
            {
              "definitionId": "błędy", "definitionId": "znowu", "options": [], "outputs": 7,
              "variables": [ { "id": "v", "typeName": "Int32" }, { "id": "v" }, { "typeName": "String" }, "x" ],
              "root": {
                "id": "flow", "type": "Elsa.Flowchart", "version": 1, "connections": [ 5 ],
                "activities": [
                  { "id": "", "type": "Elsa.WriteLine" },
                  { "id": "u", "type": "Acme.Unknown", "activities": [ { "id": "inner", "type": "Acme.Other" } ] },
                  { "id": "w", "type": "Elsa.WriteLine", "text": { "expression": { "type": "CSharp", "value": "1" } } },
                  { "id": "w", "type": "Elsa.WriteLine", "version": 9 },
                  { "id": "s", "type": "Elsa.WriteLine", "text": { "expression": { "type": "JavaScript", "value": "1 +" } } },
                  { "id": 12, "type": "Elsa.WriteLine" },
                  { "id": "n", "type": "Elsa.WriteLine", "text": "a\u0000b" },
                  { "id": "i", "type": "Elsa.If", "then": "go" },
                  { "id": "f", "type": "Elsa.FlowSwitch", "cases": { } },
                  "nothing"
                ]
              }
            }
            """;

        var problems = _reader.Read(Json).Problems;

        problems.Select(problem => $"{problem.Code} {problem.JsonPointer} {problem.ActivityId}".TrimEnd()).ShouldBe(
            [
                "PropertyIsRepeated /definitionId",
                "TextCannotBeStored /root/activities/6/text",
                "ActivityIdIsMissing /root/activities/0",
                "ActivityTypeIsUnknown /root/activities/1 u",
                "ActivityTypeIsUnknown /root/activities/1/activities/0 inner",
                "ExpressionTypeIsUnknown /root/activities/2/text w",
                "ActivityIdIsRepeated /root/activities/3 w",
                "ActivityVersionIsUnknown /root/activities/3 w",
                "ScriptIsMalformed /root/activities/4/text s",
                "IdIsNoText /root/activities/5/id flow",
                "ActivityIdIsMissing /root/activities/5",
                "PropertyIsNoObject /root/activities/7/then i",
                "PropertyIsNoList /root/activities/8/cases f",
                "ActivityIsNoObject /root/activities/9 flow",
                "PropertyIsNoObject /root/connections/0 flow",
                "PropertyIsNoObject /options",
                "PropertyIsNoList /outputs",
                "VariableIdIsRepeated /variables/1",
                "VariableIdIsMissing /variables/2",
                "PropertyIsNoObject /variables/3",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task Two_hundred_megabytes_are_refused_after_the_first_five()
    {
        var taken = 0L;
        await using var endless = new EndlessText(200_000_000, count => taken += count);

        var reading = await _reader.ReadAsync(endless, null, TestContext.Current.CancellationToken);

        reading.Problems.ShouldHaveSingleItem().Code.ShouldBe("DefinitionIsTooLarge");
        taken.ShouldBeLessThan(new DefinitionLimits().Bytes + 100_000);
        _reader.Read(new string('[', 200_000_000)).Problems.ShouldHaveSingleItem().Code.ShouldBe("DefinitionIsTooLarge");
    }

    [Fact]
    public void A_definition_of_ten_thousand_levels_is_refused_where_it_becomes_too_deep()
    {
        var lists = "{\"definitionId\":\"d\",\"root\":" + new string('[', 10_000) + new string(']', 10_000) + "}";
        var objects = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000);

        _reader.Read(lists).Problems.ShouldHaveSingleItem().Code.ShouldBe("DefinitionIsTooDeep");
        _reader.Read(objects).Problems.ShouldHaveSingleItem().Code.ShouldBe("DefinitionIsTooDeep");
    }

    [Fact]
    public void Limits_are_options()
    {
        var reader = new DefinitionReader(
            BuiltIn.AddTo(new ActivityRegistry()), new DefinitionLimits { Activities = 2, Connections = 0, IdLength = 8 });

        reader.Read(Flow("a > b", Write("a"), Write("b"), Write("c"))).Problems.Select(problem => problem.Code)
            .ShouldBe(["DefinitionHasTooManyActivities", "FlowchartHasTooManyConnections"]);
        reader.Read(Of(Write("abcdefghi"))).Problems.Select(problem => problem.Place).ShouldBe(["$.root.id"]);
    }

    [Theory]
    [InlineData("'; drop table workflow_instance; --")]
    [InlineData("a\"b'c/d\\e")]
    [InlineData("__proto__")]
    [InlineData("constructor")]
    [InlineData("toString")]
    [InlineData("żółć 🦉 \u202Eodwrotnie")]
    [InlineData("a:b:c")]
    [InlineData("$.root.activities[0]")]
    [InlineData("Workflow1")]
    [InlineData("<script>alert(1)</script>")]
    public async Task An_odd_id_names_its_activity_and_its_variable_and_nothing_else(string id)
    {
        var test = new TestEngine();

        await test.StartAsync(Of(
            FlowChart("flow", "", Event(id, "go"), Activity("w", "Elsa.WriteLine", ("text", Js($"variables[{System.Text.Json.JsonSerializer.Serialize(id)}]")))),
            variables: [Variable(id, "String", "wartość")]).Replace(
            "\"connections\":[]",
            $"\"connections\":[{{\"source\":{{\"activity\":{System.Text.Json.JsonSerializer.Serialize(id)},\"port\":\"Done\"}},\"target\":{{\"activity\":\"w\"}}}}]"));
        test.Only.Bookmarks.ShouldHaveSingleItem().ActivityId.ShouldBe(id);
        await test.PublishEventAsync("go");

        test.Store.Incidents.ShouldBeEmpty();
        test.Lines.ShouldBe(["wartość"]);
    }

    [Fact]
    public void Two_paths_of_ids_that_become_one_are_refused()
    {
        var json = Of(FlowChart("flow", "", FlowChart("a", "", Write("b:c")), FlowChart("a:b", "", Write("c"))));

        _reader.Read(json).Problems.ShouldHaveSingleItem().Code.ShouldBe("ActivityPathIsAmbiguous");
    }

    private sealed class EndlessText(long length, Action<int> taken) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var given = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, given).Fill((byte)' ');
            _left -= given;
            taken(given);
            return given;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
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
        _reader.Read(Sequence(Activity("a", "Elsa.WriteLine", ("text", new string('x', new DefinitionLimits().Bytes)))))
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
