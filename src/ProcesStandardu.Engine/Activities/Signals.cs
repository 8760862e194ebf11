using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine.Activities;

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
