using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>
/// Brings an installation to where people can use it: registers taken over from the files, shipped workflows published
/// and, in the demo, the history played up to its first morning. Every start does it again and finds little or nothing to
/// do. One node at a time may do it: the caller sees to that.
/// </summary>
public sealed class PrepareProgramme(IServiceProvider services, ProgrammeClock clock, DemoMode demo, PlayHistory history)
{
    /// <param name="workflows">The folder of the shipped definitions.</param>
    /// <exception cref="DataFileException">A shipped file cannot be taken over.</exception>
    /// <exception cref="HistoryRefusedException">The product refused an act of the demo's history.</exception>
    public async Task<PlayHistory.Played> HandleAsync(DataFolder folder, string workflows, CancellationToken cancellation)
    {
        await clock.RefreshAsync(cancellation);
        if (demo.IsOn && clock.Offset == TimeSpan.Zero)
        {
            // The demo's very first records belong to the beginning of its history and not to the real day.
            var script = await HistoryScript.ReadAsync(folder, cancellation);
            await clock.SetToAsync(HistoryScript.Instant(script.Acts[0].At), null, cancellation);
        }

        await RunAsync<ImportProgramme>(import =>
            import.HandleAsync(new ImportProgramme.Command(folder, demo.IsOn), cancellation));
        await RunAsync<PublishShippedWorkflows>(publish =>
            publish.HandleAsync(new PublishShippedWorkflows.Command(workflows), cancellation));
        return demo.IsOn
            ? await history.HandleAsync(new PlayHistory.Command(folder), cancellation)
            : new PlayHistory.Played(0, false);
    }

    private async Task RunAsync<TUseCase>(Func<TUseCase, Task> act)
        where TUseCase : notnull
    {
        await using var scope = services.CreateAsyncScope();
        await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }
}
