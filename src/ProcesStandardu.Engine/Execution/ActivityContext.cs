using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine.Execution;

/// <summary>One execution of one activity in one instance: what the activity may ask and do, and what is recorded of it.</summary>
public sealed partial class ActivityContext
{
    private JsonNode?[] _inputs = [];

    internal ActivityContext(Burst burst, ActivityNode node, ActivityContext? parent, long number)
    {
        Burst = burst;
        Node = node;
        Parent = parent;
        Number = number;
        Workflow = node.Activity is WorkflowActivity || parent is null ? this : parent.Workflow;
    }

    /// <summary>The activity in the definition.</summary>
    public ActivityNode Node { get; }

    /// <summary>1, 2, 3 … over all executions of the instance.</summary>
    public long Number { get; }

    /// <summary>Id of this execution, unique over all instances.</summary>
    public string ActivityInstanceId => Journal.ActivityInstanceId.Format(InstanceId, Number);

    public Guid InstanceId => Burst.InstanceId;

    public WorkflowDefinition Definition => Burst.Definition;

    /// <summary>The moment of the burst; the same for everything that happens in it.</summary>
    public DateTimeOffset Now => Burst.Now;

    /// <summary>Services of the caller's scope, so that rows change in the caller's transaction.</summary>
    public IServiceProvider Services => Burst.Services;

    /// <summary>Zone in which dates without offset are read.</summary>
    public TimeZoneInfo TimeZone => Burst.Options.TimeZone;

    /// <summary>Ties the instance to its subject, such as a document; null when to none.</summary>
    public string? CorrelationId
    {
        get => Burst.CorrelationId;
        set => Burst.CorrelationId = value;
    }

    /// <summary>Name people recognise the instance by; null when none.</summary>
    public string? InstanceName
    {
        get => Burst.InstanceName;
        set => Burst.InstanceName = value;
    }

    /// <summary>Why the instance was started, when this activity is the trigger that started it; otherwise null.</summary>
    public Resumption? StartedBy { get; internal set; }

    public ActivityStatus Status { get; internal set; }

    public DateTimeOffset StartedAt { get; internal set; }

    /// <summary>Null while running.</summary>
    public DateTimeOffset? CompletedAt { get; internal set; }

    /// <summary>Outcomes the activity named; null for the default <c>Done</c>.</summary>
    public IReadOnlyList<string>? Outcomes { get; private set; }

    /// <summary>Faults of this activity and of everything inside it that were not repaired.</summary>
    public int FaultCount { get; internal set; }

    /// <summary>The message of its own fault; otherwise null.</summary>
    public string? FaultMessage { get; internal set; }

    /// <summary>The execution it runs inside; null for the workflow.</summary>
    public ActivityContext? Parent { get; }

    /// <summary>Number of open waits.</summary>
    public int Waits { get; internal set; }

    internal Burst Burst { get; }

    internal EngineOptions Options => Burst.Options;

    /// <summary>The execution of the nearest workflow around: the instance itself, or a workflow used as an activity.</summary>
    internal ActivityContext Workflow { get; }

    internal object? State { get; set; }

    internal Dictionary<string, JsonNode?>? Variables { get; set; }

    internal Dictionary<string, JsonNode?>? Produced { get; private set; }

    /// <summary>Children that run or are faulted, in the order they started.</summary>
    internal List<ActivityContext>? Children { get; set; }

    /// <summary>Children waiting in the burst's queue.</summary>
    internal int Scheduled { get; set; }

    /// <summary>A Break inside it was reached: it completes when the child it waits for does.</summary>
    internal bool IsBreaking { get; set; }

    /// <summary>A Complete inside it was reached: it ends with everything inside it, in this very step.</summary>
    internal bool IsEnding { get; set; }

    internal bool IsCompleting { get; private set; }

    internal ActivityFault? Failure { get; private set; }

    internal bool IsRecorded { get; set; }

    internal bool HasActiveChildren => Scheduled > 0 || (Children?.Exists(child => child.Status == ActivityStatus.Running) ?? false);

    internal bool HasFaultedChildren => Children?.Exists(child => child.Status == ActivityStatus.Faulted) ?? false;

    /// <summary>An evaluated input, converted leniently: what cannot be converted is the type's default.</summary>
    /// <exception cref="ArgumentException">The descriptor has no such input.</exception>
    public T? GetInput<T>(string name) => ValueConversion.As<T>(GetInput(name), TimeZone);

    /// <summary>An evaluated input as JSON; not to be changed.</summary>
    /// <exception cref="ArgumentException">The descriptor has no such input.</exception>
    public JsonNode? GetInput(string name)
    {
        var inputs = Node.Descriptor.Inputs;
        for (var index = 0; index < inputs.Count; index++)
        {
            if (inputs[index].Name == name)
            {
                return index < _inputs.Length ? _inputs[index] : null;
            }
        }

        throw new ArgumentException($"{Node.Type} has no input {name}.", nameof(name));
    }

