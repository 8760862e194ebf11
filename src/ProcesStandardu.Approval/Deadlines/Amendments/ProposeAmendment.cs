using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>The author of a draft, having seen its effects, hands it to a second person. Still nothing moves.</summary>
public sealed class ProposeAmendment(UnitOfWork work, AuditTrail audit, TimeProvider time)
{
    public sealed record Command(Guid PersonId, Guid AmendmentId, string? FormKey);

    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId, command.FormKey, new { command.AmendmentId, Act = "propose" },
        async db =>
        {
            await work.LockAmendmentAsync(command.AmendmentId, cancellation);
            var amendment = await db.Amendments.SingleOrDefaultAsync(a => a.Id == command.AmendmentId, cancellation);
            if (amendment is null || amendment.ProposedById != command.PersonId)
            {
                return new NotFoundOrNotYours();
            }

            if (amendment.State != AmendmentState.Draft)
            {
                return new AmendmentIsNotOpen();
            }

            if (await db.Amendments.AnyAsync(
                other => other.Number == amendment.Number && (other.State == AmendmentState.Proposed || other.State == AmendmentState.Approved),
                cancellation))
            {
                return new AmendmentNumberIsTaken(amendment.Number);
            }

            amendment.Propose(time.GetUtcNow());
            audit.Record(
                Subjects.Amendment(amendment.Id), "amendment_proposed", new Actor(command.PersonId), new { number = amendment.Number });
            return default(Done);
        },
        cancellation);
}

internal static class AmendmentLocks
{
    /// <summary>Locks an amendment: two decisions about it come one after the other.</summary>
    public static Task<bool> LockAmendmentAsync(this UnitOfWork work, Guid id, CancellationToken cancellation) =>
        RowLock.LockAsync(work, "select 1 from agreement_amendment where id = $1 for no key update", id, cancellation);
}
