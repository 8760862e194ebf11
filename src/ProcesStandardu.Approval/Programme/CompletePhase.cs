using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Programme;

/// <summary>Completes a running phase and meets the deadlines that wait for it. Completed twice it stays completed at the first time.</summary>
public sealed class CompletePhase(
    UnitOfWork work, AuditTrail audit, MeetDeadlines deadlines, ProgrammeProgress progress, TimeProvider time)
{
    public sealed record Command(string PhaseKey, Actor Actor);

    /// <param name="IsNew">False when the phase was completed before and nothing changed.</param>
    public sealed record Completed(bool IsNew);

    public Task<Result<Completed>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Completed>(
        async db =>
        {
            if (!await work.LockPhaseAsync(command.PhaseKey, cancellation))
            {
                return new PhaseIsUnknown(command.PhaseKey);
            }

            var phase = await db.Phases.SingleAsync(candidate => candidate.Key == command.PhaseKey, cancellation);
            if (phase.Status == PhaseStatus.Planned)
            {
                return new PhaseWasNotStarted(phase.Title);
            }

            var now = time.GetUtcNow();
            if (!phase.Complete(now))
            {
                return new Completed(false);
            }

            audit.Record(phase.HistorySubject, "phase_completed", command.Actor, new { phase = phase.Key });
            await db.SaveChangesAsync(cancellation);
            await deadlines.ForAsync("phase:" + phase.Key, command.Actor, now, cancellation);
            await progress.TellAsync(cancellation);
            return new Completed(true);
        },
        cancellation);
}
