using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Refusals;

namespace ProcesStandardu.Approval.Programme;

/// <summary>
/// Starts a phase. The phase before it in the path may still be open: that is recorded as a derogation, not refused.
/// Started twice it stays as it was started first.
/// </summary>
public sealed class StartPhase(UnitOfWork work, AuditTrail audit, TimeProvider time)
{
    public sealed record Command(string PhaseKey, Actor Actor);

    /// <param name="IsNew">False when the phase was started before and nothing changed.</param>
    /// <param name="BeforeGate">True when the phase before it was still open at the start.</param>
    public sealed record Started(bool IsNew, bool BeforeGate);

    public Task<Result<Started>> HandleAsync(Command command, CancellationToken cancellation) => work.RunAsync<Started>(
        async db =>
        {
            if (!await work.LockPhaseAsync(command.PhaseKey, cancellation))
            {
                return new PhaseIsUnknown(command.PhaseKey);
            }

            var phase = await db.Phases.SingleAsync(candidate => candidate.Key == command.PhaseKey, cancellation);
            var earlier = await db.Phases
                .Where(candidate => candidate.Path == phase.Path && candidate.Ordinal < phase.Ordinal)
                .OrderByDescending(candidate => candidate.Ordinal)
                .FirstOrDefaultAsync(cancellation);
            if (!phase.Start(earlier, time.GetUtcNow()))
            {
                return new Started(false, phase.StartedBeforeGate);
            }

            audit.Record(
                phase.HistorySubject,
                phase.StartedBeforeGate ? "phase_started_before_gate" : "phase_started",
                command.Actor,
                new { phase = phase.Key, earlier = phase.StartedBeforeGate ? earlier!.Key : null });
            return new Started(true, phase.StartedBeforeGate);
        },
        cancellation);
}
