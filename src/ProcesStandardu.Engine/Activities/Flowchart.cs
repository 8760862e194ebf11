using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Migration;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Activities joined by connections; see <see cref="TokenFlow"/> for what runs when.</summary>
internal sealed class Flowchart : ControlActivity
{
    public override void Prepare(NodeReader reader)
    {
        var activities = reader.ReadList("activities");
        var byId = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < activities.Count; index++)
        {
            byId[activities[index].Id] = index;
        }

        var connections = new List<FlowConnection>();
        var sources = reader.List("connections");
        if (sources.Count > reader.MostConnections)
        {
            reader.Report(
                "FlowchartHasTooManyConnections", reader.Place + ".connections",
                reader.MostConnections.ToString(CultureInfo.InvariantCulture));
            sources = [];
        }

        for (var index = 0; index < sources.Count; index++)
        {
            if (sources[index] is not JsonObject source)
            {
                reader.Report("PropertyIsNoObject", $"{reader.Place}.connections[{index}]", "connections");
                continue;
            }

            var (from, port, to) = ReadConnection(source);
            if (from is not null && to is not null && byId.TryGetValue(from, out var first) && byId.TryGetValue(to, out var last))
            {
                var connection = new FlowConnection(first, port, last);
                if (!connections.Contains(connection))
                {
                    connections.Add(connection);
                }
            }
        }

