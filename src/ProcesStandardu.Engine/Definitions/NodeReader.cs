using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Definitions;

/// <summary>Gives an activity type access to its own JSON while a definition is read.</summary>
internal sealed class NodeReader(
    Reading reading, JsonObject source, ActivityNode node, string place, NodeTable nodes)
{
    public List<ActivityNode> Children { get; } = [];

    public JsonObject Source => source;

    public ActivityNode Node => node;

    public string Place => place;

    public void Report(string code, string at, params string[] arguments) => reading.Report(code, at, arguments);

    /// <summary>Reads the children in declared embedded ports.</summary>
    public void ReadPorts()
    {
        foreach (var port in node.Descriptor.Ports)
        {
            if (port.Kind == PortKind.Embedded)
            {
                ReadPort(Json.Camel(port.Name));
            }
        }
    }

    /// <summary>The list in a property; empty when there is none.</summary>
    public JsonArray List(string property) => reading.List(source, property, place);

    /// <summary>The most connections that one flowchart may have.</summary>
    public int MostConnections => reading.Limits.Connections;

    /// <summary>The child in one property; null when there is none.</summary>
    public ActivityNode? ReadPort(string property) =>
        reading.Object(source, property, place) is { } child ? ReadChild(child, $"{place}.{property}", property) : null;

    /// <summary>The children in a list property, in order.</summary>
    public List<ActivityNode> ReadList(string property)
    {
        var children = new List<ActivityNode>();
        var index = 0;
        foreach (var item in List(property))
        {
            if (item is JsonObject child && ReadChild(child, $"{place}.{property}[{index}]", null) is { } read)
            {
                children.Add(read);
            }
            else if (item is not JsonObject)
            {
                reading.Report("ActivityIsNoObject", $"{place}.{property}[{index}]");
            }

            index++;
        }

        return children;
    }

    public ActivityNode? ReadChild(JsonObject child, string at, string? port)
    {
        var read = reading.ReadNode(child, node, at, nodes);
        if (read is not null)
        {
            Children.Add(read);
            if (port is not null)
            {
                node.Ports[port] = read;
            }
        }

        return read;
    }

    /// <summary>Puts the activities of another definition under this node, with node ids of their own.</summary>
    public ActivityNode Embed(WorkflowDefinition used)
    {
        var copy = Copy(used.Workflow, node, used);
        Children.Add(copy);
        return copy;
    }

    public Expression? ReadExpression(JsonNode? value, ValueShape shape, string at, bool isWrapped = false) =>
        reading.ReadExpression(value, shape, at, isWrapped);

    // Prepared data names children by node; it is prepared again for the copy from the copied definition's JSON.
    private ActivityNode Copy(ActivityNode original, ActivityNode parent, WorkflowDefinition used)
    {
        var copy = new ActivityNode
        {
            Id = original.Id,
            NodeId = parent.NodeId + ":" + original.Id,
            Activity = original.Activity,
            Parent = parent,
        };
        copy.Definition = used;
        var inner = new NodeTable();
        var root = (JsonObject)used.Source["root"]!.DeepClone();
        if (reading.ReadNode(root, copy, place + ".root", inner) is { } read)
        {
            copy.Children = [read];
        }

        nodes.ByNodeId[copy.NodeId] = copy;
        foreach (var (nodeId, embedded) in inner.ByNodeId)
        {
            embedded.Definition ??= used;
            nodes.ByNodeId[nodeId] = embedded;
        }

        return copy;
    }
}

/// <summary>The activities read so far: ids are unique within one definition, node ids also across those embedded in it.</summary>
internal sealed class NodeTable
{
    public Dictionary<string, ActivityNode> ByNodeId { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Ids { get; } = new(StringComparer.Ordinal);
}
