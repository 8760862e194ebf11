using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using ProcesStandardu.Approval.Deadlines;
using ProcesStandardu.Approval.Notifications;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Benchmarks;

/// <summary>Measures and prints; run by <c>make bench-deadlines</c> on a quiet machine and by nothing else.</summary>
public sealed class DeadlineBench(DemoSite site) : IClassFixture<DemoSite>
{
    private const int Deadlines = 10_000;

    private static readonly string[] Read = ["/", "/produkty/osl-wnioski-1", "/wskazniki", "/program"];

    [Fact(Explicit = true)]
    public async Task Ten_thousand_deadlines_end_in_one_second_while_people_read_pages()
    {
        using var visit = await site.VisitAsync("anna-nowak");
        foreach (var address in Read)
        {
            await visit.GetAsync(address);
        }

        await site.Database.ExecuteAsync(
            """
            insert into deliverable select (jsonb_populate_record(d, jsonb_build_object('key', 'bench-' || n))).*
            from deliverable d, generate_series(1, $1) as n where d.key = 'osl-raport-koncowy'
            """,
            Deadlines);
        await site.Database.ExecuteAsync(
            """
            insert into deadline (key, title, subject, due_on, precision, due_at, source)
            select 'bench-' || n, 'Termin ' || n, 'deliverable:bench-' || n, '2012-11-05', 'day', '2012-11-05T23:00:00Z', 'R000'
            from generate_series(1, $1) as n
            """,
            Deadlines);
        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 6));

        var (passed, took, pages) = await WhileReadingAsync(
            visit, site.Pages.Services.GetRequiredService<EnforceDeadlines>().RunOnceAsync);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"deadlines_10000_ms {took:0} page_p95_ms {pages[(int)(pages.Count * 0.95)]:0} pages {pages.Count} "
            + $"letters {await site.CountAsync("select count(*) from outbox_letter")}");
        var (_, wrote, meanwhile) = await WhileReadingAsync(visit, async cancellation =>
        {
            var letters = 0;
            for (var written = 1; written > 0; letters += written)
            {
                written = await site.Pages.Services.GetRequiredService<WriteLetters>().RunOnceAsync(cancellation);
            }

            return letters;
        });
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"letters_10000_ms {wrote:0} page_p95_ms {meanwhile[(int)(meanwhile.Count * 0.95)]:0} pages {meanwhile.Count} "
            + $"mails {await site.CountAsync("select count(*) from outbox_message where kind = 'deadline_passed'")}");
        passed.ShouldBeGreaterThanOrEqualTo(Deadlines);
    }
    private static async Task<(int Count, double Took, List<double> Pages)> WhileReadingAsync(
        Visit visit, Func<CancellationToken, Task<int>> pass)
    {
        var watch = Stopwatch.StartNew();
        var passing = Task.Run(async () => (Count: await pass(CancellationToken.None), Took: watch.Elapsed.TotalMilliseconds));
        var pages = new List<double>();
        for (var visits = 0; !passing.IsCompleted; visits++)
        {
            var one = Stopwatch.StartNew();
            await visit.GetAsync(Read[visits % Read.Length]);
            pages.Add(one.Elapsed.TotalMilliseconds);
        }

        var (count, took) = await passing;
        pages.Sort();
        return (count, took, pages);
    }
}
