using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Extends a ballot that runs, or opens again one that ended without quorum: new notices, positions stand.</summary>
public sealed class ExtendBallot(BallotActs acts, AuditTrail audit, BallotNotices notices)
{
    public sealed record Command(Guid BallotId, Guid PersonId, string? Reason, string? FormKey = null);

    public sealed record Extended(Guid BallotId, DateOnly DueOn);

    /// <returns>
    /// The new end, or <see cref="ActIsNotYours"/>, <see cref="ReasonIsMissing"/>, <see cref="BallotIsClosed"/>,
    /// <see cref="ExtensionsAreUsedUp"/>, <see cref="TermDoesNotRun"/>.
    /// </returns>
    public Task<Result<Extended>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Extended>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId, command.Reason },
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

            var until = WorkingCalendar.AddWorkingDays(Warsaw.DateOf(scene.Now), scene.Rules.ExtensionWorkingDays);
            if (scene.Ballot.Extend(until, scene.Rules, scene.Now).Refusal is { } refusal)
            {
                return refusal;
            }

            audit.Record(scene.Subject, "ballot_extended", scene.Actor, new
            {
                until = scene.Ballot.DueOn,
                words = command.Reason.Trim(),
                round = scene.Ballot.Extensions,
            });
            await scene.Db.SaveChangesAsync(cancellation);
            await notices.GiveAsync(scene.Db, scene.Ballot, scene.Revision, scene.Now, cancellation);
            return new Extended(scene.Ballot.Id, scene.Ballot.DueOn!.Value);
        },
        cancellation);
}
