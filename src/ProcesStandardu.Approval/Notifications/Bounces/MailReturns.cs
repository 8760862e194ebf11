using System.Globalization;
using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Notifications.Bounces;

/// <summary>
/// What it means that a mail came back: it stays among the undelivered until somebody sees to it, nothing more of it is tried, and
/// a notice by which silence would count proves nothing any more.
/// </summary>
public sealed class MailReturns(UnitOfWork work, BallotActs ballots, NoticeProof proof, AuditTrail audit, TimeProvider time)
{
    /// <summary>Notes it inside the caller's transaction.</summary>
    /// <param name="report">What the other side said, or the words of the person who enters it.</param>
    /// <returns>False when it was noted before, or the mail has not left at all.</returns>
    internal async Task<bool> NoteAsync(Guid mailId, string report, Actor actor, CancellationToken cancellation)
    {
        var seen = await work.Db.OutboxMessages.AsNoTracking().Where(mail => mail.Id == mailId)
            .Select(mail => new { mail.Kind, mail.Cause, mail.RecipientPersonId }).SingleOrDefaultAsync(cancellation);
        if (seen is null)
        {
            return false;
        }

        // The ballot's locks come before the mail's.
        var scene = seen.Kind == MailKinds.BallotNotice ? await SceneAsync(seen.Cause, cancellation) : null;
        await RowLock.LockAsync(work, "select 1 from outbox_message where id = $1 for update", mailId, cancellation);
        var message = await work.Db.OutboxMessages.SingleAsync(mail => mail.Id == mailId, cancellation);
        if (message.BouncedAt is not null || !Accepts(message))
        {
            return false;
        }

        var now = time.GetUtcNow();
        message.Return(now, report);
        audit.Record(
            Subjects.Mail(mailId), "mail_bounced", actor,
            new { kind = message.Kind, cause = message.Cause, recipient = message.RecipientPersonId, report = message.BounceReport });
        await work.Db.SaveChangesAsync(cancellation);
        if (scene is { Ballot.Procedure: BallotProcedure.Tacit } && scene.Ballot.TakesPositions(now)
            && scene.Ballot.Electors.SingleOrDefault(elector => elector.PersonId == message.RecipientPersonId) is { IsRecused: false } elector)
        {
            elector.NoteBounce(now);
            await work.Db.SaveChangesAsync(cancellation);
            await proof.ApplyAsync(scene, cancellation);
        }

        return true;
    }

    /// <summary>True for a mail that may have reached a server.</summary>
    internal static bool Accepts(OutboxMessage message) => message.State is MailState.Sent or MailState.Ambiguous;

    private async Task<BallotActs.Scene?> SceneAsync(string cause, CancellationToken cancellation)
    {
        if (!Guid.TryParse(cause.Split(':', 2)[^1], CultureInfo.InvariantCulture, out var ballotId)
            || await work.Db.Ballots.Where(b => b.Id == ballotId).Select(b => b.DeliverableKey).SingleOrDefaultAsync(cancellation) is not { } key)
        {
            return null;
        }

        await work.LockDeliverableAsync(key, cancellation);
        return await ballots.LockedAsync(work.Db, ballotId, time.GetUtcNow(), cancellation);
    }
}
