using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.ElsaApi.Definitions;
using ProcesStandardu.Engine.Journal;

namespace ProcesStandardu.ElsaApi.Instances;

/// <summary>Reading the executions of activities: badges, details, and what they ran inside.</summary>
internal static class ExecutionEndpoints
{
    public sealed record ReportRequest(Guid workflowInstanceId, IReadOnlyList<string>? activityNodeIds);

    public static void Map(IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("").WithTags("activity-executions");
        group.MapPost("/activity-executions/report", ReportAsync).WithSummary("How often each activity ran; those that never did are left out.");
        group.MapGet("/activity-executions/list", ListAsync).WithSummary("The executions of an activity.");
        group.MapGet("/activity-execution-summaries/list", SummariesAsync).WithSummary("The executions of an activity, in short.");
        group.MapGet("/activity-executions/by-id", ByIdAsync).WithSummary("One execution.");
        group.MapGet("/activity-executions/{id}/call-stack", CallStackAsync).WithSummary("What an execution ran inside, innermost first.");
    }

    private static async Task<JsonObject> ReportAsync(ReportRequest request, InstanceReader reader, CancellationToken cancellation)
    {
        var wanted = request.activityNodeIds is { Count: > 0 } nodes ? nodes.ToHashSet() : null;
        var executions = await reader.ExecutionsAsync(request.workflowInstanceId, null, cancellation);
        return new JsonObject
        {
            ["stats"] = new JsonArray([.. executions.Where(execution => wanted?.Contains(execution.NodeId) != false)
                .GroupBy(execution => execution.NodeId).Select(WireInstances.Stats)]),
        };
    }

    private static async Task<JsonObject> ListAsync(
        [FromQuery] Guid workflowInstanceId, [FromQuery] string? activityNodeId, InstanceReader reader, CancellationToken cancellation) =>
        DefinitionEndpoints.Listed((await reader.ExecutionsAsync(workflowInstanceId, activityNodeId, cancellation)).Select(WireInstances.Execution));

    private static async Task<JsonObject> SummariesAsync(
        [FromQuery] Guid workflowInstanceId, [FromQuery] string? activityNodeId, InstanceReader reader, CancellationToken cancellation) =>
        DefinitionEndpoints.Listed((await reader.ExecutionsAsync(workflowInstanceId, activityNodeId, cancellation)).Select(WireInstances.ExecutionSummary));

    private static async Task<IResult> ByIdAsync([FromQuery] string? id, InstanceReader reader, CancellationToken cancellation) =>
        ActivityInstanceId.Parse(id) is var (instanceId, number) && await reader.ExecutionAsync(instanceId, number, cancellation) is { } execution
            ? Results.Ok(WireInstances.Execution(execution))
            : Answers.NotFound();

    private static async Task<IResult> CallStackAsync(string id, InstanceReader reader, CancellationToken cancellation)
    {
        var stack = new JsonArray();
        var next = ActivityInstanceId.Parse(id);
        while (next is var (instanceId, number) && await reader.ExecutionAsync(instanceId, number, cancellation) is { } execution)
        {
            stack.Add(WireInstances.Execution(execution));
            next = execution.Parent is { } parent ? (instanceId, parent) : null;
        }

        return stack.Count == 0
            ? Answers.NotFound()
            : Results.Ok(new JsonObject { ["activityExecutionId"] = id, ["items"] = stack, ["totalCount"] = stack.Count });
    }
}
