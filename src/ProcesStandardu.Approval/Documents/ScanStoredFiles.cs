using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Documents;

/// <summary>Has every file looked at that no scanner has judged: those that came while it was silent or not configured.</summary>
public sealed class ScanStoredFiles(UnitOfWork work, StoredFiles files, VirusScanner scanner, TimeProvider time)
{
    private const int MostAtOnce = 20;

    /// <summary>One pass, oldest files first; it ends early when the scanner does not answer.</summary>
    /// <returns>How many got a verdict; 0 where no scanner is configured.</returns>
    public async Task<int> RunOnceAsync(CancellationToken cancellation)
    {
        if (!scanner.IsConfigured)
        {
            return 0;
        }

        // Withdrawn files have no bytes any more.
        var waiting = await work.RunAsync(
            db => db.StoredFiles.AsNoTracking()
                .Where(file => file.ScanVerdict == null
                    && !db.Revisions.Any(revision => revision.FileId == file.Id && revision.Status == RevisionStatus.Withdrawn))
                .OrderBy(file => file.CreatedAt).Take(MostAtOnce).ToListAsync(cancellation),
            cancellation);
        var judged = 0;
        foreach (var file in waiting)
        {
            // Outside any transaction: a scanner takes its time. Two nodes may ask about one file; both hear the same.
            await using var content = files.Open(file);
            var scan = await scanner.ScanAsync(content, cancellation);
            if (scan.Verdict == ScanVerdict.Unavailable)
            {
                break;
            }

            judged += await work.RunAsync(
                async db =>
                {
                    var row = await db.StoredFiles.SingleOrDefaultAsync(f => f.Id == file.Id && f.ScanVerdict == null, cancellation);
                    row?.Note(scan, time.GetUtcNow());
                    return row is null ? 0 : 1;
                },
                cancellation);
        }

        return judged;
    }
}
