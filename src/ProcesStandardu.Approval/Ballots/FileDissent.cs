using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>A member attaches a dissenting opinion to an announced result, within the rules' term. It changes no vote.</summary>
public sealed class FileDissent(BallotActs acts, AuditTrail audit)
{
    public sealed record Command(Guid BallotId, Guid PersonId, string? Text, string? FormKey = null);

    /// <returns>
    /// Done, or <see cref="YouAreNotAnElector"/>, <see cref="YouAreRecused"/>, <see cref="DissentTermIsOver"/>,
    /// <see cref="ReasonIsMissing"/>, <see cref="DissentWasFiled"/>.
    /// </returns>
    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => acts.RunAsync<Done>(
        command.BallotId, command.PersonId, command.FormKey, new { command.BallotId, command.Text },
        async scene =>
        {
            var elector = scene.Ballot.Electors.SingleOrDefault(candidate => candidate.PersonId == command.PersonId);
            if (elector is null)
            {
                return new YouAreNotAnElector();
            }

            if (elector.RecusalBasis is { } basis)
            {
                return new YouAreRecused(basis);
            }

            var until = Until(scene.Ballot.AnnouncedAt, scene.Rules.DissentWorkingDays);
            if (until is null || scene.Now >= Warsaw.FirstInstantAfter(until.Value))
            {
                return new DissentTermIsOver(until);
            }

            if (string.IsNullOrWhiteSpace(command.Text))
            {
                return new ReasonIsMissing();
            }

            var filed = await scene.Db.DissentingOpinions.AsNoTracking()
                .SingleOrDefaultAsync(opinion => opinion.BallotId == scene.Ballot.Id && opinion.PersonId == command.PersonId, cancellation);
            if (filed is not null)
            {
                return new DissentWasFiled(filed.FiledAt);
            }

            scene.Db.DissentingOpinions.Add(new DissentingOpinion
            {
                BallotId = scene.Ballot.Id,
                PersonId = command.PersonId,
                Text = command.Text.Trim(),
                FiledAt = scene.Now,
            });
            audit.Record(scene.Subject, "dissent_filed", scene.Actor, new { until, textSha256 = HashOf(command.Text.Trim()) });
            return default(Done);
        },
        cancellation);

    /// <summary>What the history keeps of the words, so that anybody can tell whether they are still the same.</summary>
    internal static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>The last local day for dissenting opinions; null while nothing is announced.</summary>
    internal static DateOnly? Until(DateTimeOffset? announcedAt, int workingDays) =>
        announcedAt is { } at ? WorkingCalendar.AddWorkingDays(Warsaw.DateOf(at.AddTicks(-1)), workingDays) : null;
}
