using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// The chair disqualifies a member, or lets one vote in spite of a fact that was put to him. Nobody decides on himself: on the
/// chair the vice-chair does.
/// </summary>
public sealed class DecideRecusal(BallotActs acts, AuditTrail audit, Outbox outbox)
{
    /// <param name="MemberId">On whom it is decided.</param>
    /// <param name="Disqualifies">False lets him vote.</param>
    /// <param name="Reason">Required; the record and the resolution name it.</param>
    public sealed record Command(
        Guid BallotId, Guid PersonId, Guid MemberId, bool Disqualifies, string? Reason, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="ActIsNotYours"/>, <see cref="NobodyDecidesOnHimself"/>, <see cref="YouAreNotAnElector"/>,
    /// <see cref="MemberIsRecused"/>, <see cref="ReasonIsMissing"/>, <see cref="BallotIsClosed"/>,
    /// <see cref="SecretVoteCannotBeTakenOut"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey,
        new { command.BallotId, command.MemberId, command.Disqualifies, command.Reason },
        async scene =>
        {
            var elector = scene.Ballot.Electors.SingleOrDefault(candidate => candidate.PersonId == command.MemberId);
            if (elector is null)
            {
                return new NotFoundOrNotYours();
            }

            if (command.MemberId == command.PersonId)
            {
                return new NobodyDecidesOnHimself();
            }

            if (!scene.Holds(elector.Position == BodyPosition.Chair ? BodyPosition.ViceChair : BodyPosition.Chair))
            {
                return new ActIsNotYours();
            }

            if (DeclareImpartiality.RecusalRefusal(scene, elector, command.Reason) is { } refusal)
            {
                return refusal;
            }

            var reason = command.Reason!.Trim();
            if (!command.Disqualifies)
            {
                elector.Clear(scene.Now);
                audit.Record(scene.Subject, "member_cleared", scene.Actor, new { member = elector.PersonId, words = reason });
                return default(Done);
            }

            elector.Recuse(elector.ConflictBasis ?? RecusalBasis.ChairDecided, reason, command.PersonId, scene.Now);
            audit.Record(scene.Subject, "member_disqualified", scene.Actor, DeclareImpartiality.Effect(scene, elector));
            await scene.Db.SaveChangesAsync(cancellation);
            await outbox.AddAsync(new BallotNews(scene.Case, BallotNewsOf.Recused, "", reason), elector.PersonId, cancellation);
            return default(Done);
        },
        cancellation);
}
