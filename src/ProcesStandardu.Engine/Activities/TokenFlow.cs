using System.Text.Json.Nodes;

namespace ProcesStandardu.Engine.Activities;

/// <summary>How often each activity and connection of one running flowchart was visited.</summary>
internal sealed class FlowCounts(int start, int activities, int connections)
{
    public int Start { get; } = start;

    public int[] Activities { get; private init; } = new int[activities];

    public int[] Connections { get; private init; } = new int[connections];

    /// <summary>Whether the last visit of each connection followed it.</summary>
    public bool[] Followed { get; private init; } = new bool[connections];

    /// <summary>The round in which a WaitAny join last ran, by activity.</summary>
    public int[] Fired { get; private init; } = new int[activities];

    /// <summary>Executions of each activity that a backward connection brought about and that are not left yet.</summary>
    public int[] Repeated { get; private init; } = new int[activities];

    public JsonObject Save() => new()
    {
        ["s"] = Start,
        ["a"] = Numbers(Activities),
        ["c"] = Numbers(Connections),
        ["f"] = Numbers(Followed.Select(followed => followed ? 1 : 0)),
        ["j"] = Fired.Any(round => round != 0) ? Numbers(Fired) : null,
        ["b"] = Repeated.Any(number => number != 0) ? Numbers(Repeated) : null,
    };

    public static FlowCounts Load(JsonObject saved, int activities, int connections) =>
        new((int)saved["s"]!, activities, connections)
        {
            Activities = Numbers(saved["a"], activities),
            Connections = Numbers(saved["c"], connections),
            Followed = [.. Numbers(saved["f"], connections).Select(number => number != 0)],
            Fired = Numbers(saved["j"], activities),
            Repeated = Numbers(saved["b"], activities),
        };

    private static JsonArray Numbers(IEnumerable<int> numbers) => [.. numbers.Select(number => (JsonNode)number)];

    private static int[] Numbers(JsonNode? saved, int length)
    {
        var numbers = new int[length];
        var index = 0;
        foreach (var number in saved as JsonArray ?? [])
        {
            numbers[index++] = (int)number!;
        }

        return numbers;
    }
}

/// <summary>An activity that is to run next.</summary>
/// <param name="CancelsAncestors">True for a WaitAny join: what still runs before it is cancelled.</param>
internal readonly record struct FlowStep(int Activity, bool CancelsAncestors);

/// <summary>Counts visits in a flowchart and says what runs next; dead branches are passed over to their end.</summary>
internal static class TokenFlow
{
    public static readonly string[] Done = ["Done"];

    public static readonly string[] None = [];

    /// <summary>An activity was left with these outcomes.</summary>
    /// <remarks>
    /// The steps are found one by one, as they are asked for: what one of them cancels is counted before the next
    /// connection is looked at.
    /// </remarks>
    /// <param name="isCanceled">True when it did not complete; then none of its connections is followed.</param>
    /// <param name="stopAt">An activity that a dead branch does not pass over, because it is about to run all the same; -1 for none.</param>
    /// <returns>What runs next, in order.</returns>
    /// <exception cref="InvalidBackwardConnectionException">A followed connection leads back past its round's beginning.</exception>
    public static IEnumerable<FlowStep> Leave(
        FlowGraph graph, FlowCounts counts, int activity, IReadOnlyList<string> outcomes, Func<int, JoinMode> joinModeOf,
        bool isCanceled = false, int stopAt = -1)
    {
        // An execution that a backward connection brought about belongs to the round that is counted already.
        var isRepeated = counts.Repeated[activity] > 0;
        if (isRepeated)
        {
            counts.Repeated[activity]--;
        }

        if (!isRepeated || isCanceled)
        {
            counts.Activities[activity]++;
        }

        // A stack of half-walked activities instead of recursion: a dead branch may be thousands of activities long.
        Stack<(int Activity, int Next, IReadOnlyList<string> Outcomes)>? stack = null;
        var at = (Activity: activity, Next: 0, Outcomes: outcomes);
        do
        {
            var outbound = graph.Outbound[at.Activity];
            for (var next = at.Next; next < outbound.Length; next++)
            {
                var index = outbound[next];
                var connection = graph.Connections[index];
                var isFollowed = at.Outcomes.Contains(connection.Port);
                counts.Connections[index]++;
                counts.Followed[index] = isFollowed;
                if (graph.IsBackward(index))
                {
                    if (isFollowed)
                    {
                        if (!graph.IsValidBackward(index))
                        {
                            throw new InvalidBackwardConnectionException(connection.Source, connection.Target);
                        }

                        counts.Repeated[connection.Target]++;
                        yield return new FlowStep(connection.Target, false);
                    }

                    continue;
                }

                switch (Arrive(graph, counts, index, joinModeOf(connection.Target)))
                {
                    case Arrival.Runs:
                        yield return new FlowStep(connection.Target, false);
                        break;
                    case Arrival.RunsAndCancels:
                        counts.Fired[connection.Target] = counts.Activities[connection.Target] + 1;
                        yield return new FlowStep(connection.Target, true);
                        break;
                    case Arrival.IsDead when connection.Target != stopAt:
                        counts.Activities[connection.Target]++;
                        stack ??= new Stack<(int, int, IReadOnlyList<string>)>();
                        stack.Push((at.Activity, next + 1, at.Outcomes));
                        stack.Push((connection.Target, 0, None));
                        next = outbound.Length;
                        break;
                }
            }
        }
        while (stack is not null && stack.TryPop(out at));
    }

    private enum Arrival
    {
        Waits,
        Runs,
        RunsAndCancels,
        IsDead,
    }

    private static Arrival Arrive(FlowGraph graph, FlowCounts counts, int connection, JoinMode mode)
    {
        var target = graph.Connections[connection].Target;
        var visits = counts.Activities[target];
        if (mode == JoinMode.WaitAny && (counts.Connections[connection] <= visits || counts.Fired[target] == visits + 1))
        {
            return Arrival.Waits;
        }

        // A connection visited more often than its neighbours speaks for the latest round; the others are behind.
        int fewest = int.MaxValue, most = 0, followed = 0;
        var inbound = graph.ForwardInbound[target];
        foreach (var index in inbound)
        {
            var count = counts.Connections[index];
            fewest = Math.Min(fewest, count);
            if (count > most)
            {
                most = count;
                followed = 0;
            }

            followed += count == most && counts.Followed[index] ? 1 : 0;
        }

        if (mode == JoinMode.WaitAny && most > visits && followed > 0)
        {
            return Arrival.RunsAndCancels;
        }

        if (fewest <= visits)
        {
            return Arrival.Waits;
        }

        var runs = mode == JoinMode.WaitAll ? followed == inbound.Length : followed > 0;
        return runs ? Arrival.Runs : Arrival.IsDead;
    }
}

/// <summary>A connection leads back to an activity that not every path to its source passes.</summary>
internal sealed class InvalidBackwardConnectionException(int source, int target) : Exception
{
    public new int Source { get; } = source;

    public int Target { get; } = target;
}
