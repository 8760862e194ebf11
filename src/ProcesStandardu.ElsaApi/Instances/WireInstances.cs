using System.Globalization;
using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Journal;

namespace ProcesStandardu.ElsaApi.Instances;

/// <summary>Instances, journals and executions as Studio reads them.</summary>
internal static class WireInstances
{
    public static JsonObject Summary(ShownInstance instance) => new()
    {
        ["id"] = instance.Id.ToString("D"),
        ["definitionId"] = instance.DefinitionId,
        ["definitionVersionId"] = instance.VersionId,
        ["version"] = instance.Version,
        ["status"] = Word(instance.Status),
        ["subStatus"] = Word(instance.SubStatus),
        ["correlationId"] = instance.CorrelationId,
        ["name"] = instance.Name,
        ["incidentCount"] = instance.IncidentCount,
        ["isSystem"] = false,
        ["createdAt"] = instance.CreatedAt,
        ["updatedAt"] = instance.UpdatedAt,
        ["finishedAt"] = instance.FinishedAt,
    };

    public static JsonObject Full(ShownInstance instance, IReadOnlyList<ShownWait> waits, IReadOnlyList<ShownIncident> incidents)
    {
        var full = Summary(instance);
        full["workflowState"] = new JsonObject
        {
            ["id"] = instance.Id.ToString("D"),
            ["definitionId"] = instance.DefinitionId,
            ["definitionVersionId"] = instance.VersionId,
            ["definitionVersion"] = instance.Version,
            ["correlationId"] = instance.CorrelationId,
            ["status"] = Word(instance.Status),
            ["subStatus"] = Word(instance.SubStatus),
            ["bookmarks"] = new JsonArray([.. waits.Select(wait => new JsonObject
            {
                ["id"] = wait.Id.ToString("D"),
                ["name"] = wait.Name,
                ["hash"] = wait.Hash,
                ["payload"] = wait.Payload is { } payload ? JsonNode.Parse(payload) as JsonObject : null,
                ["activityId"] = wait.ActivityId,
                ["activityNodeId"] = wait.NodeId,
                ["activityInstanceId"] = ActivityInstanceId.Format(instance.Id, wait.Number),
                ["createdAt"] = wait.CreatedAt,
                ["autoBurn"] = true,
                ["metadata"] = wait.DueAt is { } due ? new JsonObject { ["dueAt"] = due.ToString("O", CultureInfo.InvariantCulture) } : null,
            })]),
            ["incidents"] = new JsonArray([.. incidents.Select(incident => new JsonObject
            {
                ["activityId"] = incident.ActivityId,
                ["activityNodeId"] = incident.NodeId,
                ["activityInstanceId"] = ActivityInstanceId.Format(instance.Id, incident.Number),
                ["activityType"] = incident.Type,
                ["message"] = incident.Message,
                ["exception"] = Exception(incident.Code, incident.Message, incident.Details),
                ["timestamp"] = incident.At,
            })]),
            ["fault"] = null,
            ["completionCallbacks"] = new JsonArray(),
            ["activityExecutionContexts"] = new JsonArray(),
            ["input"] = InputOf(instance),
            ["output"] = JsonNode.Parse(instance.Output),
            ["properties"] = new JsonObject(),
            ["createdAt"] = instance.CreatedAt,
            ["updatedAt"] = instance.UpdatedAt,
            ["finishedAt"] = instance.FinishedAt,
        };
        return full;
    }

    public static JsonObject Execution(ShownExecution execution)
    {
        var wire = ExecutionSummary(execution);
        wire["activityState"] = execution.Inputs is { } inputs ? JsonNode.Parse(inputs) : new JsonObject();
        wire["outputs"] = execution.Outputs is { } outputs ? JsonNode.Parse(outputs) : new JsonObject();
        wire["payload"] = execution.Outcomes is { } outcomes ? new JsonObject { ["Outcomes"] = List(outcomes) } : new JsonObject();
        wire["properties"] = new JsonObject();
        wire["exception"] = execution.FaultMessage is { } message ? Exception("Fault", message, null) : null;
        wire["aggregateFaultCount"] = execution.FaultCount;
        return wire;
    }

