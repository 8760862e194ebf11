using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProcesStandardu.Engine;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Conformance;

/// <summary>Plays one scenario and compares what happened with what was recorded.</summary>
internal sealed partial class ScenarioRunner(Fixture fixture, IConformanceHost host)
{
    private static readonly HashSet<string> Containers =
    [
        "Elsa.Workflow", "Elsa.Flowchart", "Elsa.Sequence", "Elsa.Parallel", "Elsa.Fork", "Elsa.If", "Elsa.Switch",
        "Elsa.While", "Elsa.For", "Elsa.ForEach", "Elsa.ParallelForEach",
    ];

    private readonly Dictionary<string, Guid> _aliases = [];
    private readonly Dictionary<Guid, int> _journalSeen = [];
    private readonly Dictionary<Guid, Dictionary<long, int>> _ordinals = [];
    private readonly Dictionary<string, Guid> _usedBookmarks = [];
    private readonly List<string> _differences = [];
    private readonly Dictionary<string, string> _types = [];
    private int _children;
    private int _started;

    /// <summary>Differences by step; empty when the scenario was matched.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        foreach (var definition in fixture.Definitions)
        {
            var published = await host.PublishAsync(definition.ToJsonString());
            foreach (var node in published.Nodes.Values)
            {
                _types[node.Id] = node.Activity is { Descriptor.CustomProperties: not null } ? "Elsa.Workflow" : node.Type;
            }
        }

        var script = fixture.Script;
        for (var index = 0; index < script.Count; index++)
        {
            host.Lines.Clear();
            var result = await PlayAsync(script[index]);
            await NameNewInstancesAsync();
            await CompareStepAsync(index, fixture.ExpectedSteps[index], result);
        }

