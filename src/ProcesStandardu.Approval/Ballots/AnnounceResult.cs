using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>Announces a result that the closing left to be announced: from now on it holds.</summary>
public sealed class AnnounceResult(BallotActs acts, BallotClosing closing)
{
    public sealed record Command(Guid BallotId, Guid PersonId, string? FormKey = null);

    /// <param name="ResolutionNumber">Null when the board did not adopt.</param>
    public sealed record Announced(string Outcome, string? ResolutionNumber);

    /// <returns>
    /// The result, or <see cref="ActIsNotYours"/>, <see cref="ResultWasAnnounced"/>, <see cref="NothingToAnnounce"/>.
    /// </returns>
    public Task<Result<Announced>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Announced>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId },
        async scene =>
        {
            var ballot = scene.Ballot;
            if (!scene.Holds(scene.Rules.MayAnnounce))
            {
                return new ActIsNotYours();
            }

            if (ballot.AnnouncedAt is { } announced)
            {
                return new ResultWasAnnounced(announced);
            }

            if (!ballot.HasResult)
            {
                return new NothingToAnnounce();
            }

            await closing.AnnounceAsync(ballot, scene.Actor, "result_announced", scene.Now, cancellation);
            return new Announced(ballot.Outcome!, ballot.ResolutionNumber);
        },
        cancellation);
}
