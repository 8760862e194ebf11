using System.Collections.Concurrent;
using Microsoft.AspNetCore.SignalR;

namespace ProcesStandardu.ElsaApi.Live;

/// <summary>Viewers say which instance they show, and are told when it changes. The names are those that Studio calls.</summary>
internal sealed class WorkflowInstanceHub(ObservedInstances observed) : Hub
{
    /// <summary>A page of another site may open a socket with its visitor's cookie; it gets no further.</summary>
    public override Task OnConnectedAsync()
    {
        var http = Context.GetHttpContext();
        var origin = http?.Request.Headers.Origin.ToString();
        if (http is null || (origin is { Length: > 0 } && !string.Equals(origin, $"{http.Request.Scheme}://{http.Request.Host}", StringComparison.OrdinalIgnoreCase)))
        {
            Context.Abort();
        }

        return base.OnConnectedAsync();
    }

    /// <summary>From now on the caller is told of changes of this instance.</summary>
    public async Task ObserveInstanceAsync(string instanceId)
    {
        if (Guid.TryParse(instanceId, out var id))
        {
            observed.Add(Context.ConnectionId, id);
            await Groups.AddToGroupAsync(Context.ConnectionId, ObservedInstances.GroupOf(id));
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        observed.Remove(Context.ConnectionId);
        return base.OnDisconnectedAsync(exception);
    }
}

/// <summary>Which instances the viewers of this node show.</summary>
internal sealed class ObservedInstances
{
    private readonly ConcurrentDictionary<string, Guid> byConnection = new(StringComparer.Ordinal);

    /// <summary>What is looked at now.</summary>
    public IReadOnlyCollection<Guid> All => byConnection.Values.ToHashSet();

    public static string GroupOf(Guid instanceId) => instanceId.ToString("N");

    public void Add(string connection, Guid instanceId) => byConnection[connection] = instanceId;

    public void Remove(string connection) => byConnection.TryRemove(connection, out _);
}
