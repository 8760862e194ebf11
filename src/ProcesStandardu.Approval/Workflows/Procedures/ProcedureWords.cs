using System.Globalization;
using System.Resources;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProcesStandardu.Approval.Workflows.Activities;
using ProcesStandardu.Approval.Workflows.Designing;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Approval.Workflows.Procedures;

/// <summary>What a definition's keys stand for, in words; a key without a name is shown as it is.</summary>
/// <param name="ByInput">The name behind each key, by the input that holds it, such as <c>DeliverableKey</c>.</param>
/// <param name="DueDates">The last day of each deliverable that has one.</param>
public sealed record ProcedureNames(
    IReadOnlyDictionary<(string Input, string Key), string> ByInput, IReadOnlyDictionary<string, DateOnly> DueDates)
{
    /// <summary>The definition's own words for what it is given, by the input's name.</summary>
    internal IReadOnlyDictionary<string, string> Given { get; init; } = new Dictionary<string, string>();

    /// <summary>The names of its variables, by their ids.</summary>
    internal IReadOnlyDictionary<string, string> Kept { get; init; } = new Dictionary<string, string>();
}

/// <summary>Says the steps of an outline in sentences of the reader's language.</summary>
public sealed partial class ProcedureWords
{
    private readonly ResourceManager resources = new(typeof(ProcedureTexts));

    /// <summary>The inputs that the sentence of an activity names, in the order of its places; others are told as details.</summary>
    private static readonly Dictionary<string, string[]> SpokenInputs = new(StringComparer.Ordinal)
    {
        [AwaitBallot.TypeName] = ["DeliverableKey"],
        [RequestDeliverable.TypeName] = ["DeliverableKey"],
        [PublishToRegister.TypeName] = ["DeliverableKey"],
        [AskForDecision.TypeName] = ["Title"],
        [Notify.TypeName] = ["Audience", "Subject"],
        [StartPhaseActivity.TypeName] = ["PhaseKey"],
        [CompletePhaseActivity.TypeName] = ["PhaseKey"],
        [CloseProgrammeActivity.TypeName] = [],
        [WaitForDate.TypeName] = [],
        [WatchDeadline.TypeName] = ["DeadlineKey"],
        [WaitForIndicator.TypeName] = ["IndicatorKey"],
        ["Elsa.Start"] = [],
        ["Elsa.End"] = [],
        ["Elsa.Finish"] = [],
        ["Elsa.FlowFork"] = [],
        ["Elsa.FlowDecision"] = ["Condition"],
        ["Elsa.If"] = ["Condition"],
        ["Elsa.DispatchWorkflow"] = ["WorkflowDefinitionId"],
        ["Elsa.ExecuteWorkflow"] = ["WorkflowDefinitionId"],
        ["Elsa.Event"] = ["EventName"],
        ["Elsa.PublishEvent"] = ["EventName"],
        ["Elsa.RunTask"] = ["TaskName"],
    };

    /// <summary>The inputs that say who acts or by when, and are told there.</summary>
    private static readonly Dictionary<string, string[]> ToldElsewhere = new(StringComparer.Ordinal)
    {
        [AwaitBallot.TypeName] = ["BodyKey", "WorkingDays"],
        [AskForDecision.TypeName] = ["Role", "Choices"],
        [WaitForDate.TypeName] = ["DeadlineKey", "Date", "Moment"],
        ["Elsa.FlowFork"] = ["Branches"],
        ["Elsa.FlowJoin"] = ["Mode"],
        ["Elsa.Delay"] = ["TimeSpan"],
        ["Elsa.Timer"] = ["Interval"],
        ["Elsa.Cron"] = ["CronExpression"],
        ["Elsa.StartAt"] = ["DateTime"],
    };

    /// <summary>The whole procedure of a definition.</summary>
    public Procedure Write(JsonObject definition, ActivityRegistry registry, ProcedureNames names)
    {
        names = names with { Given = Labels(definition, "inputs", "name"), Kept = Labels(definition, "variables", "id") };
        var outline = ProcedureOutline.Of(definition, registry);
        var places = new Dictionary<string, (OutlineStep Step, int At)>(StringComparer.Ordinal);
        foreach (var (step, at) in outline.SelectMany(step => step.WithChildren()).Select((step, at) => (step, at)))
        {
            places.TryAdd(step.ActivityId, (step, at));
        }

        return new Procedure(
            DefinitionJson.Text(definition["definitionId"]) ?? "",
            definition["version"]?.GetValue<int>() ?? 1,
            DefinitionJson.Text(definition["name"]) ?? "",
            General(definition),
            [.. outline.Select(step => Say(step, places, names))]);
    }

