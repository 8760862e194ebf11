using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Workflows.Repair;

/// <summary>An administrator gives a variable of a running workflow another value.</summary>
public sealed class ChangeVariable(OperatorActs acts, WorkflowEngine engine)
{
    /// <param name="ContainerNumber">The living container that has the variable; null for the workflow's own.</param>
    /// <param name="Value">As typed: JSON, or plain text where it is none; null or empty for no value.</param>
    public sealed record Command(OperatorActs.By By, Guid InstanceId, long? ContainerNumber, string? Name, string? Value);

    /// <returns>Done, or <see cref="NotFoundOrNotYours"/>, <see cref="FieldIsEmpty"/>, <see cref="RepairIsRefused"/>.</returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.DoAsync(
        command.By,
        command.InstanceId,
        "workflow_variable_changed",
        new() { ["container"] = command.ContainerNumber, ["name"] = command.Name, ["value"] = command.Value },
        async () => OperatorActs.RefusalOf(await engine.SetVariableAsync(
            command.InstanceId, command.ContainerNumber, command.Name ?? "", Read(command.Value), cancellation)),
        cancellation);

    private static JsonNode? Read(string? typed)
    {
        if (string.IsNullOrEmpty(typed))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(typed);
        }
        catch (JsonException)
        {
            return JsonValue.Create(typed);
        }
    }
}
