using Npgsql;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Approval.Persistence;

namespace ProcesStandardu.Web.Host;

/// <summary>
/// The verb <c>verify-history</c>: checks the whole record against itself and against the seals outside the database, and says in
/// Polish what does not agree. 0: all agrees; 1: something does not; 2: it cannot be checked.
/// </summary>
public static class VerifyHistoryVerb
{
    private const int Shown = 20;

    /// <param name="named">The folder given on the command line; null: the configured one.</param>
    public static async Task<int> RunAsync(
        string connectionString, string? named, SealFolder configured, TextWriter output, CancellationToken cancellation)
    {
        var folder = named is null ? configured : new SealFolder(Path.GetFullPath(named));
        if (named is not null && !Directory.Exists(folder.Path))
        {
            await output.WriteLineAsync(AuditTexts.Polish("Check_NoFolder", folder.Path));
            return VerifyEvidence.CannotCheck;
        }

        var lines = folder.Read();
        await using var database = NpgsqlDataSource.Create(ConnectionPolicy.ApplyForMigration(connectionString));

        // A named folder without seals is a finding; a configured one may not have been written to yet.
        var report = await new VerifyHistory(database).HandleAsync(lines.Count == 0 && named is null ? null : lines, cancellation);
        await output.WriteLineAsync(AuditTexts.Polish("Check_Heading", report.Entries, report.Chains));
        await output.WriteLineAsync(report.SealsAreFromOutside
            ? AuditTexts.Polish("Check_Seals", report.Seals, folder.Path, report.LastSealAt?.UtcDateTime ?? DateTime.MinValue)
            : AuditTexts.Polish("Check_OnlyOwnSeals", folder.Path, report.Seals));
        await output.WriteLineAsync(AuditTexts.Polish("Check_Unsealed", report.Unsealed));
        foreach (var finding in report.Findings.Take(Shown))
        {
            await output.WriteLineAsync("  – " + AuditTexts.Polish("Finding_" + finding.Kind, finding.Subject, finding.Seq));
        }

        if (report.Findings.Count > Shown)
        {
            await output.WriteLineAsync(AuditTexts.Polish("Check_More", report.Findings.Count - Shown));
        }

        await output.WriteLineAsync(report.Findings.Count == 0
            ? AuditTexts.Polish("Check_Agrees")
            : AuditTexts.Polish("Check_Differs", report.Findings.Count));
        return report.Findings.Count == 0 ? VerifyEvidence.Agrees : VerifyEvidence.Differs;
    }
}
