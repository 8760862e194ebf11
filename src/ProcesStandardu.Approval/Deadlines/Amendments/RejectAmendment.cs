using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Deadlines.Amendments;

/// <summary>Ends an open amendment without effect: its author withdraws it, a second person rejects it.</summary>
public sealed class RejectAmendment(UnitOfWork work, Rights rights, AuditTrail audit, TimeProvider time)
{
    public sealed record Command(Guid PersonId, Guid AmendmentId, string? FormKey);

    public Task<Result<Done>> HandleAsync(Command command, CancellationToken cancellation) => work.OnceAsync<Done>(
        command.PersonId, command.FormKey, new { command.AmendmentId, Act = "reject" },
        async db =>
        {
            await work.LockAmendmentAsync(command.AmendmentId, cancellation);
            var amendment = await db.Amendments.SingleOrDefaultAsync(a => a.Id == command.AmendmentId, cancellation);
            var person = await rights.OfAsync(command.PersonId, cancellation);
            if (amendment is null || !person.KeepsOutbox)
            {
                return new NotFoundOrNotYours();
            }

            if (!amendment.IsOpen || (amendment.State == AmendmentState.Draft && amendment.ProposedById != command.PersonId))
            {
                return new AmendmentIsNotOpen();
            }

            amendment.TurnDown(command.PersonId, time.GetUtcNow());
            audit.Record(
                Subjects.Amendment(amendment.Id), "amendment_" + amendment.State, new Actor(command.PersonId), new { number = amendment.Number });
            return default(Done);
        },
        cancellation);
}
