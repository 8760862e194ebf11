namespace ProcesStandardu.Engine.Activities;

/// <summary>One connection: by index of its source and target among the flowchart's activities.</summary>
internal readonly record struct FlowConnection(int Source, string Port, int Target);

/// <summary>How arrivals at an activity are joined.</summary>
internal enum JoinMode
{
    /// <summary>Runs when all forward connections were visited and at least one followed; every activity but FlowJoin.</summary>
    WaitAllActive,

    /// <summary>Runs when all forward connections were followed.</summary>
    WaitAll,

    /// <summary>Runs at the first that was followed.</summary>
    WaitAny,
}

/// <summary>What a flowchart's connections look like from the activity it was started at; never changes.</summary>
internal sealed class FlowGraph
{
    private readonly bool[] _isBackward;
    private readonly bool[] _isValid;

    public FlowGraph(int activities, IReadOnlyList<FlowConnection> connections, int start)
    {
        Connections = connections;
        Start = start;
        _isBackward = new bool[connections.Count];
        _isValid = new bool[connections.Count];
        Outbound = Group(activities, connections, connection => connection.Source, _ => true);

        // Breadth-first from the start; a connection that would close a circle of forward ones is backward.
        var isForward = new bool[connections.Count];
        var forward = new List<int>[activities];
        var isReached = new bool[activities];
        var queue = new Queue<int>([start]);
        isReached[start] = true;
        while (queue.TryDequeue(out var source))
        {
            foreach (var index in Outbound[source])
            {
                var target = connections[index].Target;
                if (target == source || Leads(forward, target, source))
                {
                    _isBackward[index] = true;
                    continue;
                }

                isForward[index] = true;
                (forward[source] ??= []).Add(target);
                if (!isReached[target])
                {
                    isReached[target] = true;
                    queue.Enqueue(target);
                }
            }
        }

        ForwardInbound = Group(activities, connections, connection => connection.Target, index => isForward[index]);
        for (var index = 0; index < connections.Count; index++)
        {
            _isValid[index] = _isBackward[index] && Dominates(forward, connections[index].Target, connections[index].Source);
        }
    }

    public IReadOnlyList<FlowConnection> Connections { get; }

    public int Start { get; }

    /// <summary>Connections out of each activity, in the order of the definition.</summary>
    public int[][] Outbound { get; }

    /// <summary>Forward connections into each activity; those from activities that cannot be reached are left out.</summary>
    public int[][] ForwardInbound { get; }

    public bool IsBackward(int connection) => _isBackward[connection];

    /// <summary>Whether every path from the start to the source of a backward connection passes through its target.</summary>
    public bool IsValidBackward(int connection) => _isValid[connection];

    /// <summary>Every activity from which forward connections lead to this one.</summary>
    public HashSet<int> Ancestors(int activity)
    {
        var ancestors = new HashSet<int>();
        var stack = new Stack<int>([activity]);
        while (stack.TryPop(out var current))
        {
            foreach (var index in ForwardInbound[current])
            {
                if (ancestors.Add(Connections[index].Source))
                {
                    stack.Push(Connections[index].Source);
                }
            }
        }

        return ancestors;
    }

    // Backward connections only repeat what forward ones reached, so paths of forward ones tell.
    private bool Dominates(List<int>[] forward, int target, int source)
    {
        if (target == source || target == Start)
        {
            return true;
        }

        var seen = new HashSet<int> { Start };
        var stack = new Stack<int>([Start]);
        while (stack.TryPop(out var current))
        {
            foreach (var next in forward[current] ?? [])
            {
                if (next == source)
                {
                    return false;
                }

                if (next != target && seen.Add(next))
                {
                    stack.Push(next);
                }
            }
        }

        return true;
    }

    private static bool Leads(List<int>[] forward, int from, int to)
    {
        var seen = new HashSet<int> { from };
        var stack = new Stack<int>([from]);
        while (stack.TryPop(out var current))
        {
            if (current == to)
            {
                return true;
            }

            foreach (var next in forward[current] ?? [])
            {
                if (seen.Add(next))
                {
                    stack.Push(next);
                }
            }
        }

        return false;
    }

    private static int[][] Group(
        int activities, IReadOnlyList<FlowConnection> connections, Func<FlowConnection, int> key, Func<int, bool> include)
    {
        var groups = new List<int>[activities];
        for (var index = 0; index < connections.Count; index++)
        {
            if (include(index))
            {
                (groups[key(connections[index])] ??= []).Add(index);
            }
        }

        return [.. groups.Select(group => group?.ToArray() ?? [])];
    }
}
