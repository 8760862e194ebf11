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

    public JsonObject Save() => new()
    {
        ["s"] = Start,
        ["a"] = Numbers(Activities),
        ["c"] = Numbers(Connections),
        ["f"] = Numbers(Followed.Select(followed => followed ? 1 : 0)),
        ["j"] = Fired.Any(round => round != 0) ? Numbers(Fired) : null,
    };

    public static FlowCounts Load(JsonObject saved, int activities, int connections) =>
        new((int)saved["s"]!, activities, connections)
        {
            Activities = Numbers(saved["a"], activities),
            Connections = Numbers(saved["c"], connections),
            Followed = [.. Numbers(saved["f"], connections).Select(number => number != 0)],
            Fired = Numbers(saved["j"], activities),
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

    /// <summary>An activity was left with these outcomes, or with none when it was cancelled.</summary>
    /// <returns>What runs next, in order.</returns>
    /// <exception cref="InvalidBackwardConnectionException">A followed connection leads back past its round's beginning.</exception>
    public static List<FlowStep> Leave(
        FlowGraph graph, FlowCounts counts, int activity, IReadOnlyList<string> outcomes, Func<int, JoinMode> joinModeOf)
    {
        var steps = new List<FlowStep>(graph.Outbound[activity].Length);
        counts.Activities[activity]++;

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
                        steps.Add(graph.IsValidBackward(index)
                            ? new FlowStep(connection.Target, false)
                            : throw new InvalidBackwardConnectionException(connection.Source, connection.Target));
                    }

                    continue;
                }

                switch (Arrive(graph, counts, index, joinModeOf(connection.Target)))
                {
                    case Arrival.Runs:
                        steps.Add(new FlowStep(connection.Target, false));
                        break;
                    case Arrival.RunsAndCancels:
                        counts.Fired[connection.Target] = counts.Activities[connection.Target] + 1;
                        steps.Add(new FlowStep(connection.Target, true));
                        break;
                    case Arrival.IsDead:
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

        return steps;
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
        var round = counts.Activities[target] + 1;
        if (mode == JoinMode.WaitAny)
        {
            if (counts.Connections[connection] < round || counts.Fired[target] == round)
            {
                return Arrival.Waits;
            }

            if (counts.Followed[connection])
            {
                return Arrival.RunsAndCancels;
            }
        }

        var followed = 0;
        var inbound = graph.ForwardInbound[target];
        foreach (var index in inbound)
        {
            if (counts.Connections[index] < round)
            {
                return Arrival.Waits;
            }

            followed += counts.Followed[index] ? 1 : 0;
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
