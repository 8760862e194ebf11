using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Activities;

/// <summary>The workflow itself, around its root activity.</summary>
internal sealed class WorkflowActivity : ControlActivity
{
    public static readonly WorkflowActivity Instance = new();

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (context.State is null)
        {
            var used = context.Node.Definition;
            var inputs = used.Inputs.ToDictionary(input => input.Name, input => context.Parent!.GetInput(input.Name));
            context.State = new WorkflowScope(used, inputs);
            context.DeclareVariables(used.Variables);
        }

        context.Schedule(context.Node.Children[0]);
        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        context.Complete();
        return Nothing;
    }

    protected override ActivityDescriptor Describe() =>
        BuiltIn.Describe("Elsa.Workflow", "Workflows") with { IsContainer = true, IsBrowsable = false };
}

/// <summary>A workflow definition used as one activity of another, running inside the same instance.</summary>
public static class WorkflowAsActivities
{
    /// <summary>How a definition looks as an activity; its type name is the definition's id unless given.</summary>
    public static ActivityDescriptor DescriptorOf(WorkflowDefinition used, string? typeName = null) => new()
    {
        TypeName = typeName ?? used.DefinitionId,
        Version = used.Version,
        Category = BuiltIn.Text("Category.Workflows"),
        DisplayName = used.Name,
        Description = used.Description,
        Ports = [.. used.Outcomes.Select(outcome => new PortDescriptor(outcome, outcome))],
        Inputs = [.. used.Inputs.Select(input => new InputDescriptor(input.Name, input.TypeName, input.DisplayName)
        {
            Description = input.Description,
            DefaultValue = input.DefaultValue,
        })],
        Outputs = [.. used.Outputs.Select(output => new OutputDescriptor(output.Name, output.TypeName, output.DisplayName)
        {
            Description = output.Description,
        })],
        CustomProperties = new JsonObject
        {
            ["RootType"] = "WorkflowDefinitionActivity",
            ["WorkflowDefinitionId"] = used.DefinitionId,
            ["WorkflowDefinitionVersionId"] = used.VersionId,
        },
    };
}

/// <inheritdoc cref="WorkflowAsActivities"/>
internal sealed class WorkflowAsActivity(WorkflowDefinition used, string typeName) : ControlActivity
{
    public override void Prepare(NodeReader reader) => reader.Node.Prepared = reader.Embed(used);

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.Schedule((ActivityNode)context.Node.Prepared!);
        return Nothing;
    }

    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation)
    {
        var scope = (WorkflowScope)child.State!;
        foreach (var output in used.Outputs)
        {
            if (scope.Outputs.TryGetValue(output.Name, out var value))
            {
                context.SetOutput(output.Name, value);
            }
        }

        context.Complete([.. scope.Outcomes ?? []]);
        return Nothing;
    }

    protected override ActivityDescriptor Describe() => WorkflowAsActivities.DescriptorOf(used, typeName);
}

/// <summary>Ends the enclosing workflow, or workflow used as an activity, with outcomes.</summary>
internal sealed class Complete : BuiltInActivity
{
    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var outcomes = context.GetInput("Outcomes");
        ((WorkflowScope)context.Workflow.State!).Outcomes = outcomes switch
        {
            null => null,
            JsonArray many => [.. many.Select(ValueConversion.Text).OfType<string>()],
            _ => [ValueConversion.Text(outcomes)!],
        };
        var (root, isInLoop) = (context, false);
        for (var scope = context.Parent; scope is not null; scope = scope.Parent)
        {
            scope.IsEnding = true;
            if (scope == context.Workflow)
            {
                break;
            }

            (root, isInLoop) = (scope, isInLoop || scope.Node.Activity is While or For or ForEach);
        }

        if (isInLoop)
        {
            // A loop does not complete by it: it is cancelled with all that it holds, this activity included.
            await context.Burst.CancelAsync(root, inJournal: true, cancellation);
            context.Workflow.Complete();
        }
        else
        {
            context.Complete();
        }
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Complete", "Composition") with
    {
        IsTerminal = true,
        Inputs = [BuiltIn.Input("Complete", "Outcomes", "Object", "outcome-picker")],
    };
}
