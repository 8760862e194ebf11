using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Assigns a variable, found by id.</summary>
internal sealed class SetVariable : ControlFree
{
    public override void Prepare(NodeReader reader)
    {
        var variable = reader.Source["variable"];
        reader.Node.Prepared = Json.Text((variable as JsonObject)?["id"]) ?? Json.Text(variable);
    }

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var id = context.Node.Prepared as string;
        if (id is null || !context.TrySetVariable(id, context.GetInput("Value")))
        {
            throw new FlowException("VariableIsNotFound", EngineTexts.Get("VariableIsNotFound", id));
        }

        context.Complete();
        return Nothing;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.SetVariable", "Primitives") with
    {
        Inputs =
        [
            BuiltIn.Input("SetVariable", "Variable", "Variable", "variable-picker") with { IsWrapped = false },
            BuiltIn.Input("SetVariable", "Value", "Object"),
        ],
    };
}

/// <summary>Assigns several variables, found by name.</summary>
internal sealed class SetVariables : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        foreach (var (name, value) in context.GetInput("Variables") as JsonObject ?? [])
        {
            if (!context.SetVariable(name, value?.DeepClone()))
            {
                throw new FlowException("VariableIsNotFound", EngineTexts.Get("VariableIsNotFound", name));
            }
        }

        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.SetVariables", "Primitives") with
    {
        Inputs = [BuiltIn.Input("SetVariables", "Variables", "ObjectDictionary", "dictionary")],
    };
}

/// <summary>A built-in activity with properties of its own but without children.</summary>
internal abstract class ControlFree : ControlActivity
{
    public override ValueTask OnChildCompletedAsync(
        ActivityContext context, ActivityContext child, CancellationToken cancellation) => Nothing;
}

/// <summary>Sets an output of the enclosing workflow.</summary>
internal sealed class SetOutput : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.SetWorkflowOutput(context.GetInput<string>("OutputName") ?? "", context.GetInput("OutputValue"));
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.SetOutput", "Composition") with
    {
        Inputs =
        [
            BuiltIn.Input("SetOutput", "OutputName", "String", "output-picker"),
            BuiltIn.Input("SetOutput", "OutputValue", "Object"),
        ],
    };
}

/// <summary>Names the instance.</summary>
internal sealed class SetName : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.InstanceName = context.GetInput<string>("Value");
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.SetName", "Primitives") with
    {
        Inputs = [BuiltIn.Input("SetName", "Value", "String")],
    };
}

/// <summary>Ties the instance to its subject.</summary>
internal sealed class Correlate : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.CorrelationId = context.GetInput<string>("CorrelationId");
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Correlate", "Primitives") with
    {
        Inputs = [BuiltIn.Input("Correlate", "CorrelationId", "String")],
    };
}

/// <summary>Writes a line where the host wants lines written.</summary>
internal sealed class WriteLine : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.Options.WriteLine?.Invoke(context.InstanceId, context.GetInput<string>("Text"));
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.WriteLine", "Console") with
    {
        Inputs = [BuiltIn.Input("WriteLine", "Text", "String")],
    };
}

/// <summary>Writes a message where the host wants lines written; the journal keeps it as the activity's input.</summary>
internal sealed class Log : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.Options.WriteLine?.Invoke(context.InstanceId, context.GetInput<string>("Message"));
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Log", "Console") with
    {
        Inputs = [BuiltIn.Input("Log", "Message", "String", "multiline"), BuiltIn.Input("Log", "Level", "String")],
    };
}

/// <summary>Finishes the whole instance at once.</summary>
internal sealed class Finish : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.Burst.Finish();
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Finish", "Primitives") with { IsTerminal = true };
}

/// <summary>Ends the whole instance at once as cancelled.</summary>
internal sealed class Cancel : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.Burst.Finish(asCancelled: true);
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Cancel", "Primitives") with { IsTerminal = true };
}

/// <summary>Faults, on purpose.</summary>
internal sealed class Fault : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        context.Fail(context.GetInput<string>("Code") ?? "0", context.GetInput<string>("Message") ?? "");
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.Fault", "Primitives") with
    {
        Inputs =
        [
            BuiltIn.Input("Fault", "Code", "String", defaultValue: "0"),
            BuiltIn.Input("Fault", "Category", "String", defaultValue: "General"),
            BuiltIn.Input("Fault", "FaultType", "String", defaultValue: "System"),
            BuiltIn.Input("Fault", "Message", "String", "multiline"),
        ],
    };
}
