using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.ElsaApi.Definitions;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.ElsaApi.Descriptors;

/// <summary>What a designer may put into a definition: activities, expressions, types, and how a workflow may behave.</summary>
internal static class DescriptorEndpoints
{
    private static readonly (string Type, string Category)[] VariableTypes =
    [
        ("Object", "Primitives"), ("String", "Primitives"), ("Boolean", "Primitives"), ("Int32", "Primitives"), ("Int64", "Primitives"),
        ("Double", "Primitives"), ("Decimal", "Primitives"), ("Guid", "Primitives"), ("DateTime", "Primitives"),
        ("DateTimeOffset", "Primitives"), ("TimeSpan", "Primitives"), ("JSON", "Dynamic"), ("ObjectDictionary", "Lookups"),
    ];

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/descriptors").WithTags("descriptors");
        group.MapGet("/activities", async (ActivityCatalogue catalogue, CancellationToken cancellation) =>
        {
            var items = await catalogue.ListAsync(cancellation);
            return new JsonObject { ["items"] = items, ["count"] = items.Count };
        }).WithSummary("Every activity with its ports, inputs, outputs and choices.");
        group.MapPost("/activities/{type}/options/{property}", async (string type, string property, ActivityCatalogue catalogue, CancellationToken cancellation) =>
            new JsonObject { ["items"] = await catalogue.ChoicesAsync(type, property, cancellation) }).WithSummary("The choices of one input today.");
        group.MapGet("/expression-descriptors", (Answers answers) => DefinitionEndpoints.Listed(Expression.Types.Select(type => ExpressionOf(type, answers))))
            .WithSummary("The kinds of expressions that the engine evaluates.");
        group.MapGet("/variables", (Answers answers) => DefinitionEndpoints.Listed(VariableTypes.Select(type => new JsonObject
        {
            ["typeName"] = type.Type,
            ["displayName"] = answers.Text("Type_" + type.Type),
            ["category"] = answers.Text("TypeCategory_" + type.Category),
            ["description"] = "",
        }))).WithSummary("The types of variables, inputs and outputs.");
        group.MapGet("/storage-drivers", (Answers answers) => DefinitionEndpoints.Listed(
        [
            Driver("Elsa.Workflows.WorkflowInstanceStorageDriver, Elsa.Workflows.Core", answers.Text("Storage_Instance"), 0),
            Driver("Elsa.Workflows.MemoryStorageDriver, Elsa.Workflows.Core", answers.Text("Storage_Memory"), 1),
        ])).WithSummary("Where the values of variables are kept.");
        group.MapGet("/workflow-activation-strategies", (Answers answers) => Strategies(
            answers, "Activation_", "Elsa.Workflows.Activation.{0}Strategy, Elsa.Workflows.Core", "AllowAlways", "Singleton", "Correlation", "CorrelatedSingleton"))
            .WithSummary("How many instances of a definition may run at once.");
        group.MapGet("/incident-strategies", (Answers answers) => Strategies(
            answers, "Incident_", "Elsa.Workflows.IncidentStrategies.{0}Strategy, Elsa.Workflows.Core", "Fault", "ContinueWithIncidents"))
            .WithSummary("What becomes of an instance when a step faults.");
        group.MapGet("/log-persistence-strategies", () => Empty()).WithSummary("None: the journal is always whole.");
        group.MapGet("/commit-strategies/workflows", () => Empty()).WithSummary("None: a burst is always committed as a whole.");
        group.MapGet("/commit-strategies/activities", () => Empty()).WithSummary("None: a burst is always committed as a whole.");
        group.MapGet("/output-converters", () => Empty()).WithSummary("None: values are converted by their types.");
    }

    private static JsonObject Empty() => DefinitionEndpoints.Listed([]);

    private static JsonObject ExpressionOf(string type, Answers answers)
    {
        var properties = type switch
        {
            "JavaScript" => new JsonObject { ["MonacoLanguage"] = "javascript" },
            "Object" => new JsonObject { ["MonacoLanguage"] = "json" },
            _ => new JsonObject(),
        };
        return new JsonObject
        {
            ["type"] = type,
            ["displayName"] = answers.Text("Expression_" + type),
            ["isSerializable"] = true,
            ["isBrowsable"] = type is "Variable" or "Input" or "JavaScript",
            ["properties"] = properties,
        };
    }

    private static JsonObject Driver(string typeName, string name, int priority) => new()
    {
        ["typeName"] = typeName,
        ["displayName"] = name,
        ["priority"] = priority,
        ["deprecated"] = false,
    };

    private static JsonObject Strategies(Answers answers, string prefix, string typeName, params string[] names) =>
        DefinitionEndpoints.Listed(names.Select(name => new JsonObject
        {
            ["typeName"] = string.Format(System.Globalization.CultureInfo.InvariantCulture, typeName, name),
            ["displayName"] = answers.Text(prefix + name),
            ["description"] = answers.Text(prefix + name + "_Description"),
        }));
}
