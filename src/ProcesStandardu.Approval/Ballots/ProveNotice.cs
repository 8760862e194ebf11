using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// The secretary notes that a notice came back or that it reached the member in another way, or has it sent once more. Silence
/// runs accordingly, at once.
/// </summary>
public sealed class ProveNotice(BallotActs acts, AuditTrail audit, NoticeProof proof, BallotNotices notices)
{
    /// <summary>The notice reached the member in another way than by mail.</summary>
    public const string Reached = "reached";

    /// <summary>The mail was taken and came back.</summary>
    public const string CameBack = "came_back";

    /// <summary>The notice is to be mailed once more, to the address that the member has now.</summary>
    public const string SendAgain = "send_again";

    /// <param name="What">One of the three.</param>
    /// <param name="How">How it reached him, what came back, or what was corrected; required.</param>
    public sealed record Command(
        Guid BallotId, Guid PersonId, Guid MemberId, string What, string? How, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="ActIsNotYours"/>, <see cref="NoticeNeedsNoProof"/>, <see cref="BallotIsClosed"/>,
    /// <see cref="ReasonIsMissing"/>, <see cref="BallotOptionIsUnknown"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey,
        new { command.BallotId, command.MemberId, command.What, command.How },
        async scene =>
        {
            if (!scene.Holds(BodyPosition.Secretary))
            {
                return new ActIsNotYours();
            }

            var elector = scene.Ballot.Electors.SingleOrDefault(candidate => candidate.PersonId == command.MemberId);
            if (elector is null || elector.IsRecused)
            {
                return new NotFoundOrNotYours();
            }

            if (scene.Ballot.Procedure != BallotProcedure.Tacit)
            {
                return new NoticeNeedsNoProof();
            }

            if (!scene.Ballot.TakesPositions(scene.Now))
            {
                return new BallotIsClosed(scene.Ballot.ClosedAt, null);
            }

            if (string.IsNullOrWhiteSpace(command.How))
            {
                return new ReasonIsMissing();
            }

            switch (command.What)
            {
                case Reached:
                    elector.ConfirmNotice(command.PersonId, command.How.Trim(), scene.Now);
                    break;
                case CameBack:
                    elector.NoteBounce(scene.Now);
                    break;
                case SendAgain:
                    await notices.GiveAgainAsync(scene.Db, scene.Ballot, scene.Revision, elector, cancellation);
                    break;
                default:
                    return new BallotOptionIsUnknown(command.What);
            }

            audit.Record(
                scene.Subject, "notice_" + command.What, scene.Actor, new { member = elector.PersonId, words = command.How.Trim() });
            await scene.Db.SaveChangesAsync(cancellation);
            await proof.ApplyAsync(scene, cancellation);
            return default(Done);
        },
        cancellation);
}
