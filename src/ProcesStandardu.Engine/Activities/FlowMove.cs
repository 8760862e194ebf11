namespace ProcesStandardu.Engine.Activities;

/// <summary>What becomes of a flowchart's counts when the instance goes on by another version of the flowchart.</summary>
/// <param name="Counts">As if the new version had been walked to where the instance stands.</param>
/// <param name="Skipped">Activities of the new version that lie behind that place and never ran, though the way led over them.</param>
/// <param name="Again">Activities that were passed already and lie ahead in the new version.</param>
internal sealed record FlowMove(FlowCounts Counts, IReadOnlyList<int> Skipped, IReadOnlyList<int> Again)
{
    /// <summary>Carries counts from one version of a flowchart to another.</summary>
    /// <param name="imageOf">The activity of the new version that an old one became; null when it has none.</param>
    /// <param name="living">Activities of the old version that run, wait or have faulted.</param>
    /// <param name="begun">Activities of the new version that are to begin now, in the stead of living ones.</param>
    public static FlowMove Between(
        FlowGraph from, FlowCounts counts, FlowGraph to, Func<int, int?> imageOf, IReadOnlySet<int> living, IReadOnlySet<int> begun)
    {
        var size = to.Outbound.Length;
        var moved = new FlowCounts(to.Start, size, to.Connections.Count);
        var sources = new int?[size];
        for (var activity = 0; activity < from.Outbound.Length; activity++)
        {
            if (imageOf(activity) is { } image)
            {
                sources[image] = activity;
                moved.Fired[image] = counts.Fired[activity];
                moved.Repeated[image] = counts.Repeated[activity];
            }
        }

        var livingAfter = begun.Concat(living.Select(imageOf).OfType<int>()).ToHashSet();
        var isTaken = new bool[to.Connections.Count];
        List<int> skipped = [], again = [];
        foreach (var activity in Order(to))
        {
            var inbound = to.ForwardInbound[activity];
            var visited = inbound.Length == 0 ? 0 : inbound.Min(connection => moved.Connections[connection]);
            var isSkipped = false;

            // What a living activity leads to is not behind it, though an earlier round of a loop has gone by.
            var isAhead = to.Ancestors(activity).Overlaps(livingAfter);
            if (sources[activity] is { } old)
            {
                var rounds = moved.Activities[activity] = counts.Activities[old];
                if (visited > rounds && !livingAfter.Contains(activity) && !WasPending(from, counts, old))
                {
                    moved.Activities[activity] = visited;
                    isSkipped = !isAhead && Array.Exists(inbound, connection => isTaken[connection]);
                }
                else if (rounds > 0 && !livingAfter.Contains(activity)
                    && isAhead && !from.Ancestors(old).Overlaps(living))
                {
                    again.Add(activity);
                }
            }
            else if (begun.Contains(activity))
            {
                moved.Activities[activity] = Math.Max(visited - 1, 0);
            }
            else
            {
                // A new first step was passed once, like everything before the place where the instance stands.
                moved.Activities[activity] = activity == to.Start ? 1 : visited;
                isSkipped = activity == to.Start || (visited > 0 && !isAhead && Array.Exists(inbound, connection => isTaken[connection]));
            }

            if (isSkipped)
            {
                skipped.Add(activity);
            }

            foreach (var connection in to.Outbound[activity])
            {
                moved.Connections[connection] = sources[activity] is { } left && !isSkipped
                    ? from.Outbound[left].Select(index => counts.Connections[index]).DefaultIfEmpty(moved.Activities[activity]).Max()
                    : moved.Activities[activity];
                moved.Followed[connection] = isTaken[connection] = moved.Connections[connection] > 0
                    && (isSkipped || (sources[activity] is { } source && WasTaken(from, counts, to, imageOf, source, connection)));
            }
        }

        return new FlowMove(moved, skipped, again);
    }

    // Its predecessors were all left and it neither ran nor was passed over: so it stood before, and so it may stand again.
    private static bool WasPending(FlowGraph graph, FlowCounts counts, int activity)
    {
        var inbound = graph.ForwardInbound[activity];
        return inbound.Length > 0 && inbound.Min(connection => counts.Connections[connection]) > counts.Activities[activity];
    }

    // The same connection says it itself; a new one was taken when its port was, and Done when nothing says otherwise.
    private static bool WasTaken(
        FlowGraph from, FlowCounts counts, FlowGraph to, Func<int, int?> imageOf, int source, int connection)
    {
        var (_, port, target) = to.Connections[connection];
        var outbound = from.Outbound[source];
        var same = Array.Find(outbound, index =>
            from.Connections[index].Port == port && imageOf(from.Connections[index].Target) == target);
        if (Array.Exists(outbound, index => from.Connections[index].Port == port && imageOf(from.Connections[index].Target) == target))
        {
            return counts.Followed[same];
        }

        return Array.Exists(outbound, index => from.Connections[index].Port == port && counts.Followed[index])
            || (port == TokenFlow.Done[0] && !Array.Exists(outbound, index => counts.Followed[index] || from.Connections[index].Port == port));
    }

    /// <summary>Activities after everything that leads forward to them.</summary>
    private static IEnumerable<int> Order(FlowGraph graph)
    {
        var open = graph.ForwardInbound.Select(inbound => inbound.Length).ToArray();
        var queue = new Queue<int>(Enumerable.Range(0, open.Length).Where(activity => open[activity] == 0));
        while (queue.TryDequeue(out var activity))
        {
            yield return activity;
            foreach (var connection in graph.Outbound[activity])
            {
                var target = graph.Connections[connection].Target;
                if (Array.IndexOf(graph.ForwardInbound[target], connection) >= 0 && --open[target] == 0)
                {
                    queue.Enqueue(target);
                }
            }
        }
    }
}
