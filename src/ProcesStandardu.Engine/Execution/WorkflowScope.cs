using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;

namespace ProcesStandardu.Engine.Execution;

/// <summary>Why an activity ended as faulted.</summary>
internal sealed record ActivityFault(string Code, string Message, Exception? Exception);

/// <summary>Inputs and outputs of a running workflow, be it the instance or a workflow used as an activity.</summary>
internal sealed class WorkflowScope(WorkflowDefinition definition, IReadOnlyDictionary<string, JsonNode?> inputs)
{
    public WorkflowDefinition Definition { get; } = definition;

    public IReadOnlyDictionary<string, JsonNode?> Inputs { get; } = inputs;

    public Dictionary<string, JsonNode?> Outputs { get; init; } = [];

    /// <summary>Outcomes that a Complete activity chose; null when none did.</summary>
    public IReadOnlyList<string>? Outcomes { get; set; }
}
