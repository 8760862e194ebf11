using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Definitions;

/// <summary>Something wrong in a definition.</summary>
/// <param name="Code">A true sentence such as <c>ActivityTypeIsUnknown</c>; key of its text in <see cref="EngineTexts"/>.</param>
/// <param name="Place">JSON path such as <c>$.root.activities[2].text</c>.</param>
/// <param name="Arguments">What the text names: ids, types, numbers.</param>
public sealed record DefinitionProblem(string Code, string Place, params IReadOnlyList<string> Arguments)
{
    /// <summary>The problem as a sentence in the reader's language, with its place.</summary>
    public string Describe() => EngineTexts.Get("AtPlace", Place, EngineTexts.Get(Code, [.. Arguments]));
}

/// <summary>Either a definition, or what is wrong with its JSON.</summary>
/// <param name="Definition">Null when there are problems.</param>
public sealed record DefinitionReading(WorkflowDefinition? Definition, IReadOnlyList<DefinitionProblem> Problems);

/// <summary>Reads Elsa 3 workflow definitions, as tolerantly as Elsa does and as strictly as safety asks.</summary>
public sealed class DefinitionReader(ActivityRegistry registry)
{
    public const int MaxBytes = 5 * 1024 * 1024;

    public const int MaxDepth = 64;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth + 1 };

    /// <summary>Reads one version.</summary>
    /// <param name="findUsed">
    /// Finds a workflow used as an activity: by version id when it is not null, else the published version of the
    /// definition id; answers null when there is none.
    /// </param>
    public DefinitionReading Read(string json, Func<string, string?, WorkflowDefinition?>? findUsed = null)
    {
        // Files saved by some editors begin with a byte order mark.
        json = json.TrimStart('\uFEFF');
        if (Encoding.UTF8.GetByteCount(json) is var bytes && bytes > MaxBytes)
        {
            return Refused("DefinitionIsTooLarge", "$", Invariant(bytes), Invariant(MaxBytes));
        }

        JsonObject? source;
        try
        {
            if (IsTooDeep(json))
            {
                return Refused("DefinitionIsTooDeep", "$", Invariant(MaxDepth));
            }

            source = JsonNode.Parse(json, documentOptions: Strict) as JsonObject;
        }
        catch (JsonException exception)
        {
            return Refused(
                "JsonIsMalformed", exception.Path ?? "$",
                Invariant((exception.LineNumber ?? 0) + 1), Invariant((exception.BytePositionInLine ?? 0) + 1));
        }

        return source is null ? Refused("DefinitionIsNoObject", "$") : Read(source, findUsed);
    }

    private DefinitionReading Read(JsonObject source, Func<string, string?, WorkflowDefinition?>? findUsed)
    {
        var reading = new Reading(registry, findUsed);
        var definitionId = Json.Text(source["definitionId"]);
        if (string.IsNullOrWhiteSpace(definitionId))
        {
            reading.Report("DefinitionIdIsMissing", "$.definitionId");
        }

        if (source["root"] is not JsonObject rootSource)
        {
            reading.Report("RootIsMissing", "$.root");
            return new DefinitionReading(null, reading.Problems);
        }

        var version = Json.Number(source["version"]) ?? 1;
        var options = source["options"] as JsonObject;
        var nodes = new NodeTable();
        var workflow = new ActivityNode { Id = "Workflow1", NodeId = "Workflow1", Activity = WorkflowActivity.Instance };
        if (reading.ReadNode(rootSource, workflow, "$.root", nodes) is { } root)
        {
            workflow.Children = [root];
        }

        nodes.ByNodeId[workflow.NodeId] = workflow;
        var versionId = Json.Text(source["id"]);
        var definition = new WorkflowDefinition
        {
            VersionId = string.IsNullOrWhiteSpace(versionId) ? $"{definitionId}-v{version}" : versionId,
            DefinitionId = definitionId ?? "",
            Version = version,
            Name = Json.Text(source["name"]) ?? definitionId ?? "",
            Description = Json.Text(source["description"]) ?? "",
            Variables = reading.ReadVariables(source["variables"], "$.variables"),
            Inputs = ReadParameters(source["inputs"]),
            Outputs = ReadParameters(source["outputs"]),
            Outcomes = [.. (source["outcomes"] as JsonArray ?? []).Select(Json.Text).OfType<string>()],
            UsableAsActivity = Json.Flag(options?["usableAsActivity"]),
            Activation = ActivationOf(Json.Text(options?["activationStrategyType"])),
            Incidents = Json.Text(options?["incidentStrategyType"])?.Contains("ContinueWithIncidents", StringComparison.Ordinal) == true
                ? IncidentStrategy.ContinueWithIncidents
                : IncidentStrategy.Fault,
            Workflow = workflow,
            Nodes = nodes.ByNodeId,
            UsedVersions = [.. reading.UsedVersions],
            RemembersOutputs = reading.RemembersOutputs,
            Source = source,
        };
        foreach (var node in nodes.ByNodeId.Values)
        {
            node.Definition ??= definition;
        }

        return reading.Problems.Count > 0
            ? new DefinitionReading(null, reading.Problems)
            : new DefinitionReading(definition, []);
    }

    private static List<ParameterDefinition> ReadParameters(JsonNode? source) =>
        [.. (source as JsonArray ?? []).OfType<JsonObject>()
            .Where(parameter => Json.Text(parameter["name"]) is { Length: > 0 })
            .Select(parameter =>
            {
                var name = Json.Text(parameter["name"])!;
                var type = (Json.Text(parameter["type"]) ?? "Object") + (Json.Flag(parameter["isArray"]) ? "[]" : "");
                return new ParameterDefinition(
                    name, type, Json.Text(parameter["displayName"]) ?? name, Json.Text(parameter["description"]) ?? "",
                    parameter["defaultValue"]?.DeepClone());
            })];

    private static ActivationStrategy ActivationOf(string? type) => type switch
    {
        null => ActivationStrategy.AllowAlways,
        _ when type.Contains("CorrelatedSingleton", StringComparison.Ordinal) => ActivationStrategy.CorrelatedSingleton,
        _ when type.Contains("Singleton", StringComparison.Ordinal) => ActivationStrategy.Singleton,
        _ when type.Contains("Correlation", StringComparison.Ordinal) => ActivationStrategy.Correlation,
        _ => ActivationStrategy.AllowAlways,
    };

    private static bool IsTooDeep(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json), new JsonReaderOptions { MaxDepth = 1024 });
        while (reader.Read())
        {
            if (reader.CurrentDepth > MaxDepth)
            {
                return true;
            }
        }

        return false;
    }

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static DefinitionReading Refused(string code, string place, params string[] arguments) =>
        new(null, [new DefinitionProblem(code, place, arguments)]);
}

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

