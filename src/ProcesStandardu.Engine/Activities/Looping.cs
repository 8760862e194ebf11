using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Runs its body again and again, in rounds.</summary>
internal abstract class LoopActivity : ControlActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        RunRound(context);
        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        if (context.IsBreaking || context.IsEnding)
        {
            context.Complete();
        }
        else
        {
            RunRound(context);
        }

        return Nothing;
    }

    /// <summary>Schedules the body once more, or completes the loop.</summary>
    protected abstract void RunRound(ActivityContext context);

    protected static void RunBody(ActivityContext context, Dictionary<string, JsonNode?>? variables)
    {
        if (context.Node.Ports.TryGetValue("body", out var body))
        {
            context.Schedule(body, variables);
        }
        else
        {
            context.Complete();
        }
    }

    protected static Dictionary<string, JsonNode?> Round(int index, JsonNode? value) =>
        new() { ["CurrentIndex"] = JsonValue.Create(index), ["CurrentValue"] = value };
}

/// <summary>Loops while a condition holds, asked before each round.</summary>
internal sealed class While : LoopActivity
{
    protected override void RunRound(ActivityContext context)
    {
        if (context.Evaluate<bool>("Condition"))
        {
            RunBody(context, null);
        }
        else
        {
            context.Complete();
        }
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.While", "Looping") with
    {
        Inputs = [BuiltIn.Input("While", "Condition", "Boolean", "checkbox") with { AutoEvaluate = false }],
        Ports = [BuiltIn.Embedded("Body")],
    };
}

/// <summary>Counts from one number to another.</summary>
internal sealed class For : LoopActivity
{
    public override JsonNode? SaveState(ActivityContext context) => context.State as long?;

    public override void LoadState(ActivityContext context, JsonNode? saved) => context.State = (long?)saved;

    protected override void RunRound(ActivityContext context)
    {
        var step = context.GetInput<long>("Step");
        if (step == 0)
        {
            context.Fail("StepIsZero", EngineTexts.Get("StepIsZero"));
            return;
        }

        var end = context.GetInput<long>("End");
        var current = context.State is long last ? last + step : context.GetInput<long>("Start");
        var inclusive = context.GetInput<bool>("OuterBoundInclusive");
        var goesOn = step > 0
            ? current < end || (inclusive && current == end)
            : current > end || (inclusive && current == end);
        if (!goesOn)
        {
            context.Complete();
            return;
        }

        context.State = current;
        context.SetOutput("CurrentValue", JsonValue.Create(current));
        RunBody(context, new() { ["CurrentValue"] = JsonValue.Create(current) });
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.For", "Looping") with
    {
        Inputs =
        [
            BuiltIn.Input("For", "Start", "Int32", defaultValue: 0), BuiltIn.Input("For", "End", "Int32", defaultValue: 0),
            BuiltIn.Input("For", "Step", "Int32", defaultValue: 1),
            BuiltIn.Input("For", "OuterBoundInclusive", "Boolean", "checkbox", true),
        ],
        Outputs = [BuiltIn.Output("For", "CurrentValue", "Object")],
        Ports = [BuiltIn.Embedded("Body")],
    };
}

/// <summary>Runs its body for each item of a list, one after another.</summary>
internal sealed class ForEach : LoopActivity
{
    private sealed record Items(JsonArray List, int Next);

    public override JsonNode? SaveState(ActivityContext context) =>
        context.State is Items items ? new JsonObject { ["l"] = items.List.DeepClone(), ["n"] = items.Next } : null;

    public override void LoadState(ActivityContext context, JsonNode? saved) =>
        context.State = saved is null ? null : new Items(saved["l"]!.DeepClone().AsArray(), (int)saved["n"]!);

    protected override void RunRound(ActivityContext context)
    {
        var items = context.State as Items ?? new Items(
            ValueConversion.Items(context.GetInput("Items") ?? throw new FlowException("ItemsAreMissing", EngineTexts.Get("ItemsAreMissing"))), 0);
        if (items.Next >= items.List.Count)
        {
            context.Complete();
            return;
        }

        var value = items.List[items.Next]?.DeepClone();
        context.State = items with { Next = items.Next + 1 };
        context.SetOutput("CurrentValue", value);
        RunBody(context, Round(items.Next, value));
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.ForEach", "Looping") with
    {
        Inputs = [BuiltIn.Input("ForEach", "Items", "Object[]", "multitext", new JsonArray())],
        Outputs = [BuiltIn.Output("ForEach", "CurrentValue", "Object")],
        Ports = [BuiltIn.Embedded("Body")],
    };
}

/// <summary>Runs its body for each item of a list, all at once, and completes with the last.</summary>
internal sealed class ParallelForEach : LoopActivity
{
    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        if (context.IsEnding || (!context.HasActiveChildren && !context.HasFaultedChildren))
        {
            context.Complete();
        }

        return Nothing;
    }

    protected override void RunRound(ActivityContext context)
    {
        // Only a list is a list here: an Object expression of type Object gives its JSON as text, as in Elsa.
        var items = context.GetInput("Items") as JsonArray ?? [];
        if (items.Count == 0)
        {
            context.Complete();
        }

        for (var index = 0; index < items.Count && !context.IsCompleting; index++)
        {
            var value = items[index]?.DeepClone();
            context.SetOutput("CurrentValue", value);
            RunBody(context, Round(index, value));
        }
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.ParallelForEach", "Looping") with
    {
        Inputs = [BuiltIn.Input("ParallelForEach", "Items", "Object", "multitext")],
        Outputs = [BuiltIn.Output("ParallelForEach", "CurrentValue", "Object")],
        Ports = [BuiltIn.Embedded("Body")],
    };
}

/// <summary>
/// Leaves the nearest loop that takes its rounds one after another, when the child that holds the break is through; a
/// sequence or fork on the way ends with it, a flowchart goes on to its end.
/// </summary>
internal sealed class Break : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        for (var scope = context.Parent; scope is not null && scope != context.Workflow; scope = scope.Parent)
        {
            var isLoop = scope.Node.Activity is While or For or ForEach;
            scope.IsBreaking |= isLoop || scope.Node.Activity is Sequence or Fork;
            if (isLoop)
            {
                break;
            }
        }

        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Break", "Looping") with { IsTerminal = true };
}
