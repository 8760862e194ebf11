using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Audit;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Audit;

/// <summary>Measures and prints; run by <c>make bench-audit</c> on a quiet machine and by nothing else.</summary>
public sealed class HistoryBench
{
    private const int Documents = 20_000;
    private const int EntriesEach = 50;

    [Fact(Explicit = true)]
    public async Task A_million_entries_are_sealed_and_verified_within_a_minute_and_one_changed_entry_is_named()
    {
        await using var product = await TestProduct.CreateAsync();
        var forger = new HistoryForger(product.Database);
        var before = await product.Database.ScalarAsync<long>("select count(*) from history_entry");
        var actor = await product.PersonAsync("anna-nowak");
        var at = product.Clock.GetUtcNow();
        await forger.WriteAsync(Enumerable.Range(1, Documents).SelectMany(document => HistoryForger.Chained(
            "deliverable:produkt-" + document.ToString(CultureInfo.InvariantCulture),
            Enumerable.Range(1, EntriesEach).Select(number => new ForgedRow(
                Guid.CreateVersion7(at), "", 0, "comment_submitted", actor, null, at, $$"""{"clause":"§ {{number}}","number":{{number}},"revision":"1.0"}""", [], [])))));
        await product.Database.ExecuteAsync("analyze");
        var sealing = Stopwatch.StartNew();
        var sealedEntries = await product.Services.GetRequiredService<SealHistory>().RunOnceAsync(CancellationToken.None);
        sealing.Stop();
        var folder = product.Services.GetRequiredService<SealFolder>();

        var verifying = Stopwatch.StartNew();
        var report = await product.Services.GetRequiredService<VerifyHistory>().HandleAsync(folder.Read(), CancellationToken.None);
        verifying.Stop();

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"verify_entries: {report.Entries}, chains {report.Chains}, seals {report.Seals}; sealing took {sealing.Elapsed.TotalSeconds:0.0} s"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"verify_seconds: {verifying.Elapsed.TotalSeconds:0.0}"));
        report.Findings.ShouldBeEmpty();
        report.Entries.ShouldBe((Documents * EntriesEach) + before);
        report.Unsealed.ShouldBe(0);
        sealedEntries.ShouldBe((int)report.Entries);

        await forger.ExecuteAsync("""update history_entry set details = '{"number":1}' where subject = 'deliverable:produkt-17234' and seq = 31""");
        (await product.Services.GetRequiredService<VerifyHistory>().HandleAsync(folder.Read(), CancellationToken.None)).Findings
            .ShouldBe([new HistoryFinding(HistoryFindings.RowChanged, "deliverable:produkt-17234", 31)]);
        verifying.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }
}
