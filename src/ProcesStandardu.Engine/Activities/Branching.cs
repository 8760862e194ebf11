using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Migration;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Runs one of two children, then goes on.</summary>
internal sealed class If : ControlActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var isTrue = context.GetInput<bool>("Condition");
        context.SetOutput("Result", isTrue);
        if (context.Node.Ports.TryGetValue(isTrue ? "then" : "else", out var branch))
        {
            context.Schedule(branch);
        }
        else
        {
            context.Complete();
        }

        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        context.Complete();
        return Nothing;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.If", "Branching") with
    {
        Inputs = [BuiltIn.Input("If", "Condition", "Boolean", "checkbox")],
        Outputs = [BuiltIn.Output("If", "Result", "Boolean")],
        Ports = [BuiltIn.Embedded("Then"), BuiltIn.Embedded("Else")],
    };
}

/// <summary>Leaves by True or False.</summary>
internal sealed class FlowDecision : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.Complete(context.GetInput<bool>("Condition") ? "True" : "False");
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.FlowDecision", "Branching") with
    {
        Inputs = [BuiltIn.Input("FlowDecision", "Condition", "Boolean", "checkbox")],
        Ports = [BuiltIn.Flow("True"), BuiltIn.Flow("False")],
    };
}

/// <summary>Cases with conditions, shared by the two switches.</summary>
internal abstract class CasesActivity : ControlActivity
{
    protected sealed record Case(string Label, Expression Condition, ActivityNode? Activity);

    public override void Prepare(NodeReader reader)
    {
        var cases = new List<Case>();
        var index = 0;
        foreach (var source in reader.List("cases").OfType<JsonObject>())
        {
            var place = $"{reader.Place}.cases[{index++}]";
            var condition = reader.ReadExpression(source["condition"], new ValueShape(ValueKind.Boolean), place + ".condition");
            var activity = source["activity"] is JsonObject child ? reader.ReadChild(child, place + ".activity", null) : null;
            if (condition is not null)
            {
                cases.Add(new Case(Json.Text(source["label"]) ?? "", condition, activity));
            }
        }

        reader.Node.Prepared = cases;
    }

    protected static List<Case> Matching(ActivityContext context)
    {
        var cases = ((List<Case>)context.Node.Prepared!).Where(one => ValueConversion.Boolean(one.Condition.Evaluate(context)));
        return context.GetInput<string>("Mode") == "MatchAny" ? [.. cases] : [.. cases.Take(1)];
    }

    protected static InputDescriptor[] Inputs(string activity, string editor) =>
    [
        BuiltIn.Input(activity, "Cases", "Object", editor) with { IsWrapped = false },
        BuiltIn.Input(activity, "Mode", "SwitchMode", "dropdown", "MatchFirst") with
        {
            Options = [new InputOption(BuiltIn.Text("Mode.MatchFirst"), "MatchFirst"), new InputOption(BuiltIn.Text("Mode.MatchAny"), "MatchAny")],
        },
    ];
}

/// <summary>Leaves by the label of the first case that holds, or of all; by Default when none does.</summary>
internal sealed class FlowSwitch : CasesActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var matching = Matching(context);
        context.Complete(matching.Count == 0 ? ["Default"] : [.. matching.Select(one => one.Label)]);
        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation) => Nothing;

    public override IReadOnlyList<string> OutcomesOf(JsonObject source) =>
        [.. (source["cases"] as JsonArray ?? []).OfType<JsonObject>().Select(one => Json.Text(one["label"]) ?? "").Append("Default").Distinct()];

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.FlowSwitch", "Branching") with
    {
        Inputs = Inputs("FlowSwitch", "flow-switch-editor"),
        Ports = [BuiltIn.Flow("Default")],
    };
}

/// <summary>Runs the child of the first case that holds, or of all; the default child when none does.</summary>
internal sealed class Switch : CasesActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var matching = Matching(context);
        var branches = matching.Select(one => one.Activity).OfType<ActivityNode>().ToList();
        if (matching.Count == 0 && context.Node.Ports.TryGetValue("default", out var otherwise))
        {
            branches.Add(otherwise);
        }

        branches.ForEach(branch => context.Schedule(branch));
        if (branches.Count == 0)
        {
            context.Complete();
        }

        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        if (context.IsEnding || (!context.HasActiveChildren && !context.HasFaultedChildren))
        {
            context.Complete();
        }

        return Nothing;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Switch", "Branching") with
    {
        Inputs = Inputs("Switch", "switch-editor"),
        Ports = [BuiltIn.Embedded("Default")],
    };
}