    private ProcedureStep Say(
        OutlineStep step, Dictionary<string, (OutlineStep Step, int At)> places, ProcedureNames names)
    {
        var here = places[step.ActivityId].At;
        return new ProcedureStep(
            step.Number, step.ActivityId, TitleOf(step), step.Place is { } place ? PlaceOf(place) : null,
            Who(step, names), What(step, names), ByWhen(step, names), Details(step, names),
            [.. step.Ways.Select(way => new ProcedureWay(
                OutcomeOf(step, way.Port),
                [.. way.TargetIds.Where(places.ContainsKey).Select(id => new ProcedureTarget(
                    places[id].Step.Number, id, TitleOf(places[id].Step), places[id].At <= here))]))],
            step.Descriptor is not null, step.IsReached, [.. step.Children.Select(child => Say(child, places, names))]);
    }

    private static string TitleOf(OutlineStep step) => step.Title ?? step.Descriptor?.DisplayName ?? step.TypeName;

    private string PlaceOf(string place) => resources.GetString("Place_" + place, CultureInfo.CurrentUICulture) ?? place;

    private static string OutcomeOf(OutlineStep step, string port) =>
        step.Ways.Count == 1 && port == "Done" ? ""
        : step.Descriptor?.Ports.FirstOrDefault(candidate => candidate.Name == port)?.DisplayName ?? port;

    private string Who(OutlineStep step, ProcedureNames names) => step.TypeName switch
    {
        AwaitBallot.TypeName => Value(step, "BodyKey", names),
        RequestDeliverable.TypeName => Text("Role_task_lead"),
        AskForDecision.TypeName => Value(step, "Role", names),
        _ => Text("Who_system"),
    };

    private string What(OutlineStep step, ProcedureNames names)
    {
        if (step.Descriptor is not { } descriptor)
        {
            return Text("UnknownKind", step.TypeName);
        }

        if (step.TypeName == "Elsa.FlowJoin")
        {
            return Text(Literal(step, "Mode") switch
            {
                "WaitAll" => "Join_all",
                "WaitAllActive" => "Join_active",
                _ => "Join_any",
            });
        }

        return SpokenInputs.TryGetValue(step.TypeName, out var inputs)
            ? Text("What_" + descriptor.Name, [.. inputs.Select(input => Value(step, input, names))])
            : descriptor.Description.Length > 0 ? descriptor.Description : descriptor.DisplayName;
    }

    private string? ByWhen(OutlineStep step, ProcedureNames names) => step.TypeName switch
    {
        AwaitBallot.TypeName => Expression(step, "WorkingDays") is null
            ? Text("ByWhen_rules")
            : Text("ByWhen_days", Value(step, "WorkingDays", names)),
        RequestDeliverable.TypeName => Literal(step, "DeliverableKey") is { } key
            ? names.DueDates.TryGetValue(key, out var day) ? Text("ByWhen_day", Day(day)) : null
            : Text("ByWhen_deliverable"),
        WaitForDate.TypeName => Text(
            Literal(step, "Moment") == "start_of_day" ? "ByWhen_start" : "ByWhen_end",
            Value(step, Expression(step, "DeadlineKey") is null ? "Date" : "DeadlineKey", names)),
        "Elsa.Delay" => Text("ByWhen_after", Value(step, "TimeSpan", names)),
        "Elsa.Timer" => Text("ByWhen_every", Value(step, "Interval", names)),
        "Elsa.Cron" => Text("ByWhen_cron", Value(step, "CronExpression", names)),
        "Elsa.StartAt" => Text("ByWhen_at", Value(step, "DateTime", names)),
        _ => null,
    };

    private List<ProcedureDetail> Details(OutlineStep step, ProcedureNames names)
    {
        var told = SpokenInputs.GetValueOrDefault(step.TypeName, []).Concat(ToldElsewhere.GetValueOrDefault(step.TypeName, []));
        var details = (step.Descriptor?.Inputs ?? []).Where(input => input.IsBrowsable).ExceptBy(told, input => input.Name)
            .Where(input => Expression(step, input.Name) is not null)
            .Select(input => new ProcedureDetail(input.DisplayName, Value(step, input.Name, names))).ToList();
        foreach (var output in step.Descriptor?.Outputs ?? [])
        {
            if (DefinitionJson.Text((step.Given(output.Name) as JsonObject)?["memoryReference"]?["id"]) is { Length: > 0 } variable)
            {
                details.Add(new ProcedureDetail(output.DisplayName, Text("Into", names.Kept.GetValueOrDefault(variable, variable))));
            }
        }

        return details;
    }

