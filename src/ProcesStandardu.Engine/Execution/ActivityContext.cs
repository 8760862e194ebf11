using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Expressions;
using ProcesStandardu.Engine.Storage;

namespace ProcesStandardu.Engine.Execution;

/// <summary>One execution of one activity in one instance: what the activity may ask and do, and what is recorded of it.</summary>
public sealed class ActivityContext
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

    internal bool IsBreaking { get; set; }

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

    /// <summary>Sets an output of the enclosing workflow.</summary>
    public void SetWorkflowOutput(string name, object? value)
    {
        var scope = (WorkflowScope)Workflow.State!;
        var json = Json(value);
        var declared = scope.Definition.Outputs.FirstOrDefault(output => output.Name == name);
        scope.Outputs[name] = declared is null || json is null ? json : ValueConversion.To(json, declared.Shape);
    }

    /// <summary>Sends a stimulus as soon as this burst is written, in the same transaction.</summary>
    public void Send(Stimulus stimulus) => Burst.Outgoing.Add(stimulus);

    /// <summary>The evaluated inputs by descriptor name as JSON text, sensitive ones left out; null when there are none.</summary>
    public string? InputsJson()
    {
        var inputs = Node.Descriptor.Inputs;
        return Write(Math.Min(inputs.Count, _inputs.Length), index =>
            inputs[index].IsSensitive ? default : (inputs[index].Name, _inputs[index]));
    }

    /// <summary>The outputs by descriptor name as JSON text; null when there are none.</summary>
    public string? OutputsJson()
    {
        var produced = Produced?.ToArray();
        return produced is null ? null : Write(produced.Length, index => (produced[index].Key, produced[index].Value));
    }

    internal bool TryFindVariable(string id, out JsonNode? value)
    {
        for (var scope = this; scope is not null; scope = scope == scope.Workflow ? null : scope.Parent)
        {
            if (scope.Variables is { } variables && variables.TryGetValue(id, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>Sets a variable found by id, converted to its type; false when none is in scope.</summary>
    internal bool TrySetVariable(string id, JsonNode? value)
    {
        for (var scope = this; scope is not null; scope = scope == scope.Workflow ? null : scope.Parent)
        {
            if (scope.Variables is { } variables && variables.ContainsKey(id))
            {
                var declared = Declared(scope, id);
                variables[id] = value is null || declared is null ? value : ValueConversion.To(value, declared.Shape);
                return true;
            }
        }

        return false;
    }

    /// <summary>Names of all variables in scope; one hidden by a nearer one of the same name is named once.</summary>
    internal IReadOnlyCollection<string> VariableNames()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var scope = this; scope is not null; scope = scope == scope.Workflow ? null : scope.Parent)
        {
            foreach (var id in scope.Variables?.Keys ?? Enumerable.Empty<string>())
            {
                names.Add(Declared(scope, id)?.Name ?? id);
            }
        }

        return names;
    }

    internal JsonNode? GetOutputOf(string activity, string? output) => Burst.RememberedOutput(activity, output);

    internal JsonNode? GetLastResult() => Burst.LastResult;

    internal void Schedule(ActivityNode child, Dictionary<string, JsonNode?>? variables = null) =>
        Burst.Schedule(child, this, variables);

    /// <summary>Evaluates one input anew, for inputs that are not evaluated up-front.</summary>
    internal T? Evaluate<T>(string name)
    {
        var inputs = Node.Descriptor.Inputs;
        for (var index = 0; index < inputs.Count; index++)
        {
            if (inputs[index].Name == name)
            {
                _inputs[index] = Node.Inputs[index]?.Evaluate(this);
                return ValueConversion.As<T>(_inputs[index], TimeZone);
            }
        }

        throw new ArgumentException($"{Node.Type} has no input {name}.", nameof(name));
    }

    internal void EvaluateInputs()
    {
        var compiled = Node.Inputs;
        if (compiled.Length == 0)
        {
            return;
        }

        var descriptors = Node.Descriptor.Inputs;
        _inputs = new JsonNode?[compiled.Length];
        for (var index = 0; index < compiled.Length; index++)
        {
            if (descriptors[index].AutoEvaluate && compiled[index] is { } expression)
            {
                _inputs[index] = expression.Evaluate(this);
            }
        }
    }

    /// <summary>Evaluated inputs that cannot be read again from the definition, to be stored while the activity lives.</summary>
    internal JsonObject? SaveInputs()
    {
        JsonObject? saved = null;
        for (var index = 0; index < _inputs.Length; index++)
        {
            if (_inputs[index] is { } value && Node.Inputs[index] is { IsConstant: false })
            {
                (saved ??= [])[Node.Descriptor.Inputs[index].Name] = value.DeepClone();
            }
        }

        return saved;
    }

    internal void LoadInputs(JsonObject? saved)
    {
        var compiled = Node.Inputs;
        _inputs = new JsonNode?[compiled.Length];
        for (var index = 0; index < compiled.Length; index++)
        {
            _inputs[index] = compiled[index] switch
            {
                null => null,
                { IsConstant: true } constant => constant.Evaluate(this),
                _ => saved?[Node.Descriptor.Inputs[index].Name]?.DeepClone(),
            };
        }
    }

    internal void DeclareVariables(IReadOnlyList<VariableDefinition> declared)
    {
        if (declared.Count == 0)
        {
            return;
        }

        Variables ??= [];
        foreach (var variable in declared)
        {
            Variables.TryAdd(variable.Id, variable.InitialValue);
        }
    }

    internal void ClearRequests()
    {
        IsCompleting = false;
        Failure = null;
    }

    internal void Restore(IReadOnlyList<string>? outcomes, Dictionary<string, JsonNode?>? produced)
    {
        Outcomes = outcomes;
        Produced = produced;
    }

    internal static JsonNode? Json(object? value) => value switch
    {
        null => null,
        JsonNode node => node,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        _ => JsonSerializer.SerializeToNode(value, JsonSerializerOptions.Web),
    };

    private static VariableDefinition? Declared(ActivityContext scope, string id)
    {
        var declared = scope.State is WorkflowScope workflow ? workflow.Definition.Variables : scope.Node.Variables;
        for (var index = 0; index < declared.Count; index++)
        {
            if (declared[index].Id == id)
            {
                return declared[index];
            }
        }

        return null;
    }

    private (ActivityContext Scope, string Id)? FindByName(string name)
    {
        for (var scope = this; scope is not null; scope = scope == scope.Workflow ? null : scope.Parent)
        {
            foreach (var id in scope.Variables?.Keys ?? Enumerable.Empty<string>())
            {
                if ((Declared(scope, id)?.Name ?? id) == name)
                {
                    return (scope, id);
                }
            }
        }

        return null;
    }

    // A binding names a variable by id; one that names none may name a workflow output.
    private void Bind(string bound, JsonNode? value)
    {
        if (!TrySetVariable(bound, value)
            && ((WorkflowScope)Workflow.State!).Definition.Outputs.Any(output => output.Name == bound))
        {
            SetWorkflowOutput(bound, value);
        }
    }

    private static string? Write(int count, Func<int, (string? Name, JsonNode? Value)> property)
    {
        if (count == 0)
        {
            return null;
        }

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            for (var index = 0; index < count; index++)
            {
                var (name, value) = property(index);
                if (name is null)
                {
                    continue;
                }

                writer.WritePropertyName(name);
                if (value is null)
                {
                    writer.WriteNullValue();
                }
                else
                {
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}

/// <summary>Why an activity ended as faulted.</summary>
internal sealed record ActivityFault(string Code, string Message, Exception? Exception);

/// <summary>Inputs and outputs of a running workflow, be it the instance or a workflow used as an activity.</summary>
internal sealed class WorkflowScope(WorkflowDefinition definition, IReadOnlyDictionary<string, JsonNode?> inputs)
{
    public WorkflowDefinition Definition { get; } = definition;

    public IReadOnlyDictionary<string, JsonNode?> Inputs { get; } = inputs;

    public Dictionary<string, JsonNode?> Outputs { get; init; } = [];

    /// <summary>Outcomes that a Complete activity chose; null when none did.</summary>
    public IReadOnlyList<string>? Outcomes { get; set; }
}
