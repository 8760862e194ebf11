using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Decisions;

/// <summary>Puts questions to people and finds those that wait for a person.</summary>
public sealed class DecisionRequests(UnitOfWork work, Rights rights, Audience audience, Outbox outbox)
{
    /// <summary>Asks, and tells those who hold the role. Inside the workflow's own transaction.</summary>
    /// <returns>The question's id.</returns>
    public async Task<Guid> AskAsync(
        Guid instanceId, string role, string title, IReadOnlyList<string> choices, string? deliverableKey, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var request = new DecisionRequest
        {
            Id = Guid.CreateVersion7(now),
            InstanceId = instanceId,
            Role = role,
            Title = title,
            Choices = [.. choices],
            DeliverableKey = deliverableKey,
            AskedAt = now,
        };
        work.Db.DecisionRequests.Add(request);
        await work.Db.SaveChangesAsync(cancellation);
        await outbox.QueueAsync(
            new WorkflowNotice(
                deliverableKey is null ? Audit.Subjects.Programme : Audit.Subjects.Deliverable(deliverableKey),
                title,
                string.Join("\n", choices.Select(choice => "• " + choice)),
                SitePaths.MyMatters,
                request.Id.ToString("D")),
            await audience.FindAsync([role], await TaskOfAsync(deliverableKey, cancellation), cancellation),
            cancellation);
        return request.Id;
    }

    /// <summary>The workflow no longer waits: its open questions are withdrawn.</summary>
    public async Task WithdrawAsync(Guid instanceId, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "update decision_request set state = 'withdrawn' where instance_id = $1 and state = 'open'", work.Connection);
        command.Parameters.Add(new NpgsqlParameter { Value = instanceId });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The open questions that this person may answer, the oldest first.</summary>
    public Task<IReadOnlyList<DecisionView>> OfAsync(Guid personId, CancellationToken cancellation) =>
        work.RunAsync<IReadOnlyList<DecisionView>>(
            async db =>
            {
                var mine = await rights.OfAsync(personId, cancellation);
                var open = await db.DecisionRequests.AsNoTracking().Where(request => request.State == DecisionRequest.Open)
                    .OrderBy(request => request.AskedAt).ToListAsync(cancellation);
                var views = new List<DecisionView>();
                foreach (var request in open)
                {
                    var title = request.DeliverableKey is { } key
                        ? await db.Deliverables.Where(d => d.Key == key).Select(d => d.Title).SingleOrDefaultAsync(cancellation)
                        : null;
                    if (MayDecide(mine, request.Role, await TaskOfAsync(request.DeliverableKey, cancellation)))
                    {
                        views.Add(new DecisionView(
                            request.Id, request.Title, request.Choices, request.DeliverableKey, title, request.AskedAt));
                    }
                }

                return views;
            },
            cancellation);

    /// <summary>Whether a person's rights hold the role asked. The leads asked are those of the document's task.</summary>
    internal static bool MayDecide(PersonRights person, string role, string? taskKey) => person.IsActive && role switch
    {
        Audience.Chair => person.Positions.Values.Contains(Bodies.BodyPosition.Chair),
        Audience.Secretary => person.IsSecretary,
        Audience.TaskLead => taskKey is null ? person.LedTaskKeys.Count > 0 : person.Leads(taskKey),
        Audience.Administrators => person.Administers,
        _ => false,
    };

    internal async Task<string?> TaskOfAsync(string? deliverableKey, CancellationToken cancellation) =>
        deliverableKey is null
            ? null
            : await work.Db.Deliverables.Where(d => d.Key == deliverableKey).Select(d => d.TaskKey).SingleOrDefaultAsync(cancellation);

    /// <summary>A question ready to be rendered.</summary>
    public sealed record DecisionView(
        Guid Id, string Title, IReadOnlyList<string> Choices, string? DeliverableKey, string? DeliverableTitle, DateTimeOffset AskedAt);
}
