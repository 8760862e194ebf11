using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;
using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// Everything that the end of a ballot means, in the transaction that ends it: the count, the resolution's number, the
/// deliverable's state, history, mails, and the workflow that waits. The caller holds the locks of deliverable and ballot.
/// </summary>
public sealed class BallotClosing(UnitOfWork work, AuditTrail audit, Outbox outbox, WorkflowEngine engine)
{
    /// <summary>The stimulus that tells a waiting workflow how a ballot ended.</summary>
    public const string Stimulus = "ProcesStandardu.AwaitBallot";

    /// <summary>
    /// Ends the voting. A result takes effect at once or waits for its announcement, as the rules say; without quorum the
    /// chair may have to choose first.
    /// </summary>
    /// <param name="now">When the closing happens; a term that ran out closes the ballot at its end all the same.</param>
    /// <param name="actor">Who closes it; the system when time or the last position does.</param>
    /// <param name="words">Why, in the words of whoever closed it; null when time did.</param>
    public async Task CloseAsync(
        Ballot ballot, string reason, RuleTerms rules, DateTimeOffset now, CancellationToken cancellation,
        Actor actor = default, string? words = null)
    {
        ballot.Close(reason, rules, now, actor.PersonId);
        if (ballot.State == BallotState.Undecided)
        {
            audit.Record(Subjects.Ballot(ballot.Id), "ballot_undecided", actor, new { until = ballot.DecisionDueOn });
            await TellAsync(ballot, BallotNewsOf.Undecided, [BodyPosition.Chair], now, cancellation);
            return;
        }

        if (!ballot.HasResult)
        {
            await EndWithoutResultAsync(ballot, now, cancellation, actor, words);
            return;
        }

        if (rules.ResultIsAnnounced)
        {
            // Neither history nor mail says the result before whoever may announce it does.
            audit.Record(Subjects.Ballot(ballot.Id), "ballot_awaits_announcement", actor, new { reason });
            await TellAsync(ballot, BallotNewsOf.AwaitsAnnouncement, rules.MayAnnounce, now, cancellation);
            return;
        }

        await AnnounceAsync(ballot, actor, "ballot_closed", ballot.ClosedAt!.Value, cancellation);
    }

    /// <summary>The result takes effect: the resolution is numbered, everybody concerned is told, the workflow goes on.</summary>
    /// <param name="entry">The kind of the history's entry.</param>
    public async Task AnnounceAsync(Ballot ballot, Actor actor, string entry, DateTimeOffset at, CancellationToken cancellation)
    {
        var db = work.Db;
        var deliverable = await db.Deliverables.SingleAsync(d => d.Key == ballot.DeliverableKey, cancellation);
        ballot.Announce(actor.PersonId, at);
        if (ballot.Outcome == BallotOutcome.Adopted)
        {
            // The end of a term is the first instant of the next day, and belongs to the day before.
            ballot.NumberResolution(await work.NextResolutionNumberAsync(
                ballot.BodyKey, Warsaw.DateOf(at.AddTicks(-1)).Year, cancellation));
            deliverable.MarkAdopted(at);
        }
        else
        {
            deliverable.MarkNotAdopted();
        }

        audit.Record(Subjects.Ballot(ballot.Id), entry, actor, new
        {
            reason = ballot.CloseReason,
            outcome = ballot.Outcome,
            resolution = ballot.ResolutionNumber,
            inFavour = ballot.InFavourCount,
            against = ballot.AgainstCount,
            abstain = ballot.AbstainCount,
            silent = ballot.SilentCount,
            presentSilent = ballot.PresentCount() is null ? (int?)null : ballot.PresentSilentCount(),
            entitled = ballot.EntitledCount,
            quorum = ballot.Quorum,
            castingVoteBy = ballot.CastingVoteById,
        });
        await TellOutcomeAsync(ballot, deliverable, at, cancellation);
    }

    /// <summary>An undecided or discontinued ballot is over: the deliverable waits again, the workflow goes on.</summary>
    public async Task EndWithoutResultAsync(
        Ballot ballot, DateTimeOffset now, CancellationToken cancellation, Actor actor = default, string? words = null)
    {
        var deliverable = await work.Db.Deliverables.SingleAsync(d => d.Key == ballot.DeliverableKey, cancellation);
        deliverable.LeaveBallot();
        audit.Record(
            Subjects.Ballot(ballot.Id),
            ballot.Outcome == BallotOutcome.Discontinued ? "ballot_discontinued" : "ballot_closed",
            actor,
            new { closeReason = ballot.CloseReason, outcome = ballot.Outcome, words, entitled = ballot.EntitledCount, quorum = ballot.Quorum });

        // A ballot that is repeated on a new revision goes on under another number: nobody is told of an end.
        if (ballot.CloseReason != BallotCloseReason.NewRevision)
        {
            await TellOutcomeAsync(ballot, deliverable, now, cancellation);
        }
    }

    private async Task TellOutcomeAsync(Ballot ballot, Deliverable deliverable, DateTimeOffset now, CancellationToken cancellation)
    {
        var db = work.Db;
        var revision = await db.Revisions.SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
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
            new Stimulus(Stimulus, new { ballotId = ballot.AwaitedAsId ?? ballot.Id })
            {
                Id = "ballot_closed:" + ballot.Id.ToString("D"),
                KeepWhenUnmatched = false,
                Input = new JsonObject
                {
                    ["outcome"] = ballot.Outcome,
                    ["ballotNumber"] = ballot.Number,
                    ["resolutionNumber"] = ballot.ResolutionNumber,
                },
            },
            cancellation);
    }

    private async Task TellAsync(
        Ballot ballot, string what, IReadOnlyCollection<string> places, DateTimeOffset now, CancellationToken cancellation)
    {
        var db = work.Db;
        await db.SaveChangesAsync(cancellation);
        var revision = await db.Revisions.SingleAsync(r => r.Id == ballot.RevisionId, cancellation);
        var today = Warsaw.DateOf(now);
        var members = await db.BodyMembers.AsNoTracking().Where(member => member.BodyKey == ballot.BodyKey).ToListAsync(cancellation);
        await outbox.AddAsync(
            new BallotNews(BallotCases.Of(ballot, revision), what, ballot.NoticeRound.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            [.. members.Where(member => member.Covers(today) && places.Contains(member.Position)).Select(member => member.PersonId)],
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
