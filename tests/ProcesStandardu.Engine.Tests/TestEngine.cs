using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;
using ProcesStandardu.Testing;

namespace ProcesStandardu.Engine.Tests;

/// <summary>The engine over the store in memory, with a clock that stands and the lines that workflows write.</summary>
internal sealed class TestEngine : IServiceProvider
{
    public TestEngine(params Activity[] activities)
    {
        var registry = BuiltIn.AddTo(new ActivityRegistry());
        foreach (var activity in activities)
        {
            registry.Add(activity);
        }

        Definitions = new InMemoryDefinitions(registry);
        Options = new EngineOptions { WriteLine = (_, text) => Lines.Add(text ?? "<null>") };
        Engine = new WorkflowEngine(Store, Definitions, Clock, this, Options);
    }

    public InMemoryWorkflowStore Store { get; } = new();

    public InMemoryDefinitions Definitions { get; }

    public TestClock Clock { get; } = new();

    public EngineOptions Options { get; }

    public WorkflowEngine Engine { get; }

    public List<string> Lines { get; } = [];

    public InstanceRecord Only => Store.Instances.Single();

    public WorkflowDefinition Publish(string json)
    {
        var definition = Definitions.Publish(json);
        Store.Triggers.AddRange(Engine.TriggersOf(definition));
        return definition;
    }

    public Task<StartResult> StartAsync(string json, params (string Name, JsonNode? Value)[] input)
    {
        var definition = Publish(json);
        return Engine.StartAsync(
            new StartWorkflow
            {
                DefinitionId = definition.DefinitionId,
                Input = input.ToDictionary(value => value.Name, value => value.Value),
            },
            CancellationToken.None);
    }

    public Task<SendResult> PublishEventAsync(string name, JsonNode? payload = null, string? id = null, string? correlationId = null) =>
        Engine.SendAsync(
            new Stimulus("Elsa.Event", new { EventName = name }) { Input = payload, Id = id, CorrelationId = correlationId },
            CancellationToken.None);

    /// <summary>Fires every wait that is due by the clock.</summary>
    public async Task FireDueAsync()
    {
        foreach (var bookmark in Store.Instances.SelectMany(instance => instance.Bookmarks)
            .Where(bookmark => bookmark.DueAt <= Clock.GetUtcNow()).OrderBy(bookmark => bookmark.DueAt).ToArray())
        {
            await Engine.FireDueAsync(bookmark.Id, CancellationToken.None);
        }
    }

    /// <summary>The journal of an instance as <c>activity:Event</c>, outcomes in brackets.</summary>
    public string Journal(Guid instanceId) => string.Join(' ', Store.JournalOf(instanceId).Select(entry =>
        $"{entry.Activity.Id}:{entry.Event}{string.Concat((entry.Outcomes ?? []).Select(outcome => $"[{outcome}]"))}"));

    /// <summary>The one service that activities find; null for none.</summary>
    public object? Service { get; init; }

    public object? GetService(Type serviceType) => serviceType.IsInstanceOfType(Service) ? Service : null;
}

/// <summary>Writes workflow definitions for tests, as the designer would.</summary>
internal static class Definition
{
    public static string Flow(string connections, params JsonObject[] activities) => Of(FlowChart("flow", connections, activities));

    public static string Sequence(params JsonObject[] activities) =>
        Of(new JsonObject { ["id"] = "root", ["type"] = "Elsa.Sequence", ["version"] = 1, ["activities"] = new JsonArray([.. activities]) });

    /// <summary>A flowchart; connections as <c>a &gt; b, b.True &gt; c</c>.</summary>
    public static JsonObject FlowChart(string id, string connections, params JsonObject[] activities) => new()
    {
        ["id"] = id,
        ["type"] = "Elsa.Flowchart",
        ["version"] = 1,
        ["activities"] = new JsonArray([.. activities]),
        ["connections"] = new JsonArray([.. connections.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(connection =>
            {
                var (from, to) = connection.Split('>', StringSplitOptions.TrimEntries) is [var left, var right]
                    ? (left.Split('.'), right) : throw new ArgumentException(connection);
                return new JsonObject
                {
                    ["source"] = new JsonObject { ["activity"] = from[0], ["port"] = from.ElementAtOrDefault(1) ?? "Done" },
                    ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
                };
            })]),
    };

    public static string Of(JsonObject root, string id = "test", JsonArray? variables = null, string? incidents = null, bool usable = false) =>
        new JsonObject
        {
            ["id"] = id + "-v1",
            ["definitionId"] = id,
            ["version"] = 1,
            ["name"] = id,
            ["variables"] = variables ?? [],
            ["options"] = new JsonObject { ["incidentStrategyType"] = incidents, ["usableAsActivity"] = usable },
            ["root"] = root,
        }.ToJsonString();

    public static JsonObject Variable(string name, string type, string? value = null) =>
        new() { ["id"] = name, ["name"] = name, ["typeName"] = type, ["value"] = value };

    /// <summary>An activity; plain texts and numbers become literals, objects stay as they are.</summary>
    public static JsonObject Activity(string id, string type, params (string Name, JsonNode? Value)[] properties)
    {
        var activity = new JsonObject { ["id"] = id, ["name"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in properties)
        {
            activity[name] = value is JsonValue literal ? Expression("Literal", literal.ToString()) : value;
        }

        return activity;
    }

    public static JsonObject Write(string id) => Activity(id, "Elsa.WriteLine", ("text", id));

    public static JsonObject Event(string id, string name) => Activity(id, "Elsa.Event", ("eventName", name));

    public static JsonObject Start(string id = "start") => Activity(id, "Elsa.Start");

    public static JsonObject Js(string script) => Expression("JavaScript", script);

    /// <summary>As the designer saves it: without type, the value always text.</summary>
    public static JsonObject Expression(string type, string value) => new()
    {
        ["typeName"] = null,
        ["expression"] = new JsonObject { ["type"] = type, ["value"] = value },
        ["memoryReference"] = null,
    };

    public static JsonObject Into(string variable) => new() { ["typeName"] = "Object", ["memoryReference"] = new JsonObject { ["id"] = variable } };
}
