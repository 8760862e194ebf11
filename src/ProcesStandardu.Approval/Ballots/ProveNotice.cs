using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// The secretary notes that a notice came back, or that it reached the member in another way. Silence runs accordingly, at once.
/// </summary>
public sealed class ProveNotice(BallotActs acts, AuditTrail audit, NoticeProof proof)
{
    /// <param name="Reached">False when the notice came back.</param>
    /// <param name="How">How it reached him, or what came back; required.</param>
    public sealed record Command(
        Guid BallotId, Guid PersonId, Guid MemberId, bool Reached, string? How, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="ActIsNotYours"/>, <see cref="NoticeNeedsNoProof"/>, <see cref="BallotIsClosed"/>,
    /// <see cref="ReasonIsMissing"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey,
        new { command.BallotId, command.MemberId, command.Reached, command.How },
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

            if (command.Reached)
            {
                elector.ConfirmNotice(command.PersonId, command.How.Trim(), scene.Now);
            }
            else
            {
                elector.NoteBounce(scene.Now);
            }

            audit.Record(
                scene.Subject, command.Reached ? "notice_confirmed" : "notice_came_back", scene.Actor,
                new { member = elector.PersonId, words = command.How.Trim() });
            await scene.Db.SaveChangesAsync(cancellation);
            await proof.ApplyAsync(scene, cancellation);
            return default(Done);
        },
        cancellation);
}
