using ProcesStandardu.Engine;

namespace ProcesStandardu.Approval.Programme;

/// <summary>
/// Tells the workflows that watch the programme as a whole that something of it was finished, so that its end is seen in
/// the transaction that brings the last thing and not at some later look.
/// </summary>
public sealed class ProgrammeProgress(WorkflowEngine engine)
{
    /// <summary>The name of the event, as the shipped workflow on the programme's end waits for it.</summary>
    public const string EventName = "postep-programu";

    /// <summary>Nobody has to wait for it: who looks later reads the rows.</summary>
    public Task TellAsync(CancellationToken cancellation) => engine.SendAsync(
        new Stimulus("Elsa.Event", new { EventName }) { KeepWhenUnmatched = false }, cancellation);
}
