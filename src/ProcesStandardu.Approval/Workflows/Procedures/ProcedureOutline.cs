using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.Workflows.Procedures;

/// <summary>
/// One activity of a definition in the order in which people read a procedure. Made from the JSON alone, so that a
/// definition that cannot run, because an activity is unknown or a connection hangs, can still be read.
/// </summary>
/// <param name="Number">„3”, or „3.1” for a step inside step 3.</param>
/// <param name="Descriptor">Null when the activity's type is unknown here.</param>
/// <param name="Place">The property or the case of the enclosing activity that holds it; null inside flowcharts and lists.</param>
/// <param name="IsReached">False when no path from the start leads to it.</param>
/// <param name="Ways">The ways out, each with the activities it leads to; a way without any ends there.</param>
public sealed record OutlineStep(
    string Number,
    string ActivityId,
    string TypeName,
    ActivityDescriptor? Descriptor,
    JsonObject Source,
    string? Place,
    bool IsReached,
    IReadOnlyList<OutlineWay> Ways,
    IReadOnlyList<OutlineStep> Children)
{
    /// <summary>The name given by the designer; null when none.</summary>
    public string? Title =>
        DefinitionJson.Text(Source["metadata"]?["displayText"]) is { Length: > 0 } shown ? shown : DefinitionJson.Text(Source["name"]);

    /// <summary>This step and all inside it, in reading order.</summary>
    public IEnumerable<OutlineStep> WithChildren() => Children.SelectMany(child => child.WithChildren()).Prepend(this);

    /// <summary>What the definition gives for an input or an output, by the descriptor's name of it; null when it gives nothing.</summary>
    internal JsonNode? Given(string name) => Source[JsonNamingPolicy.CamelCase.ConvertName(name)];
}

/// <summary>One way out of an activity.</summary>
/// <param name="Port">Name of the outcome.</param>
/// <param name="TargetIds">Activity ids in the order of the connections.</param>
public sealed record OutlineWay(string Port, IReadOnlyList<string> TargetIds);

/// <summary>Puts the activities of a definition in reading order and numbers them.</summary>
public static class ProcedureOutline
{
    /// <summary>The steps of a definition; empty when it has no root.</summary>
    public static IReadOnlyList<OutlineStep> Of(JsonObject definition, ActivityRegistry registry)
    {
        if (definition["root"] is not JsonObject root)
        {
            return [];
        }

        return IsFlowchart(root)
            ? FlowSteps(root, registry, "")
            : [Step(root, registry, "1", place: null, isReached: true, ways: [])];
    }

    private static bool IsFlowchart(JsonObject activity) => activity["connections"] is JsonArray && activity["activities"] is JsonArray;

    private static OutlineStep Step(
        JsonObject source, ActivityRegistry registry, string number, string? place, bool isReached, IReadOnlyList<OutlineWay> ways)
    {
        var type = DefinitionJson.Text(source["type"]) ?? "";
        return new OutlineStep(
            number, DefinitionJson.Text(source["id"]) ?? "", type, registry.Find(type)?.Descriptor, source, place, isReached, ways,
            IsFlowchart(source) ? FlowSteps(source, registry, number + ".") : [.. Nested(source, registry, number + ".")]);
    }

    /// <summary>The activities held by properties: lists, branches, bodies and cases, in the order of the JSON.</summary>
    private static IEnumerable<OutlineStep> Nested(JsonObject source, ActivityRegistry registry, string prefix)
    {
        var next = 1;
        foreach (var (name, value) in source)
        {
            if (value is JsonObject child && IsActivity(child))
            {
                yield return Step(child, registry, prefix + next++, name, isReached: true, ways: []);
            }

            foreach (var item in (value as JsonArray ?? []).OfType<JsonObject>())
            {
                if (IsActivity(item))
                {
                    yield return Step(item, registry, prefix + next++, place: null, isReached: true, ways: []);
                }
                else if (item["activity"] is JsonObject cased && IsActivity(cased))
                {
                    yield return Step(cased, registry, prefix + next++, DefinitionJson.Text(item["label"]) ?? name, isReached: true, ways: []);
                }
            }
        }
    }

    private static bool IsActivity(JsonObject candidate) =>
        DefinitionJson.Text(candidate["type"]) is { Length: > 0 } && DefinitionJson.Text(candidate["id"]) is not null
        && candidate["typeName"] is null;

