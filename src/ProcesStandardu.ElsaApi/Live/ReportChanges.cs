using System.Text.Json.Nodes;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.ElsaApi.Instances;

namespace ProcesStandardu.ElsaApi.Live;

/// <summary>
/// One pass that tells viewers which of the instances they show have changed, on whatever node that happened. It asks the database only
/// about what somebody looks at, and what moves workflows never waits for it.
/// </summary>
internal sealed class ReportChanges(ObservedInstances observed, InstanceReader reader, IHubContext<WorkflowInstanceHub> hub)
{
    private Dictionary<Guid, DateTimeOffset> known = [];

    /// <returns>How many instances had changed.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        var ids = observed.All;
        if (ids.Count == 0)
        {
            known = [];
            return 0;
        }

        var now = await reader.ChangedAtAsync(ids, cancellation);
        var before = known;
        known = now.ToDictionary();
        var changed = now.Where(instance => before.TryGetValue(instance.Key, out var at) && at != instance.Value).Select(instance => instance.Key).ToList();
        foreach (var id in changed)
        {
            var viewers = hub.Clients.Group(ObservedInstances.GroupOf(id));
            var stats = (await reader.ExecutionsAsync(id, null, cancellation)).GroupBy(execution => execution.NodeId).Select(WireInstances.Stats);
            await viewers.SendAsync("ActivityExecutionLogUpdatedAsync", new JsonObject { ["stats"] = new JsonArray([.. stats]) }, cancellation);
            await viewers.SendAsync("WorkflowExecutionLogUpdatedAsync", new JsonObject(), cancellation);
            await viewers.SendAsync("WorkflowInstanceUpdatedAsync", new JsonObject { ["workflowInstanceId"] = id.ToString("D") }, cancellation);
        }

        return changed.Count;
    }
}

/// <summary>Rings <see cref="ReportChanges"/> each second.</summary>
internal sealed class ChangeTicker(ReportChanges report, ILogger<ChangeTicker> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Real seconds: people look in real time, whatever the programme's clock says.
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await report.RunOnceAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                logger.LogWarning(error, "Viewers could not be told of changes; they will be with the next pass.");
            }
        }
    }
}