    public static JsonObject ExecutionSummary(ShownExecution execution) => new()
    {
        ["id"] = ActivityInstanceId.Format(execution.InstanceId, execution.Number),
        ["workflowInstanceId"] = execution.InstanceId.ToString("D"),
        ["activityId"] = execution.ActivityId,
        ["activityNodeId"] = execution.NodeId,
        ["activityType"] = execution.Type,
        ["activityTypeVersion"] = execution.Version,
        ["activityName"] = execution.Name,
        ["startedAt"] = execution.StartedAt,
        ["hasBookmarks"] = execution.HasWaits,
        ["metadata"] = new JsonObject(),
        ["status"] = Word(execution.Status),
        ["completedAt"] = execution.CompletedAt,
        ["schedulingActivityExecutionId"] = execution.Parent is { } parent ? ActivityInstanceId.Format(execution.InstanceId, parent) : null,
        ["schedulingWorkflowInstanceId"] = execution.InstanceId.ToString("D"),
    };

    public static JsonObject Entry(ShownEntry entry) => new()
    {
        ["id"] = string.Create(CultureInfo.InvariantCulture, $"{entry.InstanceId:N}-journal-{entry.Sequence}"),
        ["activityInstanceId"] = ActivityInstanceId.Format(entry.InstanceId, entry.Number),
        ["parentActivityInstanceId"] = entry.Parent is { } parent ? ActivityInstanceId.Format(entry.InstanceId, parent) : null,
        ["activityId"] = entry.ActivityId,
        ["activityType"] = entry.Type,
        ["activityTypeVersion"] = entry.Version,
        ["activityName"] = entry.Name,
        ["nodeId"] = entry.NodeId,
        ["timestamp"] = entry.At,
        ["sequence"] = entry.Sequence,
        ["eventName"] = entry.Event,
        ["message"] = entry.Message,
        ["source"] = null,
        ["activityState"] = new JsonObject(),
        ["payload"] = entry.Outcomes is { } outcomes ? new JsonObject { ["Outcomes"] = List(outcomes) } : new JsonObject(),
    };

    /// <summary>The badge of one activity: how often it began and ended, whether it waits or has faulted.</summary>
    public static JsonObject Stats(IGrouping<string, ShownExecution> executions)
    {
        var all = executions.ToList();
        var completed = all.Count(execution => execution.Status == "completed");
        return new JsonObject
        {
            ["activityId"] = all[0].ActivityId,
            ["activityNodeId"] = executions.Key,
            ["startedCount"] = all.Count,
            ["completedCount"] = completed,
            ["uncompletedCount"] = all.Count(execution => execution.Status == "running"),
            ["isBlocked"] = all.Exists(execution => execution is { Status: "running", HasWaits: true }),
            ["isFaulted"] = all.Exists(execution => execution.Status == "faulted"),
            ["metadata"] = new JsonObject(),
        };
    }

    /// <summary>Stored names are lower case, Elsa's begin with a capital.</summary>
    public static string Word(string stored) => stored.Length == 0 ? stored : char.ToUpperInvariant(stored[0]) + stored[1..];

    private static JsonObject InputOf(ShownInstance instance)
    {
        try
        {
            return new JsonObject(InstanceState.Read(instance.State).Input.Select(input => KeyValuePair.Create(input.Key, input.Value?.DeepClone())));
        }
        catch (InstanceStateException)
        {
            // A state of another format is the engine's to judge; a viewer shows the rest.
            return [];
        }
    }

    private static JsonObject Exception(string type, string message, string? details) => new()
    {
        ["type"] = type,
        ["message"] = message,
        ["stackTrace"] = details ?? "",
        ["innerException"] = null,
    };

    private static JsonArray List(IReadOnlyList<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
