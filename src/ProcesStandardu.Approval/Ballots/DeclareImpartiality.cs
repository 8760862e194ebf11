using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// A member recuses himself at any moment of the voting, or says why a fact that was put to him does not keep him from it. A
/// position that he had cast drops out of the count and stays on record.
/// </summary>
public sealed class DeclareImpartiality(BallotActs acts, AuditTrail audit, Outbox outbox)
{
    /// <param name="Declaration">One of <see cref="ImpartialityDeclaration"/>.</param>
    /// <param name="Text">The circumstance, or why it does not matter; required.</param>
    public sealed record Command(Guid BallotId, Guid PersonId, string Declaration, string? Text, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="YouAreNotAnElector"/>, <see cref="MemberIsRecused"/>, <see cref="ReasonIsMissing"/>,
    /// <see cref="BallotIsClosed"/>, <see cref="SecretVoteCannotBeTakenOut"/>, <see cref="BallotOptionIsUnknown"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId, command.Declaration, command.Text },
        async scene =>
        {
            var elector = scene.Ballot.Electors.SingleOrDefault(candidate => candidate.PersonId == command.PersonId);
            if (elector is null)
            {
                return new YouAreNotAnElector();
            }

            if (RecusalRefusal(scene, elector, command.Text) is { } refusal)
            {
                return refusal;
            }

            switch (command.Declaration)
            {
                case ImpartialityDeclaration.Recuses:
                    elector.Declare(command.Declaration, command.Text!.Trim(), scene.Now);
                    elector.Recuse(elector.ConflictBasis ?? RecusalBasis.OwnDeclaration, command.Text.Trim(), command.PersonId, scene.Now);
                    audit.Record(scene.Subject, "member_recused", scene.Actor, Effect(scene, elector));
                    return default(Done);
                case ImpartialityDeclaration.Stays when elector.ConflictBasis is not null:
                    elector.Declare(command.Declaration, command.Text!.Trim(), scene.Now);
                    audit.Record(scene.Subject, "member_stays", scene.Actor, new { words = command.Text.Trim() });
                    await scene.Db.SaveChangesAsync(cancellation);
                    await outbox.AddAsync(
                        new BallotNews(scene.Case, BallotNewsOf.ConflictToDecide, command.PersonId.ToString("N")),
                        await scene.HoldersAsync(
                            [elector.Position == BodyPosition.Chair ? BodyPosition.ViceChair : BodyPosition.Chair], cancellation),
                        cancellation);
                    return default(Done);
                default:
                    return new BallotOptionIsUnknown(command.Declaration);
            }
        },
        cancellation);

    /// <summary>Why a member cannot be taken off the roll now; null when he can.</summary>
    internal static Refusal? RecusalRefusal(BallotActs.Scene scene, Elector elector, string? text) =>
        elector.IsRecused ? new MemberIsRecused()
        : !scene.Ballot.TakesPositions(scene.Now) ? new BallotIsClosed(scene.Ballot.ClosedAt, null)
        : elector.VotedSecretly ? new SecretVoteCannotBeTakenOut()
        : string.IsNullOrWhiteSpace(text) ? new ReasonIsMissing()
        : null;

    /// <summary>What the history keeps: both states of the roll, so that anybody can follow the quorum.</summary>
    internal static object Effect(BallotActs.Scene scene, Elector elector)
    {
        var entitled = scene.Ballot.Electors.Count(other => !other.IsRecused);
        return new
        {
            member = elector.PersonId,
            basis = elector.RecusalBasis,
            words = elector.RecusalReason,
            entitled,
            quorum = BallotTally.QuorumOf(entitled, scene.Rules),
            entitledBefore = entitled + 1,
            quorumBefore = BallotTally.QuorumOf(entitled + 1, scene.Rules),
        };
    }
}
