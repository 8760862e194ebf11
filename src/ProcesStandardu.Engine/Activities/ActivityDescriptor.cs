using System.Text.Json.Nodes;

namespace ProcesStandardu.Engine.Activities;

/// <summary>What a designer must know of one activity type: its name, texts, ports, inputs and outputs.</summary>
/// <remarks>
/// <see cref="TypeName"/> and <see cref="Version"/> are stored in definitions and outlive the class that implements
/// them. Texts are given by the registering code, in the language of its readers.
/// </remarks>
public sealed record ActivityDescriptor
{
    /// <summary>Stored name such as <c>ProcesStandardu.AwaitBallot</c>; case-sensitive.</summary>
    public required string TypeName { get; init; }

    public int Version { get; init; } = 1;

    public required string Category { get; init; }

    public required string DisplayName { get; init; }

    public string Description { get; init; } = "";

    public ActivityKind Kind { get; init; } = ActivityKind.Action;

    /// <summary>Outcomes and embedded children in drawing order; none declared means the single outcome <c>Done</c>.</summary>
    public IReadOnlyList<PortDescriptor> Ports { get; init; } = [];

    public IReadOnlyList<InputDescriptor> Inputs { get; init; } = [];

    public IReadOnlyList<OutputDescriptor> Outputs { get; init; } = [];

    /// <summary>Nothing follows it: completing it completes its container.</summary>
    public bool IsTerminal { get; init; }

    /// <summary>Marks where a flowchart starts.</summary>
    public bool IsStart { get; init; }

    public bool IsContainer { get; init; }

    /// <summary>
    /// While it waits others rely on it, as on a ballot that was announced: it ends only by its own act. It is not skipped,
    /// replaced or moved, and its instance stays on its version until then.
    /// </summary>
    public bool IsCommitted { get; init; }

    /// <summary>False keeps the type out of the toolbox; definitions may still use it.</summary>
    public bool IsBrowsable { get; init; } = true;

    public JsonObject? CustomProperties { get; init; }

    /// <summary>The part of the type name after the last dot, from which a designer makes names such as <c>Notify2</c>.</summary>
    public string Name => TypeName[(TypeName.LastIndexOf('.') + 1)..];

    /// <summary>The part of the type name before the last dot; empty when there is none.</summary>
    public string Namespace => TypeName.LastIndexOf('.') is var dot and > 0 ? TypeName[..dot] : "";
}

/// <summary>How a designer and the engine treat an activity; only a trigger may start a workflow.</summary>
public enum ActivityKind
{
    Action,
    Trigger,
    Job,
    Task,
}

/// <summary>Whether a port leads out along a connection or holds a child inside the activity.</summary>
public enum PortKind
{
    Embedded,
    Flow,
}

/// <summary>One way out of an activity, or one place for a child in it.</summary>
public sealed record PortDescriptor(string Name, string DisplayName, PortKind Kind = PortKind.Flow);

/// <summary>One choice of a drop-down, a radio list or a check list.</summary>
public sealed record InputOption(string Text, string Value);

/// <summary>One input of an activity; in a definition its property is the camel-case form of <see cref="Name"/>.</summary>
public sealed record InputDescriptor(string Name, string TypeName, string DisplayName)
{
    public string Description { get; init; } = "";

    /// <summary>The editor a designer shows, such as <c>singleline</c>, <c>multiline</c>, <c>dropdown</c>, <c>checkbox</c>.</summary>
    public string UiHint { get; init; } = "singleline";

    /// <summary>Used by the engine when a definition leaves the input out; null means none.</summary>
    public JsonNode? DefaultValue { get; init; }

    public IReadOnlyList<InputOption> Options { get; init; } = [];

    /// <summary>True when a definition holds an expression here, false when it holds plain JSON.</summary>
    public bool IsWrapped { get; init; } = true;

    /// <summary>False when the activity evaluates the expression itself, as a loop does before each round.</summary>
    public bool AutoEvaluate { get; init; } = true;

    public float Order { get; init; }

    public string? Category { get; init; }

    public string DefaultSyntax { get; init; } = "Literal";

    public bool IsBrowsable { get; init; } = true;

    public bool IsReadOnly { get; init; }

    /// <summary>True keeps the evaluated value out of activity records.</summary>
    public bool IsSensitive { get; init; }

    /// <summary>Settings of the editor beyond <see cref="Options"/>, passed on as they are.</summary>
    public JsonObject? UiSpecifications { get; init; }
}

/// <summary>One value an activity produces; a definition may bind it to a variable or a workflow output.</summary>
public sealed record OutputDescriptor(string Name, string TypeName, string DisplayName)
{
    public string Description { get; init; } = "";

    public float Order { get; init; }

    public bool IsBrowsable { get; init; } = true;
}
