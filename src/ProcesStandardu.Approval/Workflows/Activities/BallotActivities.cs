using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>Puts the newest revision of a deliverable to a board and waits for the ballot's outcome.</summary>
public sealed class AwaitBallot : Activity
{
    public const string TypeName = BallotClosing.Stimulus;

    /// <summary>The stimulus of a ballot that has ended.</summary>
    public static object WaitPayload(Guid ballotId) => new { ballotId };

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
            Chosen("Procedure", BallotProcedure.Written, BallotProcedure.Sitting, BallotProcedure.Tacit),
            Chosen("Secrecy", BallotSecrecy.Open, BallotSecrecy.Secret),
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
        context.WaitFor(TypeName, WaitPayload(opened.Value.BallotId));
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

    /// <summary>One of the ballot's own words, or nothing: then the board's rules say it.</summary>
    private static InputDescriptor Chosen(string name, params IEnumerable<string> words) => ActivityTexts.Input(name, "String", "dropdown") with
    {
        Options =
        [
            new InputOption(ActivityTexts.Of($"{name}_unset"), ""),
            .. words.Select(word => new InputOption(ActivityTexts.Of($"{name}_{word}"), word)),
        ],
        DefaultValue = "",
    };

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
