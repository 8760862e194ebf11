using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Bench;

/// <summary>
/// What votes notice of uploads that are far too long or far too slow, and how long a document of 200 pages takes to open and to compare.
/// Asked for by name only (<c>make bench-uploads</c>); it measures and fails on nothing but a lost vote.
/// </summary>
public sealed class UploadBench
{
    private const int Votes = 400;
    private const int PerSecond = 20;
    private const int SlowUploads = 50;
    private const string Form = "/produkty/osl-raport-koncowy/nowa-wersja";

    private static readonly string[] Voters = ["halina-zawadzka", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Votes_while_2_GB_and_slow_uploads_come()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var marek = await VisitAsync(address, "marek-pole");
        var cookie = await CookieAsync(address, "marek-pole");
        var before = Process.GetCurrentProcess().WorkingSet64;
        var slow = Enumerable.Range(0, SlowUploads).Select(_ => SlowAsync(address, cookie, stop.Token)).ToList();
        var huge = HugeAsync(address, cookie, stop.Token);

        var times = await VoteAsync(site, address);

        var peak = Process.GetCurrentProcess().PeakWorkingSet64;
        var status = await huge;
        await stop.CancelAsync();
        await Task.WhenAll(slow);
        Array.Sort(times);
        Say($"upload_2gb_status: {status}\nslow_uploads: {SlowUploads}\nvotes: {times.Length}\nvote_p50_ms: {times[times.Length / 2]:0.0}\nvote_p95_ms: {times[times.Length * 95 / 100]:0.0}\npeak_working_set_grew_mb: {(peak - before) / 1048576}");
    }

    [Fact(Explicit = true)]
    public async Task A_document_of_200_pages()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        var text = string.Join("\n\n", Enumerable.Range(1, 400).Select(n =>
            $"§ {n}. 1. " + string.Concat(Enumerable.Range(0, 12).Select(k => $"Zdanie {k} paragrafu {n} mówi o pracy z rodziną i ośrodkiem numer {n * k}. "))
            + $"\n\n2. Ustęp drugi paragrafu {n} odsyła do § {n + 1} i określa termin {n} dni."));
        var first = await site.SubmitAsync("osl-raport-koncowy", text);
        var second = await site.SubmitAsync(
            "osl-raport-koncowy", text.Replace("termin 77 dni", "termin 78 dni", StringComparison.Ordinal).Replace("Zdanie 5 paragrafu 200", "Zdanie piąte paragrafu 200", StringComparison.Ordinal));
        using var anna = await VisitAsync(address, "anna-nowak");
        foreach (var (name, path) in new[]
        {
            ("open", $"/produkty/osl-raport-koncowy/wersje/{second.RevisionId:D}"),
            ("compare", $"/produkty/osl-raport-koncowy/porownanie?od={first.RevisionId:D}&do={second.RevisionId:D}"),
        })
        {
            var watch = Stopwatch.StartNew();
            var page = await anna.GetAsync(path);
            var cold = watch.Elapsed;
            watch.Restart();
            await anna.GetAsync(path);
            page.Status.ShouldBe(HttpStatusCode.OK);
            Say($"letters: {text.Length}\n{name}_first_ms: {cold.TotalMilliseconds:0}\n{name}_again_ms: {watch.Elapsed.TotalMilliseconds:0}\n{name}_differences: {page.Document.QuerySelectorAll(".compare").Length}");
        }
    }

    private static async Task<double[]> VoteAsync(DemoSite site, Uri address)
    {
        var visits = new List<(Visit Visit, Screen Page)>();
        foreach (var person in Voters)
        {
            var visit = await VisitAsync(address, person);
            visits.Add((visit, await visit.GetAsync(site.BallotPath)));
        }

        var clock = Stopwatch.StartNew();
        var sent = new List<Task<double>>();
        for (var number = 0; number < Votes; number++)
        {
            var due = TimeSpan.FromSeconds(number / (double)PerSecond);
            if (due - clock.Elapsed is { Ticks: > 0 } early)
            {
                await Task.Delay(early, Cancellation);
            }

            sent.Add(OneAsync(number, due));
        }

        var times = await Task.WhenAll(sent);
        visits.ForEach(visit => visit.Visit.Dispose());
        return times;

        async Task<double> OneAsync(int number, TimeSpan due)
        {
            var (visit, page) = visits[number % visits.Count];
            using var request = Visit.Request(
                page, "glos", ("Position", number / visits.Count % 2 == 0 ? "in_favour" : "against"), ("Krok", "potwierdz"), ("klucz", $"proba-{number}"));
            using var answer = await visit.Client.SendAsync(request, Cancellation);
            answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            return (clock.Elapsed - due).TotalMilliseconds;
        }
    }

    /// <summary>2 GB without a length, as fast as they are taken; the answer's status, or why there is none.</summary>
    private static async Task<string> HugeAsync(Uri address, string cookie, CancellationToken stop)
    {
        using var client = await OpenAsync(address, cookie, "Transfer-Encoding: chunked", stop);
        await using var stream = client.GetStream();
        var piece = new byte[1024 * 1024];
        var length = Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n");
        try
        {
            for (var i = 0; i < 2048; i++)
            {
                await stream.WriteAsync(length, stop);
                await stream.WriteAsync(piece, stop);
                await stream.WriteAsync("\r\n"u8.ToArray(), stop);
            }
        }
        catch (IOException)
        {
            // It is cut off in the middle; the answer may have come before.
        }

        try
        {
            var answer = new byte[64];
            var read = await stream.ReadAsync(answer, stop);
            return Encoding.ASCII.GetString(answer, 0, read).Split('\r')[0];
        }
        catch (IOException)
        {
            return "cut off";
        }
    }

    private static async Task SlowAsync(Uri address, string cookie, CancellationToken stop)
    {
        try
        {
            using var client = await OpenAsync(address, cookie, "Content-Length: 10000000", stop);
            await using var stream = client.GetStream();
            while (true)
            {
                await stream.WriteAsync(new byte[1], stop);
                await Task.Delay(1000, stop);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
        }
    }

    private static async Task<TcpClient> OpenAsync(Uri address, string cookie, string length, CancellationToken stop)
    {
        var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, stop);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {Form} HTTP/1.1\r\nHost: {address.Authority}\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary=x\r\n{length}\r\n\r\n"),
            stop);
        return client;
    }

    private static async Task<Visit> VisitAsync(Uri address, string person)
    {
        var visit = new Visit(new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address });
        await visit.SignInAsync(person);
        return visit;
    }

    private static async Task<string> CookieAsync(Uri address, string person)
    {
        var jar = new CookieContainer();
        using var visit = new Visit(new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = jar }) { BaseAddress = address });
        await visit.SignInAsync(person);
        return jar.GetCookieHeader(address);
    }

    private static void Say(FormattableString text)
    {
        var said = text.ToString(CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper!.WriteLine(said);
        Console.WriteLine(said);
    }
}
