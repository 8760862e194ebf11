using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Decisions;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;
using ProcesStandardu.Engine.Expressions;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>Writes a mail to the people of one or more roles.</summary>
public sealed class Notify : Activity
{
    public const string TypeName = "ProcesStandardu.Notify";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName,
        ActivityTexts.People,
        [],
        [
            ActivityTexts.Input("Audience", "Object", "checklist") with
            {
                Options = [.. Audience.All.Select(name => new InputOption(ActivityTexts.Of("Audience_" + name), name))],
            },
            ActivityTexts.Input("Subject"),
            ActivityTexts.Input("Text", "String", "multiline"),
            ActivityTexts.Input("DeliverableKey"),
        ]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var subject = context.GetInput<string>("Subject");
        if (string.IsNullOrWhiteSpace(subject))
        {
            context.Fail("notice_without_subject", "A notice needs a subject.");
            return;
        }

        var key = context.GetInput<string>("DeliverableKey");
        var taskKey = key is null ? null : await context.Services.GetRequiredService<UnitOfWork>().Db.Deliverables
            .Where(d => d.Key == key).Select(d => d.TaskKey).SingleOrDefaultAsync(cancellation);
        await context.Services.GetRequiredService<Outbox>().QueueAsync(
            new WorkflowNotice(
                key is null ? Subjects.Workflow(context.InstanceId.ToString("D")) : Subjects.Deliverable(key),
                subject,
                context.GetInput<string>("Text") ?? "",
                key is null ? SitePaths.MyMatters : SitePaths.Deliverable(key),
                context.ActivityInstanceId),
            await context.Services.GetRequiredService<Audience>().FindAsync(
                ValueConversion.Texts(context.GetInput("Audience")), taskKey, cancellation),
            cancellation);
    }
}

/// <summary>Asks the holder of a role to choose; the answers are the outcomes.</summary>
public sealed class AskForDecision : Activity
{
    public const string TypeName = "ProcesStandardu.AskForDecision";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName,
        ActivityTexts.People,
        [],
        [
            ActivityTexts.Input("Role", "String", "dropdown") with
            {
                Options = [.. DecisionRole.All.Select(name => new InputOption(ActivityTexts.Of("Audience_" + name), name))],
            },
            ActivityTexts.Input("Title"),
            ActivityTexts.Input("Choices", "Object", "dynamic-outcomes"),
            ActivityTexts.Input("DeliverableKey"),
        ],
        [ActivityTexts.Output("Choice")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var role = context.GetInput<string>("Role") ?? "";
        var title = context.GetInput<string>("Title") ?? "";
        var choices = ValueConversion.Texts(context.GetInput("Choices")).Distinct().ToList();
        if (!DecisionRole.All.Contains(role) || title.Length == 0 || choices.Count == 0)
        {
            context.Fail("decision_incomplete", "A decision needs a role, a title and at least one choice.");
            return;
        }

        var id = await context.Services.GetRequiredService<DecisionRequests>().AskAsync(
            context.InstanceId, role, title, choices, context.GetInput<string>("DeliverableKey"), context.Now, cancellation);
        context.WaitFor(TypeName, new { requestId = id });
    }

    public override ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        var choice = resumption.Input?["choice"]?.GetValue<string>() ?? "";
        context.SetOutput("Choice", choice);
        context.Complete(choice);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask CancelAsync(ActivityContext context, CancellationToken cancellation) =>
        await context.Services.GetRequiredService<DecisionRequests>().WithdrawAsync(context.InstanceId, cancellation);
}
