using System.Text.Json.Nodes;

namespace ProcesStandardu.Crash;

/// <summary>The workflow that is run while its process is killed: all vote at once, then a term passes, then mail leaves.</summary>
public static class CrashWorkflow
{
    public const string DefinitionId = "crash";

    /// <summary>Subject of the mails that each finished instance sends.</summary>
    public const string Subject = "Wynik";

    /// <summary>An Elsa definition with a parallel loop over so many voters, each waiting for an event of his own.</summary>
    public static string Json(int voters)
    {
        var items = string.Join(',', Enumerable.Range(1, voters));
        return new JsonObject
        {
            ["id"] = "crash-v1",
            ["definitionId"] = DefinitionId,
            ["name"] = DefinitionId,
            ["root"] = new JsonObject
            {
                ["id"] = "flow",
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["activities"] = new JsonArray(
                    Activity("start", "Elsa.Start"),
                    Activity("each", "Elsa.ParallelForEach", ("items", Script($"[{items}]")), ("body", Activity(
                        "vote", "Elsa.Event", ("eventName", Script("'vote-' + getVariable('CurrentValue')"))))),
                    Activity("term", "Elsa.Delay", ("timeSpan", Literal("00:00:00.050"))),
                    Activity("tell", "ProcesStandardu.Notify", ("audience", Literal("[\"administrators\"]")), ("subject", Literal(Subject)), ("text", Literal("Koniec."))),
                    Activity("end", "Elsa.WriteLine", ("text", Literal("end")))),
                ["connections"] = new JsonArray(
                    Connection("start", "each"), Connection("each", "term"), Connection("term", "tell"), Connection("tell", "end")),
            },
        }.ToJsonString();
    }

    /// <summary>The name of the event that a voter's vote is.</summary>
    public static string EventOf(int voter) => $"vote-{voter}";

    private static JsonObject Activity(string id, string type, params (string Name, JsonNode Value)[] properties)
    {
        var activity = new JsonObject { ["id"] = id, ["type"] = type, ["version"] = 1 };
        foreach (var (name, value) in properties)
        {
            activity[name] = value;
        }

        return activity;
    }

    private static JsonObject Script(string text) => Expression("JavaScript", text);

    private static JsonObject Literal(string text) => Expression("Literal", text);

    private static JsonObject Expression(string type, string text) =>
        new() { ["expression"] = new JsonObject { ["type"] = type, ["value"] = text } };

    private static JsonObject Connection(string from, string to) => new()
    {
        ["source"] = new JsonObject { ["activity"] = from, ["port"] = "Done" },
        ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
    };
}
