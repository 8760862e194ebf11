using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>Puts the newest revision of a deliverable to a board and waits for the ballot's outcome.</summary>
public sealed class AwaitBallot : Activity
{
    public const string TypeName = BallotClosing.Stimulus;

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName,
        ActivityTexts.Board,
        ["Adopted", "NotAdopted", "Inquorate", "Discontinued"],
        [
            ActivityTexts.Input("DeliverableKey"),
            ActivityTexts.Input("BodyKey"),
            ActivityTexts.Input("Title"),
            ActivityTexts.Input("WorkingDays", "Int32?"),
            ActivityTexts.Input("ClosesWhenAllVoted", "Boolean?", "checkbox"),
            ActivityTexts.Input("Procedure"),
            ActivityTexts.Input("Secrecy"),
        ],
        [ActivityTexts.Output("BallotNumber"), ActivityTexts.Output("ResolutionNumber")]) with { IsCommitted = true };

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var opened = await context.Services.GetRequiredService<OpenBallot>().HandleAsync(
            new OpenBallot.Command(
                context.GetInput<string>("DeliverableKey") ?? "",
                context.GetInput<string>("BodyKey") ?? "",
                context.GetInput<string>("Title"),
                context.GetInput<int?>("WorkingDays"),
                context.GetInput<bool?>("ClosesWhenAllVoted"),
                Actor.System,
                NullIfEmpty(context.GetInput<string>("Procedure")),
                NullIfEmpty(context.GetInput<string>("Secrecy"))),
            cancellation);
        if (opened.Refusal is { } refusal)
        {
            context.Fail(refusal.Key, $"The ballot could not be opened: {refusal}.");
            return;
        }

        context.SetOutput("BallotNumber", opened.Value.Number);
        context.WaitFor(TypeName, new { ballotId = opened.Value.BallotId });
    }

    public override ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        context.SetOutput("ResolutionNumber", resumption.Input?["resolutionNumber"]?.GetValue<string>());
        context.Complete(resumption.Input?["outcome"]?.GetValue<string>() switch
        {
            BallotOutcome.Adopted => "Adopted",
            BallotOutcome.NotAdopted => "NotAdopted",
            BallotOutcome.Inquorate => "Inquorate",
            _ => "Discontinued",
        });
        return ValueTask.CompletedTask;
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
