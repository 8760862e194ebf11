using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Documents;

/// <summary>What administrators see of the files: how many and how long, what the scanner said, and whether it answers.</summary>
public sealed class ShowFiles(UnitOfWork work, Rights rights, VirusScanner scanner, IOptions<DocumentOptions> options)
{
    /// <param name="ScannerVersion">Null when it does not answer or none is configured.</param>
    /// <param name="Waiting">Files that no scanner has judged; where one is configured, nobody can read them.</param>
    /// <param name="Held">Files judged infected or not looked at wholly; nobody can read them.</param>
    public sealed record View(
        int Files, long Bytes, int Withdrawn, int Drafts, bool HasScanner, string ScannerAddress, string? ScannerVersion, int Clean, int Waiting,
        IReadOnlyList<HeldFile> Held, int LargestFileInMegabytes, int UndoWindowMinutes);

    public sealed record HeldFile(string FileName, string Sha256, string Verdict, string Detail, DateTimeOffset ScannedAt);

    /// <returns>Null for whoever is no administrator.</returns>
    public async Task<View?> HandleAsync(Guid personId, CancellationToken cancellation)
    {
        var view = await work.RunAsync(
            async db =>
            {
                if (!(await rights.OfAsync(personId, cancellation)).Administers)
                {
                    return null;
                }

                var withdrawn = await db.Revisions.CountAsync(revision => revision.Status == RevisionStatus.Withdrawn, cancellation);
                var held = await db.StoredFiles.AsNoTracking()
                    .Where(file => file.ScanVerdict == ScanNames.Infected || file.ScanVerdict == ScanNames.OverLimit)
                    .OrderByDescending(file => file.ScannedAt).Take(100).ToListAsync(cancellation);
                return new View(
                    await db.StoredFiles.CountAsync(cancellation), await db.StoredFiles.SumAsync(file => file.Length, cancellation), withdrawn,
                    await db.Set<Submission>().CountAsync(s => s.State == SubmissionState.Draft, cancellation), scanner.IsConfigured,
                    options.Value.ClamdAddress, null, await db.StoredFiles.CountAsync(file => file.ScanVerdict == ScanNames.Clean, cancellation),
                    await db.StoredFiles.CountAsync(file => file.ScanVerdict == null, cancellation),
                    [.. held.Select(file => new HeldFile(
                        file.FileName, Convert.ToHexStringLower(file.Sha256), file.ScanVerdict!, file.ScanDetail ?? "", file.ScannedAt!.Value))],
                    options.Value.LargestFileInMegabytes, options.Value.UndoWindowMinutes);
            },
            cancellation);

        // Asked outside the transaction: a scanner that hangs holds no connection.
        return view is null ? null : view with { ScannerVersion = await scanner.VersionAsync(cancellation) };
    }
}
