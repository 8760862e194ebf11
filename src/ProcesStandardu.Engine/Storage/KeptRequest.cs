using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Engine.Storage;

/// <summary>What is needed to make a stored delivery again; stored as JSON, so its property names must stay.</summary>
internal sealed record KeptRequest
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    public string? Name { get; init; }

    public JsonNode? Payload { get; init; }

    public JsonNode? Input { get; init; }

    public string? CorrelationId { get; init; }

    public Guid? InstanceId { get; init; }

    public Guid? BookmarkId { get; init; }

    public bool IsDue { get; init; }

    public string? VersionId { get; init; }

    public Dictionary<string, JsonNode?>? StartInput { get; init; }

    public string? InstanceName { get; init; }

    public Guid? ParentInstanceId { get; init; }

    public string? TriggerActivityId { get; init; }

    public Resumption? StartedBy { get; init; }

    public int Depth { get; init; }

    public static KeptRequest Of(Stimulus stimulus) => new()
    {
        Name = stimulus.Name,
        Payload = StimulusHash.Canonical(stimulus.Payload) is { } canonical ? JsonNode.Parse(canonical) : null,
        Input = stimulus.Input?.DeepClone(),
        CorrelationId = stimulus.CorrelationId,
        InstanceId = stimulus.InstanceId,
    };

    public static KeptRequest Of(StartWorkflow start) => new()
    {
        VersionId = start.VersionId,
        StartInput = start.Input.ToDictionary(input => input.Key, input => input.Value?.DeepClone()),
        CorrelationId = start.CorrelationId,
        InstanceName = start.Name,
        InstanceId = start.InstanceId,
        ParentInstanceId = start.ParentInstanceId,
        TriggerActivityId = start.TriggerActivityId,
        StartedBy = start.StartedBy,
        Depth = start.Depth,
    };

    public Stimulus ToStimulus() => new(Name!, Payload)
    {
        Input = Input,
        CorrelationId = CorrelationId,
        InstanceId = InstanceId,
    };

    public StartWorkflow ToStart() => new()
    {
        VersionId = VersionId,
        Input = StartInput ?? [],
        CorrelationId = CorrelationId,
        Name = InstanceName,
        InstanceId = InstanceId,
        ParentInstanceId = ParentInstanceId,
        TriggerActivityId = TriggerActivityId,
        StartedBy = StartedBy,
        Depth = Depth,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    public static KeptRequest Parse(string json) => JsonSerializer.Deserialize<KeptRequest>(json, Options)!;
}