        reader.Node.Prepared = new Plan(activities, connections);
    }

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var plan = PlanOf(context);
        if (plan.Activities.Count == 0)
        {
            context.Complete();
            return Nothing;
        }

        var trigger = context.Burst.StartedBy is null ? null : context.Burst.TriggerNode;
        var start = plan.StartFor(trigger);
        context.State = new FlowCounts(start, plan.Activities.Count, plan.Connections.Count);
        context.Schedule(plan.Activities[start]);
        return Nothing;
    }

    public override async ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        if (EndsContainer(context, child))
        {
            context.Complete();
            return;
        }

        await LeaveAsync(context, child.Node, child.Outcomes ?? TokenFlow.Done, isCanceled: false, cancellation);
        if (!context.HasActiveChildren && !context.HasFaultedChildren)
        {
            context.Complete();
        }
    }

    public override JsonNode? SaveState(ActivityContext context) => (context.State as FlowCounts)?.Save();

    public override void LoadState(ActivityContext context, JsonNode? saved)
    {
        var plan = PlanOf(context);
        context.State = saved is JsonObject counts
            ? FlowCounts.Load(counts, plan.Activities.Count, plan.Connections.Count)
            : null;
    }

    public override void MoveState(ActivityContext from, ActivityContext to, InstanceMove move)
    {
        if (from.State is not FlowCounts counts)
        {
            return;
        }

        var (old, plan) = (PlanOf(from), PlanOf(to));
        var start = ImageOf(counts.Start) ?? plan.StartFor(null);
        var moved = FlowMove.Between(
            old.GraphFrom(counts.Start), counts, plan.GraphFrom(start), ImageOf,
            (from.Children ?? []).Select(child => old.IndexOf(child.Node)).ToHashSet(),
            move.BegunIn(to).Select(plan.IndexOf).ToHashSet());
        to.State = moved.Counts;
        foreach (var index in moved.Skipped)
        {
            move.Skips(plan.Activities[index]);
        }

        foreach (var index in moved.Again)
        {
            move.MeetsAgain(plan.Activities[index]);
        }

        int? ImageOf(int index) => move.ImageOf(old.Activities[index]) is { } image && plan.Contains(image) ? plan.IndexOf(image) : null;
    }

    /// <summary>Ports by which connections leave an activity of a flowchart; none in other containers.</summary>
    internal static IEnumerable<string> PortsOf(ActivityNode node) => node.Parent?.Prepared is Plan plan && plan.Contains(node)
        ? plan.Connections.Where(connection => connection.Source == plan.IndexOf(node)).Select(connection => connection.Port)
        : [];

    /// <summary>Takes the token from one living child to another activity of the flowchart, as a connection back would.</summary>
    internal static async ValueTask MoveTokenAsync(
        ActivityContext context, ActivityNode from, ActivityNode to, CancellationToken cancellation)
    {
        var plan = PlanOf(context);
        var counts = (FlowCounts)context.State!;
        var graph = plan.GraphFrom(counts.Start);
        var (source, target) = (plan.IndexOf(from), plan.IndexOf(to));
        var isScheduled = false;
        foreach (var step in TokenFlow.Leave(graph, counts, source, TokenFlow.None, plan.JoinModes(context), isCanceled: true, target))
        {
            isScheduled |= step.Activity == target;
            context.Schedule(plan.Activities[step.Activity]);
            if (step.CancelsAncestors)
            {
                await CancelAncestorsAsync(context, plan.Activities[step.Activity], cancellation);
            }
        }

        if (!isScheduled)
        {
            // Back to where it has been: that round is counted already.
            counts.Repeated[target] += counts.Activities[target] > 0 && !graph.Ancestors(target).Contains(source) ? 1 : 0;
            context.Schedule(to);
        }
    }

    protected override ActivityDescriptor Describe() =>
        BuiltIn.Describe("Elsa.Flowchart", "Flow") with { IsContainer = true, IsBrowsable = false };

    /// <summary>Cancels what still runs, or has faulted, on the ways to an activity of the flowchart.</summary>
    public static async ValueTask CancelAncestorsAsync(ActivityContext context, ActivityNode activity, CancellationToken cancellation)
    {
        var plan = PlanOf(context);
        HashSet<int>? ancestors = null;
        var children = context.Children;
        for (var index = 0; children is not null && index < children.Count; index++)
        {
            var running = children[index];
            if (running.Status is not (ActivityStatus.Running or ActivityStatus.Faulted) || running.Node == activity)
            {
                continue;
            }

            ancestors ??= plan.GraphFrom(((FlowCounts)context.State!).Start).Ancestors(plan.IndexOf(activity));
            if (ancestors.Contains(plan.IndexOf(running.Node)))
            {
                // It leaves the list of children, so that its successor stands in its place.
                await context.Burst.CancelAsync(running, inJournal: true, cancellation);
                await LeaveAsync(context, running.Node, TokenFlow.None, isCanceled: true, cancellation);
                index--;
            }
        }
    }

    private static async ValueTask LeaveAsync(
        ActivityContext context, ActivityNode left, IReadOnlyList<string> outcomes, bool isCanceled, CancellationToken cancellation)
    {
        var plan = PlanOf(context);
        var counts = (FlowCounts)context.State!;
        var graph = plan.GraphFrom(counts.Start);
        try
        {
            foreach (var step in TokenFlow.Leave(graph, counts, plan.IndexOf(left), outcomes, plan.JoinModes(context), isCanceled))
            {
                context.Schedule(plan.Activities[step.Activity]);
                if (step.CancelsAncestors)
                {
                    await CancelAncestorsAsync(context, plan.Activities[step.Activity], cancellation);
                }
            }
        }
        catch (InvalidBackwardConnectionException invalid)
        {
            throw new FlowException("BackwardConnectionIsInvalid", EngineTexts.Get(
                "BackwardConnectionIsInvalid", plan.Activities[invalid.Source].Id, plan.Activities[invalid.Target].Id));
        }
    }

    private static Plan PlanOf(ActivityContext context) => (Plan)context.Node.Prepared!;

    // Today's form names activity and port; the form before 3.0 had four plain properties.
    private static (string? From, string Port, string? To) ReadConnection(JsonObject source) =>
        source["source"] is JsonObject from
            ? (Json.Text(from["activity"]), Port(from["port"]), Json.Text((source["target"] as JsonObject)?["activity"]))
            : (Json.Text(source["source"]), Port(source["sourcePort"]), Json.Text(source["target"]));

    private static string Port(JsonNode? port) => Json.Text(port) is { Length: > 0 } name ? name : "Done";

    private sealed class Plan(List<ActivityNode> activities, List<FlowConnection> connections)
    {
        private readonly Dictionary<ActivityNode, int> _indexes =
            activities.Select((activity, index) => (activity, index)).ToDictionary(pair => pair.activity, pair => pair.index);

        private readonly ConcurrentDictionary<int, FlowGraph> _graphs = new();
        private Func<int, JoinMode>? _joinModes;

        public List<ActivityNode> Activities => activities;

        public List<FlowConnection> Connections => connections;

        public int IndexOf(ActivityNode node) => _indexes[node];

        public bool Contains(ActivityNode node) => _indexes.ContainsKey(node);

        public FlowGraph GraphFrom(int from) =>
            _graphs.GetOrAdd(from, static (key, plan) => new FlowGraph(plan.Activities.Count, plan.Connections, key), this);

        /// <summary>How arrivals at each activity are joined; where no join computes its mode it is found out once.</summary>
        public Func<int, JoinMode> JoinModes(ActivityContext context)
        {
            if (_joinModes is not null)
            {
                return _joinModes;
            }

            if (activities.Exists(node => node.Activity is FlowJoin && node.Inputs[0] is { IsConstant: false }))
            {
                return index => JoinModeOf(context, activities[index]);
            }

            JoinMode[] modes = [.. activities.Select(node => JoinModeOf(context, node))];
            return _joinModes = index => modes[index];
        }

        private static JoinMode JoinModeOf(ActivityContext context, ActivityNode node) =>
            node.Activity is FlowJoin
            && Enum.TryParse<JoinMode>(ValueConversion.Text(node.Inputs[0]?.Evaluate(context)), ignoreCase: true, out var mode)
                ? mode
                : JoinMode.WaitAllActive;

        /// <summary>The trigger that fired, a Start, a trigger, the first without connections into it, the first.</summary>
        public int StartFor(ActivityNode? trigger)
        {
            if (trigger is not null && _indexes.TryGetValue(trigger, out var fired))
            {
                return fired;
            }

            var targets = connections.Select(connection => connection.Target).ToHashSet();
            return First(node => node.Descriptor.IsStart) ?? First(node => node.CanStartWorkflow)
                ?? First(node => !targets.Contains(_indexes[node])) ?? 0;
        }

        private int? First(Predicate<ActivityNode> predicate) =>
            activities.FindIndex(predicate) is var index and >= 0 ? index : null;
    }
}

