using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// Everything that closing a ballot means, in the transaction that closes it: the count, the resolution's number, the
/// deliverable's state, history, mails, and the workflow that waits. The caller holds the locks of deliverable and ballot.
/// </summary>
public sealed class BallotClosing(UnitOfWork work, AuditTrail audit, Outbox outbox, WorkflowEngine engine)
{
    /// <summary>The stimulus that tells a waiting workflow how a ballot ended.</summary>
    public const string Stimulus = "ProcesStandardu.AwaitBallot";

    /// <param name="now">When the closing happens; a term that ran out closes the ballot at its end all the same.</param>
    public async Task CloseAsync(Ballot ballot, string reason, RuleTerms rules, DateTimeOffset now, CancellationToken cancellation)
    {
        var db = work.Db;
        var deliverable = await db.Deliverables.SingleAsync(d => d.Key == ballot.DeliverableKey, cancellation);
        var revision = await db.Revisions.SingleAsync(r => r.Id == ballot.RevisionId, cancellation);

        ballot.Close(reason, rules, now);
        switch (ballot.Outcome)
        {
            case BallotOutcome.Adopted:
                ballot.NumberResolution(await work.NextResolutionNumberAsync(
                    ballot.BodyKey, Warsaw.DateOf(ballot.ClosedAt!.Value.AddTicks(-1)).Year, cancellation));
                deliverable.MarkAdopted(ballot.ClosedAt!.Value);
                break;
            case BallotOutcome.NotAdopted:
                deliverable.MarkNotAdopted();
                break;
            default:
                deliverable.LeaveBallot();
                break;
        }

        audit.Record(Subjects.Ballot(ballot.Id), "ballot_closed", Actor.System, new
        {
            reason,
            outcome = ballot.Outcome,
            resolution = ballot.ResolutionNumber,
            inFavour = ballot.InFavourCount,
            against = ballot.AgainstCount,
            abstain = ballot.AbstainCount,
            entitled = ballot.EntitledCount,
            quorum = ballot.Quorum,
            castingVoteBy = ballot.CastingVoteById,
        });
        audit.Record(Subjects.Deliverable(deliverable.Key), "ballot_closed", Actor.System, new
        {
            number = ballot.Number,
            outcome = ballot.Outcome,
            resolution = ballot.ResolutionNumber,
        });
        await db.SaveChangesAsync(cancellation);

        await outbox.AddAsync(
            new BallotClosed(BallotCases.Of(ballot, revision), ballot.Outcome!, ballot.ResolutionNumber, ballot.ClosedAt!.Value),
            await RecipientsAsync(ballot, deliverable.TaskKey, now, cancellation),
            cancellation);
        Failpoints.Reach(Failpoints.BallotClosed);

        await engine.SendAsync(
            new Stimulus(Stimulus, new { ballotId = ballot.Id })
            {
                Id = "ballot_closed:" + ballot.Id.ToString("D"),
                KeepWhenUnmatched = false,
                Input = new System.Text.Json.Nodes.JsonObject
                {
                    ["outcome"] = ballot.Outcome,
                    ["ballotNumber"] = ballot.Number,
                    ["resolutionNumber"] = ballot.ResolutionNumber,
                },
            },
            cancellation);
    }

    /// <summary>The whole roll with the recused, the board's secretary and the leads of the task that wrote the text.</summary>
    private async Task<List<Guid>> RecipientsAsync(Ballot ballot, string taskKey, DateTimeOffset now, CancellationToken cancellation)
    {
        var today = Warsaw.DateOf(now);
        var secretaries = await work.Db.BodyMembers.AsNoTracking()
            .Where(member => member.BodyKey == ballot.BodyKey && member.Position == BodyPosition.Secretary).ToListAsync(cancellation);
        var leads = await work.Db.RoleAssignments.AsNoTracking()
            .Where(role => role.Role == Roles.TaskLead && role.Scope == "task:" + taskKey).ToListAsync(cancellation);
        return [.. ballot.Electors.Select(elector => elector.PersonId)
            .Concat(secretaries.Where(member => member.Covers(today)).Select(member => member.PersonId))
            .Concat(leads.Where(role => role.Covers(today)).Select(role => role.PersonId))
            .Distinct()];
    }
}
