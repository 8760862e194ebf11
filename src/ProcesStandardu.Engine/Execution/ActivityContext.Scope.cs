using System.Text.Json;
using System.Text.Json.Nodes;
using ProcesStandardu.Engine.Definitions;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Engine.Execution;

/// <content>What the engine itself does with an execution: variables in scope, inputs, records.</content>
public sealed partial class ActivityContext
{
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

    /// <summary>
    /// Evaluated inputs that cannot be read again from the definition, to be stored while the activity lives; secrets are
    /// not stored and are null after a wait.
    /// </summary>
    internal JsonObject? SaveInputs()
    {
        JsonObject? saved = null;
        for (var index = 0; index < _inputs.Length; index++)
        {
            if (_inputs[index] is { } value && Node.Inputs[index] is { IsConstant: false } && !Node.Descriptor.Inputs[index].IsSensitive)
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

    /// <summary>Goes on as the same execution did under another version; its values stay, those that are constant are the new version's.</summary>
    internal void TakeOver(ActivityContext old)
    {
        (StartedAt, FaultCount, Status, FaultMessage) = (old.StartedAt, old.FaultCount, old.Status, old.FaultMessage);
        (Waits, IsBreaking, Produced) = (old.Waits, old.IsBreaking, old.Produced);
        var values = new JsonObject();
        for (var index = 0; index < old._inputs.Length; index++)
        {
            values[old.Node.Descriptor.Inputs[index].Name] = old._inputs[index]?.DeepClone();
        }

        LoadInputs(values);
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

    private static void Write(Utf8JsonWriter writer, string name, JsonNode? value)
    {
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
}
