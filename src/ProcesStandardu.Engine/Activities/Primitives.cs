using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

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

/// <summary>Waits for a named event, or starts a workflow at one.</summary>
internal sealed class EventActivity : BuiltInActivity
{
    public const string TypeName = "Elsa.Event";

    /// <summary>What an event with this name is compared by.</summary>
    public static JsonObject Payload(string? eventName) => new() { ["EventName"] = eventName };

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        if (context.StartedBy is { } resumption)
        {
            return ResumeAsync(context, resumption, cancellation);
        }

        context.WaitFor(TypeName, Payload(context.GetInput<string>("EventName")));
        return ValueTask.CompletedTask;
    }

    public override ValueTask ResumeAsync(
        ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.SetOutput("Result", resumption.Input);
        context.Complete();
        return ValueTask.CompletedTask;
    }

    public override TriggerStimulus GetTrigger(ActivityContext context) =>
        new(TypeName, Payload(context.GetInput<string>("EventName")));

    protected override ActivityDescriptor Describe() => BuiltIn.Describe(TypeName, "Primitives") with
    {
        Kind = ActivityKind.Trigger,
        Inputs = [BuiltIn.Input("Event", "EventName", "String")],
        Outputs = [BuiltIn.Output("Event", "Result", "Object")],
    };
}

/// <summary>Publishes a named event once this burst is written, in the same transaction.</summary>
internal sealed class PublishEvent : BuiltInActivity
{
    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var correlationId = context.GetInput<string>("CorrelationId");
        context.Send(new Stimulus(EventActivity.TypeName, EventActivity.Payload(context.GetInput<string>("EventName")))
        {
            CorrelationId = string.IsNullOrEmpty(correlationId) ? null : correlationId,
            InstanceId = context.GetInput<bool>("IsLocalEvent") ? context.InstanceId : null,
            Input = context.GetInput("Payload"),
        });
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe("Elsa.PublishEvent", "Primitives") with
    {
        Inputs =
        [
            BuiltIn.Input("PublishEvent", "EventName", "String"),
            BuiltIn.Input("PublishEvent", "CorrelationId", "String"),
            BuiltIn.Input("PublishEvent", "IsLocalEvent", "Boolean", "checkbox"),
            BuiltIn.Input("PublishEvent", "Payload", "Object", "multiline"),
        ],
    };
}

/// <summary>Asks the host application or a person to do something and waits until it is done.</summary>
internal sealed class RunTask : BuiltInActivity
{
    public const string TypeName = "Elsa.RunTask";

    /// <summary>The task that a wait is for; null for waits of other activities.</summary>
    public static Guid? TaskIdOf(Bookmark bookmark) =>
        bookmark is { Name: TypeName, Payload: not null } && JsonNode.Parse(bookmark.Payload)?["TaskId"] is { } id
        && Guid.TryParse((string?)id, out var taskId)
            ? taskId
            : null;

    public override ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var taskId = Guid.CreateVersion7(context.Now);
        var name = context.GetInput<string>("TaskName") ?? "";
        var bookmarkId = context.WaitFor(TypeName, new JsonObject { ["TaskId"] = taskId.ToString(), ["TaskName"] = name });
        context.SetOutput("TaskId", taskId.ToString());
        context.Burst.Add(new UserTask(
            taskId, context.InstanceId, bookmarkId, context.Number, context.Node.Id, name,
            context.GetInput("Payload")?.ToJsonString(), context.Now));
        return ValueTask.CompletedTask;
    }

    public override ValueTask ResumeAsync(
        ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.SetOutput("Result", resumption.Input);
        context.Complete();
        return ValueTask.CompletedTask;
    }

    protected override ActivityDescriptor Describe() => BuiltIn.Describe(TypeName, "Primitives") with
    {
        Kind = ActivityKind.Task,
        Inputs = [BuiltIn.Input("RunTask", "TaskName", "String"), BuiltIn.Input("RunTask", "Payload", "ObjectDictionary", "dictionary")],
        Outputs = [BuiltIn.Output("RunTask", "TaskId", "String"), BuiltIn.Output("RunTask", "Result", "Object")],
    };
}
