using System.Diagnostics;
using System.Net;
using ProcesStandardu.Approval.Ballots;
using ProcesStandardu.Testing;
using ProcesStandardu.Web.Host;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Pages;

[Trait("Scenario", "S2")]
[Trait("Scenario", "S7")]
[Trait("Scenario", "S9")]
public sealed class ResolutionTests(DemoSite site) : IClassFixture<DemoSite>
{
    [Fact]
    public async Task A_resolution_is_read_signed_by_two_downloaded_and_checked_without_the_product()
    {
        foreach (var person in new[] { "anna-nowak", "halina-zawadzka", "tomasz-brzeski", "ewa-gorna" })
        {
            await site.VoteAsync(person, "in_favour");
        }

        site.Clock.SetTo(TestClock.InWarsaw(2012, 11, 7, 0, 1));
        (await site.RunAsync<CloseDueBallots, int>(close => close.RunOnceAsync(CancellationToken.None))).ShouldBe(1);
        using var chair = await site.VisitAsync("halina-zawadzka");
        using var secretary = await site.VisitAsync("joanna-cicha");
        using var member = await site.VisitAsync("anna-nowak");
        using var observer = await site.VisitAsync("krystyna-jasna");
        var address = $"/uchwaly/{site.BallotId:D}";

        var list = await observer.GetAsync("/uchwaly");
        list.Document.QuerySelector("tbody a")!.GetAttribute("href").ShouldBe(address);
        (await member.GetAsync(address)).Document.QuerySelector("form#podpis").ShouldBeNull();
        (await observer.GetAsync(address)).Text.ShouldContain("Uchwały jeszcze nie podpisano.");
        var page = await chair.GetAsync(address);
        var step = await chair.SendAsync(page, "podpis");
        step.Text.ShouldContain("Nic nie jest jeszcze podpisane.");
        var mistyped = await chair.SendAsync(step, "podpis", ("Number", "2/2012"), ("Krok", "potwierdz"));
        mistyped.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        mistyped.Text.ShouldContain("To nie jest numer tej uchwały");
        (await chair.SendAsync(step, "podpis", ("Fingerprint", new string('0', 64)), ("Number", "1/2012"), ("Krok", "potwierdz")))
            .Status.ShouldBe(HttpStatusCode.Conflict);
        (await site.CountAsync("select count(*) from resolution_signature")).ShouldBe(0);
        (await chair.SendAsync(step, "podpis", ("Number", "1/2012"), ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        var hers = await secretary.SendAsync(await secretary.GetAsync(address), "podpis");
        (await secretary.SendAsync(hers, "podpis", ("Number", "1/2012"), ("Krok", "potwierdz"))).Status.ShouldBe(HttpStatusCode.SeeOther);
        (await site.CountAsync("select count(*) from history_entry where kind = 'resolution_signed' and details ->> 'confirmedBy' = 'typed_number'"))
            .ShouldBe(2);
        (await site.CountAsync("select count(*) from history_entry where kind = 'resolution_signed'")).ShouldBe(2);
        var signed = await observer.GetAsync(address);
        signed.Text.ShouldContain("organizacja członka jest autorem dokumentu");
        signed.Text.ShouldContain("Joanna Cicha");

        using var download = await observer.Client.GetAsync(address + "/dowod.zip");
        download.Content.Headers.ContentDisposition!.FileName.ShouldBe("uchwala-1-2012.zip");
        var file = Path.Combine(Directory.CreateTempSubdirectory("proces-dowod-").FullName, "uchwala.zip");
        try
        {
            await File.WriteAllBytesAsync(file, await download.Content.ReadAsByteArrayAsync());
            Verify(file, out var agrees).ShouldBe(VerifyEvidence.Agrees);
            agrees.ShouldContain("WYNIK: zgadza się wszystko, co sprawdzono.");
            Verify(file, out var other, new string('0', 64)).ShouldBe(VerifyEvidence.Differs);
            other.ShouldContain("nie jest podanym");

            // As somebody would run it years later: no database, no network, no settings.
            var (code, said) = await RunAsync("verify", file);
            (code, said).ShouldBe((0, agrees));

            await File.WriteAllBytesAsync(file, "nie uchwała"u8.ToArray());
            Verify(file, out var nothing).ShouldBe(VerifyEvidence.CannotCheck);
            nothing.ShouldContain("tego pliku nie da się sprawdzić");
            Verify(file + ".nie-ma", out _).ShouldBe(VerifyEvidence.CannotCheck);
            Verify(null, out _).ShouldBe(VerifyEvidence.CannotCheck);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static int Verify(string? file, out string said, string? fingerprint = null)
    {
        using var output = new StringWriter();
        var code = VerifyEvidence.Run(file, fingerprint, output);
        said = output.ToString();
        return code;
    }

    private static async Task<(int Code, string Said)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, StandardOutputEncoding = System.Text.Encoding.UTF8 };
        start.ArgumentList.Add(typeof(Program).Assembly.Location);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }
}
