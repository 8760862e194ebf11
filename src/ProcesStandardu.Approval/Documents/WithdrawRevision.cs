using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Documents;

/// <summary>
/// „Wycofaj wersję”: one person asks and says why, another confirms. Then the content is gone for everybody at once; number,
/// hash, comments and history stay, and whoever was told of the revision is told once that it does not count.
/// </summary>
public sealed class WithdrawRevision(
    UnitOfWork work, Rights rights, StoredFiles files, AuditTrail audit, Outbox outbox, TimeProvider time)
{
    /// <summary>The longest reason, in characters.</summary>
    public const int LongestReason = 1000;

    public sealed record Ask(Guid RevisionId, Guid PersonId, WithdrawalGround Ground, string Reason);

    /// <param name="IsConfirmed">False leaves the revision as it is.</param>
    public sealed record Decide(Guid RevisionId, Guid PersonId, bool IsConfirmed);

    /// <param name="IsWithdrawn">True when the content is gone now.</param>
    public sealed record Answer(string DeliverableKey, string Revision, bool IsWithdrawn);

    private sealed record Case(Deliverable Deliverable, Revision Revision, RevisionWithdrawal? Open);

    public Task<Result<Answer>> HandleAsync(Ask command, CancellationToken cancellation) =>
        work.RunAsync<Answer>(
            async db =>
            {
                var found = await FindAsync(db, command.RevisionId, command.PersonId, cancellation);
                if (!found.Succeeded)
                {
                    return found.Refusal!;
                }

                var (deliverable, revision, open) = found.Value;
                var reason = command.Reason.Trim();
                var label = revision.Number.ToString();
                if (reason.Length is 0 or > LongestReason)
                {
                    return reason.Length == 0 ? new FieldIsEmpty(nameof(command.Reason)) : new TextIsTooLong(nameof(command.Reason), LongestReason);
                }

                if (open is not null)
                {
                    return new WithdrawalIsAskedAlready(label);
                }

                if (await StandsAsync(db, deliverable, revision, cancellation) is { } refusal)
                {
                    return refusal;
                }

                var now = time.GetUtcNow();
                db.Add(new RevisionWithdrawal
                {
                    Id = Guid.CreateVersion7(now), RevisionId = revision.Id, Ground = command.Ground, Reason = reason,
                    AskedById = command.PersonId, AskedAt = now,
                });
                await db.SaveChangesAsync(cancellation);
                audit.Record(Subjects.Deliverable(deliverable.Key), "revision_withdrawal_asked", new Actor(command.PersonId), new
                {
                    revisionId = revision.Id,
                    revision = label,
                    ground = DocumentNames.WithdrawalGrounds[command.Ground],
                });
                return new Answer(deliverable.Key, label, false);
            },
            cancellation);

    public Task<Result<Answer>> HandleAsync(Decide command, CancellationToken cancellation) =>
        work.RunAsync<Answer>(
            async db =>
            {
                var found = await FindAsync(db, command.RevisionId, command.PersonId, cancellation);
                if (!found.Succeeded)
                {
                    return found.Refusal!;
                }

                var (deliverable, revision, open) = found.Value;
                var label = revision.Number.ToString();
                if (open is null)
                {
                    return new WithdrawalIsNotAsked(label);
                }

                if (command.IsConfirmed && open.AskedById == command.PersonId)
                {
                    return new WithdrawalNeedsSecondPerson();
                }

                // Between asking and confirming the board may have begun to vote on it.
                if (command.IsConfirmed && await StandsAsync(db, deliverable, revision, cancellation) is { } refusal)
                {
                    return refusal;
                }

                var now = time.GetUtcNow();
                open.Decide(command.PersonId, command.IsConfirmed, now);
                if (command.IsConfirmed)
                {
                    await WithdrawAsync(db, deliverable, revision, open, now, cancellation);
                }

                await db.SaveChangesAsync(cancellation);
                audit.Record(
                    Subjects.Deliverable(deliverable.Key), command.IsConfirmed ? "revision_withdrawn" : "revision_withdrawal_declined",
                    new Actor(command.PersonId), new
                    {
                        revisionId = revision.Id,
                        revision = label,
                        ground = DocumentNames.WithdrawalGrounds[open.Ground],
                        askedBy = open.AskedById,
                    });
                return new Answer(deliverable.Key, label, command.IsConfirmed);
            },
            cancellation);

    private async Task WithdrawAsync(
        ProcesDbContext db, Deliverable deliverable, Revision revision, RevisionWithdrawal withdrawal, DateTimeOffset now,
        CancellationToken cancellation)
    {
        revision.Withdraw();
        await db.SaveChangesAsync(cancellation);
        await files.RemoveBytesAsync(revision.FileId, cancellation);
        var others = await db.Revisions.AnyAsync(
            r => r.DeliverableKey == deliverable.Key && r.Status == RevisionStatus.Submitted, cancellation);
        deliverable.NoteWithdrawal(others);

        var told = await db.OutboxMessages.AsNoTracking()
            .Where(mail => mail.Kind == MailKinds.RevisionSubmitted && mail.MailKey.Contains(revision.Id.ToString()))
            .Select(mail => mail.RecipientPersonId).Distinct().ToListAsync(cancellation);
        await outbox.AddAsync(
            new RevisionWithdrawn(
                deliverable.Key, deliverable.Title, revision.Id, revision.Number.ToString(),
                DocumentNames.WithdrawalGrounds[withdrawal.Ground], now),
            told, cancellation);
    }

    /// <summary>Leads of the task, secretaries and administrators; under the document's lock.</summary>
    private async Task<Result<Case>> FindAsync(ProcesDbContext db, Guid revisionId, Guid personId, CancellationToken cancellation)
    {
        var key = await db.Revisions.AsNoTracking().Where(r => r.Id == revisionId).Select(r => r.DeliverableKey).SingleOrDefaultAsync(cancellation);
        if (key is null)
        {
            return new NotFoundOrNotYours();
        }

        await work.LockDeliverableAsync(key, cancellation);
        var deliverable = await db.Deliverables.SingleAsync(d => d.Key == key, cancellation);
        var person = await rights.OfAsync(personId, cancellation);
        if (!person.ReadsWorkingPapers)
        {
            return new NotFoundOrNotYours();
        }

        if (!MayWithdraw(person, deliverable))
        {
            return new ActIsNotYours();
        }

        var revision = await db.Revisions.SingleAsync(r => r.Id == revisionId, cancellation);
        if (revision.Status == RevisionStatus.Withdrawn)
        {
            return new RevisionIsWithdrawn(revision.Number.ToString());
        }

        var open = await db.Set<RevisionWithdrawal>()
            .SingleOrDefaultAsync(w => w.RevisionId == revisionId && w.DecidedAt == null, cancellation);
        return new Case(deliverable, revision, open);
    }

    /// <summary>Who may ask for it and, being another person, confirm it.</summary>
    internal static bool MayWithdraw(PersonRights person, Deliverable deliverable) =>
        person.Leads(deliverable.TaskKey) || person.IsSecretary || person.Administers;

    /// <summary>What the board was asked about stays readable for as long as there are votes on it.</summary>
    private static async Task<Refusal?> StandsAsync(
        ProcesDbContext db, Deliverable deliverable, Revision revision, CancellationToken cancellation) =>
        deliverable.AdoptedRevisionId == revision.Id || await db.Ballots.AnyAsync(b => b.RevisionId == revision.Id, cancellation)
            ? new RevisionWasVotedOn(revision.Number.ToString())
            : null;
}