/// <summary>Children one after another.</summary>
internal sealed class Sequence : ControlActivity
{
    public override void Prepare(NodeReader reader) => reader.ReadList("activities");

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        RunNext(context, 0);
        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        if (context.IsBreaking || EndsContainer(context, child))
        {
            context.Complete();
        }
        else
        {
            RunNext(context, (int)context.State! + 1);
        }

        return Nothing;
    }

    public override JsonNode? SaveState(ActivityContext context) => context.State as int?;

    public override void LoadState(ActivityContext context, JsonNode? saved) => context.State = (int?)saved ?? 0;

    public override void MoveState(ActivityContext from, ActivityContext to, InstanceMove move)
    {
        var (old, children) = (from.Node.Children, to.Node.Children);
        var at = from.State as int? ?? 0;
        var current = move.BegunIn(to).FirstOrDefault() ?? move.ImageOf(old[at]);
        var index = current is null ? -1 : children.ToList().IndexOf(current);
        if (index < 0)
        {
            return;
        }

        to.State = index;
        var passed = old.Take(at).Select(move.ImageOf).ToHashSet();
        foreach (var child in children.Take(index).Where(child => !passed.Contains(child)))
        {
            move.Skips(child);
        }

        foreach (var child in children.Skip(index + 1).Where(passed.Contains))
        {
            move.MeetsAgain(child);
        }
    }

    protected override ActivityDescriptor Describe() =>
        BuiltIn.Describe("Elsa.Sequence", "Workflows") with { IsContainer = true, IsBrowsable = false };

    private static void RunNext(ActivityContext context, int index)
    {
        var children = context.Node.Children;
        if (index >= children.Count)
        {
            context.Complete();
            return;
        }

        context.State = index;
        context.Schedule(children[index]);
    }
}

/// <summary>Marks where a flowchart starts.</summary>
internal sealed class Start : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Start", "Flow") with { IsStart = true };
}

/// <summary>Completes the container it is in.</summary>
internal sealed class End : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation) => ValueTask.CompletedTask;

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.End", "Flow") with { IsTerminal = true };
}
