using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Shared by the activities that start other workflows.</summary>
internal static class Children
{
    public const string DispatchName = "Elsa.DispatchWorkflow";

    public const string ExecuteName = "Elsa.ExecuteWorkflow";

    public const string BulkName = "Elsa.BulkDispatchWorkflows";

    /// <summary>What a parent waits for and what is sent when its child ends.</summary>
    public static JsonObject Payload(Guid childId) => new() { ["ChildInstanceId"] = childId.ToString() };

    public static StartWorkflow Start(
        ActivityContext context, WorkflowDefinition definition, JsonNode? input, string? correlationId) => new()
    {
        VersionId = definition.VersionId,
        InstanceId = Guid.CreateVersion7(context.Now),
        ParentInstanceId = context.InstanceId,
        CorrelationId = string.IsNullOrEmpty(correlationId) ? null : correlationId,
        Input = InputOf(context, input),
    };

    // Elsa tells each child its parent among the inputs.
    private static Dictionary<string, JsonNode?> InputOf(ActivityContext context, JsonNode? given)
    {
        var input = new Dictionary<string, JsonNode?> { ["ParentInstanceId"] = JsonValue.Create(context.InstanceId.ToString()) };
        foreach (var (name, value) in given as JsonObject ?? [])
        {
            input[name] = value?.DeepClone();
        }

        return input;
    }

    /// <summary>The published version to start.</summary>
    /// <exception cref="FlowException">There is none, or the chain of workflows is too deep.</exception>
    public static async ValueTask<WorkflowDefinition> FindAsync(ActivityContext context, CancellationToken cancellation)
    {
        var id = context.GetInput<string>("WorkflowDefinitionId") ?? "";
        if (context.Burst.Depth >= context.Options.ChildDepth)
        {
            throw new FlowException("WorkflowChainIsTooDeep", EngineTexts.Get("WorkflowChainIsTooDeep", context.Options.ChildDepth));
        }

        return await context.Burst.Engine.Definitions.FindPublishedAsync(id, cancellation)
            ?? throw new FlowException("WorkflowIsNotPublished", EngineTexts.Get("WorkflowIsNotPublished", id));
    }

    public static InputDescriptor[] Inputs(string activity, bool waits = false) =>
    [
        BuiltIn.Input(activity, "WorkflowDefinitionId", "String", "workflow-definition-picker"),
        BuiltIn.Input(activity, "CorrelationId", "String"),
        BuiltIn.Input(activity, "Input", "ObjectDictionary", "dictionary"),
        BuiltIn.Input(activity, "WaitForCompletion", "Boolean", "checkbox", waits ? true : null),
    ];
}

/// <summary>Starts another workflow after this burst; waits for its end where asked to.</summary>
internal sealed class DispatchWorkflow : BuiltInActivity
{
    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var definition = await Children.FindAsync(context, cancellation);
        var start = Children.Start(context, definition, context.GetInput("Input"), context.GetInput<string>("CorrelationId"));
        context.Burst.Dispatched.Add(start);
        if (context.GetInput<bool>("WaitForCompletion"))
        {
            context.WaitFor(Children.DispatchName, Children.Payload(start.InstanceId!.Value));
        }
        else
        {
            context.Complete();
        }
    }

    public override ValueTask ResumeAsync(
        ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.SetOutput("Result", resumption.Input?["Output"]);
        context.Complete();
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe(Children.DispatchName, "Composition") with
    {
        Inputs =
        [
            .. Children.Inputs("DispatchWorkflow"),
            BuiltIn.Input("DispatchWorkflow", "StartNewTrace", "Boolean", "checkbox") with { IsBrowsable = false },
            BuiltIn.Input("DispatchWorkflow", "ChannelName", "String") with { IsBrowsable = false },
        ],
        Outputs = [BuiltIn.Output("DispatchWorkflow", "Result", "Object")],
    };
}

