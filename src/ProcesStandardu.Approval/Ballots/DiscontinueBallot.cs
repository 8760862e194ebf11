using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Ends a ballot without a result: one opened by mistake, or, without quorum, in the way that the chair chooses.</summary>
public sealed class DiscontinueBallot(BallotActs acts, BallotClosing closing)
{
    /// <param name="Way">
    /// <see cref="BallotCloseReason.Discontinued"/>; or, for one without quorum, <see cref="BallotCloseReason.ToSitting"/> or
    /// <see cref="BallotCloseReason.Ended"/>.
    /// </param>
    public sealed record Command(Guid BallotId, Guid PersonId, string Way, string? Reason, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="ActIsNotYours"/>, <see cref="ReasonIsMissing"/>, <see cref="BallotWasClosed"/>,
    /// <see cref="BallotIsClosed"/>, <see cref="BallotOptionIsUnknown"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId, command.Way, command.Reason },
        async scene =>
        {
            var ballot = scene.Ballot;
            var isUndecided = ballot.State == BallotState.Undecided;
            if (!scene.Holds(isUndecided ? [BodyPosition.Chair, BodyPosition.ViceChair] : scene.Rules.MayOpen))
            {
                return new ActIsNotYours();
            }

            if (string.IsNullOrWhiteSpace(command.Reason))
            {
                return new ReasonIsMissing();
            }

            if (ballot.ClosedAt is { } closed)
            {
                return new BallotWasClosed(closed);
            }

            switch (command.Way)
            {
                case BallotCloseReason.Discontinued when !isUndecided && !ballot.TakesPositions(scene.Now):
                    // The term is over: what was voted decides, not whoever is quicker than the pass that counts it.
                    return new BallotIsClosed(null, null);
                case BallotCloseReason.Discontinued when !isUndecided:
                    await closing.CloseAsync(
                        ballot, command.Way, scene.Rules, scene.Now, cancellation, scene.Actor, command.Reason.Trim());
                    return default(Done);
                case BallotCloseReason.ToSitting or BallotCloseReason.Ended when isUndecided:
                    ballot.EndUndecided(command.Way, scene.Rules, command.PersonId, scene.Now);
                    await closing.EndWithoutResultAsync(ballot, scene.Now, cancellation, scene.Actor, command.Reason.Trim());
                    return default(Done);
                default:
                    return new BallotOptionIsUnknown(command.Way);
            }
        },
        cancellation);
}
