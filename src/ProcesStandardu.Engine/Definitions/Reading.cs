using System.Globalization;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Definitions;

/// <summary>One reading of one definition: what was found so far.</summary>
internal sealed class Reading(ActivityRegistry registry, Func<string, string?, WorkflowDefinition?>? findUsed)
{
    public List<DefinitionProblem> Problems { get; } = [];

    public HashSet<string> UsedVersions { get; } = [];

    public bool RemembersOutputs { get; private set; }

    public void Report(string code, string place, params string[] arguments) =>
        Problems.Add(new DefinitionProblem(code, place, arguments));

    /// <summary>Reads an activity with everything in it; null, with a problem, when it is none.</summary>
    public ActivityNode? ReadNode(
        JsonObject source, ActivityNode parent, string place, NodeTable nodes)
    {
        if (Json.Text(source["id"]) is not { Length: > 0 } id)
        {
            Report("ActivityIdIsMissing", place);
            return null;
        }

        var type = Json.Text(source["type"]) ?? "";
        var activity = Find(source, type, place, id);
        if (activity is null)
        {
            return null;
        }

        var descriptor = activity.Descriptor;
        var nodeId = parent.NodeId + ":" + id;
        var custom = source["customProperties"] as JsonObject;
        var node = new ActivityNode
        {
            Id = id,
            NodeId = nodeId,
            Name = Json.Text(source["name"]),
            Activity = activity,
            Parent = parent,
            Variables = ReadVariables(source["variables"], place + ".variables"),
            CanStartWorkflow = Json.Flag(custom?["canStartWorkflow"]) || Json.Flag(source["canStartWorkflow"]),
            Inputs = [.. descriptor.Inputs.Select(input => ReadInput(source, input, place))],
            OutputBindings = [.. descriptor.Outputs.Select(output =>
                Json.Text((source[Json.Camel(output.Name)] as JsonObject)?["memoryReference"]?["id"]))],
        };
        source["nodeId"] = nodeId;
        if (!nodes.Ids.Add(id))
        {
            Report("ActivityIdIsRepeated", place, id);
            return null;
        }

        nodes.ByNodeId[nodeId] = node;
        var reader = new NodeReader(this, source, node, place, nodes);
        reader.ReadPorts();
        (activity as ControlActivity)?.Prepare(reader);
        node.Children = reader.Children;
        return node;
    }

    public Expression? ReadExpression(JsonNode? source, ValueShape shape, string place, bool isWrapped)
    {
        ExpressionProblem? problem;
        var expression = isWrapped
            ? ExpressionCompiler.CompileInput(source, shape, out problem)
            : source is JsonObject bare
                ? ExpressionCompiler.Compile(bare, shape, out problem)
                : ExpressionCompiler.CompileInput(source, shape, out problem);
        if (problem is not null)
        {
            Report(problem.Code, place, problem.Argument);
        }

        if (expression is JavaScriptExpression)
        {
            var script = source!.ToJsonString();
            RemembersOutputs |= script.Contains("getOutputFrom", StringComparison.Ordinal)
                || script.Contains("getLastResult", StringComparison.Ordinal);
        }

        return expression;
    }

    public List<VariableDefinition> ReadVariables(JsonNode? source, string place)
    {
        var variables = new List<VariableDefinition>();
        foreach (var variable in (source as JsonArray ?? []).OfType<JsonObject>())
        {
            var name = Json.Text(variable["name"]);
            var id = Json.Text(variable["id"]) ?? name;
            if (string.IsNullOrEmpty(id))
            {
                Report("VariableIdIsMissing", place);
                continue;
            }

            if (variables.Exists(known => known.Id == id))
            {
                Report("VariableIdIsRepeated", place, id);
                continue;
            }

            var type = Json.Text(variable["typeName"]) ?? "Object";
            var shape = ValueShape.Of(type, Json.Flag(variable["isArray"]));
            var driver = Json.Text(variable["storageDriverTypeName"]);
            var value = variable["value"]?.DeepClone();
            variables.Add(new VariableDefinition(
                id, name ?? id, type, shape, value is null && shape.Kind is not (ValueKind.Whole or ValueKind.Number or ValueKind.Boolean)
                    ? null
                    : ValueConversion.To(value, shape),
                driver?.Contains("MemoryStorageDriver", StringComparison.Ordinal) != true));
        }

        return variables;
    }

    private Activity? Find(JsonObject source, string type, string place, string id)
    {
        var version = Json.Number(source["version"]);
        if ((version is { } exact ? registry.Find(type, exact) : registry.Find(type)) is { } known)
        {
            return known;
        }

        if (registry.Find(type) is not null)
        {
            Report("ActivityVersionIsUnknown", place, id, type, version?.ToString(CultureInfo.InvariantCulture) ?? "");
            return null;
        }

        if (Json.Text(source["workflowDefinitionId"]) is not { Length: > 0 } usedId)
        {
            Report("ActivityTypeIsUnknown", place, id, type);
            return null;
        }

        if (findUsed?.Invoke(usedId, Json.Text(source["workflowDefinitionVersionId"])) is not { } used)
        {
            Report("UsedWorkflowIsUnknown", place, id, usedId);
            return null;
        }

        // The version found now is the version meant for ever.
        source["workflowDefinitionVersionId"] = used.VersionId;
        UsedVersions.Add(used.VersionId);
        RemembersOutputs |= used.RemembersOutputs;
        return new WorkflowAsActivity(used, type);
    }

    // The designer may leave a wrapper behind in which nothing is written.
    private static bool IsLeftOut(JsonNode value) =>
        value is JsonObject wrapper && wrapper.ContainsKey("expression") && wrapper["expression"] is null;

    private Expression? ReadInput(JsonObject source, InputDescriptor input, string place)
    {
        if (!input.IsWrapped)
        {
            return null;
        }

        var name = Json.Camel(input.Name);
        var shape = ValueShape.Of(input.TypeName);
        return source.TryGetPropertyValue(name, out var value) && value is not null
            && !IsLeftOut(value)
            ? ReadExpression(value, shape, $"{place}.{name}", isWrapped: true)
            : new ConstantExpression(input.DefaultValue is null ? null : ValueConversion.To(input.DefaultValue.DeepClone(), shape));
    }
}