    private List<string> General(JsonObject definition)
    {
        var general = new List<string>();
        if (DefinitionJson.Text(definition["description"]) is { Length: > 0 } description)
        {
            general.Add(description);
        }

        foreach (var (list, key) in new[] { ("inputs", "General_input"), ("outputs", "General_output"), ("variables", "General_variable") })
        {
            foreach (var item in (definition[list] as JsonArray ?? []).OfType<JsonObject>())
            {
                var name = DefinitionJson.Text(item["displayName"]) ?? DefinitionJson.Text(item["name"]) ?? "";
                var about = DefinitionJson.Text(item["description"]) is { Length: > 0 } text ? " – " + text : "";
                var value = item["value"] is { } initial && initial.ToString().Length > 0 ? " = " + initial : "";
                general.Add(Text(key, name) + value + about);
            }
        }

        return general;
    }

    /// <summary>The value of an input in words: a text, a name behind a key, or where it comes from.</summary>
    private string Value(OutlineStep step, string input, ProcedureNames names)
    {
        if (Expression(step, input) is not { } expression)
        {
            return Text("NotGiven");
        }

        return Value(step, input, expression.Type, expression.Value, names);
    }

    private string Value(OutlineStep step, string input, string type, JsonNode? given, ProcedureNames names)
    {
        var value = given?.ToString() ?? "";
        return type switch
        {
            "Literal" => Named(step, input, value, names),
            "Input" => FromInput(Reference(value, "name")),
            "Variable" => Text("FromVariable", Reference(value, "name")),
            "Object" or "Json" when ValueConversion.Texts(given) is { Count: > 0 } items =>
                string.Join(", ", items.Select(item => Named(step, input, item, names))),
            "Object" or "Json" when Parsed(value) is JsonObject entries => string.Join('\n', entries.Select(entry =>
                $"{entry.Key}: {(entry.Value is JsonObject { Count: 2 } inner && DefinitionJson.Text(inner["type"]) is { } innerType
                    ? Value(step, entry.Key, innerType, inner["value"], names)
                    : Named(step, entry.Key, entry.Value?.ToString() ?? "", names))}")),
            "Object" or "Json" => value,
            "JavaScript" when OnlyAnInput().Match(value) is { Success: true } match => FromInput(match.Groups[1].Value),
            _ => Text("Computed", value),
        };

        string FromInput(string name) => Text("FromInput", names.Given.GetValueOrDefault(name, name));
    }

    [GeneratedRegex(@"^\s*getInput\(\s*[""']([^""']+)[""']\s*\)\s*;?\s*$")]
    private static partial Regex OnlyAnInput();

    /// <summary>Display names of a definition's parameters or variables.</summary>
    private static Dictionary<string, string> Labels(JsonObject definition, string list, string key)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in (definition[list] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (DefinitionJson.Text(item[key]) is { } id)
            {
                labels.TryAdd(id, DefinitionJson.Text(item["displayName"]) ?? DefinitionJson.Text(item["name"]) ?? id);
            }
        }

        return labels;
    }

    private string Named(OutlineStep step, string input, string value, ProcedureNames names)
    {
        if (names.ByInput.TryGetValue((input, value), out var name))
        {
            return name;
        }

        if (input is "Role" or "Audience" && resources.GetString("Role_" + value, CultureInfo.CurrentUICulture) is { } role)
        {
            return role;
        }

        return value switch
        {
            "True" or "true" => Text("Yes"),
            "False" or "false" => Text("No"),
            _ => step.Descriptor?.Inputs.FirstOrDefault(candidate => candidate.Name == input)?.Options
                .FirstOrDefault(option => option.Value == value)?.Text ?? value,
        };
    }

    /// <summary>The text of a literal; null for anything that is computed and for what is not given.</summary>
    internal static string? Literal(OutlineStep step, string input) =>
        Expression(step, input) is { Type: "Literal" } literal ? literal.Value?.ToString() : null;

    private static (string Type, JsonNode? Value)? Expression(OutlineStep step, string input)
    {
        var given = step.Given(input);
        if (given is not JsonObject wrapper)
        {
            return given is null ? null : ("Literal", given);
        }

        return wrapper["expression"] is JsonObject expression && expression["value"] is { } value && value.ToString().Length > 0
            ? (DefinitionJson.Text(expression["type"]) ?? "Literal", value)
            : null;
    }

    private static string Reference(string json, string property) =>
        DefinitionJson.Text((Parsed(json) as JsonObject)?[property]) ?? json;

    private static JsonNode? Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Day(DateOnly day) => day.ToString("d MMMM yyyy", CultureInfo.CurrentCulture);

    private string Text(string key, params object?[] arguments) => string.Format(
        CultureInfo.CurrentCulture,
        resources.GetString(key, CultureInfo.CurrentUICulture) ?? throw new InvalidOperationException($"No text for {key}."),
        arguments);
}

/// <summary>Names the resources that hold the words of procedures.</summary>
public sealed class ProcedureTexts;