/// <summary>Runs another workflow inside this burst; waits for its end when it does not end at once and is asked to.</summary>
internal sealed class ExecuteWorkflow : BuiltInActivity
{
    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var definition = await Children.FindAsync(context, cancellation);
        var start = Children.Start(context, definition, context.GetInput("Input"), context.GetInput<string>("CorrelationId"));
        var child = await context.Burst.Engine.RunInsideAsync(context.Burst, definition, start, cancellation);
        if (child.Status == WorkflowStatus.Running && context.GetInput<bool>("WaitForCompletion"))
        {
            context.WaitFor(Children.ExecuteName, Children.Payload(child.InstanceId));
            return;
        }

        context.SetOutput("Result", WorkflowEngine.EndOf(child));
        context.Complete();
    }

    public override ValueTask ResumeAsync(
        ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.SetOutput("Result", resumption.Input);
        context.Complete();
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe(Children.ExecuteName, "Composition") with
    {
        Inputs = Children.Inputs("ExecuteWorkflow"),
        Outputs = [BuiltIn.Output("ExecuteWorkflow", "Result", "Object")],
    };
}

/// <summary>Starts one workflow for each item of a list; waits for the end of all where asked to.</summary>
internal sealed class BulkDispatchWorkflows : ControlActivity
{
    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var definition = await Children.FindAsync(context, cancellation);
        var waits = context.GetInput<bool>("WaitForCompletion");
        var key = context.GetInput<string>("DefaultItemInputKey") is { Length: > 0 } given ? given : "Item";
        var started = 0;
        foreach (var item in ValueConversion.Items(context.GetInput("Items")))
        {
            var input = context.GetInput("Input")?.DeepClone() as JsonObject ?? [];
            var own = item as JsonObject ?? new JsonObject { [key] = item?.DeepClone() };
            foreach (var (name, value) in own)
            {
                input[name] = value?.DeepClone();
            }

            // The function sees the item as a variable of the key's name.
            (context.Variables ??= [])[key] = item?.DeepClone();
            var start = Children.Start(context, definition, input, context.Evaluate<string>("CorrelationIdFunction"));
            context.Burst.Dispatched.Add(start);
            started++;
            if (waits)
            {
                context.WaitFor(Children.BulkName, Children.Payload(start.InstanceId!.Value));
            }
        }

        if (!waits || started == 0)
        {
            context.Complete("Done");
        }
    }

    public override ValueTask ResumeAsync(
        ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        var port = (WorkflowSubStatus?)(int?)resumption.Input?["SubStatus"] switch
        {
            WorkflowSubStatus.Finished => "childCompleted",
            WorkflowSubStatus.Faulted => "childFaulted",
            _ => "",
        };
        if (context.Node.Ports.TryGetValue(port, out var child))
        {
            context.Schedule(child, new Dictionary<string, JsonNode?>
            {
                ["ChildInstanceId"] = resumption.Payload?["ChildInstanceId"]?.DeepClone(),
                ["ChildOutput"] = resumption.Input?["Output"]?.DeepClone(),
            });
        }

        CompleteWhenAllEnded(context);
        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        CompleteWhenAllEnded(context);
        return Nothing;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe(Children.BulkName, "Composition") with
    {
        Inputs =
        [
            BuiltIn.Input("BulkDispatchWorkflows", "Items", "Object"),
            BuiltIn.Input("BulkDispatchWorkflows", "DefaultItemInputKey", "String", defaultValue: "Item"),
            BuiltIn.Input("BulkDispatchWorkflows", "CorrelationIdFunction", "String") with { AutoEvaluate = false },
            .. Children.Inputs("BulkDispatchWorkflows", waits: true).Where(input => input.Name != "CorrelationId"),
            BuiltIn.Input("DispatchWorkflow", "StartNewTrace", "Boolean", "checkbox") with { IsBrowsable = false },
            BuiltIn.Input("DispatchWorkflow", "ChannelName", "String") with { IsBrowsable = false },
        ],
        Ports =
        [
            BuiltIn.Flow("Completed"), BuiltIn.Flow("Canceled"), BuiltIn.Flow("Done"),
            BuiltIn.Embedded("ChildCompleted"), BuiltIn.Embedded("ChildFaulted"),
        ],
    };

    private static void CompleteWhenAllEnded(ActivityContext context)
    {
        if (context.IsEnding || (context.Waits == 0 && !context.HasActiveChildren && !context.HasFaultedChildren))
        {
            context.Complete("Completed", "Done");
        }
    }
}
