using System.Text.Json.Nodes;

namespace ProcesStandardu.Conformance;

/// <summary>One recorded scenario: definitions, a script of stimuli, and what the recorded engine did at each step.</summary>
internal sealed record Fixture(string Name, int Tier, string Match, JsonObject Json)
{
    public IEnumerable<JsonObject> Definitions =>
        [.. (Json["extraDefinitions"] as JsonArray ?? []).Select(extra => extra!.AsObject()), Json["definition"]!.AsObject()];

    public string MainDefinitionId => (string)Json["definition"]!["definitionId"]!;

    public JsonObject Input => Json["input"] as JsonObject ?? [];

    public IReadOnlyList<JsonObject> Script => [.. Json["script"]!.AsArray().Select(step => step!.AsObject())];

    public IReadOnlyList<JsonObject> ExpectedSteps => [.. Json["expected"]!["steps"]!.AsArray().Select(step => step!.AsObject())];

    public JsonObject ExpectedFinal => Json["expected"]!["final"] as JsonObject ?? [];

    public static Fixture Read(string path)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        return new Fixture((string)json["name"]!, (int)json["tier"]!, (string)json["match"]!, json);
    }
}
