using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Engine.Activities;
using ProcesStandardu.Engine.Execution;

namespace ProcesStandardu.Approval.Workflows.Activities;

/// <summary>
/// Asks the task's leads for a deliverable and waits until a revision is there that the board was not asked about yet, or
/// until the deadline. Once the deadline is over it waits for the revision alone.
/// </summary>
public sealed class RequestDeliverable : Activity
{
    public const string TypeName = "ProcesStandardu.RequestDeliverable";

    /// <summary>The stimulus of a submitted revision; what counts is the deliverable's row, so nobody keeps it.</summary>
    public static object WaitPayload(string deliverableKey) => new { deliverableKey };

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName, ActivityTexts.Programme, ["Submitted", "Overdue"], [ActivityTexts.Input("DeliverableKey")],
        [ActivityTexts.Output("RevisionId"), ActivityTexts.Output("RevisionLabel")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var key = context.GetInput<string>("DeliverableKey") ?? "";
        if (await TakeSubmittedAsync(context, key, cancellation) is not { } deliverable)
        {
            return;
        }

        var work = context.Services.GetRequiredService<UnitOfWork>();
        var deadline = deliverable.DueDeadlineKey is { } due
            ? await work.Db.Deadlines.SingleOrDefaultAsync(d => d.Key == due, cancellation)
            : null;
        Wait(context, key, deadline);
        await context.Services.GetRequiredService<Outbox>().QueueAsync(
            new DeliverableRequested(key, deliverable.Title, deadline?.DueOn, context.ActivityInstanceId),
            await context.Services.GetRequiredService<Audience>().FindAsync([Audience.TaskLead], deliverable.TaskKey, cancellation),
            cancellation);
    }

    public override async ValueTask ResumeAsync(ActivityContext context, Resumption resumption, CancellationToken cancellation)
    {
        if (resumption.StimulusName == EnforceDeadlines.Stimulus)
        {
            context.Complete("Overdue");
            return;
        }

        var key = context.GetInput<string>("DeliverableKey") ?? "";
        if (await TakeSubmittedAsync(context, key, cancellation) is not null)
        {
            // The stimulus came, and the revision is gone again: keep waiting.
            context.WaitFor(TypeName, WaitPayload(key));
        }
    }

    private static void Wait(ActivityContext context, string key, Deadline? deadline)
    {
        context.WaitFor(TypeName, WaitPayload(key));
        if (deadline is { State: DeadlineState.Pending })
        {
            context.WaitFor(EnforceDeadlines.Stimulus, EnforceDeadlines.WaitPayload(deadline.Key, EnforceDeadlines.Passed));
        }
    }

    /// <summary>Completes when a new revision is there. Otherwise returns the deliverable, or null after a failure.</summary>
    private static async Task<Deliverable?> TakeSubmittedAsync(ActivityContext context, string key, CancellationToken cancellation)
    {
        var work = context.Services.GetRequiredService<UnitOfWork>();
        await work.LockDeliverableAsync(key, cancellation);
        var deliverable = await work.Db.Deliverables.SingleOrDefaultAsync(d => d.Key == key, cancellation);
        if (deliverable is null)
        {
            context.Fail("deliverable_unknown", $"There is no deliverable {key}.");
            return null;
        }

        if (deliverable.Status == DeliverableStatus.Adopted)
        {
            context.Fail("deliverable_is_adopted", $"The deliverable {key} is adopted already.");
            return null;
        }

        var revision = await work.Db.Revisions.Where(r => r.DeliverableKey == key && r.Status == RevisionStatus.Submitted)
            .OrderByDescending(r => r.Major).ThenByDescending(r => r.Minor).FirstOrDefaultAsync(cancellation);
        if (revision is null || !deliverable.HasForTheBoard(revision.Id))
        {
            return deliverable;
        }

        context.SetOutput("RevisionId", revision.Id.ToString("D"));
        context.SetOutput("RevisionLabel", revision.Number.ToString());
        context.Complete("Submitted");
        return null;
    }
}

/// <summary>Enters an adopted deliverable into the public register.</summary>
public sealed class PublishToRegister : Activity
{
    public const string TypeName = "ProcesStandardu.PublishToRegister";

    public override ActivityDescriptor Descriptor { get; } = ActivityTexts.Describe(
        TypeName, ActivityTexts.Programme, [], [ActivityTexts.Input("DeliverableKey")]);

    public override async ValueTask ExecuteAsync(ActivityContext context, CancellationToken cancellation)
    {
        var key = context.GetInput<string>("DeliverableKey") ?? "";
        var work = context.Services.GetRequiredService<UnitOfWork>();
        await work.LockDeliverableAsync(key, cancellation);
        var deliverable = await work.Db.Deliverables.SingleOrDefaultAsync(d => d.Key == key, cancellation);
        if (deliverable is not { Status: DeliverableStatus.Adopted })
        {
            context.Fail("deliverable_not_adopted", $"The deliverable {key} is not adopted and cannot be published.");
            return;
        }

        if (deliverable.Publish(context.Now))
        {
            context.Services.GetRequiredService<AuditTrail>().Record(
                Subjects.Deliverable(key), "published", Actor.System, new { revision = deliverable.AdoptedRevisionId });
        }
    }
}
