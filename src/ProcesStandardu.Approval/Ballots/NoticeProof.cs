using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Bodies;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Ballots;

/// <summary>
/// Silence counts from the last proven notice only: a mail that the server took and that did not come back, or the secretary's
/// word that it reached the member in another way. While one is missing the term stands still.
/// </summary>
public sealed class NoticeProof(AuditTrail audit, Outbox outbox)
{
    /// <summary>When each notice was proven; null for those who have none.</summary>
    internal static async Task<Dictionary<Guid, DateTimeOffset?>> ReadAsync(
        ProcesDbContext db, Ballot ballot, CancellationToken cancellation)
    {
        var cause = Subjects.Ballot(ballot.Id);
        var sent = await db.OutboxMessages.AsNoTracking()
            .Where(mail => mail.Cause == cause && mail.Kind == MailKinds.BallotNotice && mail.State == MailState.Sent)
            .Select(mail => new { mail.RecipientPersonId, mail.SentAt }).ToListAsync(cancellation);
        return ballot.Electors.Where(elector => !elector.IsRecused).ToDictionary(
            elector => elector.PersonId,
            elector => Earlier(
                elector.NoticeConfirmedAt,
                sent.Where(mail => mail.RecipientPersonId == elector.PersonId && !(mail.SentAt <= elector.NoticeBouncedAt))
                    .Min(mail => mail.SentAt)));
    }

    /// <summary>Lets the term run or stand as the proofs are now, and says so to those whom it concerns.</summary>
    /// <returns>True when anything changed.</returns>
    internal async Task<bool> ApplyAsync(BallotActs.Scene scene, CancellationToken cancellation)
    {
        var (db, ballot) = (scene.Db, scene.Ballot);
        var proofs = await ReadAsync(db, ballot, cancellation);
        var start = proofs.Values.Any(proof => proof is null) ? null : proofs.Values.Max();
        var ran = ballot.TermStartedAt is not null;
        if (!ballot.RunSilence(start, scene.Rules))
        {
            return false;
        }

        if (ballot.DueOn is { } until)
        {
            audit.Record(scene.Subject, "silence_runs", Actor.System, new { until });
            await db.SaveChangesAsync(cancellation);
            await outbox.AddAsync(
                new BallotNews(scene.Case, BallotNewsOf.TermRuns, until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
                [.. proofs.Keys], cancellation);
            return true;
        }

        var missing = proofs.Where(proof => proof.Value is null).Select(proof => proof.Key).ToList();
        audit.Record(scene.Subject, "silence_stands_still", Actor.System, new { missing });
        await db.SaveChangesAsync(cancellation);
        if (ran)
        {
            await TellSecretaryAsync(scene, missing, cancellation);
        }

        return true;
    }

    private async Task TellSecretaryAsync(BallotActs.Scene scene, List<Guid> missing, CancellationToken cancellation)
    {
        var names = await scene.Db.People.AsNoTracking().Where(person => missing.Contains(person.Id))
            .OrderBy(person => person.DisplayName).Select(person => person.DisplayName).ToListAsync(cancellation);
        await outbox.AddAsync(
            new BallotNews(
                scene.Case, BallotNewsOf.NoticeNotProven, scene.Now.UtcTicks.ToString(CultureInfo.InvariantCulture), string.Join(", ", names)),
            await scene.HoldersAsync([BodyPosition.Secretary], cancellation), cancellation);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null ? other : other is null || one < other ? one : other;
}
