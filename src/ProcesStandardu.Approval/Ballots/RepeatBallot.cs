using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// Puts the same question on a newer revision (the running ballot ends without a result, whoever voted says anew what he thinks),
/// or takes up again one that ended without adoption. A new ballot follows the old one; the old one stays as it was.
/// </summary>
public sealed class RepeatBallot(BallotActs acts, BallotClosing closing, OpenBallot open)
{
    /// <param name="Relation">One of <see cref="BallotRelation"/>.</param>
    public sealed record Command(Guid BallotId, Guid PersonId, string Relation, string? Reason, string? FormKey = null);

    /// <returns>
    /// The new ballot, or <see cref="ActIsNotYours"/>, <see cref="ReasonIsMissing"/>, <see cref="NoNewerRevision"/>,
    /// <see cref="BallotIsClosed"/>, <see cref="BallotCannotBeReopened"/>, or a refusal of <see cref="OpenBallot"/>.
    /// </returns>
    public Task<Result<OpenBallot.Opened>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<OpenBallot.Opened>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId, command.Relation, command.Reason },
        async scene =>
        {
            if (!scene.Holds(scene.Rules.MayOpen))
            {
                return new ActIsNotYours();
            }

            if (string.IsNullOrWhiteSpace(command.Reason))
            {
                return new ReasonIsMissing();
            }

            var reason = command.Reason.Trim();
            if (await (command.Relation == BallotRelation.ReBallot
                ? EndForNewRevisionAsync(scene, reason, cancellation)
                : MayReopenAsync(scene, cancellation)) is { } refusal)
            {
                return refusal;
            }

            return await FollowAsync(scene, command.Relation, reason, scene.Actor, cancellation);
        },
        cancellation);

    /// <summary>Ends the ballot and opens the next on its present text, because the change to it was contested; nobody is asked for leave.</summary>
    internal async Task<Result<OpenBallot.Opened>> OnNewestAsync(BallotActs.Scene scene, string reason, CancellationToken cancellation)
    {
        await closing.CloseAsync(
            scene.Ballot, BallotCloseReason.NewRevision, scene.Rules, scene.Now, cancellation, scene.Actor, reason);
        return await FollowAsync(scene, BallotRelation.ReBallot, reason, Actor.System, cancellation);
    }

    private async Task<Result<OpenBallot.Opened>> FollowAsync(
        BallotActs.Scene scene, string relation, string reason, Actor actor, CancellationToken cancellation)
    {
        var ballot = scene.Ballot;
        await scene.Db.SaveChangesAsync(cancellation);
        return await open.OpenAsync(
            scene.Db,
            new OpenBallot.Command(
                ballot.DeliverableKey, ballot.BodyKey, ballot.Title, null, ballot.ClosesWhenAllVoted, actor,

                // Silence was consent to an editorial text; a new revision or new information has to be voted on.
                ballot.Procedure == BallotProcedure.Tacit ? BallotProcedure.Written : ballot.Procedure, ballot.Secrecy),
            new OpenBallot.Following(ballot, relation, reason),
            cancellation);
    }

    private async Task<Refusal?> EndForNewRevisionAsync(BallotActs.Scene scene, string reason, CancellationToken cancellation)
    {
        var (ballot, revision) = (scene.Ballot, scene.Revision);
        if (!ballot.TakesPositions(scene.Now))
        {
            return new BallotIsClosed(ballot.ClosedAt, null);
        }

        if (!await scene.Db.Revisions.AnyAsync(
            r => r.DeliverableKey == ballot.DeliverableKey && r.Status == RevisionStatus.Submitted
                && (r.Major > revision.Major || (r.Major == revision.Major && r.Minor > revision.Minor)),
            cancellation))
        {
            return new NoNewerRevision();
        }

        await closing.CloseAsync(
            ballot, BallotCloseReason.NewRevision, scene.Rules, scene.Now, cancellation, scene.Actor, reason);
        return null;
    }

    private static async Task<Refusal?> MayReopenAsync(BallotActs.Scene scene, CancellationToken cancellation) =>
        scene.Ballot is { State: BallotState.Closed, Outcome: not BallotOutcome.Adopted } closed
            && (!closed.HasResult || closed.AnnouncedAt is not null)
            && !await scene.Db.Ballots.AnyAsync(b => b.PredecessorId == closed.Id, cancellation)
            ? null
            : new BallotCannotBeReopened();
}