/// <summary>Gives an activity type access to its own JSON while a definition is read.</summary>
internal sealed class NodeReader(
    Reading reading, JsonObject source, ActivityNode node, string place, NodeTable nodes)
{
    public List<ActivityNode> Children { get; } = [];

    public JsonObject Source => source;

    public ActivityNode Node => node;

    public string Place => place;

    public void Report(string code, string at, params string[] arguments) => reading.Report(code, at, arguments);

    /// <summary>Reads the children in declared embedded ports.</summary>
    public void ReadPorts()
    {
        foreach (var port in node.Descriptor.Ports)
        {
            if (port.Kind == PortKind.Embedded)
            {
                ReadPort(Json.Camel(port.Name));
            }
        }
    }

    /// <summary>The child in one property; null when there is none.</summary>
    public ActivityNode? ReadPort(string property) =>
        source[property] is JsonObject child ? ReadChild(child, $"{place}.{property}", property) : null;

    /// <summary>The children in a list property, in order.</summary>
    public List<ActivityNode> ReadList(string property)
    {
        var children = new List<ActivityNode>();
        var index = 0;
        foreach (var item in source[property] as JsonArray ?? [])
        {
            if (item is JsonObject child && ReadChild(child, $"{place}.{property}[{index}]", null) is { } read)
            {
                children.Add(read);
            }
            else if (item is not JsonObject)
            {
                reading.Report("ActivityIsNoObject", $"{place}.{property}[{index}]");
            }

            index++;
        }

        return children;
    }

    public ActivityNode? ReadChild(JsonObject child, string at, string? port)
    {
        var read = reading.ReadNode(child, node, at, nodes);
        if (read is not null)
        {
            Children.Add(read);
            if (port is not null)
            {
                node.Ports[port] = read;
            }
        }

        return read;
    }

    /// <summary>Puts the activities of another definition under this node, with node ids of their own.</summary>
    public ActivityNode Embed(WorkflowDefinition used)
    {
        var copy = Copy(used.Workflow, node, used);
        Children.Add(copy);
        return copy;
    }

    public Expression? ReadExpression(JsonNode? value, ValueShape shape, string at, bool isWrapped = false) =>
        reading.ReadExpression(value, shape, at, isWrapped);

    // Prepared data names children by node; it is prepared again for the copy from the copied definition's JSON.
    private ActivityNode Copy(ActivityNode original, ActivityNode parent, WorkflowDefinition used)
    {
        var copy = new ActivityNode
        {
            Id = original.Id,
            NodeId = parent.NodeId + ":" + original.Id,
            Activity = original.Activity,
            Parent = parent,
        };
        copy.Definition = used;
        var inner = new NodeTable();
        var root = (JsonObject)used.Source["root"]!.DeepClone();
        if (reading.ReadNode(root, copy, place + ".root", inner) is { } read)
        {
            copy.Children = [read];
        }

        nodes.ByNodeId[copy.NodeId] = copy;
        foreach (var (nodeId, embedded) in inner.ByNodeId)
        {
            embedded.Definition ??= used;
            nodes.ByNodeId[nodeId] = embedded;
        }

        return copy;
    }
}

/// <summary>The activities read so far: ids are unique within one definition, node ids also across those embedded in it.</summary>
internal sealed class NodeTable
{
    public Dictionary<string, ActivityNode> ByNodeId { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);
}

/// <summary>Lenient reads of JSON properties.</summary>
internal static class Json
{
    /// <summary>The text; null for anything but text.</summary>
    public static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.ToString() : null;

    public static int? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var number)
            ? number
            : null;

    public static bool Flag(JsonNode? node) => ValueConversion.Boolean(node);

    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