    private static List<OutlineStep> FlowSteps(JsonObject flowchart, ActivityRegistry registry, string prefix)
    {
        var activities = ((JsonArray)flowchart["activities"]!).OfType<JsonObject>().ToList();
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < activities.Count; i++)
        {
            indexes.TryAdd(DefinitionJson.Text(activities[i]["id"]) ?? "", i);
        }

        var ways = activities.Select(_ => new List<(string Port, int Target)>()).ToList();
        var entered = new bool[activities.Count];
        foreach (var connection in ((JsonArray)flowchart["connections"]!).OfType<JsonObject>())
        {
            if (End(connection, "source") is { } source && End(connection, "target") is { } target)
            {
                ways[source].Add((DefinitionJson.Text(connection["source"]?["port"]) ?? "Done", target));
                entered[target] = true;
            }
        }

        var descriptors = activities.Select(activity => registry.Find(DefinitionJson.Text(activity["type"]) ?? "")?.Descriptor).ToList();
        var outs = activities.Select((activity, i) => Outs(activity, descriptors[i], registry, ways[i])).ToList();
        var order = ReadingOrder(outs, Starts(activities, descriptors, entered), out var reached);
        return [.. order.Select((index, at) => Step(
            activities[index], registry, prefix + (at + 1), place: null, reached[index],
            [.. outs[index].Select(way => new OutlineWay(
                way.Port, [.. way.Targets.Select(target => DefinitionJson.Text(activities[target]["id"]) ?? "")]))]))];

        int? End(JsonObject connection, string end) =>
            indexes.TryGetValue(DefinitionJson.Text(connection[end]?["activity"]) ?? "", out var index) ? index : null;
    }

    /// <summary>Where the flow begins: its start activities, triggers, or what nothing leads to.</summary>
    private static IReadOnlyList<int> Starts(
        List<JsonObject> activities, List<ActivityDescriptor?> descriptors, bool[] entered)
    {
        var all = Enumerable.Range(0, activities.Count).ToList();
        var marked = all.Where(i => descriptors[i]?.IsStart == true).ToList();
        var triggers = all.Where(i => activities[i]["customProperties"]?["canStartWorkflow"]?.ToString() == "true").ToList();
        return marked.Count + triggers.Count > 0 ? [.. marked, .. triggers.Except(marked)]
            : all.Find(i => !entered[i]) is var first && activities.Count > 0 ? [first]
            : [];
    }

    /// <summary>Each way out once: those declared, those that the designer named, and any other that a connection uses.</summary>
    private static List<(string Port, List<int> Targets)> Outs(
        JsonObject activity, ActivityDescriptor? descriptor, ActivityRegistry registry, List<(string Port, int Target)> connections)
    {
        var ports = (Outcomes.Of(activity, registry) ?? []).Concat(connections.Select(way => way.Port))
            .Where(port => port.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (ports.Count == 0 && descriptor is { IsTerminal: false })
        {
            ports = ["Done"];
        }

        return [.. ports.Select(port => (port, connections.Where(way => way.Port == port).Select(way => way.Target).ToList()))];
    }

    /// <summary>
    /// What leads comes before what follows, the first way out before the second; a way back does not count. What is never
    /// reached comes last, in the order of the JSON.
    /// </summary>
    private static List<int> ReadingOrder(
        List<List<(string Port, List<int> Targets)>> outs, IReadOnlyList<int> starts, out bool[] reached)
    {
        var seen = new bool[outs.Count];
        var finished = new List<int>(outs.Count);

        // An explicit stack: a chain of thousands of steps must not exhaust the thread's own.
        var open = new Stack<(int Index, Queue<int> Next)>();
        foreach (var start in starts.Reverse())
        {
            Enter(start);
            while (open.TryPeek(out var current))
            {
                if (current.Next.TryDequeue(out var next))
                {
                    Enter(next);
                }
                else
                {
                    finished.Add(open.Pop().Index);
                }
            }
        }

        finished.Reverse();
        reached = seen;
        return [.. finished, .. Enumerable.Range(0, outs.Count).Where(i => !seen[i])];

        void Enter(int index)
        {
            if (!seen[index])
            {
                seen[index] = true;

                // Finishing reverses the order: the last way is walked first.
                open.Push((index, new Queue<int>(outs[index].SelectMany(way => way.Targets).Reverse())));
            }
        }
    }
}
