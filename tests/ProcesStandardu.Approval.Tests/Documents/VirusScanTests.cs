using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ProcesStandardu.Approval.Documents;
using ProcesStandardu.Approval.Refusals;
using ProcesStandardu.Testing;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Approval.Tests.Documents;

[Trait("Fault", "S52")]
public sealed class VirusScanTests(DocumentProduct documents) : IClassFixture<DocumentProduct>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_plain_word_is_clean()
    {
        await using var clamd = new FakeClamd();
        var scanner = Scanner(clamd.Address);

        (await ScanAsync(scanner, [1, 2, 3])).ShouldBe(new Scan(ScanVerdict.Clean, ""));
        (await ScanAsync(scanner, [.. new byte[200_000], .. FakeClamd.Eicar])).ShouldBe(new Scan(ScanVerdict.Infected, "Eicar-Signature"));
        clamd.Streams.ShouldBe([3, 200_000 + FakeClamd.Eicar.Length]);
        (await scanner.VersionAsync(Cancellation)).ShouldStartWith("ClamAV 1.4.3");

        foreach (var (says, verdict) in new[]
        {
            ("stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND", ScanVerdict.OverLimit),
            ("stream: Heuristics.Encrypted.Zip FOUND", ScanVerdict.Infected),
            ("stream: OK, mostly", ScanVerdict.Unavailable),
            ("INSTREAM: Can't allocate memory ERROR", ScanVerdict.Unavailable),
            ("", ScanVerdict.Unavailable),
        })
        {
            clamd.Says = says;
            (await ScanAsync(scanner, [1])).Verdict.ShouldBe(verdict, says);
        }
    }

    [Fact]
    public async Task A_stream_over_the_scanner_s_limit_is_not_clean_though_it_hangs_up()
    {
        await using var clamd = new FakeClamd { StreamMaxLength = 100_000 };
        (await ScanAsync(Scanner(clamd.Address), new byte[3_000_000])).Verdict.ShouldBeOneOf(ScanVerdict.OverLimit, ScanVerdict.Unavailable);
        (await ScanAsync(Scanner(clamd.Address), new byte[100_001])).Verdict.ShouldBeOneOf(ScanVerdict.OverLimit, ScanVerdict.Unavailable);
    }

    [Fact]
    public async Task A_scanner_that_is_not_there_is_no_verdict()
    {
        var clamd = new FakeClamd();
        var address = clamd.Address;
        await clamd.DisposeAsync();

        (await ScanAsync(Scanner(address), [1])).Verdict.ShouldBe(ScanVerdict.Unavailable);
        (await Scanner(address).VersionAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task What_the_scanner_has_not_called_clean_nobody_reads_and_the_next_pass_frees_it()
    {
        await using var clamd = new FakeClamd();
        await using var services = TestProduct.Compose(
            documents.Product.Database.ConnectionString, documents.Product.Clock, Path.GetTempPath(),
            new Dictionary<string, string?> { ["Documents:ClamdAddress"] = clamd.Address, ["Demo:Enabled"] = "true" });
        var key = await documents.DeliverableAsync();
        clamd.Says = "";

        var silent = await RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(
            services, submit => submit.HandleAsync(documents.Command(key, DocumentProduct.Text("cisza")), Cancellation));
        silent.Succeeded.ShouldBeTrue();
        (await DownloadAsync(services, silent.Value.RevisionId)).Refusal.ShouldBe(new FileAwaitsScan());
        (await RunAsync<ScanStoredFiles, int>(services, pass => pass.RunOnceAsync(Cancellation))).ShouldBe(0);

        clamd.Says = null;
        (await RunAsync<ScanStoredFiles, int>(services, pass => pass.RunOnceAsync(Cancellation))).ShouldBeGreaterThan(0);
        (await DownloadAsync(services, silent.Value.RevisionId)).Succeeded.ShouldBeTrue();

        clamd.Says = "stream: Eicar-Signature FOUND";
        (await RunAsync<SubmitRevision, Result<SubmitRevision.Submitted>>(
            services, submit => submit.HandleAsync(documents.Command(key, DocumentProduct.Text("wirus")), Cancellation)))
            .Refusal.ShouldBe(new FileIsInfected("Eicar-Signature"));
        (await documents.CountAsync(key)).Revisions.ShouldBe(1);

        // A file that came before there was a scanner is judged late: it is held from then on.
        var earlier = await documents.SubmitAsync(key, "wcześniej");
        (await RunAsync<ScanStoredFiles, int>(services, pass => pass.RunOnceAsync(Cancellation))).ShouldBeGreaterThan(0);
        (await DownloadAsync(services, earlier.RevisionId)).Refusal.ShouldBe(new FileIsHeld("Eicar-Signature"));
        (await documents.Product.RunAsync<DownloadFile, Result<DownloadFile.Download>>(
            query => query.HandleAsync(new(earlier.RevisionId, documents.AnnaNowak), Cancellation))).Refusal.ShouldBe(new FileIsHeld("Eicar-Signature"));
        var administrator = await documents.Product.PersonAsync("rafal-zdun");
        var view = (await RunAsync<ShowFiles, ShowFiles.View?>(services, show => show.HandleAsync(administrator, Cancellation)))!;
        (view.HasScanner, view.ScannerVersion is not null, view.Held.Count).ShouldBe((true, true, 1));
        (await RunAsync<ShowFiles, ShowFiles.View?>(services, show => show.HandleAsync(documents.AnnaNowak, Cancellation))).ShouldBeNull();
    }

    private Task<Result<DownloadFile.Download>> DownloadAsync(IServiceProvider services, Guid revision) =>
        RunAsync<DownloadFile, Result<DownloadFile.Download>>(
            services, query => query.HandleAsync(new(revision, documents.AnnaNowak), Cancellation));

    private static VirusScanner Scanner(string address) => new(Options.Create(new DocumentOptions { ClamdAddress = address, ClamdSeconds = 20 }));

    private static Task<Scan> ScanAsync(VirusScanner scanner, byte[] content) => scanner.ScanAsync(new MemoryStream(content), Cancellation);

    private static async Task<TResult> RunAsync<TUseCase, TResult>(IServiceProvider services, Func<TUseCase, Task<TResult>> act)
        where TUseCase : notnull
    {
        await using var scope = services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<TUseCase>());
    }
}
