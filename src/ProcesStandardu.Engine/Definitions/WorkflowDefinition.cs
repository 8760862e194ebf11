using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Definitions;

/// <summary>One immutable version of a workflow definition, read and checked, ready to run.</summary>
public sealed class WorkflowDefinition
{
    /// <summary>Id of this version; Elsa's <c>id</c>.</summary>
    public required string VersionId { get; init; }

    /// <summary>Id that all versions share; Elsa's <c>definitionId</c>.</summary>
    public required string DefinitionId { get; init; }

    /// <summary>1, 2, 3 …</summary>
    public required int Version { get; init; }

    public required string Name { get; init; }

    public string Description { get; init; } = "";

    public IReadOnlyList<VariableDefinition> Variables { get; init; } = [];

    public IReadOnlyList<ParameterDefinition> Inputs { get; init; } = [];

    public IReadOnlyList<ParameterDefinition> Outputs { get; init; } = [];

    /// <summary>Outcomes the workflow offers when it is used as an activity.</summary>
    public IReadOnlyList<string> Outcomes { get; init; } = [];

    public bool UsableAsActivity { get; init; }

    public ActivationStrategy Activation { get; init; }

    public IncidentStrategy Incidents { get; init; }

    /// <summary>The workflow itself, an activity named <c>Workflow1</c> around the root.</summary>
    public required ActivityNode Workflow { get; init; }

    /// <summary>All activities by node id, those of workflows used as activities included.</summary>
    public required IReadOnlyDictionary<string, ActivityNode> Nodes { get; init; }

    /// <summary>Version ids of workflows used as activities.</summary>
    public IReadOnlyList<string> UsedVersions { get; init; } = [];

    /// <summary>True when a script may ask for outputs of earlier activities, so that they must be remembered.</summary>
    public bool RemembersOutputs { get; init; }

    /// <summary>The JSON it was read from, with node ids filled in.</summary>
    public required JsonObject Source { get; init; }

    /// <summary>The first activity with this id; null when there is none.</summary>
    public ActivityNode? FindActivity(string activityId) =>
        Nodes.Values.FirstOrDefault(node => node.Id == activityId && node.Definition == this)
        ?? Nodes.Values.FirstOrDefault(node => node.Id == activityId);
}

/// <summary>How many instances of a definition may run at once.</summary>
public enum ActivationStrategy
{
    AllowAlways,

    /// <summary>One instance of the definition.</summary>
    Singleton,

    /// <summary>One instance of any definition for a correlation id.</summary>
    Correlation,

    /// <summary>One instance of the definition for a correlation id.</summary>
    CorrelatedSingleton,
}

/// <summary>What becomes of an instance when one of its activities faults.</summary>
public enum IncidentStrategy
{
    /// <summary>It ends as faulted.</summary>
    Fault,

    /// <summary>Its other branches go on; the faulted branch waits for an operator.</summary>
    ContinueWithIncidents,
}

/// <summary>A variable of a workflow or of a container in it.</summary>
/// <param name="InitialValue">Already converted to <paramref name="Shape"/>.</param>
/// <param name="IsStored">False when the value is forgotten each time the instance waits.</param>
public sealed record VariableDefinition(
    string Id, string Name, string TypeName, ValueShape Shape, JsonNode? InitialValue, bool IsStored);

/// <summary>An input or output of a workflow.</summary>
public sealed record ParameterDefinition(string Name, string TypeName, string DisplayName, string Description, JsonNode? DefaultValue)
{
    public ValueShape Shape { get; } = ValueShape.Of(TypeName);
}

/// <summary>One activity in a definition, with everything about it that does not change between instances.</summary>
public sealed class ActivityNode
{
    internal ActivityNode()
    {
    }

    /// <summary>Id within the definition.</summary>
    public required string Id { get; init; }

    /// <summary>Path of ids from the workflow, joined by colons.</summary>
    public required string NodeId { get; init; }

    /// <summary>Name given by the designer; null when none.</summary>
    public string? Name { get; init; }

    public required Activity Activity { get; init; }

    public ActivityDescriptor Descriptor => Activity.Descriptor;

    public string Type => Descriptor.TypeName;

    public int Version => Descriptor.Version;

    /// <summary>The container; null for the workflow.</summary>
    public ActivityNode? Parent { get; init; }

    /// <summary>Children in the order of the definition, all ports together.</summary>
    public IReadOnlyList<ActivityNode> Children { get; internal set; } = [];

    public IReadOnlyList<VariableDefinition> Variables { get; init; } = [];

    public bool CanStartWorkflow { get; init; }

    /// <summary>The definition whose JSON holds the activity.</summary>
    public WorkflowDefinition Definition { get; internal set; } = null!;

    /// <summary>Expressions in the order of the descriptor's inputs; null for inputs that are not wrapped.</summary>
    internal Expression?[] Inputs { get; init; } = [];

    /// <summary>Variable ids in the order of the descriptor's outputs; null where nothing is bound.</summary>
    internal string?[] OutputBindings { get; init; } = [];

    /// <summary>The ways by which it can be left as its JSON tells; see <see cref="Activity.OutcomesOf"/>.</summary>
    internal IReadOnlyList<string>? Outcomes { get; init; }

    /// <summary>Children by the camel-case name of their port.</summary>
    internal Dictionary<string, ActivityNode> Ports { get; } = [];

    /// <summary>What the activity type prepared from its own properties; see <see cref="ControlActivity"/>.</summary>
    internal object? Prepared { get; set; }

    public override string ToString() => $"{NodeId} ({Type})";
}
