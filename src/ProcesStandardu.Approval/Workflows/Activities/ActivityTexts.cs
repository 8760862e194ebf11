using System.Globalization;
using System.Resources;
using ProcesStandardu.Engine.Activities;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>The words that designers read on our activities: Polish, whatever the language of the request that asks.</summary>
internal sealed class ActivityTexts
{
    private static readonly ResourceManager Resources = new(typeof(ActivityTexts));
    private static readonly CultureInfo Polish = CultureInfo.GetCultureInfo("pl");

    public static string Of(string key) =>
        Resources.GetString(key, Polish) ?? throw new InvalidOperationException($"No text for {key}.");

    /// <summary>A descriptor whose texts are found by the activity's name.</summary>
    public static ActivityDescriptor Describe(
        string typeName, string category, string[] outcomes, InputDescriptor[] inputs, OutputDescriptor[]? outputs = null)
    {
        var name = typeName[(typeName.LastIndexOf('.') + 1)..];
        return new ActivityDescriptor
        {
            TypeName = typeName,
            Category = Of("Category_" + category),
            DisplayName = Of(name),
            Description = Of(name + "_Description"),
            Kind = ActivityKind.Action,
            Ports = [.. outcomes.Select(outcome => new PortDescriptor(outcome, Of("Outcome_" + outcome)))],
            Inputs = inputs,
            Outputs = outputs ?? [],
        };
    }

    /// <summary>An input whose texts are found by its name.</summary>
    public static InputDescriptor Input(string name, string typeName = "String", string uiHint = "singleline") =>
        new(name, typeName, Of("Input_" + name)) { Description = Of("Input_" + name + "_Description"), UiHint = uiHint };

    /// <summary>An output whose text is found by its name.</summary>
    public static OutputDescriptor Output(string name) => new(name, "String", Of("Output_" + name));

    public const string Programme = "programme";
    public const string Board = "board";
    public const string People = "people";
    public const string Time = "time";
}
