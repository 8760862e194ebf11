using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine.Execution;

/// <summary>The stored state of an instance: one small JSON with a format version, holding only what is still alive.</summary>
public sealed class InstanceState
{
    /// <summary>Version 1: <c>{v, n, s, b, d, root, outputs, last}</c>; see <see cref="WriteContext"/> for an execution.</summary>
    public const int FormatVersion = 1;

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512 };

    private static readonly JsonWriterOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 512,
        SkipValidation = true,
    };

    // A state of rare size must not keep its room for ever.
    private const int MostKept = 65_536;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    private InstanceState(
        IReadOnlyDictionary<string, JsonNode?> input, IReadOnlyDictionary<string, JsonNode?> output,
        IReadOnlyDictionary<string, JsonNode?> variables)
    {
        Input = input;
        Output = output;
        Variables = variables;
    }

    /// <summary>What the instance was started with.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Input { get; }

    public IReadOnlyDictionary<string, JsonNode?> Output { get; }

    /// <summary>Stored workflow variables by id.</summary>
    public IReadOnlyDictionary<string, JsonNode?> Variables { get; }

    /// <summary>Reads what can be shown of a stored state without its definition.</summary>
    /// <exception cref="InstanceStateException">The state cannot be read.</exception>
    public static InstanceState Read(string state)
    {
        var root = Parse(state)["root"]!.AsObject();
        var scope = root["w"]!.AsObject();
        return new InstanceState(Values(scope["in"]), Values(scope["out"]), Values(root["v"]));
    }

    internal static string Save(Burst burst)
    {
        var bytes = buffer ??= new ArrayBufferWriter<byte>(1024);
        bytes.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(bytes, Relaxed))
        {
            writer.WriteStartObject();
            writer.WriteNumber("v", FormatVersion);
            writer.WriteNumber("n", burst.LastNumber);
            writer.WriteNumber("s", burst.LastSequence);
            writer.WriteNumber("b", burst.Number);
            if (burst.Depth > 0)
            {
                writer.WriteNumber("d", burst.Depth);
            }

            writer.WritePropertyName("root");
            WriteContext(writer, burst.Root);
            if (burst.Remembered.Count > 0)
            {
                writer.WriteStartObject("outputs");
                foreach (var (activity, outputs) in burst.Remembered)
                {
                    writer.WritePropertyName(activity);
                    outputs.WriteTo(writer);
                }

                writer.WriteEndObject();
                Write(writer, "last", burst.LastResult);
            }

            writer.WriteEndObject();
        }

        var state = Encoding.UTF8.GetString(bytes.WrittenSpan);
        if (bytes.Capacity > MostKept)
        {
            buffer = null;
        }

        return state;
    }

    internal static Burst Load(
        WorkflowEngine engine, InstanceRecord record, WorkflowDefinition definition, DateTimeOffset now,
        IReadOnlyDictionary<string, Exception>? knownFaults)
    {
        var state = Parse(record.State);
        var burst = new Burst(engine, record.Id, definition, record, now, knownFaults)
        {
            LastNumber = (long)state["n"]!,
            LastSequence = (long)state["s"]!,
            Depth = (int?)state["d"] ?? 0,
        };
        // States written before bursts were numbered: no burst is without an entry, so this number is free.
        burst.Number = ((int?)state["b"] ?? (int)burst.LastSequence) + 1;
        burst.MarkLoaded();
        burst.Root = ReadContext(burst, state["root"]!.AsObject(), null);
        foreach (var (activity, outputs) in state["outputs"]?.AsObject() ?? [])
        {
            burst.Remembered[activity] = outputs!.DeepClone().AsObject();
        }

        burst.LastResult = state["last"]?.DeepClone();
        return burst;
    }

    /// <summary>
    /// An execution: n number, a node id, t start, f fault count and x when faulted, b breaking, v variables, i inputs
    /// that cannot be read again, o outputs, w workflow scope, s state of its type, c living children.
    /// </summary>
    private static void WriteContext(Utf8JsonWriter writer, ActivityContext context)
    {
        writer.WriteStartObject();
        writer.WriteNumber("n", context.Number);
        writer.WriteString("a", context.Node.NodeId);
        writer.WriteString("t", context.StartedAt);
        if (context.FaultCount > 0)
        {
            writer.WriteNumber("f", context.FaultCount);
        }

        if (context.Status == ActivityStatus.Faulted)
        {
            writer.WriteBoolean("x", true);
        }

        if (context.IsBreaking)
        {
            writer.WriteBoolean("b", true);
        }

        Write(writer, "v", context.Variables?.Where(variable => IsStored(context, variable.Key)));
        if (context.SaveInputs() is { } inputs)
        {
            Write(writer, "i", (JsonNode)inputs);
        }

        Write(writer, "o", context.Produced);
        if (context.State is WorkflowScope scope)
        {
            writer.WriteStartObject("w");
            Write(writer, "in", scope.Inputs);
            Write(writer, "out", scope.Outputs);
            writer.WriteEndObject();
        }
        else if (context.Node.Activity is ControlActivity control && control.SaveState(context) is { } saved)
        {
            Write(writer, "s", saved);
        }

        if (context.Children is { Count: > 0 } children)
        {
            writer.WriteStartArray("c");
            foreach (var child in children)
            {
                WriteContext(writer, child);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static ActivityContext ReadContext(Burst burst, JsonObject saved, ActivityContext? parent)
    {
        var nodeId = (string)saved["a"]!;
        if (!burst.Definition.Nodes.TryGetValue(nodeId, out var node))
        {
            throw new InstanceStateException($"Activity {nodeId} is not in version {burst.Definition.VersionId}.");
        }

        var context = new ActivityContext(burst, node, parent, (long)saved["n"]!)
        {
            StartedAt = DateTimeOffset.Parse((string)saved["t"]!, CultureInfo.InvariantCulture),
            FaultCount = (int?)saved["f"] ?? 0,
            Status = saved.ContainsKey("x") ? ActivityStatus.Faulted : ActivityStatus.Running,
            IsBreaking = saved.ContainsKey("b"),
        };
        if (saved["v"] is JsonObject variables)
        {
            context.Variables = Values(variables);
        }

        if (saved["o"] is JsonObject produced)
        {
            context.Restore(null, Values(produced));
        }

        context.LoadInputs(saved["i"] as JsonObject);
        context.Waits = burst.Bookmarks.Count(bookmark => bookmark.ActivityNumber == context.Number);
        if (saved["w"] is JsonObject scope)
        {
            var definition = parent is null ? burst.Definition : node.Definition;
            context.State = new WorkflowScope(definition, Values(scope["in"])) { Outputs = Values(scope["out"]) };
            context.DeclareVariables(definition.Variables);
        }
        else
        {
            context.DeclareVariables(node.Variables);
            if (node.Activity is ControlActivity control)
            {
                control.LoadState(context, saved["s"]);
            }
        }

        if (saved["c"] is JsonArray children)
        {
            // Elsa turns the order of what is alive round each time it stores a state; what is cancelled together is so in that order.
            context.Children = [.. children.Reverse().Select(child => ReadContext(burst, child!.AsObject(), context))];
        }

        if (parent is null && burst.Status == WorkflowStatus.Finished && burst.SubStatus != WorkflowSubStatus.Faulted)
        {
            context.Status = ActivityStatus.Completed;
        }

        return context;
    }

    private static bool IsStored(ActivityContext context, string variableId)
    {
        var declared = context.State is WorkflowScope scope ? scope.Definition.Variables : context.Node.Variables;
        return declared.FirstOrDefault(variable => variable.Id == variableId)?.IsStored ?? true;
    }

    private static JsonObject Parse(string state)
    {
        try
        {
            var parsed = JsonNode.Parse(state, documentOptions: Deep)!.AsObject();
            return (int?)parsed["v"] == FormatVersion
                ? parsed
                : throw new InstanceStateException($"State format {parsed["v"]} is not known.");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InstanceStateException("State is no JSON object.", exception);
        }
    }

    private static Dictionary<string, JsonNode?> Values(JsonNode? node) =>
        node is JsonObject properties
            ? properties.ToDictionary(property => property.Key, property => property.Value?.DeepClone())
            : [];

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, JsonNode?>>? values)
    {
        var started = false;
        foreach (var (key, value) in values ?? [])
        {
            if (!started)
            {
                writer.WriteStartObject(name);
                started = true;
            }

            Write(writer, key, value);
        }

        if (started)
        {
            writer.WriteEndObject();
        }
    }

    private static void Write(Utf8JsonWriter writer, string name, JsonNode? value)
    {
        writer.WritePropertyName(name);
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }
}

/// <summary>A stored state cannot be read; the instance must not go on with anything else instead.</summary>
public sealed class InstanceStateException(string message, Exception? inner = null) : Exception(message, inner);
