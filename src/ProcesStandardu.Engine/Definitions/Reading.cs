using System.Globalization;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Definitions;

/// <summary>One reading of one definition: what was found so far.</summary>
internal sealed class Reading(
    ActivityRegistry registry, DefinitionLimits limits, Func<string, string?, WorkflowDefinition?>? findUsed)
{
    private readonly Stack<string?> _activities = new();
    private int _read;

    public List<DefinitionProblem> Problems { get; } = [];

    public HashSet<string> UsedVersions { get; } = [];

    public bool RemembersOutputs { get; private set; }

    public DefinitionLimits Limits => limits;

    public void Report(string code, string place, params string[] arguments) => Problems.Add(
        new DefinitionProblem(code, place, arguments) { ActivityId = _activities.TryPeek(out var activity) ? activity : null });

    /// <summary>The list in a property; empty when there is none, with a problem when it is something else.</summary>
    public JsonArray List(JsonObject source, string property, string place)
    {
        if (source[property] is { } value and not JsonArray)
        {
            Report("PropertyIsNoList", $"{place}.{property}", property);
            return [];
        }

        return source[property] as JsonArray ?? [];
    }

    /// <summary>The object in a property; null when there is none, with a problem when it is something else.</summary>
    public JsonObject? Object(JsonObject source, string property, string place)
    {
        if (source[property] is { } value and not JsonObject)
        {
            Report("PropertyIsNoObject", $"{place}.{property}", property);
        }

        return source[property] as JsonObject;
    }

    /// <summary>An id; null when it is none, with a problem when it is too long or of another kind.</summary>
    public string? ReadId(JsonNode? source, string place)
    {
        var id = Json.Text(source);
        if (source is not null && id is null)
        {
            Report("IdIsNoText", place);
        }
        else if (id?.Length > limits.IdLength)
        {
            Report("IdIsTooLong", place, limits.IdLength.ToString(CultureInfo.InvariantCulture));
        }

        return id;
    }

    /// <summary>Reads an activity with everything in it; null, with a problem, when it is none.</summary>
    public ActivityNode? ReadNode(
        JsonObject source, ActivityNode parent, string place, NodeTable nodes)
    {
        var id = ReadId(source["id"], place + ".id");
        _activities.Push(id);
        try
        {
            return ReadNode(source, id, parent, place, nodes);
        }
        finally
        {
            _activities.Pop();
        }
    }

    private ActivityNode? ReadNode(
        JsonObject source, string? id, ActivityNode parent, string place, NodeTable nodes)
    {
        if (++_read > limits.Activities)
        {
            if (_read == limits.Activities + 1)
            {
                Report("DefinitionHasTooManyActivities", place, limits.Activities.ToString(CultureInfo.InvariantCulture));
            }

            return null;
        }

        if (string.IsNullOrWhiteSpace(id))
        {
            Report("ActivityIdIsMissing", place);
        }
        else if (!nodes.Ids.Add(id))
        {
            Report("ActivityIdIsRepeated", place, id);
        }

        var type = Json.Text(source["type"]) ?? "";
        var activity = Find(source, type, place, id ?? "");
        if (activity is null || string.IsNullOrWhiteSpace(id))
        {
            // What is inside it is read all the same, for its problems.
            ReadInside(source, parent, place, nodes);
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
            Variables = ReadVariables(source, place),
            CanStartWorkflow = Json.Flag(custom?["canStartWorkflow"]) || Json.Flag(source["canStartWorkflow"]),
            Inputs = [.. descriptor.Inputs.Select(input => ReadInput(source, input, place))],
            Outcomes = activity.OutcomesOf(source),
            OutputBindings = [.. descriptor.Outputs.Select(output =>
                Json.Text((source[Json.Camel(output.Name)] as JsonObject)?["memoryReference"]?["id"]))],
        };
        source["nodeId"] = nodeId;
        if (!nodes.ByNodeId.TryAdd(nodeId, node) && nodes.ByNodeId[nodeId].Id != id)
        {
            // Ids may hold colons; two paths of ids must not become the same.
            Report("ActivityPathIsAmbiguous", place, nodeId);
        }

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

    public List<VariableDefinition> ReadVariables(JsonObject container, string around)
    {
        var variables = new List<VariableDefinition>();
        var source = List(container, "variables", around);
        for (var index = 0; index < source.Count; index++)
        {
            var place = $"{around}.variables[{index}]";
            if (source[index] is not JsonObject variable)
            {
                Report("PropertyIsNoObject", place, "variables");
                continue;
            }

            var name = Json.Text(variable["name"]);
            var id = ReadId(variable["id"], place + ".id") ?? name;
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
                id, name ?? id, type, shape, HasValue(value, shape) ? ValueConversion.To(value, shape) : null,
                driver?.Contains("MemoryStorageDriver", StringComparison.Ordinal) != true));
        }

        return variables;
    }

    // A variable for which nothing is written is null, whatever its type; an empty text is a value of texts only.
    private static bool HasValue(JsonNode? value, ValueShape shape) => value is not null
        && (shape.Kind is ValueKind.Any or ValueKind.Text || shape.IsArray || Json.Text(value) is not "");

    private void ReadInside(JsonObject source, ActivityNode parent, string place, NodeTable nodes)
    {
        if (source["activities"] is not JsonArray children)
        {
            return;
        }

        for (var index = 0; index < children.Count; index++)
        {
            if (children[index] is JsonObject child)
            {
                ReadNode(child, parent, $"{place}.activities[{index}]", nodes);
            }
        }
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
        return (source.TryGetPropertyValue(name, out var value) || source.TryGetPropertyValue(input.Name, out value)) && value is not null
            && !IsLeftOut(value)
            ? ReadExpression(value, shape, $"{place}.{name}", isWrapped: true)
            : new ConstantExpression(input.DefaultValue is null ? null : ValueConversion.To(input.DefaultValue.DeepClone(), shape));
    }
}
