using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.ElsaApi.Definitions;

namespace ProcesStandardu.ElsaApi.Descriptors;

/// <summary>What this server can do, which contract it speaks, and what scripts may call.</summary>
internal static class SettingsEndpoints
{
    /// <summary>The version of Elsa whose contract this is.</summary>
    private const string ContractVersion = "3.8.2";

    /// <summary>Live updates over the hub; everything else that Studio knows to ask for is not here.</summary>
    private const string LiveUpdates = "Elsa.RealTimeWorkflowUpdates";

    private const string Declarations =
        """
        declare function getVariable(name: string): any;
        declare function setVariable(name: string, value: any): void;
        declare function getInput(name: string): any;
        declare function getOutputFrom(activityIdOrName: string, outputName?: string): any;
        declare function getLastResult(): any;
        declare function getWorkflowInstanceId(): string;
        declare function getWorkflowDefinitionId(): string;
        declare function getWorkflowDefinitionVersionId(): string;
        declare function getWorkflowDefinitionVersion(): number;
        declare function getWorkflowInstanceName(): string | null;
        declare function setWorkflowInstanceName(name: string): void;
        declare function getCorrelationId(): string | null;
        declare function setCorrelationId(id: string): void;
        declare const variables: { [name: string]: any };
        """;

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("").WithTags("settings");
        group.MapGet("/features/installed", (Answers answers) => DefinitionEndpoints.Listed([Feature(answers)])).WithSummary("What this server can do.");
        group.MapGet("/features/installed/{fullName}", (string fullName, Answers answers) =>
            fullName == LiveUpdates ? Results.Ok(Feature(answers)) : Answers.NotFound()).WithSummary("One thing this server can do, or not.");
        group.MapGet("/package/version", () => new JsonObject { ["packageVersion"] = ContractVersion }).WithSummary("The version of Elsa's contract.");
        group.MapPost("/scripting/javascript/type-definitions/{definitionId}", (string definitionId) =>
            Results.Text(Declarations, "application/x-typescript")).WithSummary("What scripts may call.");

        // A step cannot be tried on its own: its effects would be real. Studio shows the message where the result would be.
        group.MapPost("/tests/activities", (Answers answers) => new JsonObject
        {
            ["activityState"] = new JsonObject(),
            ["payload"] = new JsonObject(),
            ["outputs"] = new JsonObject(),
            ["exception"] = new JsonObject { ["type"] = "NotSupported", ["message"] = answers.Text("TestIsNotOffered"), ["stackTrace"] = "", ["innerException"] = null },
            ["status"] = "Faulted",
        }).WithSummary("Says that steps are not tried on their own.");
    }

    private static JsonObject Feature(Answers answers) => new()
    {
        ["name"] = "RealTimeWorkflowUpdates",
        ["namespace"] = "Elsa",
        ["fullName"] = LiveUpdates,
        ["displayName"] = answers.Text("LiveUpdates"),
        ["description"] = "",
    };
}
