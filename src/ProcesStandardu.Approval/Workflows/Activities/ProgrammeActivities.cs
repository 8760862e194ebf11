using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Programme;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>Starts a phase of the programme.</summary>
public sealed class StartPhaseActivity : Activity
{
    public const string TypeName = "ProcesStandardu.StartPhase";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName, ActivityTexts.Programme, [], [ActivityTexts.Input("PhaseKey")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var started = await context.Services.GetRequiredService<StartPhase>().HandleAsync(
            new StartPhase.Command(context.GetInput<string>("PhaseKey") ?? "", Actor.System), cancellation);
        if (started.Refusal is { } refusal)
        {
            context.Fail(refusal.Key, $"The phase could not be started: {refusal}.");
        }
    }
}

/// <summary>Completes a phase of the programme.</summary>
public sealed class CompletePhaseActivity : Activity
{
    public const string TypeName = "ProcesStandardu.CompletePhase";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName, ActivityTexts.Programme, [], [ActivityTexts.Input("PhaseKey")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var completed = await context.Services.GetRequiredService<CompletePhase>().HandleAsync(
            new CompletePhase.Command(context.GetInput<string>("PhaseKey") ?? "", Actor.System), cancellation);
        if (completed.Refusal is { } refusal)
        {
            context.Fail(refusal.Key, $"The phase could not be completed: {refusal}.");
        }
    }
}

/// <summary>Evaluates whether the programme has ended; what is missing is an output, a line for each thing.</summary>
public sealed class CloseProgrammeActivity : Activity
{
    public const string TypeName = "ProcesStandardu.CloseProgramme";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName, ActivityTexts.Programme, ["OnTime", "Late", "Incomplete"], [], [ActivityTexts.Output("Missing")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var closing = await context.Services.GetRequiredService<CloseProgramme>().HandleAsync(
            new CloseProgramme.Command(Actor.System), cancellation);
        if (closing.Refusal is { } refusal)
        {
            context.Fail(refusal.Key, $"The programme could not be evaluated: {refusal}.");
            return;
        }

        // The text goes into mails to many readers: it is in the programme's first language.
        context.SetOutput("Missing", context.Services.GetRequiredService<MissingText>().Of(
            closing.Value.Missing, CultureInfo.GetCultureInfo("pl")));
        context.Complete(closing.Value.Status switch
        {
            ProgrammeStatus.ConcludedOnTime => "OnTime",
            ProgrammeStatus.ConcludedLate => "Late",
            _ => "Incomplete",
        });
    }
}
