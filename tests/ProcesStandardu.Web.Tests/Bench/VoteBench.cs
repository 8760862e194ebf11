using System.Diagnostics;
using System.Globalization;
using System.Net;
using ProcesStandardu.Web.Tests.Harness;
using Shouldly;
using Xunit;

namespace ProcesStandardu.Web.Tests.Bench;

/// <summary>
/// How long a vote takes from form to receipt when many vote on one document: over a real port, every vote a change that writes position,
/// history and mail. Asked for by name only (<c>make bench-votes</c>); it measures and fails on nothing but a lost vote.
/// </summary>
public sealed class VoteBench
{
    private static readonly int PerSecond = int.TryParse(
        Environment.GetEnvironmentVariable("PROCES_VOTES_PER_SECOND"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : 50;

    private const int WarmUp = 200;
    private const int Measured = 1_500;

    private static readonly string[] Voters =
        ["halina-zawadzka", "tomasz-brzeski", "anna-nowak", "jerzy-kalina", "ewa-gorna", "adam-lis", "zofia-mak"];

    [Fact(Explicit = true)]
    public async Task A_vote_from_form_to_receipt()
    {
        var (site, address) = await DemoSite.ListenAsync();
        await using var _ = site;
        var visits = new List<(Visit Visit, Screen Page)>();
        foreach (var person in Voters)
        {
            var visit = new Visit(new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = address });
            await visit.SignInAsync(person);
            visits.Add((visit, await visit.GetAsync(site.BallotPath)));
        }

        var clock = Stopwatch.StartNew();
        var times = new double[Measured];
        var refused = 0;
        var sent = new List<Task>();
        for (var number = 0; number < WarmUp + Measured; number++)
        {
            var due = TimeSpan.FromSeconds(number / (double)PerSecond);
            if (due - clock.Elapsed is { Ticks: > 0 } early)
            {
                await Task.Delay(early, TestContext.Current.CancellationToken);
            }

            sent.Add(VoteAsync(number, due));
        }

        await Task.WhenAll(sent);
        var seconds = clock.Elapsed.TotalSeconds;
        foreach (var (visit, _) in visits)
        {
            visit.Dispose();
        }

        // Two votes of one person may overtake each other and then say the same, which records nothing; every record has its entry.
        var positions = await site.CountAsync("select count(*) from ballot_position");
        (await site.CountAsync("select count(*) from history_entry where kind in ('vote_cast', 'vote_changed')")).ShouldBe(positions);
        Array.Sort(times);
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"votes_recorded: {positions}\nvotes_per_second: {(WarmUp + Measured) / seconds:0.0}\nvote_p50_ms: {times[Measured / 2]:0.0}\nvote_p95_ms: {times[Measured * 95 / 100]:0.0}\nvote_p99_ms: {times[Measured * 99 / 100]:0.0}\nvotes_refused: {refused}");
        TestContext.Current.TestOutputHelper!.WriteLine(text);
        Console.WriteLine(text);

        async Task VoteAsync(int number, TimeSpan due)
        {
            var (visit, page) = visits[number % visits.Count];
            using var request = Visit.Request(
                page, "glos", ("Position", number / visits.Count % 2 == 0 ? "in_favour" : "against"), ("Krok", "potwierdz"),
                ("klucz", $"proba-{number}"));
            using var answer = await visit.Client.SendAsync(request);

            // Whoever is told to come back loses nothing; anything else is a lost vote.
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                answer.Headers.RetryAfter.ShouldNotBeNull();
                Interlocked.Increment(ref refused);
            }
            else
            {
                answer.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            }

            if (number >= WarmUp)
            {
                times[number - WarmUp] = (clock.Elapsed - due).TotalMilliseconds;
            }
        }
    }
}