/// <summary>Leaves by all its branches at once.</summary>
internal sealed class FlowFork : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        // Without a list of branches it is a plain step; with an empty one nothing follows it.
        context.CompleteBy(context.GetInput("Branches") is { } branches
            ? ValueConversion.Texts(branches)
            : TokenFlow.Done);
        return ValueTask.CompletedTask;
    }

    public override IReadOnlyList<string>? OutcomesOf(JsonObject source) =>
        source["branches"] is null || (source["branches"] is JsonObject wrapper && (wrapper["expression"] as JsonObject)?["value"] is null)
            ? TokenFlow.Done
            : Outcomes.Written(source, Descriptor.Inputs[0])?.Distinct().ToList();

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.FlowFork", "Branching") with
    {
        Inputs = [BuiltIn.Input("FlowFork", "Branches", "String[]", "dynamic-outcomes")],
    };
}

/// <summary>
/// Joins branches; the flowchart asks its mode and decides when it runs. What began to wait before it while it was
/// scheduled is cancelled when it runs.
/// </summary>
internal sealed class FlowJoin : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation) =>
        context.Parent is { Node.Activity: Flowchart } flowchart
            ? Flowchart.CancelAncestorsAsync(flowchart, context.Node, cancellation)
            : ValueTask.CompletedTask;

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.FlowJoin", "Branching") with
    {
        Inputs =
        [
            BuiltIn.Input("FlowJoin", "Mode", "FlowJoinMode", "dropdown", "WaitAny") with
            {
                Options = [.. Enum.GetNames<JoinMode>().Select(mode => new InputOption(BuiltIn.Text("Mode." + mode), mode))],
            },
        ],
    };
}

/// <summary>Runs all its branches at once; completes with all of them or with the first.</summary>
internal sealed class Fork : ControlActivity
{
    public override void Prepare(NodeReader reader)
    {
        reader.ReadList("branches");
        // A name or the number of it, plain or wrapped.
        var mode = reader.Source["joinMode"];
        mode = mode is JsonObject wrapper ? wrapper["expression"]?["value"] : mode;
        reader.Node.Prepared = Json.Text(mode) == "WaitAny" || Json.Number(mode) == 1;
    }

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation) =>
        Parallel.RunAll(context);

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        if (context.IsEnding || context.IsBreaking || context.Node.Prepared is true
            || (!context.HasActiveChildren && !context.HasFaultedChildren))
        {
            context.Complete();
        }

        return Nothing;
    }

    public override void MoveState(ActivityContext from, ActivityContext to, InstanceMove move) => Parallel.MoveBranches(from, to, move);

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Fork", "Branching") with
    {
        IsContainer = true,
        IsBrowsable = false,
    };
}

/// <summary>Runs all its children at once and completes with the last of them.</summary>
internal sealed class Parallel : ControlActivity
{
    public override void Prepare(NodeReader reader) => reader.ReadList("activities");

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation) => RunAll(context);

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        if (context.IsEnding || (!context.HasActiveChildren && !context.HasFaultedChildren))
        {
            context.Complete();
        }

        return Nothing;
    }

    public override void MoveState(ActivityContext from, ActivityContext to, InstanceMove move) => MoveBranches(from, to, move);

    protected override ActivityDescriptor Describe() =>
        BuiltIn.Describe("Elsa.Parallel", "Workflows") with { IsContainer = true, IsBrowsable = false };

    /// <summary>Branches that the new version adds do not run any more.</summary>
    internal static void MoveBranches(ActivityContext from, ActivityContext to, InstanceMove move)
    {
        var known = from.Node.Children.Select(move.ImageOf).ToHashSet();
        foreach (var added in to.Node.Children.Where(child => !known.Contains(child)))
        {
            move.Skips(added);
        }
    }

    internal static ValueTask RunAll(ActivityContext context)
    {
        foreach (var child in context.Node.Children)
        {
            context.Schedule(child);
        }

        if (context.Node.Children.Count == 0)
        {
            context.Complete();
        }

        return ValueTask.CompletedTask;
    }
}