        await CompareFinalAsync();
        return _differences;
    }

    private async Task<JsonObject?> PlayAsync(JsonObject step)
    {
        var instance = (string?)step["instance"] is { } alias ? _aliases[alias] : (Guid?)null;
        switch ((string?)step["op"])
        {
            case "start":
                var start = await host.RunAsync(engine => engine.StartAsync(
                    new StartWorkflow
                    {
                        DefinitionId = (string?)step["definitionId"] ?? fixture.MainDefinitionId,
                        Input = (step["input"] as JsonObject ?? fixture.Input)
                            .ToDictionary(input => input.Key, input => input.Value?.DeepClone()),
                        CorrelationId = (string?)step["correlationId"],
                        TriggerActivityId = (string?)step["triggerActivityId"],
                    },
                    CancellationToken.None));
                _aliases[(string?)step["as"] ?? "main"] = start.InstanceId;
                return new JsonObject { ["status"] = start.Status.ToString(), ["subStatus"] = start.SubStatus.ToString() };
            case "event":
                var sent = await host.RunAsync(engine => engine.SendAsync(
                    new Stimulus("Elsa.Event", new JsonObject { ["EventName"] = (string?)step["eventName"] })
                    {
                        Input = step["payload"]?.DeepClone(),
                        CorrelationId = (string?)step["correlationId"],
                        InstanceId = instance,
                    },
                    CancellationToken.None));
                return new JsonObject { ["workflowsRun"] = sent.Runs };
            case "resumeTask":
                var tasks = (await host.OpenTasksAsync()).Where(task => task.Name == (string?)step["taskName"]).ToList();
                var task = tasks[(int?)step["nth"] ?? 0];
                await host.RunAsync(engine => engine.CompleteTaskAsync(task.Id, step["result"]?.DeepClone(), CancellationToken.None));
                return null;
            case "resumeBookmark":
                return await ResumeBookmarkAsync(step, instance ?? _aliases["main"]);
            case "cancel" or "cancelTree":
                await host.RunAsync(engine => engine.CancelAsync(instance ?? _aliases["main"], CancellationToken.None));
                return (string?)step["op"] == "cancel" ? null : new JsonObject { ["accepted"] = true };
            case "runAgain":
                var again = (await host.InstancesAsync()).Single(one => one.Id == (instance ?? _aliases["main"]));
                return new JsonObject { ["status"] = again.Status.ToString(), ["subStatus"] = again.SubStatus.ToString() };
            case "wait":
                await host.WaitAsync(TimeSpan.FromMilliseconds((int)step["ms"]!));
                return null;
            default:
                throw new InvalidOperationException($"Unknown step {step["op"]}.");
        }
    }

    private async Task<JsonObject> ResumeBookmarkAsync(JsonObject step, Guid instanceId)
    {
        var activityId = (string)step["activityId"]!;
        Guid bookmarkId;
        if (step["stale"] is not null)
        {
            bookmarkId = _usedBookmarks[activityId];
        }
        else
        {
            var record = (await host.InstancesAsync()).Single(one => one.Id == instanceId);
            bookmarkId = record.Bookmarks.Where(bookmark => bookmark.ActivityId == activityId).ElementAt((int?)step["nth"] ?? 0).Id;
            _usedBookmarks[activityId] = bookmarkId;
        }

        var result = await host.RunAsync(engine =>
            engine.ResumeBookmarkAsync(bookmarkId, InputOf(step), CancellationToken.None));
        return result.Found
            ? new JsonObject { ["resumed"] = true, ["subStatus"] = result.SubStatus.ToString() }
            : new JsonObject { ["resumed"] = false };
    }

    // Elsa hands an activity its input under a key of the activity's own, which our door does without.
    private static JsonNode? InputOf(JsonObject step) => (step["input"] is JsonObject { Count: 1 } keyed ? keyed.First().Value : step["input"])?.DeepClone();

    private async Task NameNewInstancesAsync()
    {
        foreach (var instance in await host.InstancesAsync())
        {
            if (!_aliases.ContainsValue(instance.Id))
            {
                _aliases[instance.ParentInstanceId is null ? $"auto{++_started}" : $"child{++_children}"] = instance.Id;
            }
        }
    }

    private async Task CompareStepAsync(int step, JsonObject expected, JsonObject? result)
    {
        var isAsync = fixture.Match == "async";
        var expectedResult = expected["result"];
        if (!isAsync && expectedResult is JsonObject && !Same(WithoutIdleRuns(expectedResult, expected, result), result))
        {
            Differ(step, "result", expectedResult, result);
        }

        var lines = expected["stdout"]!.AsArray().Select(line => (string)line!).ToList();
        CompareSequence(step, "stdout", lines, host.Lines, fixture.Match != "ordered");

        var expectedInstances = expected["instances"]!.AsObject();
        var incidents = await host.IncidentsAsync();
        foreach (var (alias, id) in _aliases)
        {
            var record = (await host.InstancesAsync()).SingleOrDefault(instance => instance.Id == id);
            if (record is null)
            {
                Differ(step, alias, "an instance", "none");
                continue;
            }

            var log = await NewLogAsync(id);
            if (expectedInstances[alias] is not JsonObject instance)
            {
                if (log.Count > 0)
                {
                    Differ(step, $"{alias} log", "no change", string.Join(' ', log));
                }

                continue;
            }

            Compare(step, $"{alias} status", (string?)instance["status"], record.Status.ToString());
            Compare(step, $"{alias} subStatus", (string?)instance["subStatus"], record.SubStatus.ToString());
            Compare(step, $"{alias} correlationId", (string?)instance["correlationId"], record.CorrelationId);
            Compare(step, $"{alias} instanceName", (string?)instance["instanceName"], record.Name);
            CompareJson(step, $"{alias} output", instance["output"], Object(InstanceState.Read(record.State).Output));
            CompareJson(step, $"{alias} variables", instance["variables"], Object(host.Variables[id]));
            CompareSequence(
                step, $"{alias} bookmarks",
                [.. (instance["bookmarks"] as JsonArray ?? []).Select(bookmark =>
                    Bookmark((string?)bookmark!["activityId"], (string?)bookmark["name"], bookmark["stimulus"]))],
                [.. record.Bookmarks.Select(bookmark => Bookmark(
                    bookmark.ActivityId, bookmark.Name, bookmark.Payload is null ? null : JsonNode.Parse(bookmark.Payload)))],
                inAnyOrder: true);
            CompareSequence(
                step, $"{alias} incidents",
                [.. (instance["incidents"] as JsonArray ?? []).Select(incident => (string)incident!["activityId"]!)],
                [.. incidents.Where(incident => incident.InstanceId == id).Select(incident => incident.ActivityId)],
                inAnyOrder: true);
            CompareSequence(step, $"{alias} log", ExpectedLog(instance), log, fixture.Match == "unordered");
        }
    }

    // Elsa also counts runs at instances that had ended and did nothing, because it leaves the rows of their bookmarks behind.
    private static JsonNode WithoutIdleRuns(JsonNode expectedResult, JsonObject step, JsonObject? actual) =>
        (int?)expectedResult["workflowsRun"] is { } runs && (int?)actual?["workflowsRun"] is { } ours
        && ours < runs && ours >= step["instances"]!.AsObject().Count
            ? new JsonObject { ["workflowsRun"] = ours }
            : expectedResult;

    private async Task CompareFinalAsync()
    {
        var records = await host.InstancesAsync();
        foreach (var (alias, expected) in fixture.ExpectedFinal)
        {
            var record = _aliases.TryGetValue(alias, out var id) ? records.SingleOrDefault(one => one.Id == id) : null;
            if (record is null)
            {
                Differ(-1, alias, "an instance", "none");
                continue;
            }

            Compare(-1, $"{alias} status", (string?)expected!["status"], record.Status.ToString());
            Compare(-1, $"{alias} subStatus", (string?)expected["subStatus"], record.SubStatus.ToString());
            CompareJson(-1, $"{alias} output", expected["output"], Object(InstanceState.Read(record.State).Output));
            Compare(-1, $"{alias} bookmarks", Number(expected["bookmarkCount"]), Number(record.Bookmarks.Count));
            Compare(-1, $"{alias} incidents", Number(expected["incidentCount"]), Number(record.IncidentCount));
        }
    }

    private List<string> ExpectedLog(JsonObject instance)
    {
        return [.. instance["log"]!.AsArray()
            .Where(entry => !IsContainer((string)entry!["a"]!))
            .Select(entry =>
            {
                var name = fixture.Match == "unordered" ? (string)entry!["a"]! : $"{entry!["a"]}#{entry["n"]}";
                var what = (string)entry["e"]!;
                return $"{name}:{what}{string.Concat((entry["outcomes"] as JsonArray ?? []).Select(outcome => $"[{outcome}]"))}";
            })];
    }

    private async Task<List<string>> NewLogAsync(Guid id)
    {
        var journal = await host.JournalAsync(id);
        var ordinals = _ordinals.TryGetValue(id, out var known) ? known : _ordinals[id] = [];
        var counts = journal.Where(entry => ordinals.ContainsKey(entry.Number)).Select(entry => (entry.ActivityId, entry.Number))
            .Distinct().GroupBy(pair => pair.ActivityId).ToDictionary(group => group.Key, group => group.Count());
        var log = new List<string>();
        foreach (var entry in journal.Skip(_journalSeen.GetValueOrDefault(id)))
        {
            if (!ordinals.TryGetValue(entry.Number, out var ordinal))
            {
                counts[entry.ActivityId] = ordinal = counts.GetValueOrDefault(entry.ActivityId) + 1;
                ordinals[entry.Number] = ordinal;
            }

            if (!IsContainer(entry.ActivityId))
            {
                var name = fixture.Match == "unordered" ? entry.ActivityId : $"{entry.ActivityId}#{ordinal}";
                log.Add($"{name}:{entry.Event}{string.Concat(entry.Outcomes.Select(outcome => $"[{outcome}]"))}");
            }
        }

        _journalSeen[id] = journal.Count;
        return log;
    }

    private bool IsContainer(string activityId) =>
        activityId.StartsWith("Workflow", StringComparison.Ordinal)
        || (_types.TryGetValue(activityId, out var type) && Containers.Contains(type));

    private static string Bookmark(string? activityId, string? name, JsonNode? stimulus)
    {
        var shape = new JsonObject();
        foreach (var (key, value) in stimulus as JsonObject ?? [])
        {
            // Recorded ids and moments are placeholders.
            shape[key] = key is "TaskId" or "ChildInstanceId" or "ResumeAt" ? "*" : value?.DeepClone();
        }

        return $"{activityId} {name} {StimulusHash.Canonical(shape)}";
    }

    private static JsonObject Object(IReadOnlyDictionary<string, JsonNode?> values) =>
        new(values.Select(value => KeyValuePair.Create(value.Key, value.Value?.DeepClone())));

    private static string Number(JsonNode? number) => number?.ToJsonString() ?? "0";

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private void CompareSequence(
        int step, string what, List<string> expected, List<string> actual, bool inAnyOrder)
    {
        var same = inAnyOrder
            ? expected.Order(StringComparer.Ordinal).SequenceEqual(actual.Order(StringComparer.Ordinal))
            : expected.SequenceEqual(actual);
        if (!same)
        {
            Differ(step, what, string.Join(' ', expected), string.Join(' ', actual));
        }
    }

    private void CompareJson(int step, string what, JsonNode? expected, JsonNode? actual)
    {
        if (!Same(expected, actual))
        {
            Differ(step, what, expected, actual);
        }
    }

    private static bool Same(JsonNode? expected, JsonNode? actual) => (expected, actual) switch
    {
        (null, null) => true,
        (JsonObject left, JsonObject right) => left.Count == right.Count
            && left.All(property => right.ContainsKey(property.Key) && Same(property.Value, right[property.Key])),
        (JsonArray left, JsonArray right) => left.Count == right.Count
            && left.Zip(right).All(pair => Same(pair.First, pair.Second)),
        (JsonValue left, JsonValue right) when left.GetValueKind() == JsonValueKind.String && Placeholder().IsMatch(left.ToString()) =>
            right.GetValueKind() == JsonValueKind.String,
        (JsonValue left, JsonValue right) => JsonNode.DeepEquals(left, right),
        _ => false,
    };

    private void Compare(int step, string what, string? expected, string? actual)
    {
        if (expected != actual)
        {
            Differ(step, what, expected, actual);
        }
    }

    private void Differ(int step, string what, object? expected, object? actual) =>
        _differences.Add($"{(step < 0 ? "end" : $"step {step}")} {what}: expected {Shown(expected)}, got {Shown(actual)}");

    private static string Shown(object? value) => value switch
    {
        null => "nothing",
        JsonNode node => node.ToJsonString(),
        _ => value.ToString()!,
    };

    [GeneratedRegex("^<(id|number|now.*)>$")]
    private static partial Regex Placeholder();
}
