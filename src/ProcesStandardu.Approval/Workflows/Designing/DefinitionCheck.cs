using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.Workflows.Designing;

/// <summary>What must be mended before a definition may be published.</summary>
/// <param name="Code">A true sentence; key of its text in <see cref="WorkflowTexts"/>.</param>
/// <param name="ActivityId">Where; null for the definition as a whole.</param>
/// <param name="ActivityName">What people call the activity.</param>
/// <param name="Arguments">What else the text names.</param>
public sealed record DesignProblem(string Code, string? ActivityId, string? ActivityName, params IReadOnlyList<string> Arguments);

/// <summary>
/// Judges the drawing of a definition: every way out of a step leads somewhere, every step can be reached, every way ends at an end.
/// A pure function of the definition and of what the steps are.
/// </summary>
public sealed class DefinitionCheck(ActivityRegistry registry)
{
    /// <summary>Everything that is wrong, in the order of the drawing; empty when nothing is.</summary>
    public IReadOnlyList<DesignProblem> Check(JsonObject definition) =>
        [.. DefinitionJson.Activities(definition["root"])
            .Where(activity => DefinitionJson.Text(activity["type"]) == "Elsa.Flowchart").SelectMany(CheckFlowchart)];

    /// <summary>What people call a step: the text on it, else its name, else what its type is called.</summary>
    public string NameOf(JsonObject activity) =>
        FirstText(activity["metadata"]?["displayText"], activity["displayText"], activity["name"])
        ?? registry.Find(DefinitionJson.Text(activity["type"]) ?? "")?.Descriptor.DisplayName
        ?? DefinitionJson.Text(activity["id"]) ?? "";

    private IEnumerable<DesignProblem> CheckFlowchart(JsonObject flowchart)
    {
        var activities = (flowchart["activities"] as JsonArray ?? []).OfType<JsonObject>()
            .Where(activity => DefinitionJson.Text(activity["id"]) is not null).ToList();
        if (activities.Count == 0)
        {
            yield return new DesignProblem("DrawingIsEmpty", DefinitionJson.Text(flowchart["id"]), NameOf(flowchart));
            yield break;
        }

        var byId = activities.DistinctBy(activity => DefinitionJson.Text(activity["id"])).ToDictionary(activity => DefinitionJson.Text(activity["id"])!);
        var connections = (flowchart["connections"] as JsonArray ?? []).OfType<JsonObject>().Select(Connection.Read).ToList();
        foreach (var connection in connections)
        {
            if (connection.Source is null || connection.Target is null || !byId.TryGetValue(connection.Source, out var source) || !byId.ContainsKey(connection.Target))
            {
                yield return new DesignProblem("ConnectionLeadsNowhere", connection.Source, null, connection.Source ?? "", connection.Target ?? "");
            }
            else if (Outcomes.Of(source, registry)?.Contains(connection.Port) == false)
            {
                yield return Problem("ConnectionHasNoOutcome", source, connection.Port);
            }
        }

        var outbound = connections.Where(connection => connection.Source is not null).ToLookup(connection => connection.Source!);
        var reached = Reached(StartOf(activities, connections), outbound);
        foreach (var activity in activities)
        {
            var id = DefinitionJson.Text(activity["id"])!;
            if (!reached.Contains(id) && !CanStart(activity))
            {
                yield return Problem("ActivityIsUnreachable", activity);
                continue;
            }

            // What only running it tells cannot be missing.
            var ports = Outcomes.Of(activity, registry) ?? [];
            var open = ports.Where(port => outbound[id].All(connection => connection.Port != port)).ToList();
            if (ports.Count == 0 || open.Count == 0)
            {
                continue;
            }

            // A step with one way out and nothing behind it ends its branch without an end; of several ways each open one is named.
            foreach (var port in open)
            {
                yield return ports.Count == 1 ? Problem("BranchHasNoEnd", activity) : Problem("OutcomeHasNoPath", activity, PortName(activity, port));
            }
        }
    }

    private static HashSet<string> Reached(string? start, ILookup<string, Connection> outbound)
    {
        var reached = new HashSet<string>();
        var queue = new Queue<string>(start is null ? [] : [start]);
        while (queue.TryDequeue(out var id))
        {
            if (reached.Add(id))
            {
                foreach (var connection in outbound[id])
                {
                    queue.Enqueue(connection.Target ?? "");
                }
            }
        }

        return reached;
    }

    private static string? StartOf(List<JsonObject> activities, List<Connection> connections)
    {
        var entered = connections.Select(connection => connection.Target).ToHashSet();
        return Id(activities.Find(activity => DefinitionJson.Text(activity["type"]) == "Elsa.Start"))
            ?? Id(activities.Find(CanStart))
            ?? Id(activities.Find(activity => !entered.Contains(Id(activity))))
            ?? Id(activities[0]);

        static string? Id(JsonObject? activity) => DefinitionJson.Text(activity?["id"]);
    }

    private static bool CanStart(JsonObject activity) => activity["customProperties"]?["canStartWorkflow"]?.ToString() is "true" or "True";

    private DesignProblem Problem(string code, JsonObject activity, params string[] arguments) =>
        new(code, DefinitionJson.Text(activity["id"]), NameOf(activity), arguments);

    private string PortName(JsonObject activity, string port) =>
        registry.Find(DefinitionJson.Text(activity["type"]) ?? "")?.Descriptor.Ports.FirstOrDefault(known => known.Name == port)?.DisplayName ?? port;

    private static string? FirstText(params JsonNode?[] candidates) =>
        candidates.Select(DefinitionJson.Text).FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    private sealed record Connection(string? Source, string Port, string? Target)
    {
        public static Connection Read(JsonObject json) => new(
            DefinitionJson.Text(json["source"]?["activity"]), DefinitionJson.Text(json["source"]?["port"]) ?? "Done",
            DefinitionJson.Text(json["target"]?["activity"]));
    }
}
