using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Meetings;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Closes a ballot by hand: at a sitting at any moment, otherwise once everybody entitled has voted.</summary>
public sealed class CloseBallot(BallotActs acts, BallotClosing closing)
{
    public sealed record Command(Guid BallotId, Guid PersonId, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="ActIsNotYours"/>, <see cref="BallotWasClosed"/>, <see cref="BallotAwaitsTheChair"/>,
    /// <see cref="BallotStillRuns"/>, <see cref="EditorialChangeMayBeContested"/>, <see cref="AttendanceIsMissing"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId },
        async scene =>
        {
            var ballot = scene.Ballot;
            if (!scene.Holds(scene.Rules.MayClose))
            {
                return new ActIsNotYours();
            }

            if (ballot.ClosedAt is { } closed)
            {
                return new BallotWasClosed(closed);
            }

            if (!ballot.IsOpen)
            {
                return new BallotAwaitsTheChair();
            }

            if (ballot.Procedure != BallotProcedure.Sitting && ballot.Missing().Count() is > 0 and var missing)
            {
                return new BallotStillRuns(missing);
            }

            if (ballot.MayBeContested(scene.Now))
            {
                return new EditorialChangeMayBeContested(ballot.EditorialUntil!.Value);
            }

            if (ballot.Procedure == BallotProcedure.Sitting && await SittingAttendance.IsMissingAsync(scene.Db, ballot, cancellation))
            {
                return new AttendanceIsMissing();
            }

            // A term that ran out a moment ago closed the ballot; the chair only came before the pass that says so.
            var reason = ballot.DueAt <= scene.Now ? BallotCloseReason.Deadline : BallotCloseReason.ByChair;
            await closing.CloseAsync(
                ballot, reason, scene.Rules, scene.Now, cancellation,
                reason == BallotCloseReason.Deadline ? Actor.System : scene.Actor);
            return default(Done);
        },
        cancellation);
}
