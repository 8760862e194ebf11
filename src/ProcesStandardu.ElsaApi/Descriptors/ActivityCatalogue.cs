using System.Text.Json.Nodes;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Workflows;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.ElsaApi.Descriptors;

/// <summary>Every activity that a definition may use, as the designer's toolbox shows it, with its drop-downs filled from today's data.</summary>
internal sealed class ActivityCatalogue(
    UnitOfWork work, ActivityRegistry registry, DefinitionVersions versions, PostgresDefinitionStore store, NamedThings things, Answers answers)
{
    /// <summary>All descriptors; type and version occur once, or Studio would stop.</summary>
    public Task<JsonArray> ListAsync(CancellationToken cancellation) => work.RunAsync(
        async _ =>
        {
            var choices = await things.ListAsync(cancellation);
            var list = registry.Descriptors.Select(descriptor => Of(descriptor, choices)).ToList();
            var newest = new HashSet<string>();
            foreach (var version in await versions.ListAsync([], [], null, cancellation))
            {
                if (!version.IsDraft && version.Json["options"]?["usableAsActivity"] is JsonValue usable
                    && usable.TryGetValue<bool>(out var isUsable) && isUsable
                    && await store.FindVersionAsync(version.VersionId, cancellation) is { } definition)
                {
                    var descriptor = WorkflowAsActivities.DescriptorOf(definition) with { IsBrowsable = version.IsPublished && newest.Add(version.DefinitionId) };
                    var wire = Of(descriptor, choices);
                    wire["customProperties"] = new JsonObject
                    {
                        ["RootType"] = "WorkflowDefinitionActivity",
                        ["WorkflowDefinitionId"] = version.DefinitionId,
                        ["WorkflowDefinitionVersionId"] = version.VersionId,
                    };
                    wire["constructionProperties"] = new JsonObject
                    {
                        ["workflowDefinitionId"] = version.DefinitionId,
                        ["workflowDefinitionVersionId"] = version.VersionId,
                    };
                    list.Add(wire);
                }
            }

            list.Add(StandIn());
            return new JsonArray([.. list.DistinctBy(one => (one["typeName"]!.GetValue<string>(), one["version"]!.GetValue<int>()))]);
        },
        cancellation);

    /// <summary>The choices of one input as Studio asks for them anew; empty when it has none.</summary>
    public async Task<JsonObject> ChoicesAsync(string typeName, string input, CancellationToken cancellation)
    {
        var choices = await things.ListAsync(cancellation);
        return registry.Find(typeName)?.Descriptor.Inputs.FirstOrDefault(candidate => candidate.Name == input) is { } found
            ? Specifications(found, choices)
            : [];
    }

    private static JsonObject Of(ActivityDescriptor descriptor, IReadOnlyDictionary<string, IReadOnlyList<InputOption>> choices) => new()
    {
        ["typeName"] = descriptor.TypeName,
        ["namespace"] = descriptor.Namespace,
        ["name"] = descriptor.Name,
        ["version"] = descriptor.Version,
        ["category"] = descriptor.Category,
        ["displayName"] = descriptor.DisplayName,
        ["description"] = descriptor.Description,
        ["kind"] = descriptor.Kind.ToString(),
        ["runAsynchronously"] = false,
        ["isContainer"] = descriptor.IsContainer,
        ["isBrowsable"] = descriptor.IsBrowsable,
        ["isStart"] = descriptor.IsStart,
        ["isTerminal"] = descriptor.IsTerminal,
        ["ports"] = new JsonArray([.. descriptor.Ports.Select(port => new JsonObject
        {
            ["name"] = port.Name,
            ["displayName"] = port.DisplayName,
            ["type"] = port.Kind.ToString(),
            ["isBrowsable"] = true,
        })]),
        ["inputs"] = new JsonArray([.. descriptor.Inputs.Select((input, place) => Of(descriptor, input, place, choices))]),
        ["outputs"] = new JsonArray([.. descriptor.Outputs.Select((output, place) => new JsonObject
        {
            ["name"] = output.Name,
            ["typeName"] = output.TypeName,
            ["displayName"] = output.DisplayName,
            ["description"] = output.Description,
            ["order"] = output.Order == 0 ? place : output.Order,
            ["isBrowsable"] = output.IsBrowsable,
            ["isSerializable"] = true,
            ["isSynthetic"] = false,
        })]),
        ["customProperties"] = descriptor.CustomProperties?.DeepClone() ?? new JsonObject(),
        ["constructionProperties"] = new JsonObject(),
    };

    private static JsonObject Of(
        ActivityDescriptor descriptor, InputDescriptor input, int place, IReadOnlyDictionary<string, IReadOnlyList<InputOption>> choices) => new()
        {
            ["name"] = input.Name,
            ["typeName"] = input.TypeName,
            ["displayName"] = input.DisplayName,
            ["description"] = input.Description,
            ["order"] = input.Order == 0 ? place : input.Order,
            ["isBrowsable"] = input.IsBrowsable,
            ["isSerializable"] = true,
            ["isSynthetic"] = false,
            ["isWrapped"] = input.IsWrapped,
            ["uiHint"] = IsChosen(descriptor, input, choices) ? "dropdown" : input.UiHint,
            ["category"] = input.Category,
            ["defaultValue"] = input.DefaultValue?.DeepClone(),
            ["defaultSyntax"] = input.UiHint is "checklist" or "multitext" or "dynamic-outcomes" or "dictionary" ? "Object" : input.DefaultSyntax,
            ["isReadOnly"] = input.IsReadOnly,
            ["isSensitive"] = input.IsSensitive,
            ["autoEvaluate"] = input.AutoEvaluate,
            ["uiSpecifications"] = Specifications(input, choices),
        };

    // The programme's things are chosen by title; a step of Elsa's own that happens to call an input the same is left alone.
    private static bool IsChosen(
        ActivityDescriptor descriptor, InputDescriptor input, IReadOnlyDictionary<string, IReadOnlyList<InputOption>> choices) =>
        descriptor.Namespace == "ProcesStandardu" && input is { UiHint: "singleline", Options.Count: 0 } && choices.ContainsKey(input.Name);

    private static JsonObject Specifications(InputDescriptor input, IReadOnlyDictionary<string, IReadOnlyList<InputOption>> choices)
    {
        var specifications = input.UiSpecifications?.DeepClone().AsObject() ?? [];
        var options = input.Options.Count > 0 ? input.Options : choices.GetValueOrDefault(input.Name) ?? [];
        if (options.Count > 0)
        {
            JsonArray Items(bool withCheck) => new([.. options.Select(option =>
            {
                var item = new JsonObject { ["text"] = option.Text, ["value"] = option.Value };
                if (withCheck)
                {
                    item["isChecked"] = false;
                }

                return item;
            })]);
            var (hint, list) = input.UiHint switch
            {
                "checklist" => ("checklist", "checkList"),
                "radiolist" => ("radiolist", "radioList"),
                _ => ("dropdown", "selectList"),
            };
            specifications[hint] = new JsonObject
            {
                [list] = new JsonObject { ["items"] = Items(hint == "checklist"), ["isFlagsEnum"] = false },
            };
        }

        return specifications;
    }

    private JsonObject StandIn() => Of(
        new ActivityDescriptor
        {
            TypeName = UnknownActivities.StandIn,
            Category = answers.Text("StandInCategory"),
            DisplayName = answers.Text("StandIn"),
            Description = answers.Text("StandInDescription"),
            IsBrowsable = false,
        },
        new Dictionary<string, IReadOnlyList<InputOption>>());
}
