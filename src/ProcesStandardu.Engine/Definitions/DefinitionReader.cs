using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;

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
