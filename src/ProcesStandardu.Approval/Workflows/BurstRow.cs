using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Journal;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Approval.Workflows;

/// <summary>
/// What one burst did, as the row of <c>workflow_burst</c> keeps it; the views <c>workflow_journal</c> and
/// <c>activity_execution</c> read it back.
/// </summary>
internal sealed record BurstRow(Guid InstanceId, int Burst, long FirstSequence, DateTimeOffset At, string Executions, string Entries)
{
    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly string[] Events = [.. Enum.GetNames<JournalEvent>().Select(name => name[..2])];

    private static readonly string[] Statuses = [.. Enum.GetNames<ActivityStatus>().Select(name => name[..2].ToLowerInvariant())];

    // A burst of rare size must not keep its room for ever.
    private const int MostKept = 65_536;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? kept;

    public static BurstRow Of(InstanceChanges change) => new(
        change.Instance.Id,
        change.Burst,
        change.Journal.Count > 0 ? change.Journal[0].Sequence : change.LastSequence + 1,
        change.Instance.UpdatedAt,
        Write(change.Executions, Execution),
        Write(change.Journal, Entry));

    private static void Execution(Utf8JsonWriter writer, ActivityContext execution)
    {
        var node = execution.Node;
        writer.WriteStartArray();
        writer.WriteNumberValue(execution.Number);
        if (execution.Parent is { } parent)
        {
            writer.WriteNumberValue(parent.Number);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteStringValue(node.NodeId);
        writer.WriteStringValue(node.Type);
        writer.WriteNumberValue(node.Version);
        writer.WriteStringValue(Statuses[(int)execution.Status]);
        More(writer, execution, node);
        writer.WriteEndArray();
    }

    private static void More(Utf8JsonWriter writer, ActivityContext execution, ActivityNode node)
    {
        var hasOwnId = !IsLastOf(node.Id, node.NodeId);
        if (!hasOwnId && node.Name is null && execution is
            { FaultCount: 0, FaultMessage: null, Waits: 0, Outcomes: null, HasInputs: false, HasOutputs: false })
        {
            return;
        }

        writer.WriteStartObject();
        if (hasOwnId)
        {
            writer.WriteString("id", node.Id);
        }

        if (node.Name is { } name)
        {
            writer.WriteString("name", name);
        }

        if (execution.FaultCount > 0)
        {
            writer.WriteNumber("faults", execution.FaultCount);
        }

        if (execution.FaultMessage is { } fault)
        {
            writer.WriteString("fault", fault);
        }

        if (execution.Waits > 0)
        {
            writer.WriteBoolean("waits", true);
        }

        if (execution.Outcomes is { } outcomes)
        {
            writer.WritePropertyName("outcomes");
            Write(writer, outcomes);
        }

        if (execution.HasInputs)
        {
            writer.WritePropertyName("in");
            execution.WriteInputs(writer);
        }

        if (execution.HasOutputs)
        {
            writer.WritePropertyName("out");
            execution.WriteOutputs(writer);
        }

        writer.WriteEndObject();
    }

    private static void Entry(Utf8JsonWriter writer, JournalEntry entry)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(entry.ActivityNumber);
        writer.WriteStringValue(Events[(int)entry.Event]);
        if (entry.Message is not null || entry.Outcomes is not null)
        {
            writer.WriteStringValue(entry.Message);
        }

        if (entry.Outcomes is { } outcomes)
        {
            Write(writer, outcomes);
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray();
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static string Write<T>(IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        var bytes = buffer ??= new ArrayBufferWriter<byte>(1024);
        bytes.ResetWrittenCount();
        var writer = kept ??= new Utf8JsonWriter(bytes, Compact);
        writer.Reset(bytes);
        writer.WriteStartArray();
        for (var index = 0; index < items.Count; index++)
        {
            write(writer, items[index]);
        }

        writer.WriteEndArray();
        writer.Flush();
        var json = StoredInstances.Clean(Encoding.UTF8.GetString(bytes.WrittenSpan))!;
        if (bytes.Capacity > MostKept)
        {
            (buffer, kept) = (null, null);
        }

        return json;
    }

    // The view takes the activity's id from the end of the node id, which an id with a colon in it would not be.
    private static bool IsLastOf(string id, string nodeId) => !id.Contains(':')
        && nodeId.EndsWith(id, StringComparison.Ordinal)
        && (nodeId.Length == id.Length || nodeId[nodeId.Length - id.Length - 1] == ':');
}