    /// <summary>Sets an output; it is recorded and written to the variable or workflow output it is bound to.</summary>
    /// <exception cref="ArgumentException">The descriptor has no such output.</exception>
    public void SetOutput(string name, object? value)
    {
        var outputs = Node.Descriptor.Outputs;
        for (var index = 0; index < outputs.Count; index++)
        {
            if (outputs[index].Name == name)
            {
                var json = Json(value);
                (Produced ??= [])[name] = json;
                if (index < Node.OutputBindings.Length && Node.OutputBindings[index] is { } bound)
                {
                    Bind(bound, json);
                }

                return;
            }
        }

        throw new ArgumentException($"{Node.Type} has no output {name}.", nameof(name));
    }

    /// <summary>Completes the activity with these outcomes, <c>Done</c> when none; all its waits are burned.</summary>
    public void Complete(params string[] outcomes)
    {
        Outcomes = outcomes.Length == 0 ? null : outcomes;
        IsCompleting = true;
    }

    /// <summary>Completes the activity with exactly these outcomes: with none of them nothing follows.</summary>
    internal void CompleteBy(IReadOnlyList<string> outcomes)
    {
        Outcomes = outcomes;
        IsCompleting = true;
    }

    /// <summary>Ends the activity as faulted; what becomes of the instance is for its incident strategy to say.</summary>
    /// <param name="code">Stable code for operators and programs.</param>
    /// <param name="message">Sentence for operators.</param>
    public void Fail(string code, string message) => Failure = new ActivityFault(code, message, null);

    /// <summary>Waits for a stimulus, the clock, or whichever comes first; the activity goes on in its ResumeAsync.</summary>
    /// <param name="payload">What the stimulus must carry; see <see cref="Stimulus.Payload"/>.</param>
    /// <param name="dueAt">When the clock fires the wait; null for never.</param>
    /// <returns>Id of the wait.</returns>
    public Guid WaitFor(string stimulusName, object? payload = null, DateTimeOffset? dueAt = null)
    {
        var canonical = StimulusHash.Canonical(payload);
        var bookmark = new Bookmark(
            Guid.CreateVersion7(Now), InstanceId, Number, Node.Id, Node.NodeId, stimulusName, canonical,
            StimulusHash.Of(stimulusName, canonical), dueAt, Now);
        Burst.Add(bookmark, this);
        return bookmark.Id;
    }

    /// <summary>The value of the nearest variable in scope with this name; null when there is none.</summary>
    public JsonNode? GetVariable(string name) => FindByName(name) is var (scope, id) ? scope.Variables![id] : null;

    public T? GetVariable<T>(string name) => ValueConversion.As<T>(GetVariable(name), TimeZone);

    /// <summary>Sets the nearest variable in scope with this name; false when there is none.</summary>
    public bool SetVariable(string name, object? value) =>
        FindByName(name) is var (_, id) && TrySetVariable(id, Json(value));

    /// <summary>An input the enclosing workflow was started with; its declared default, or null, when it was not given.</summary>
    public JsonNode? GetWorkflowInput(string name)
    {
        var scope = (WorkflowScope)Workflow.State!;
        return scope.Inputs.TryGetValue(name, out var value)
            ? value
            : scope.Definition.Inputs.FirstOrDefault(input => input.Name == name)?.DefaultValue;
    }

    public T? GetWorkflowInput<T>(string name) => ValueConversion.As<T>(GetWorkflowInput(name), TimeZone);

    /// <summary>Sets an output of the enclosing workflow; what its declaration says of the type is for readers, the value stays as it is.</summary>
    public void SetWorkflowOutput(string name, object? value)
    {
        var scope = (WorkflowScope)Workflow.State!;
        scope.Outputs[name] = Json(value);
    }

    /// <summary>Sends a stimulus as soon as this burst is written, in the same transaction.</summary>
    public void Send(Stimulus stimulus) => Burst.Outgoing.Add(stimulus);

    /// <summary>True when there is anything that <see cref="WriteInputs"/> would write.</summary>
    public bool HasInputs => Math.Min(Node.Descriptor.Inputs.Count, _inputs.Length) > 0;

    /// <summary>True when there is anything that <see cref="WriteOutputs"/> would write.</summary>
    public bool HasOutputs => Produced is { Count: > 0 };

    /// <summary>Writes the evaluated inputs by descriptor name as a JSON object, sensitive ones left out.</summary>
    public void WriteInputs(Utf8JsonWriter writer)
    {
        var inputs = Node.Descriptor.Inputs;
        writer.WriteStartObject();
        for (var index = 0; index < inputs.Count && index < _inputs.Length; index++)
        {
            if (!inputs[index].IsSensitive)
            {
                Write(writer, inputs[index].Name, _inputs[index]);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the outputs by descriptor name as a JSON object.</summary>
    public void WriteOutputs(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in Produced ?? [])
        {
            Write(writer, name, value);
        }

        writer.WriteEndObject();
    }
}
