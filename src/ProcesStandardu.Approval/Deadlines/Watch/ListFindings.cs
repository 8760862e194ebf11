using Microsoft.EntityFrameworkCore;
using ProcesStandardu.Approval.People;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Approval.Deadlines.Watch;

/// <summary>What the watch has found, for administrators: what stands, and what is gone.</summary>
public sealed class ListFindings(UnitOfWork work, Rights rights)
{
    private const int Latest = 50;

    public sealed record Line(Guid Id, string Kind, string Title, string? Path, DateTimeOffset Since, DateTimeOffset FoundAt, DateTimeOffset? GoneAt);

    /// <returns>What stands first, the oldest at the top; then what is gone, the newest at the top. Empty for others.</returns>
    public Task<IReadOnlyList<Line>> HandleAsync(Guid personId, CancellationToken cancellation) => work.RunAsync<IReadOnlyList<Line>>(
        async db =>
        {
            if (!(await rights.OfAsync(personId, cancellation)).Administers)
            {
                return [];
            }

            var findings = db.Set<WatchFinding>().AsNoTracking();
            var standing = await findings.Where(finding => finding.GoneAt == null).OrderBy(finding => finding.Since).ToListAsync(cancellation);
            var gone = await findings.Where(finding => finding.GoneAt != null).OrderByDescending(finding => finding.GoneAt).Take(Latest)
                .ToListAsync(cancellation);
            return [.. standing.Concat(gone).Select(finding => new Line(
                finding.Id, finding.Kind, finding.Title, finding.Path, finding.Since, finding.FoundAt, finding.GoneAt))];
        },
        cancellation);
}
