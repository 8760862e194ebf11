using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcesStandardu.Engine.Activities;

/// <summary>Elsa's own activities as this engine implements them; their texts are in <see cref="EngineTexts"/>.</summary>
public static class BuiltIn
{
    /// <summary>Adds every built-in activity.</summary>
    public static ActivityRegistry AddTo(ActivityRegistry registry)
    {
        Activity[] activities =
        [
            WorkflowActivity.Instance, new Flowchart(), new Sequence(), new Start(), new End(),
            new If(), new FlowDecision(), new FlowSwitch(), new Switch(), new FlowFork(), new FlowJoin(), new Fork(), new Parallel(),
            new While(), new For(), new ForEach(), new ParallelForEach(), new Break(),
            new SetVariable(), new SetVariables(), new SetOutput(), new SetName(), new Correlate(), new WriteLine(), new Log(),
            new Finish(), new Complete(), new Cancel(), new Fault(),
            new Delay(), new StartAt(), new Timer(), new Cron(),
            new EventActivity(), new PublishEvent(), new RunTask(),
            new DispatchWorkflow(), new ExecuteWorkflow(), new BulkDispatchWorkflows(),
            new HttpEndpoint(), new WriteHttpResponse(), new SendHttpRequest(), new FlowSendHttpRequest(),
        ];
        foreach (var activity in activities)
        {
            registry.Add(activity);
        }

        return registry;
    }

    internal static ActivityDescriptor Describe(string typeName, string category) => new()
    {
        TypeName = typeName,
        Category = Text("Category." + category),
        DisplayName = Text(Short(typeName)),
        Description = Text(Short(typeName) + ".Description"),
    };

    internal static InputDescriptor Input(
        string activity, string name, string typeName, string uiHint = "singleline", JsonNode? defaultValue = null) =>
        new(name, typeName, Text($"{activity}.{name}")) { UiHint = uiHint, DefaultValue = defaultValue };

    internal static OutputDescriptor Output(string activity, string name, string typeName) =>
        new(name, typeName, Text($"{activity}.{name}"));

    internal static PortDescriptor Flow(string name) => new(name, Text("Port." + name));

    internal static PortDescriptor Embedded(string name) => new(name, Text("Port." + name), PortKind.Embedded);

    // The neutral language: descriptors are made once for all readers.
    internal static string Text(string key) => EngineTexts.Get(key, CultureInfo.InvariantCulture);

    private static string Short(string typeName) => typeName[(typeName.LastIndexOf('.') + 1)..];
}
