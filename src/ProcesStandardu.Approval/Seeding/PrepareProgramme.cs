using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Persistence;
using ProcesStandardu.Approval.Time;

namespace ProcesStandardu.Approval.Seeding;

/// <summary>
/// Brings an installation to where people can use it: registers taken over from the files, shipped workflows published
/// and, in the demo, the history played up to its first morning. A start that was brought there by the same build and the
/// same files finds its mark and goes on at once. One node at a time may do it: the caller sees to that.
/// </summary>
public sealed class PrepareProgramme(IServiceProvider services, ProgrammeClock clock, DemoMode demo, PlayHistory history)
{
    /// <param name="workflows">The folder of the shipped definitions.</param>
    /// <exception cref="DataFileException">A shipped file cannot be taken over.</exception>
    /// <exception cref="HistoryRefusedException">The product refused an act of the demo's history.</exception>
    public async Task<PlayHistory.Played> HandleAsync(DataFolder folder, string workflows, CancellationToken cancellation)
    {
        await clock.RefreshAsync(cancellation);
        var mark = MarkOf(folder, workflows, demo.IsOn);
        if (await IsPreparedAsync(mark, cancellation))
        {
            return new PlayHistory.Played(0, false);
        }

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
        var played = demo.IsOn
            ? await history.HandleAsync(new PlayHistory.Command(folder), cancellation)
            : new PlayHistory.Played(0, false);
        await RunAsync<UnitOfWork>(work => work.RunAsync(
            db => db.Database.ExecuteSqlAsync(
                $"insert into seeding_mark (key, done_at) values ({mark}, {clock.GetUtcNow()}) on conflict do nothing", cancellation),
            cancellation));
        return played;
    }

    /// <summary>Names this build with these files: prepared once, the next start need not look again.</summary>
    private static string MarkOf(DataFolder folder, string workflows, bool isDemo)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(typeof(PrepareProgramme).Module.ModuleVersionId.ToByteArray());
        foreach (var file in new[] { folder.Path, workflows }
            .SelectMany(path => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return $"prepared:{(isDemo ? "demo" : "plain")}:{Convert.ToHexStringLower(hash.GetHashAndReset())}";
    }

    private async Task<bool> IsPreparedAsync(string mark, CancellationToken cancellation)
    {
        await using var scope = services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UnitOfWork>().RunAsync(
            db => db.Database.SqlQuery<bool>($"select exists (select from seeding_mark where key = {mark}) as \"Value\"").SingleAsync(cancellation),
            cancellation);
    }

    private async Task RunAsync<TUseCase>(Func<TUseCase, Task> act)
        where TUseCase : notnull
    {
        await using var scope = services.CreateAsyncScope();
        await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }
}
