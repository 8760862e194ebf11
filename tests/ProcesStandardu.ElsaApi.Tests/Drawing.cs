using System.Text.Json.Nodes;

namespace ProcesStandardu.ElsaApi.Tests;

/// <summary>Draws small definitions, and changes those that were loaded.</summary>
internal static class Drawing
{
    /// <summary>Start → steps one after another → end.</summary>
    public static JsonObject Of(string definitionId, params JsonObject[] steps)
    {
        var all = new List<JsonObject> { Step("poczatek", "Elsa.Start"), };
        all.AddRange(steps);
        all.Add(Step("koniec", "Elsa.End"));
        var connections = all.Zip(all.Skip(1), (from, to) => Connection(from["id"]!.GetValue<string>(), "Done", to["id"]!.GetValue<string>()));
        return new JsonObject
        {
            ["definitionId"] = definitionId,
            ["id"] = definitionId,
            ["name"] = "Próba " + definitionId,
            ["root"] = new JsonObject
            {
                ["type"] = "Elsa.Flowchart",
                ["version"] = 1,
                ["id"] = "schemat",
                ["activities"] = new JsonArray([.. all]),
                ["connections"] = new JsonArray([.. connections]),
            },
        };
    }

    public static JsonObject Step(string id, string type, params (string Input, string Value)[] inputs)
    {
        var step = new JsonObject { ["type"] = type, ["version"] = 1, ["id"] = id, ["name"] = id };
        foreach (var (input, value) in inputs)
        {
            step[input] = Literal(value);
        }

        return step;
    }

    public static JsonObject Literal(string value) => Expression("Literal", value);

    public static JsonObject Expression(string type, string value) =>
        new() { ["typeName"] = null, ["expression"] = new JsonObject { ["type"] = type, ["value"] = value }, ["memoryReference"] = null };

    public static JsonObject Connection(string from, string port, string to) => new()
    {
        ["source"] = new JsonObject { ["activity"] = from, ["port"] = port },
        ["target"] = new JsonObject { ["activity"] = to, ["port"] = "In" },
    };

    public static JsonArray Activities(this JsonObject definition) => definition["root"]!["activities"]!.AsArray();

    public static JsonArray Connections(this JsonObject definition) => definition["root"]!["connections"]!.AsArray();

    public static JsonObject Activity(this JsonObject definition, string id) =>
        definition.Activities().Single(activity => activity!["id"]!.GetValue<string>() == id)!.AsObject();

    public static string State(this JsonObject definition) => definition["customProperties"]!["ProcesStandardu.state"]!.GetValue<string>();
}
