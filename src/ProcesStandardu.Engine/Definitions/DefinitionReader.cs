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
    /// <summary>The id of the nearest activity around the place; null when it is in none, or in one without id.</summary>
    public string? ActivityId { get; init; }

    /// <summary>The place as a JSON pointer such as <c>/root/activities/2/text</c>.</summary>
    public string JsonPointer => string.Concat(Steps().Select(step => "/" + step.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)));

    /// <summary>The problem as a sentence in the reader's language, with its place.</summary>
    public string Describe() => EngineTexts.Get("AtPlace", Place, EngineTexts.Get(Code, [.. Arguments]));

    /// <summary>One property as a step of a place; names that are no identifiers stand in quotes.</summary>
    internal static string Step(string name) =>
        name.Length > 0 && name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '_' or '$') ? "." + name : $"['{name}']";

    private List<string> Steps()
    {
        var steps = new List<string>();
        for (var at = 1; at < Place.Length;)
        {
            var isQuoted = Place.AsSpan(at).StartsWith("['");
            var end = isQuoted ? Place.IndexOf("']", at, StringComparison.Ordinal)
                : Place[at] == '[' ? Place.IndexOf(']', at)
                : Place.IndexOfAny(['.', '['], at + 1);
            end = end < 0 ? Place.Length : end;
            var start = at + (isQuoted ? 2 : 1);
            steps.Add(Place[start..end]);
            at = isQuoted ? end + 2 : Place[at] == '[' ? end + 1 : end;
        }

        return steps;
    }
}

/// <summary>How large a definition may be; whatever is larger is refused before it is understood.</summary>
public sealed record DefinitionLimits
{
    /// <summary>Most bytes of UTF-8; default 5 MiB.</summary>
    public int Bytes { get; init; } = DefinitionReader.MaxBytes;

    /// <summary>Deepest nesting of objects and lists; default 64.</summary>
    public int Depth { get; init; } = DefinitionReader.MaxDepth;

    /// <summary>Most activities, those of embedded containers included; default 2,000.</summary>
    public int Activities { get; init; } = 2_000;

    /// <summary>Most connections of one flowchart; default 5,000.</summary>
    public int Connections { get; init; } = 5_000;

    /// <summary>Longest id of a definition, a version, an activity or a variable, in characters; default 200.</summary>
    public int IdLength { get; init; } = 200;
}

/// <summary>Either a definition, or what is wrong with its JSON.</summary>
/// <param name="Definition">Null when there are problems.</param>
public sealed record DefinitionReading(WorkflowDefinition? Definition, IReadOnlyList<DefinitionProblem> Problems);

/// <summary>Reads Elsa 3 workflow definitions, as tolerantly as Elsa does and as strictly as safety asks.</summary>
public sealed class DefinitionReader(ActivityRegistry registry, DefinitionLimits? limits = null)
{
    /// <summary>Most bytes, unless the limits say otherwise.</summary>
    public const int MaxBytes = 5 * 1024 * 1024;

    /// <summary>Deepest nesting, unless the limits say otherwise.</summary>
    public const int MaxDepth = 64;

    private readonly DefinitionLimits _limits = limits ?? new DefinitionLimits();

    /// <summary>Reads one version.</summary>
    /// <param name="findUsed">
    /// Finds a workflow used as an activity: by version id when it is not null, else the published version of the
    /// definition id; answers null when there is none.
    /// </param>
    public DefinitionReading Read(string json, Func<string, string?, WorkflowDefinition?>? findUsed = null)
    {
        // UTF-8 has at least as many bytes as UTF-16 has units: what is too long needs no counting.
        if (json.Length > _limits.Bytes || Encoding.UTF8.GetByteCount(json) > _limits.Bytes)
        {
            return TooLarge();
        }

        return Read(Encoding.UTF8.GetBytes(json), findUsed);
    }

    /// <summary>Reads one version from a stream, of which never more than the limit is taken.</summary>
    /// <inheritdoc cref="Read(string, Func{string, string?, WorkflowDefinition?}?)"/>
    public async Task<DefinitionReading> ReadAsync(
        Stream json, Func<string, string?, WorkflowDefinition?>? findUsed, CancellationToken cancellation)
    {
        using var taken = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (await json.ReadAsync(buffer, cancellation) is var count and > 0)
        {
            taken.Write(buffer, 0, count);
            if (taken.Length > _limits.Bytes)
            {
                return TooLarge();
            }
        }

        return Read(taken.GetBuffer().AsSpan(0, (int)taken.Length), findUsed);
    }

    private DefinitionReading Read(ReadOnlySpan<byte> utf8, Func<string, string?, WorkflowDefinition?>? findUsed)
    {
        // Files saved by some editors begin with a byte order mark.
        utf8 = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        var reading = new Reading(registry, _limits, findUsed);
        try
        {
            var source = new SourceJson(_limits.Depth, (code, place) => reading.Report(code, place)).Read(utf8);
            return source is null ? Refused("DefinitionIsNoObject", "$") : Read(source, reading);
        }
        catch (TooDeepException)
        {
            return Refused("DefinitionIsTooDeep", "$", Invariant(_limits.Depth));
        }
        catch (JsonException exception)
        {
            return Refused(
                "JsonIsMalformed", exception.Path ?? "$",
                Invariant((exception.LineNumber ?? 0) + 1), Invariant((exception.BytePositionInLine ?? 0) + 1));
        }
    }

    private static DefinitionReading Read(JsonObject source, Reading reading)
    {
        var definitionId = reading.ReadId(source["definitionId"], "$.definitionId");
        if (string.IsNullOrWhiteSpace(definitionId))
        {
            reading.Report("DefinitionIdIsMissing", "$.definitionId");
        }

        if (source["root"] is not JsonObject rootSource)
        {
            reading.Report("RootIsMissing", "$.root");
            rootSource = [];
        }

        var version = Json.Number(source["version"]) ?? 1;
        var options = reading.Object(source, "options", "$");
        var nodes = new NodeTable();
        var workflow = new ActivityNode { Id = "Workflow1", NodeId = "Workflow1", Activity = WorkflowActivity.Instance };
        if (rootSource.Count > 0 && reading.ReadNode(rootSource, workflow, "$.root", nodes) is { } root)
        {
            workflow.Children = [root];
        }

        nodes.ByNodeId[workflow.NodeId] = workflow;
        var versionId = reading.ReadId(source["id"], "$.id");
        var definition = new WorkflowDefinition
        {
            VersionId = string.IsNullOrWhiteSpace(versionId) ? $"{definitionId}-v{version}" : versionId,
            DefinitionId = definitionId ?? "",
            Version = version,
            Name = Json.Text(source["name"]) ?? definitionId ?? "",
            Description = Json.Text(source["description"]) ?? "",
            Variables = reading.ReadVariables(source, "$"),
            Inputs = ReadParameters(reading.List(source, "inputs", "$")),
            Outputs = ReadParameters(reading.List(source, "outputs", "$")),
            Outcomes = [.. reading.List(source, "outcomes", "$").Select(Json.Text).OfType<string>()],
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

    private static List<ParameterDefinition> ReadParameters(JsonArray source) =>
        [.. source.OfType<JsonObject>()
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

    private static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);

    private DefinitionReading TooLarge() => Refused("DefinitionIsTooLarge", "$", Invariant(_limits.Bytes));

    private static DefinitionReading Refused(string code, string place, params string[] arguments) =>
        new(null, [new DefinitionProblem(code, place, arguments)]);
}
